"""The SVG of a placed scene: its wires and boxes, in the order in which they cover one another.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from . import boxes, words
from .boxes import Line, Span, Style
from .elements import (
    COLOURS,
    FAINT,
    INK,
    LINE,
    PALE_RED,
    PAPER,
    RED,
    Place,
    badge,
    n,
    number_badge,
    rect,
    shared_colour,
    text,
    title,
)
from .layout import Point
from .measure import PAD, Placed, PlacedBox, PlacedWire, frame_head, frame_title

STEM = 20.0  # straight piece of a line before it bends


# --- wires ------------------------------------------------------------------------------------


def path(points: list[Point]) -> str:
    """A line over corners: straight, S-shaped between places beside each other, round elsewhere."""
    parts = [f"M{n(points[0][0])} {n(points[0][1])}"]
    for i, (x, y) in enumerate(points[1:], 1):
        x0, y0 = points[i - 1]
        if abs(x - x0) < 0.6 or abs(y - y0) < 0.6:
            parts.append(_straight(points, i))
            continue
        start, end = y0 + min(STEM, (y - y0) / 3), y - 9
        middle = (start + end) / 2
        parts.append(f"V{n(start)}C{n(x0)} {n(middle)} {n(x)} {n(middle)} {n(x)} {n(end)}V{n(y)}")
    return "".join(parts)


def _straight(points: list[Point], i: int, radius: float = 7.0) -> str:
    """To corner i, round it where the line turns by a right angle."""
    x, y = points[i]
    if i + 1 == len(points):
        return f"L{n(x)} {n(y)}"
    (x0, y0), (x1, y1) = points[i - 1], points[i + 1]
    across = abs(x1 - x) < 0.6 or abs(y1 - y) < 0.6
    if not across or (abs(x - x0) < 0.6) == (abs(x1 - x) < 0.6):
        return f"L{n(x)} {n(y)}"
    start = (x - radius * _sign(x - x0), y - radius * _sign(y - y0))
    end = (x + radius * _sign(x1 - x), y + radius * _sign(y1 - y))
    return f"L{n(start[0])} {n(start[1])}Q{n(x)} {n(y)} {n(end[0])} {n(end[1])}"


def _sign(value: float) -> int:
    return 0 if abs(value) < 0.6 else (1 if value > 0 else -1)


def wire(item: PlacedWire, dx: float, dy: float) -> str:
    """Return a line with its arrow, moved by (dx, dy) pixels."""
    points = [(x + dx, y + dy) for x, y in item.points]
    colour, width = (RED, 2.2) if item.marked else (LINE, 1.3)
    dash = ' stroke-dasharray="6 3"' if item.marked else ""
    line = (
        f'<path d="{path(points)}" fill="none" stroke="{colour}" stroke-width="{n(width)}"{dash}/>'
    )
    if item.arrow:
        x, y = points[-1]
        line += f'<path d="M{n(x)} {n(y)}l-3.6 -7.5h7.2z" fill="{colour}"/>'
    return line


def label(item: PlacedWire, dx: float, dy: float, style: Style, paper: str) -> str:
    """The shape: on the line under the box that makes it, in a compact drawing beside the line."""
    if not item.label:
        return ""
    x, y = item.points[0][0] + dx, item.points[0][1] + dy
    if style.lines:
        return text(x, y + 15.5, item.label, style.small, FAINT, anchor="middle", paper=paper)
    return text(x + 7, y + 12.5, item.label, style.small, FAINT)


# --- boxes ------------------------------------------------------------------------------------


class Painter:
    """Collects the parts of a picture in the order in which they cover one another."""

    def __init__(self, paper: str = PAPER) -> None:
        self.paper = paper
        self.below: list[str] = []
        self.above: list[str] = []
        self.shared: dict[str, list[Place]] = defaultdict(list)

    def scene(self, placed: Placed, dx: float, dy: float) -> None:
        """Add a placed scene, moved by (dx, dy) pixels."""
        self.below += [wire(item, dx, dy) for item in placed.wires]
        for item in placed.boxes:
            x, y = item.x + dx, item.y + dy
            if item.inner is not None:
                self.frame(item, item.inner, x, y, placed.style)
            else:
                self.above.append(box(item, x, y, placed.style))
            if item.box.badge:
                self.shared[item.box.badge].append((x, y, item.width, item.height))
        self.above += [label(item, dx, dy, placed.style, self.paper) for item in placed.wires]

    def frame(self, item: PlacedBox, inner: Placed, x: float, y: float, style: Style) -> None:
        """Add a frame and what is in it."""
        left = x + (item.width - inner.width) / 2
        top = y + item.height - PAD - inner.height
        self.above.append(frame(item, x, y))
        # Lines go on inside the frame, below its title where that is in their way.
        title = x + frame_title(item.box, item.width, style)
        below = y + frame_head(item.box, item.width, style) - 4
        for end, down in inner.ins:
            start = y if left + end > title else below
            self.above.append(stretch(left + end, start, top + down))
        for end, down in inner.outs:
            self.above.append(stretch(left + end, top + down, y + item.height))
        self.above.append(frame_words(item, x, y, style))
        deeper = Painter(COLOURS[item.box.family][0])
        deeper.scene(inner, left, top)
        self.above += deeper.below + links(deeper.shared) + deeper.above
        # A layer inside that is also called elsewhere is linked where both are seen.
        for letter, places in deeper.shared.items():
            self.shared[letter] += places[:1]


def stretch(x: float, y0: float, y1: float) -> str:
    """Return a straight vertical line."""
    return f'<path d="M{n(x)} {n(y0)}V{n(y1)}" stroke="{LINE}" stroke-width="1.3"/>'


def opened(item: PlacedBox, kind: str) -> str:
    """Return the start tag of a group for a call or an output of the model."""
    numbers = ".".join(map(str, item.box.path))
    return f'<g data-{kind}="{numbers}">{title(item.box.hover)}'


def outline(item: PlacedBox, width: float, dash: str = "") -> tuple[str, float, str]:
    """Stroke, its width and dashes: a parting place is red, thick and dashed."""
    return (RED, 2.4, "6 3") if item.box.notes else (COLOURS[item.box.family][1], width, dash)


def box(item: PlacedBox, x: float, y: float, style: Style) -> str:
    """Return a box with all that is written in it; (x, y) is its upper left corner."""
    it = item.box
    round_ = it.family in ("input", "output")
    radius = min(item.height / 2, 17) if round_ else (6 if style.lines else 4)
    place = (x, y, item.width, item.height)
    parts = [opened(item, "output" if it.family == "output" else "call")]
    parts.append(rect(place, radius, COLOURS[it.family][0], *outline(item, 1.1)))
    parts += band(item, x, y, radius)
    parts += _text(item, x, y, style)
    parts += _notes(item, x, y + item.height - boxes.notes_height(it, item.width, style), style)
    if it.badge:
        parts.append(badge(x + item.width - 3, y + 3, it.badge))
    return "".join(parts) + "</g>"


def band(item: PlacedBox, x: float, y: float, radius: float) -> list[str]:
    """Return the coloured left edge of every call of a shared layer."""
    if not item.box.badge:
        return []
    place = (x, y + radius, 5.0, item.height - 2 * radius)
    return [rect(place, 0, shared_colour(item.box.badge))]


def _text(item: PlacedBox, x: float, y: float, style: Style) -> list[str]:
    it = item.box
    lines = boxes.lines(it, item.width, style)
    if len(lines) == 1 and len(lines[0].left) == 1 and lines[0].right is None:
        return [
            _span(
                lines[0].left[0],
                it.badge,
                x + item.width / 2,
                y + style.pad + style.row - 4,
                anchor="middle",
            )
        ]
    parts = []
    for row, line in enumerate(lines, 1):
        parts += _line(line, item, x, y + style.pad + row * style.row - 4)
    return parts


def _line(line: Line, item: PlacedBox, x: float, y: float) -> list[str]:
    at = x + boxes.inset(item.box)
    parts = []
    for span in line.left:
        parts.append(_span(span, item.box.badge, at, y))
        at += span.width + 6
    if line.right is not None:
        end = x + item.width - boxes.inset(item.box) - (8 if item.box.badge else 0)
        parts.append(_span(line.right, item.box.badge, end, y, anchor="end"))
    return parts


def _span(span: Span, badge_: str, x: float, y: float, anchor: str = "") -> str:
    fill = {"ink": INK, "faint": FAINT}.get(span.tone) or shared_colour(badge_)
    return text(x, y, span.text, span.size, fill, bold=span.bold, anchor=anchor)


def _notes(item: PlacedBox, x: float, top: float, style: Style) -> list[str]:
    """Return the words of a parting place, in a band of their own, with its number."""
    found = boxes.note_lines(item.box, item.width, style)
    if not found:
        return []
    parts = [rect((x + 2, top, item.width - 4, len(found) * boxes.NOTE_ROW + 4), 4, PALE_RED)]
    for row, (number, content) in enumerate(found):
        line = top + 14 + row * boxes.NOTE_ROW
        if number is not None:
            parts.append(number_badge(x + 16, line - 4, number))
        parts.append(text(x + boxes.NOTE_LEFT, line, content, style.small + 1, RED, bold=True))
    return parts


def frame(item: PlacedBox, x: float, y: float) -> str:
    """Return the outline of a frame; (x, y) is its upper left corner."""
    it = item.box
    dash = "4 3" if it.family == "run" else ""
    place = (x, y, item.width, item.height)
    shape = rect(place, 9, COLOURS[it.family][0], *outline(item, 1.3, dash))
    kind = "run" if it.family == "run" else "call"
    return opened(item, kind) + shape + "".join(band(item, x, y, 9)) + "</g>"


def frame_words(item: PlacedBox, x: float, y: float, style: Style) -> str:
    """Return what is written at the head of a frame."""
    it = item.box
    paper, colour = COLOURS[it.family]
    left, line = x + 13, y + 18
    parts = [
        text(
            left,
            line,
            it.title,
            style.size,
            INK if it.family == "run" else colour,
            bold=True,
            paper=paper,
        )
    ]
    if it.name:
        used = words.text_width(it.title, style.size, True) + 9
        parts.append(text(left + used, line, it.name, style.small, FAINT, paper=paper))
    if it.tag:
        line += style.row
        parts.append(
            text(left, line, it.tag, style.small, shared_colour(it.badge), bold=True, paper=paper)
        )
    parts += _notes(item, x, line + 8, style)
    if it.badge:
        parts.append(badge(x + item.width - 3, y + 3, it.badge))
    return "".join(parts)


def links(shared: dict[str, list[Place]]) -> list[str]:
    """Return a dotted line from each call of a shared layer to the next."""
    return [
        _link(min(a, b), max(a, b), shared_colour(letter))
        for letter, places in shared.items()
        for a, b in pairwise(places)
    ]


def _link(a: Place, b: Place, colour: str) -> str:
    (ax, ay, aw, ah), (bx, by, bw, bh) = a, b
    if ax + aw < bx:  # beside each other
        start, end = (ax + aw, ay + min(ah / 2, 40)), (bx, by + min(bh / 2, 40))
        bow = (start[0] + end[0]) / 2
    else:
        start, end = (ax + aw, ay + ah / 2), (bx + bw, by + bh / 2)
        bow = max(start[0], end[0]) + 26
    curve = f"C{n(bow)} {n(start[1])} {n(bow)} {n(end[1])}"
    return (
        f'<path d="M{n(start[0])} {n(start[1])}{curve} {n(end[0])} {n(end[1])}" fill="none" '
        f'stroke="{colour}" stroke-width="1.8" stroke-dasharray="2 4"/>'
    )
