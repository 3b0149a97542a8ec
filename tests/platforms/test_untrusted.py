"""No script of a student's runs in a teacher's browser: in formgrader, JupyterLab, or feedback.

A notebook full of them is graded by `nbgrader autograde` with a kernel that runs it; the pages are
opened in a real browser.  That the payloads would run is shown by the notebook as it was handed in.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from playwright.sync_api import Browser, Page

from grader.course import course
from grader.reports.class_page import write_class_page
from grader.submissions import collect
from tests.helpers.jupyterlab import PATIENCE, jupyterlab
from tests.helpers.mini_course import NAME
from tests.helpers.payloads import IMAGE, MARKDOWN, OUTPUTS, SCRIPT, numbered

pytestmark = pytest.mark.browser

HANDED_IN_BY = 'ada"+ran(4000)+"<img src=x onerror=ran(4001)>'
EVIL = collect.student_id(HANDED_IN_BY)
PLACE = f"{EVIL}/{NAME}/{NAME}.ipynb"
# What a kernel can send without IPython's help, and what it says of itself.
FORGE = """
from IPython import get_ipython
kernel = get_ipython().kernel
def send(kind, **content):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())
send("stream", name='"><img src=x onerror=ran(1)>', text="<script>ran(1)</script>")
send("error", ename="<img src=x onerror=ran(1)>", evalue="<script>ran(1)</script>",
     traceback=["<script>ran(1)</script>", "\\x1b[31m<img src=x onerror=ran(1)>"])
send("execute_result", execution_count="<img src=x onerror=ran(1)>",
     data={"text/html": "<script>ran(1)</script>"}, metadata={})
kernel.language_info = {"name": "python", "pygments_lexer": '"><img src=x onerror=ran(1)>'}
"""
# Everything that a page could still run, where nobody has clicked on it.
WAITING = """() => [...document.querySelectorAll('*')].flatMap(element =>
    [...element.attributes].filter(({name, value}) =>
        (/^on/.test(name) && value.includes('ran'))
        || (/(href|src|action|data|srcdoc)$/.test(name)
            && /^(javascript:|vbscript:|data:text)/i.test(value.replace(/[\\0-\\x20]/g, ''))
            && value.includes('ran'))
    ).map(({name, value}) => `${element.tagName} ${name}=${value}`))"""


def payloads() -> Iterator[nbformat.NotebookNode]:
    for number, source in enumerate(MARKDOWN):
        yield new_markdown_cell(numbered(source, 1000 + number))
    for number, data in enumerate(OUTPUTS):
        wide = {"image/png": {"width": f'"{IMAGE}', "alt": IMAGE}}
        made = numbered(repr(data), 2000 + number)
        source = "from IPython.display import publish_display_data\n"
        yield new_code_cell(f"{source}publish_display_data({made}, {numbered(repr(wide), 3000)})")
    yield new_code_cell(FORGE)
    yield new_code_cell(f"raise ValueError({SCRIPT!r})", metadata={"tags": ["raises-exception"]})
    yield new_raw_cell(SCRIPT)
    yield new_raw_cell(IMAGE, metadata={"raw_mimetype": "text/html"})


@pytest.fixture(scope="module")
def graded(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which the notebook was graded, with feedback and a report."""
    folder = shutil.copytree(released, tmp_path_factory.mktemp("untrusted") / "course")
    nb = nbformat.read(folder / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    nb.cells = [*nb.cells[:2], *payloads(), *nb.cells[2:]]
    nb.metadata |= {"title": SCRIPT, "widgets": {"x": {"state": {"y": SCRIPT}}}}
    for cell in nb.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source += f"\nfrom IPython.display import HTML, display\ndisplay(HTML({SCRIPT!r}))"
            cell.metadata |= {"tags": [IMAGE]}
    downloads = tmp_path_factory.mktemp("downloads")
    (downloads / HANDED_IN_BY).mkdir()
    nbformat.write(nb, downloads / HANDED_IN_BY / f"{NAME}.ipynb")
    collect.collect(downloads, folder, NAME)
    list(course.nbgrader(folder, "autograde", NAME, "--create"))
    list(course.nbgrader(folder, "generate_feedback", NAME))
    write_class_page(folder, NAME)
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE * 1000)
        context.add_init_script("window.__ran = []; window.ran = number => __ran.push(number)")
        yield context.new_page()


def ran(page: Page) -> list[str]:
    """What ran in any frame of a page, and what would after a click or when the mouse comes by."""
    page.wait_for_timeout(1500)
    found: list[str] = []
    for frame in page.frames:
        found += [str(number) for number in frame.evaluate("window.__ran || []")]
        found += frame.evaluate(WAITING)
    return found


def submission(folder: Path) -> str:
    with course.gradebook(folder) as book:
        return str(book.find_submission_notebook(NAME, NAME, EVIL).id)


def test_nothing_runs_in_a_teachers_browser(graded: Path, page: Page, tmp_path: Path) -> None:
    shown = graded / "autograded" / PLACE
    assert "ran(1" in shown.read_text("utf-8")
    with jupyterlab(graded, tmp_path / "settings", "Light") as address:
        for path in (
            f"formgrader/submissions/{submission(graded)}/",
            f"formgrader/gradebook/{NAME}/{NAME}",
            f"formgrader/manage_submissions/{NAME}",
            f"formgrader/manage_students/{quote(EVIL)}/{NAME}",
        ):
            page.goto(address.format(path))
            page.wait_for_selector("#main-table td, #notebook", state="attached")
            assert ran(page) == [], path
        page.goto(address.format(f"lab/tree/autograded/{quote(PLACE)}"))
        page.locator(".jp-Notebook .jp-MarkdownCell").first.wait_for()
        assert ran(page) == [], "JupyterLab"

        shutil.copyfile(graded / "submitted" / PLACE, shown)  # as it was handed in
        page.goto(address.format(f"formgrader/submissions/{submission(graded)}/"))
        assert len(ran(page)) > 20


def test_nothing_runs_in_feedback_and_report(graded: Path, page: Page) -> None:
    for path in (f"feedback/{EVIL}/{NAME}/{NAME}.html", f"reports/{NAME}.html"):
        page.goto((graded / path).as_uri())
        assert ran(page) == [], path
