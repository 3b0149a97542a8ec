"""The page that a student gets back, made by `nbgrader generate_feedback`.

`FeedbackPage` stands in for nbgrader's HTML exporter: the student's answers, the judge's verdicts
with their drawings, points and a teacher's comments.  It shows no test's source, needs no network,
and holds nothing that student code could have put there as HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.filters import strip_ansi
from nbformat.notebooknode import NotebookNode
from traitlets import Unicode

from beyond_sequential import i18n
from grader.classes import summary
from grader.reports import report

_HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
_IMAGES = ("image/png", "image/jpeg")
# Directories of the machine that graded: a kernel's own, and where Python's libraries are.
_WORK = re.compile(r"(?:/[^\s/:'\"]+){0,30}/(?:kernel(?:-\w{8})?/(?:work|tmp)|ipykernel_\d+)/")
_LIBRARIES = re.compile(r"(?:/[^\s/:'\"]+){0,30}/lib/python3\.\d+/(?:(?:site|dist)-packages/)?")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the page: a heading, an answer, or a test with what the judge said.

    `code` and `verdict` are HTML of ours; `outputs` are ("text" or an image's type, content).
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
    """Renders an autograded notebook that has its grades in it."""

    language = Unicode("en", help="The language of the page: en or zh.").tag(config=True)
    export_from_notebook = "Feedback"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]  # as other exporters, to text
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, Any]:
        """The page of one notebook."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        before = i18n.language()
        try:
            i18n.language(self.language)
            return page(nb, resources["nbgrader"]), resources
        finally:
            i18n.language(before)


def page(nb: NotebookNode, grades: Any) -> str:
    """The page in the active language; `grades` as nbgrader's GetGrades leaves them."""
    from pygments.formatters import HtmlFormatter

    kept = summary.recorded(nb) or {"state": "graded", "reasons": [], "exercises": []}
    ours = {entry["exercise"] for entry in kept["exercises"]}
    template = report.environment().get_template("report/student.html.j2")
    return template.render(
        grades=grades,
        state=report.state_words().get(kept["state"], kept["state"]),
        reasons=kept["reasons"],
        parts=list(parts(nb, ours)),
        highlighting=HtmlFormatter().get_style_defs(".code"),
    )


def parts(nb: NotebookNode, ours: set[str]) -> Iterator[Part]:
    """The parts of the page; `ours` are the exercises that our judge decided.  Of several headings
    without an answer between them, the last one is the answer's."""
    heading = ""
    for cell in nb.cells:
        mark = cell.metadata.get("nbgrader") or {}
        if cell.cell_type == "markdown" and not (mark.get("solution") or mark.get("task")):
            heading = ([heading, *_HEADING.findall(cell.source)])[-1]
        elif mark.get("solution") or mark.get("task") or mark.get("grade"):
            if heading:
                yield Part("heading", name=heading)
            heading = ""
            is_test = not (mark.get("solution") or mark.get("task"))
            yield _test(cell, mark, mark["grade_id"] in ours) if is_test else _answer(cell, mark)


def _answer(cell: NotebookNode, mark: Any) -> Part:
    is_code = cell.cell_type == "code"
    return Part(
        "answer",
        name=mark.grade_id,
        code=_highlighted(cell.source) if is_code else "",
        text="" if is_code else cell.source,
        outputs=tuple(_outputs(cell, traceback=True)) if is_code else (),
        score=mark.get("score"),
        points=mark.get("points") if mark.get("grade") or mark.get("task") else None,
        comment=mark.get("comment") or "",
    )


def _test(cell: NotebookNode, mark: Any, ours: bool) -> Part:
    """A test: of ours the verdict; of a teacher's, its output without the source that is in
    tracebacks."""
    verdict = ""
    if ours:
        shown = [output.data["text/html"] for output in cell.outputs if _is_verdict(output)]
        verdict = shown[0] if shown else ""
    outputs = () if ours else tuple(_outputs(cell, traceback=False))
    return Part(
        "test",
        name=mark.grade_id,
        verdict=verdict,
        outputs=outputs,
        score=mark.get("score"),
        points=mark.get("points"),
    )


def _is_verdict(output: NotebookNode) -> bool:
    return output.output_type == "display_data" and "text/html" in output.data


def _highlighted(source: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return str(highlight(source, PythonLexer(), HtmlFormatter(cssclass="code")))


def _outputs(cell: NotebookNode, traceback: bool) -> Iterator[tuple[str, str]]:
    """Text and pictures, never HTML; what was printed piece by piece is one text."""
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
    """Text without colours, and without where things are on this machine."""
    return _LIBRARIES.sub("", _WORK.sub("", strip_ansi(text)))


def _own_lines(traceback: list[str]) -> list[str]:
    """A traceback without what happened inside libraries, which are the machine's."""
    frames = [_WORK.sub("", strip_ansi(frame)) for frame in traceback]
    return [frame for frame in frames if not frame.startswith("File /")]
