"""Nothing of a student's in an autograded notebook can run in a browser."""

from __future__ import annotations

import random
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from grader.running.inert import inert_markdown, make_inert
from tests.helpers.payloads import BASE64_PNG, IMAGE, MARKDOWN, OUTPUTS, SCRIPT

ELEMENTS = {"script", "iframe", "object", "embed", "svg", "math", "style", "form", "input", "base"}


class Active(HTMLParser):
    """Collects what could run a script."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ELEMENTS:
            self.found.append(tag)
        for name, value in attrs:
            scheme, colon, _rest = "".join((value or "").split()).lower().partition(":")
            runs = bool(colon) and name != "id" and scheme in ("javascript", "vbscript")
            if name.startswith("on") or runs:
                self.found.append(f"{tag} {name}={value}")
            if (
                scheme == "data"
                and colon
                and not (value or "").startswith("data:image/png;base64,")
            ):
                self.found.append(f"{tag} {name}={value}")


def active(html: str) -> list[str]:
    parser = Active()
    parser.feed(html)
    parser.close()
    return parser.found


@pytest.mark.parametrize("source", MARKDOWN)
def test_markdown_makes_nothing_that_runs(source: str) -> None:
    html = markdown2html_mistune(inert_markdown(source))
    assert active(html) == []
    assert "mermaid" not in html


WORDS = "< script > javascript : [x]( ) ` ``` ~~~ & # &lt; &#x3c; \\ $ | - * _ ![ ]( <!-- --> [a]:"
MORE = "onerror=ran(1) https:// attachment: data:text/html, \u2060 \" '"
BLANKS = ("\n", "\n\n", "    ", " ", "\t", "\0")
PIECES = [*WORDS.split(), *MORE.split(), *BLANKS, "<img src=x "]


@pytest.mark.parametrize("seed", range(50))
def test_nor_do_random_pieces_of_them(seed: int) -> None:
    chance = random.Random(seed)
    for _case in range(10):
        source = "".join(chance.choices(PIECES, k=chance.randint(3, 25)))
        source = source.join(chance.choices(MARKDOWN, k=2))
        assert active(markdown2html_mistune(inert_markdown(source))) == [], source


def test_some_of_these_would_run() -> None:
    running = [source for source in MARKDOWN if active(markdown2html_mistune(source))]
    assert len(running) > 20


@pytest.mark.parametrize(
    "source",
    [
        "# A title\n\nSome *text* with **stress**, `x < 3`, and 1 < 2.",
        "- one\n- two\n\n1. three",
        "[a link](https://keras.io/api/) and <https://keras.io>"[:38],
        "| a | b |\n|:--|--:|\n| 1 | 2 |",
        "```python\nif x < 3:\n    y = {}\n```",
        "$x^2 + \\frac{1}{2}$",
        "> a quotation",
    ],
)
def test_plain_markdown_reads_as_before(source: str) -> None:
    before, after = (
        markdown2html_mistune(text).replace("\u2060", "").replace("%E2%81%A0", "")
        for text in (source, inert_markdown(source))
    )
    assert after == before


def inert(*cells: nbformat.NotebookNode, release: tuple[str, ...] = (), **metadata: object):
    nb = new_notebook()  # which would look whether cells and metadata are valid
    nb.cells, nb.metadata = list(cells), nbformat.from_dict(metadata)
    make_inert(nb, release)
    nbformat.validate(nb)
    return nb


@pytest.mark.parametrize("data", OUTPUTS, ids=lambda data: next(iter(data))[:40])
@pytest.mark.parametrize("kind", ["display_data", "execute_result"])
def test_an_output_keeps_text_and_pictures(kind: str, data: dict) -> None:
    output = nbformat.from_dict(
        {"output_type": kind, "data": data, "metadata": {"image/png": {"width": f'"{IMAGE}'}}}
    )
    output.execution_count = SCRIPT
    cell = new_code_cell("x")
    cell.outputs = [output]
    nb = inert(cell)
    for kept in nb.cells[0].outputs:
        assert kept.data.keys() <= {"text/plain", "image/png", "image/jpeg"}
        assert kept.metadata == {}
    body, _resources = HTMLExporter(template_name="basic").from_notebook_node(nb)
    assert active(body) == []


def test_a_picture_and_the_words_beside_it_are_kept() -> None:
    data = {"image/png": BASE64_PNG, "text/plain": "<Figure>", "text/html": SCRIPT}
    (output,) = (
        inert(new_code_cell(outputs=[new_output("display_data", data=data)])).cells[0].outputs
    )
    assert output.data == {"image/png": BASE64_PNG, "text/plain": "<Figure>"}


def test_what_had_only_html_says_so() -> None:
    data = {"text/html": SCRIPT}
    (output,) = (
        inert(new_code_cell(outputs=[new_output("display_data", data=data)])).cells[0].outputs
    )
    assert output.data == {"text/plain": "<text/html>"}


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "stream", "name": '"><script>', "text": SCRIPT},
        {"output_type": "stream", "name": 3, "text": {"a": 1}},
        {"output_type": "error", "ename": SCRIPT, "evalue": IMAGE, "traceback": [SCRIPT, 3, IMAGE]},
        {"output_type": "error", "traceback": SCRIPT},
        {"output_type": "update_display_data", "data": {"text/html": SCRIPT}},
        {"output_type": "display_data", "data": [SCRIPT]},
        {"output_type": "display_data"},
        {"output_type": SCRIPT},
        {"output_type": ["stream"]},
        {"output_type": "stream", "name": "stdout", "text": "\ud800"},
    ],
)
def test_an_output_that_a_kernel_made_up_is_harmless(output: dict) -> None:
    cell = new_code_cell("x")
    cell.outputs = [nbformat.from_dict(output), 3, "x"]
    cell.execution_count = SCRIPT
    nb = inert(cell)
    nbformat.writes(nb).encode("utf-8")
    body, _resources = HTMLExporter(template_name="basic").from_notebook_node(nb)
    assert active(body) == []


def test_metadata_is_what_the_grader_wrote() -> None:
    mark = {"grade_id": "a", "grade": False, "solution": True}
    cell = new_code_cell(
        "x", metadata={"nbgrader": mark, "tags": [IMAGE], "magics_language": IMAGE}
    )
    nb = inert(
        cell,
        title=SCRIPT,
        authors=[SCRIPT],
        widgets={"application/vnd.jupyter.widget-state+json": {"state": {"x": SCRIPT}}},
        language_info={"name": "python", "pygments_lexer": f'"><{SCRIPT}'},
        kernelspec={"name": "python3", "display_name": "Python 3"},
        beyond_sequential={"version": "1"},
    )
    assert nb.cells[0].metadata == {"nbgrader": mark}
    assert nb.metadata == {
        "beyond_sequential": {"version": "1"},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    }


def test_what_the_release_says_stays_as_it_is() -> None:
    texts = ("<b>bold</b> $\\href{x:y}{z}$", "<i>raw</i>")
    nb = inert(
        new_markdown_cell(texts[0]),
        new_raw_cell(texts[1]),
        new_markdown_cell(texts[0] + SCRIPT),
        release=texts,
    )
    assert [cell.source for cell in nb.cells[:2]] == list(texts)
    assert nb.cells[1].cell_type == "raw" and "<script" not in nb.cells[2].source


def test_raw_cells_are_shown_as_text() -> None:
    nb = inert(new_raw_cell(f"{IMAGE}\n\n</pre>{SCRIPT}", metadata={"raw_mimetype": "text/html"}))
    assert nb.cells[0].cell_type == "markdown"
    body, _resources = HTMLExporter(template_name="basic").from_notebook_node(nb)
    assert active(body) == [] and "onerror=ran(1)" in body


def test_attachments_are_pictures() -> None:
    cell = new_markdown_cell("![x](attachment:a.png) ![y](attachment:b.svg)")
    cell.attachments = nbformat.from_dict(
        {
            "a.png": {"image/png": BASE64_PNG, "text/html": SCRIPT},
            "b.svg": {"image/svg+xml": SCRIPT},
            "c.png": {"image/png": '"><script>'},
            'd"><script>': {'image/png"><script>': BASE64_PNG},
        }
    )
    nb = inert(cell)
    assert nb.cells[0].attachments == {"a.png": {"image/png": BASE64_PNG}}
    body, _resources = HTMLExporter(template_name="basic").from_notebook_node(nb)
    assert f"data:image/png;base64,{BASE64_PNG}" in body and active(body) == []


@pytest.mark.parametrize("release", [(), ("![x](attachment:a.png)",)])
def test_a_picture_that_is_gone_breaks_no_page(release: tuple[str, ...]) -> None:
    nb = inert(new_markdown_cell("![x](attachment:a.png)"), release=release)
    HTMLExporter(template_name="basic").from_notebook_node(nb)
