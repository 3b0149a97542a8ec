"""The pages in a browser: readable by everybody, on every width, in the dark and on paper."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from beyond_sequential import i18n
from beyond_sequential.feedback.html import verdict_html
from grader.reports import class_page, templates
from grader.reports.class_results import ClassResults
from tests.helpers.classes import verdict
from tests.helpers.feedback import student_page


def test_code_is_between_backticks_and_everything_is_escaped() -> None:
    assert str(templates.marked("`a<b` & c")) == "<code>a&lt;b</code> &amp; c"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("what", ["class", "class in Chinese", "student"])
def test_a_page_can_be_read_by_everybody(
    what: str, width: int, scheme: str, found: ClassResults, browser: Browser
) -> None:
    before = i18n.language()
    try:
        i18n.language("zh" if "Chinese" in what else "en")
        sentences = verdict_html(verdict("wrong"), 3)
        html = (
            student_page().replace("VERDICT <svg></svg>", sentences)
            if what == "student"
            else class_page.class_page(found)
        )
    finally:
        i18n.language(before)
    with browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    ) as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.set_content(html)
        assert errors == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # Without a role, axe takes a drawing for decoration.
        drawings = page.locator("svg")
        assert page.locator("svg[role=img]:has(> title)").count() == drawings.count() > 0
        broken = Axe().run(page).response["violations"]
    assert not [(rule["id"], node["html"]) for rule in broken for node in rule["nodes"]]


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_what_was_found_is_seen_without_scrolling_to_the_side(
    width: int, found: ClassResults, browser: Browser
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, offline=True)
    page.set_content(class_page.class_page(found))
    drawings = page.locator(".drawing svg")
    expected, given = (drawings.nth(n).bounding_box() for n in range(2))
    marked = drawings.nth(1).locator("rect[stroke-dasharray]").first.bounding_box()
    page.close()
    assert expected and given and marked
    if width == 390:
        assert given["x"] == expected["x"]
        assert given["y"] >= expected["y"] + expected["height"]
    else:
        assert given["x"] >= expected["x"] + expected["width"]
        assert given["y"] == expected["y"]
    assert marked["x"] + marked["width"] <= width


@pytest.mark.browser
def test_paper_cuts_no_drawing_off(found: ClassResults, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 300, "height": 900}, offline=True)
    sentences = student_page().replace("VERDICT <svg></svg>", verdict_html(verdict("wrong"), 3))
    for html, name in ((class_page.class_page(found), ".drawing"), (sentences, ".verdict")):
        page.set_content(html)
        frame = page.locator(f"{name} div:has(> svg)").first
        wide = [frame.evaluate("e => e.scrollWidth - e.clientWidth")]
        page.emulate_media(media="print")
        wide.append(frame.evaluate("e => e.scrollWidth - e.clientWidth"))
        page.emulate_media(media="screen")
        assert wide[0] > 0 == wide[1], name
    page.close()
