"""JupyterLab and nbgrader's formgrader in a real browser, as a student and a teacher use them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Locator, Page, expect

from grader.course.course import gradebook, quickstart
from tests.helpers.jupyterlab import PATIENCE, jupyterlab

pytestmark = pytest.mark.browser

MODEL = """def build_qa_model():
    text = keras.Input(shape=(100,), dtype="int32", name="text")
    question = keras.Input(shape=(100,), dtype="int32", name="question")
    told = layers.LSTM(32)(layers.Embedding(10000, 64)(text))
    asked = layers.LSTM(16)(layers.Embedding(10000, 32)({source}))
    both = layers.concatenate([told, asked])
    return keras.Model([text, question], layers.Dense(500, activation="softmax")(both))
"""
START = """from beyond_sequential import check, data, draw, hint, language
import keras
import numpy as np
from keras import layers
language("{code}")
"""
# What a student reads, in the language of the chapter and after switching to the other one.
SAID = {
    "en": {
        "untouched": "Not attempted",
        "finding": "Embedding(10000, 32) in the branch of question reads text",
        "note": "reads text, expected",
        "hint": r"Hint {n} of \d",
        "full": "4 of 4 points",
        "sum": "4 of 18 points",
    },
    "zh": {
        "untouched": "未作答",
        "finding": "question 分支上的 Embedding(10000, 32) 读的是 text",
        "note": "读取 text，应为",
        "hint": r"提示 {n}/\d",
        "full": "4 / 4 分",
        "sum": "4 / 18 分",
    },
}
# WCAG's contrast of an element's colour with the first opaque background behind it.
CONTRAST = """element => {
    const parse = colour => colour.match(/[\\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => [r, g, b]
        .map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    let ground = element, colour;
    do {
        colour = parse(getComputedStyle(ground).backgroundColor);
        ground = ground.parentElement;
    } while (ground && colour[3] === 0);
    const pair = [luminance(parse(getComputedStyle(element).color)), luminance(colour)];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    expect.set_options(timeout=PATIENCE * 1000)
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(PATIENCE * 1000)
        yield context.new_page()


def menu(page: Page, *names: str) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text=names[0]).click()
    page.locator(".lm-Menu-itemLabel").get_by_text(names[1], exact=True).click()


def code_cell(page: Page, start: str) -> Locator:
    """The code cell whose text starts like this."""
    editor = page.locator(".cm-content").filter(has_text=re.compile("^" + re.escape(start)))
    return page.locator(".jp-Notebook .jp-CodeCell").filter(has=editor)


def write_and_run(page: Page, cell: Locator, text: str) -> None:
    """Put text into a cell, run it and the next one."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")


@pytest.mark.parametrize("code", ["en", pytest.param("zh", marks=pytest.mark.matrix)])
def test_a_student_works_a_chapter(code, page, root, tmp_path, pictures):
    said, other = SAID[code], "zh" if code == "en" else "en"
    name = "2-several-inputs/2-several-inputs.ipynb"
    shutil.copytree(root / "chapters" / code / "2-several-inputs", tmp_path / "2-several-inputs")
    checks = (tmp_path / name).read_text().count(r'"check(\"')
    answer = code_cell(page, "def build_qa_model")
    check = code_cell(page, 'check("several-inputs-model"')
    shown = check.locator(".jp-OutputArea")

    # Dark, because what is readable there is what was thought of.
    theme = "Light" if pictures else "Dark"
    with jupyterlab(tmp_path, tmp_path / "settings", theme) as address:
        page.goto(address.format(f"lab/tree/{name}"))
        expect(check).to_be_visible()
        expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")
        menu(page, "Run", "Run All Cells")
        expect(page.locator(".jp-OutputArea", has_text=said["untouched"])).to_have_count(checks)
        noise = '[data-mime-type$="stderr"], [data-mime-type$="error"]'
        expect(page.locator(noise)).to_have_count(0)

        write_and_run(page, answer, MODEL.format(source="text"))
        expect(shown).to_contain_text(said["finding"])
        picture = shown.locator("svg[role=img]")
        expect(picture.locator("text", has_text=said["note"])).to_be_visible()
        assert picture.locator("[stroke-dasharray]").count() > 0
        frame = picture.locator("..").evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert frame[0] <= frame[1], "the picture is cut off beside the file browser"
        for word in shown.locator("code, li, li div").all():
            assert word.evaluate(CONTRAST) >= 4.5, f"{word.inner_text()!r} is hard to read"
        if pictures:
            page.set_viewport_size({"width": 1280, "height": 1180})
            answer.evaluate("cell => cell.scrollIntoView()")
            page.screenshot(path=pictures / f"chapter.{code}.png")

        asking = 'hint("several-inputs-model")'
        write_and_run(page, answer, asking)
        hint = code_cell(page, asking)
        expect(hint).to_contain_text(re.compile(said["hint"].format(n=1)))
        write_and_run(page, hint, asking)
        expect(hint).to_contain_text(re.compile(said["hint"].format(n=2)))

        start = code_cell(page, "from beyond_sequential import")
        write_and_run(page, start, START.format(code=other))
        expect(start).to_contain_text(f"'{other}'")
        write_and_run(page, hint, MODEL.format(source="question"))
        expect(shown).to_contain_text(SAID[other]["full"])
        expect(picture).to_have_count(0)
        write_and_run(page, code_cell(page, "check()"), "check()")
        total = code_cell(page, "check()").locator(".jp-OutputArea")
        expect(total).to_contain_text(SAID[other]["sum"])

        page.get_by_role("button", name="Validate").click()  # it saves the notebook first
        # nbgrader knows points alone: what is wrong with an answer stands in the notebook.
        results_dialog = page.locator(".jp-Dialog", has_text="Validation Results")
        expect(results_dialog).to_contain_text('check("several-inputs-training"')
        expect(results_dialog).not_to_contain_text('check("several-inputs-model"')


def formgrader(page: Page, address: str) -> Frame:
    """The formgrader, opened from JupyterLab's menu."""
    page.goto(address.format("lab"))
    menu(page, "Nbgrader", "Formgrader")
    frame = page.locator('iframe[src*="formgrader"]').element_handle().content_frame()
    assert frame is not None
    frame.wait_for_url("**/manage_assignments")
    return frame


def press(frame: Frame, row: str, icon: str, answer: str) -> None:
    """Press the icon in the table's row, and wait for the dialog that says so."""
    frame.locator("#main-table tr", has_text=row).locator(f".glyphicon-{icon}").click()
    dialog = frame.locator(".modal.in")
    expect(dialog).to_contain_text(answer)
    dialog.get_by_role("button", name="Close").last.click()
    expect(dialog).to_have_count(0)


def hand_in(notebook: Path, target: Path, **answers: str) -> None:
    """A student's notebook: the untouched one, with some solution cells written."""
    content = json.loads(notebook.read_text("utf-8"))
    for cell in content["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        cell["source"] = answers.get(grade_id.replace("-", "_"), cell["source"])
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(content), encoding="utf-8")


def test_a_teacher_grades_in_the_formgrader(page, root, tmp_path):
    course, name = tmp_path / "course", "1-introduction"
    quickstart(course)
    notebook = Path(name, f"{name}.ipynb")
    hand_in(
        root / "chapters" / "en" / notebook,
        course / "submitted" / "ada" / notebook,
        introduction_count_answer="parameters = 3466",
    )

    with jupyterlab(course, tmp_path / "settings") as address:
        frame = formgrader(page, address)
        press(frame, name, "education", "Successfully created")
        frame.goto(address.format(f"formgrader/manage_submissions/{name}"))
        press(frame, "ada", "flash", "Successfully autograded")
        expect(frame.locator("#main-table tr", has_text="ada")).to_contain_text("1 / 14")
        press(frame, "ada", "comment", "Successfully generated feedback")

        frame.goto(address.format(f"formgrader/gradebook/{name}/{name}"))
        frame.get_by_role("link", name="Submission #1").click()
        expect(frame.get_by_text("1 of 1 point")).to_be_visible()
        score = frame.locator("input.score").nth(2)
        comment = frame.locator("textarea.comment").nth(2)
        with page.expect_response(lambda reply: "api/grade" in reply.url and reply.ok):
            score.fill("2")
            score.press("Tab")
        with page.expect_response(lambda reply: "api/comment" in reply.url and reply.ok):
            comment.fill("Told me in the exam.")
            comment.press("Tab")

    command = [sys.executable, "-m", "nbgrader", "autograde", name, "--force"]
    subprocess.run(command, cwd=course, check=True, capture_output=True)
    with gradebook(course) as book:
        handed_in = book.find_submission(name, "ada")
        (graded,) = handed_in.notebooks
        comments = [c.manual_comment for c in graded.comments if c.manual_comment]
        assert (handed_in.score, comments) == (3, ["Told me in the exam."])
    page.set_viewport_size({"width": 390, "height": 844})  # a telephone, without a network
    page.context.set_offline(True)
    page.goto((course / "feedback" / "ada" / notebook.with_suffix(".html")).as_uri())
    expect(page.locator(".verdict", has_text="1 of 1 point")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
