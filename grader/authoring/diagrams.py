"""The two pictures of docs/architecture.md: the way of an answer and the way of a submission.

A diagram is a grid of boxes with arrows between neighbours.  The SVG has colours of its own for
light and for dark pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

PAGE = "docs/architecture.md"
WIDTH, HEIGHT, GAP, ROW_GAP, MARGIN, HEAD = 176, 84, 34, 58, 20, 24  # pixels
_STYLE = """
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif }
.page { fill: #ffffff }
.ink { fill: #1f2328 }
.faint { fill: #57606a }
.code { fill: #eaf2fd; stroke: #3b6fb6 }
.data { fill: #ffffff; stroke: #6e7781 }
.panel { fill: #fdf2de; stroke: #a86400; stroke-dasharray: 5 4 }
.wire { fill: none; stroke: #57606a; stroke-width: 1.5 }
.tip { fill: #57606a }
.mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117 }
  .ink { fill: #e6edf3 }
  .faint { fill: #a5afba }
  .code { fill: #14263d; stroke: #6ca4ea }
  .data { fill: #161b22; stroke: #8b949e }
  .panel { fill: #2b2110; stroke: #d29922 }
  .wire { stroke: #a5afba }
  .tip { fill: #a5afba }
}
"""


@dataclass(frozen=True, slots=True)
class Box:
    """A step or a piece of data, at a column and a row.

    `home` is the folder or file that the box is about, which makes it a step of the code; without
    one the box is data.
    """

    column: int
    row: int
    title: str
    lines: tuple[str, ...] = ()
    home: str = ""

    @property
    def left(self) -> int:
        """The left edge, in pixels."""
        return MARGIN + self.column * (WIDTH + GAP)

    @property
    def top(self) -> int:
        """The upper edge, in pixels."""
        return MARGIN + HEAD + self.row * (HEIGHT + ROW_GAP)


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes, arrows from one to the next (by title), and panels (title, the boxes inside)."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[tuple[str, str], ...]
    panels: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def box(self, title: str) -> Box:
        """Return the box of this title."""
        return next(box for box in self.boxes if box.title == title)


ANSWER = Diagram(
    "The way of an answer, in a student's notebook",
    (
        Box(0, 0, "Live object", ("a Keras model, a tensor,", "a number, a function")),
        Box(1, 0, "Capture", ("reads it as plain data",), "beyond_sequential/answers"),
        Box(2, 0, "Answer", ("graph of calls, weights", "as arrays, plain values")),
        Box(3, 0, "Model graph", ("layers, calls, tensors",), "beyond_sequential/model"),
        Box(0, 1, "Draw", ("graphs and differences", "as SVG"), "beyond_sequential/draw"),
        Box(1, 1, "Exercise", ("its parts and its target",), "beyond_sequential/course"),
        Box(2, 1, "Judge", ("one file a kind of part",), "beyond_sequential/judge"),
        Box(
            3,
            1,
            "Compare",
            ("canonical forms, and", "where they differ"),
            "beyond_sequential/compare",
        ),
        Box(2, 2, "Verdict", ("outcome, points,", "findings")),
        Box(3, 2, "Kinds of findings", ("one record each",), "beyond_sequential/findings"),
        Box(
            1,
            2,
            "Feedback",
            ("findings in words,", "as text and as HTML"),
            "beyond_sequential/feedback",
        ),
        Box(0, 2, "Page", ("what the student reads", "under the cell")),
    ),
    (
        ("Live object", "Capture"),
        ("Capture", "Answer"),
        ("Model graph", "Answer"),
        ("Answer", "Judge"),
        ("Exercise", "Judge"),
        ("Compare", "Judge"),
        ("Judge", "Verdict"),
        ("Kinds of findings", "Verdict"),
        ("Verdict", "Feedback"),
        ("Feedback", "Page"),
        ("Draw", "Page"),
    ),
)

SUBMISSION = Diagram(
    "The way of a submission, when a class is graded",
    (
        Box(0, 0, "Download", ("a folder, or the archive", "of Moodle or Canvas")),
        Box(
            1,
            0,
            "Collect",
            ("finds the student; a bad", "notebook is repaired"),
            "grader/submissions",
        ),
        Box(2, 0, "Submission", ("submitted/student/", "assignment, as nbgrader's")),
        Box(3, 0, "Grade a class", ("many at once, resumable",), "grader/classes"),
        Box(3, 1, "Kernel", ("runs student code,", "captures answers"), "jailed_kernels"),
        Box(2, 1, "Answer files", ("plain data, in the spool",)),
        Box(1, 1, "Judge process", ("holds no student code",), "beyond_sequential/judge"),
        Box(0, 1, "Verdicts", ("one an exercise",)),
        Box(0, 2, "Save", ("points and comments",), "grader/running"),
        Box(1, 2, "Gradebook", ("nbgrader's database, and", "the autograded notebook")),
        Box(2, 2, "Reports", ("for teacher and student",), "grader/reports"),
        Box(3, 2, "Pages and files", ("table, report, feedback,", "export")),
    ),
    (
        ("Download", "Collect"),
        ("Collect", "Submission"),
        ("Submission", "Grade a class"),
        ("Grade a class", "Kernel"),
        ("Kernel", "Answer files"),
        ("Answer files", "Judge process"),
        ("Judge process", "Verdicts"),
        ("Verdicts", "Save"),
        ("Save", "Gradebook"),
        ("Gradebook", "Reports"),
        ("Reports", "Pages and files"),
    ),
    (("jail", ("Kernel",)), ("a process of its own", ("Judge process",))),
)
DIAGRAMS = {"docs/pictures/answer.svg": ANSWER, "docs/pictures/submission.svg": SUBMISSION}


def drawings() -> dict[str, str]:
    """Return the SVG of each diagram, by path in the repository."""
    return {path: svg(diagram) for path, diagram in DIAGRAMS.items()}


def svg(diagram: Diagram) -> str:
    """Return a diagram as SVG that needs nothing else."""
    width = max(box.left for box in diagram.boxes) + WIDTH + MARGIN
    height = max(box.top for box in diagram.boxes) + HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(diagram.title)}</title>",
        f"<desc>{escape(_described(diagram))}</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" width="{width}" height="{height}"/>',
        _text(MARGIN, MARGIN + 6, diagram.title, 15, "ink", 'font-weight="600"'),
        *(_panel(diagram, title, inside) for title, inside in diagram.panels),
        *(_arrow(diagram.box(start), diagram.box(end)) for start, end in diagram.arrows),
        *(_box(box) for box in diagram.boxes),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _described(diagram: Diagram) -> str:
    """Return the diagram in words, for those who do not see it."""
    return "; ".join(f"{start} to {end}" for start, end in diagram.arrows)


def _text(x: float, y: float, words: str, size: float, kind: str, more: str = "") -> str:
    style = f'class="{kind}" font-size="{size:g}" {more}'
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(words)}</text>'


def _box(box: Box) -> str:
    kind, radius = ("code", 4) if box.home else ("data", 14)
    middle = box.left + WIDTH / 2
    centred = 'text-anchor="middle"'
    lines = [(box.title, 14.0, "ink", centred + ' font-weight="600"')]
    lines += [(line, 12, "faint", centred) for line in box.lines]
    if box.home:
        lines.append((box.home, 10.5, "ink mono", centred))
    y = box.top + HEIGHT / 2 - 8.5 * (len(lines) - 1) + 5
    parts = [
        f'<rect class="{kind}" x="{box.left}" y="{box.top}" width="{WIDTH}" height="{HEIGHT}" '
        f'rx="{radius}"/>'
    ]
    for number, (words, size, colour, more) in enumerate(lines):
        parts.append(_text(middle, y + 17 * number, words, size, colour, more))
    return "".join(parts)


def _panel(diagram: Diagram, title: str, inside: tuple[str, ...]) -> str:
    boxes = [diagram.box(each) for each in inside]
    left, top = min(box.left for box in boxes) - 10, min(box.top for box in boxes) - 24
    right = max(box.left for box in boxes) + WIDTH + 10
    bottom = max(box.top for box in boxes) + HEIGHT + 10
    return (
        f'<rect class="panel" x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" '
        f'rx="6"/>' + _text(left + 10, top + 16, title, 12, "faint")
    )


def _arrow(start: Box, end: Box) -> str:
    """Return a straight arrow between two boxes that are neighbours in a row or a column."""
    if start.row == end.row:
        forward = end.column > start.column
        x, tip = (start.left + WIDTH, end.left) if forward else (start.left, end.left + WIDTH)
        y = start.top + HEIGHT / 2
        back = tip - 8 if forward else tip + 8
        return (
            f'<path class="wire" d="M{x} {y:g}H{back}"/>'
            f'<path class="tip" d="M{tip} {y:g}L{back} {y - 5:g}V{y + 5:g}Z"/>'
        )
    x, y, tip = start.left + WIDTH // 2, start.top + HEIGHT, end.top
    return (
        f'<path class="wire" d="M{x} {y}V{tip - 8}"/>'
        f'<path class="tip" d="M{x} {tip}L{x - 5} {tip - 8}H{x + 5}Z"/>'
    )
