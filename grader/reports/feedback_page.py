"""The page that a student gets back, made by `nbgrader generate_feedback`.

`FeedbackPage` replaces nbgrader's HTML exporter.  The page has the student's answers, the judge's
verdicts with their drawings, points and a teacher's comments.  It shows no source of a test, needs
no network, and has no HTML that came from student code.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from nbconvert.exporters import Exporter
from nbconvert.filters import strip_ansi
from nbformat.notebooknode import NotebookNode
from traitlets import Unicode

from beyond_sequential import i18n
from grader.reports import templates
from grader.running.record import GradingRecord, record_of

Resources = dict[str, dict[str, object]]  # what nbconvert hands from one step to the next
_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
_IMAGES = ("image/png", "image/jpeg")
# Directories of the machine that graded: a kernel's own, and those of Python's libraries.
_WORK = re.compile(r"(?:/[^\s/:'\"]+){0,30}/(?:kernel(?:-\w{8})?/(?:work|tmp)|ipykernel_\d+)/")
_LIBRARIES = re.compile(r"(?:/[^\s/:'\"]+){0,30}/lib/python3\.\d+/(?:(?:site|dist)-packages/)?")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the page: a heading, an answer, or a test with its verdict.

    `code` and `verdict` are safe HTML, all else is text.  An output is its type ("text" or that of
    an image) and its content.
    """

    kind: str
    name: str = ""
    code: str = ""
    text: str = ""
    verdict: str = ""
    outputs: tuple[tuple[str, str], ...] = ()
    score: float | None = None
    points: float | None = None
    comment: str = ""


class FeedbackPage(Exporter):
    """Render an autograded notebook whose cells have their grades in the metadata."""

    language = Unicode("en", help="The language of the page: en or zh.").tag(config=True)
    export_from_notebook = "Feedback"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # as other exporters, to text
        self, nb: NotebookNode, resources: Resources | None = None, **kw: object
    ) -> tuple[str, Resources]:
        """Return the page of one notebook, and the resources."""
        nb, filled = super().from_notebook_node(nb, resources, **kw)
        before = i18n.language()
        try:
            i18n.language(self.language)
            return feedback_page(nb, filled["nbgrader"]), filled
        finally:
            i18n.language(before)


def feedback_page(nb: NotebookNode, grades: Mapping[str, object]) -> str:
    """Return the page's HTML in the active language.

    `grades` are the points of the notebook as nbgrader's GetGrades has put them into `resources`.
    """
    from pygments.formatters import HtmlFormatter

    record = record_of(nb) or GradingRecord()
    ours = {entry.exercise for entry in record.exercises}
    return templates.page_template("student.html.j2").render(
        grades=grades,
        state=templates.state_words().get(record.state, record.state),
        reasons=record.reasons,
        blocks=list(blocks(nb, ours)),
        highlighting=HtmlFormatter().get_style_defs(".code"),
    )


def blocks(nb: NotebookNode, ours: Collection[str]) -> Iterator[Block]:
    """Yield the blocks of the page; `ours` are the exercises that the course's judge decided.

    Of several headings without an answer between them, only the last one is shown.
    """
    heading = ""
    for cell in nb.cells:
        mark: NotebookNode = cell.metadata.get("nbgrader") or NotebookNode()
        if cell.cell_type == "markdown" and not (mark.get("solution") or mark.get("task")):
            heading = ([heading, *_HEADING.findall(cell.source)])[-1]
        elif mark.get("solution") or mark.get("task") or mark.get("grade"):
            if heading:
                yield Block("heading", name=heading)
            heading = ""
            is_test = not (mark.get("solution") or mark.get("task"))
            yield _test(cell, mark, mark["grade_id"] in ours) if is_test else _answer(cell, mark)


def _answer(cell: NotebookNode, mark: NotebookNode) -> Block:
    is_code = cell.cell_type == "code"
    return Block(
        "answer",
        name=mark.grade_id,
        code=_highlighted(cell.source) if is_code else "",
        text="" if is_code else cell.source,
        outputs=tuple(_outputs(cell, traceback=True)) if is_code else (),
        score=mark.get("score"),
        points=mark.get("points") if mark.get("grade") or mark.get("task") else None,
        comment=mark.get("comment") or "",
    )


def _test(cell: NotebookNode, mark: NotebookNode, ours: bool) -> Block:
    """Return a test: of ours with its verdict, of a teacher's with its output.

    Tracebacks are left out: they hold the source of the test.
    """
    verdict = ""
    if ours:
        shown = [output.data["text/html"] for output in cell.outputs if _is_verdict(output)]
        verdict = shown[0] if shown else ""
    outputs = () if ours else tuple(_outputs(cell, traceback=False))
    return Block(
        "test",
        name=mark.grade_id,
        verdict=verdict,
        outputs=outputs,
        score=mark.get("score"),
        points=mark.get("points"),
    )


def _is_verdict(output: NotebookNode) -> bool:
    is_page: bool = output.output_type == "display_data" and "text/html" in output.data
    return is_page


def _highlighted(source: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return str(highlight(source, PythonLexer(), HtmlFormatter(cssclass="code")))


def _outputs(cell: NotebookNode, traceback: bool) -> Iterator[tuple[str, str]]:
    """Yield text and pictures, never HTML; what was printed piece by piece is one text."""
    outputs = cell.get("outputs", ())
    for printed, group in groupby(outputs, lambda output: output.output_type == "stream"):
        if printed:
            yield "text", _text("".join(output.text for output in group))
        else:
            for output in group:
                yield from _output(output, traceback)


def _output(output: NotebookNode, traceback: bool) -> Iterator[tuple[str, str]]:
    if output.output_type == "error":
        lines = _own_lines(output.traceback) if traceback else [f"{output.ename}: {output.evalue}"]
        yield "text", _text("\n".join(lines))
        return
    image = next((kind for kind in _IMAGES if kind in output.data), None)
    if image:
        yield image, html.escape("".join(output.data[image].split()), quote=True)
    elif "text/plain" in output.data:
        yield "text", _text(output.data["text/plain"])


def _text(text: str) -> str:
    """Return text without colours and without the paths of this machine."""
    return _LIBRARIES.sub("", _WORK.sub("", strip_ansi(text)))


def _own_lines(traceback: list[str]) -> list[str]:
    """Return a traceback without the frames inside libraries."""
    frames = [_WORK.sub("", strip_ansi(frame)) for frame in traceback]
    return [frame for frame in frames if not frame.startswith("File /")]
