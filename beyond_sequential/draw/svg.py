"""The SVG text of a placed scene.

No ids, no scripts, no style sheet: several pictures share a page without touching one another,
and a notebook's sanitizer finds nothing to remove.  Text is text, set by the reader's browser.
"""

from __future__ import annotations

from collections import defaultdict
from xml.sax.saxutils import escape, quoteattr

from ..i18n import _
from . import words
from .measure import (
    COMPACT,
    PAD,
    ROOMY,
    Placed,
    PlacedBox,
    PlacedWire,
    Style,
    name_beside,
    note_lines,
    style_of,
)

FONT = ("system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', "
        "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif")
PAPER, INK, FAINT, LINE = "#ffffff", "#1f2328", "#57606a", "#6e7781"
RED, PALE_RED = "#b3261e", "#fdecea"
COLOURS = {  # fill and stroke of a family
    "input": ("#ffffff", "#4a535d"),
    "core": ("#eaf2fd", "#3b6fb6"),
    "recurrent": ("#e3f4f2", "#18776f"),
    "activation": ("#eaf6ea", "#3b8040"),
    "merge": ("#fdf2de", "#a86400"),
    "shape": ("#f4edfb", "#7d4fbf"),
    "norm": ("#f1f3f5", "#6b7480"),
    "nested": ("#f7f8ff", "#5159bb"),
    "operation": ("#f6f2ea", "#7b6a4a"),
    "other": ("#fcedf4", "#a83a72"),
    "output": ("#ffffff", "#4a535d"),
    "run": ("#fbfbfc", "#7b848e"),
}
SHARED = ("#8a1c7c", "#00606b", "#7a4b00", "#1f4fa3", "#4b5320", "#6a2c70")
MARGIN = 18.0


def n(value: float) -> str:
    """A coordinate, short."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def text(x: float, y: float, words_: str, size: float, fill: str = INK, **more: str) -> str:
    attributes = "".join(f" {key.replace('_', '-')}={quoteattr(v)}" for key, v in more.items())
    shown = escape(words.printable(words_))
    return (f'<text x="{n(x)}" y="{n(y)}" font-size="{n(size)}" fill="{fill}"{attributes}>'
            f"{shown}</text>")


def rect(x: float, y: float, width: float, height: float, radius: float, fill: str,
         stroke: str, stroke_width: float = 1.0, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (f'<rect x="{n(x)}" y="{n(y)}" width="{n(width)}" height="{n(height)}" rx="{n(radius)}" '
            f'fill="{fill}" stroke="{stroke}" stroke-width="{n(stroke_width)}"{dashed}/>')


def title(words_: str) -> str:
    return f"<title>{escape(words.printable(words_))}</title>"


# --- wires ------------------------------------------------------------------------------------


def path(points: list[tuple[float, float]], stem: float = 20.0) -> str:
    """A line over corners: straight, S-shaped between places beside each other, round elsewhere."""
    parts = [f"M{n(points[0][0])} {n(points[0][1])}"]
    for i, (x, y) in enumerate(points[1:], 1):
        x0, y0 = points[i - 1]
        if abs(x - x0) < 0.6 or abs(y - y0) < 0.6:
            parts.append(_straight(points, i))
            continue
        start, end = y0 + min(stem, (y - y0) / 3), y - 9
        middle = (start + end) / 2
        parts.append(f"V{n(start)}C{n(x0)} {n(middle)} {n(x)} {n(middle)} {n(x)} {n(end)}V{n(y)}")
    return "".join(parts)


def _straight(points: list[tuple[float, float]], i: int, radius: float = 7.0) -> str:
    """To corner i, round it where the line turns by a right angle."""
    x, y = points[i]
    if i + 1 == len(points):
        return f"L{n(x)} {n(y)}"
    (x0, y0), (x1, y1) = points[i - 1], points[i + 1]
    turns = (abs(x - x0) < 0.6) != (abs(x1 - x) < 0.6) and (abs(x1 - x) < 0.6 or abs(y1 - y) < 0.6)
    if not turns:
        return f"L{n(x)} {n(y)}"
    before = (x - radius * _sign(x - x0), y - radius * _sign(y - y0))
    after = (x + radius * _sign(x1 - x), y + radius * _sign(y1 - y))
    return (f"L{n(before[0])} {n(before[1])}Q{n(x)} {n(y)} {n(after[0])} {n(after[1])}")


def _sign(value: float) -> int:
    return 0 if abs(value) < 0.6 else (1 if value > 0 else -1)


def wire(item: PlacedWire, dx: float, dy: float) -> str:
    points = [(x + dx, y + dy) for x, y in item.points]
    colour, width = (RED, 2.2) if item.marked else (LINE, 1.3)
    dash = ' stroke-dasharray="6 3"' if item.marked else ""
    line = (f'<path d="{path(points)}" fill="none" stroke="{colour}" '
            f'stroke-width="{n(width)}"{dash}/>')
    if item.arrow:
        x, y = points[-1]
        line += f'<path d="M{n(x)} {n(y)}l-3.6 -7.5h7.2z" fill="{colour}"/>'
    return line


def label(item: PlacedWire, dx: float, dy: float, style: Style) -> str:
    """The shape, on the line, under the box that makes it."""
    if not item.label:
        return ""
    x, y = item.points[0][0] + dx, item.points[0][1] + dy
    width = words.text_width(item.label, style.small)
    gap = style.labelled if style is COMPACT else 24.0
    back = rect(x - width / 2 - 1, y + gap / 2 - 7, width + 2, 13, 3, PAPER, "none", 0)
    return back + text(x, y + gap / 2 + 3.5, item.label, style.small, FAINT, text_anchor="middle")


# --- boxes ------------------------------------------------------------------------------------


class Painter:
    """Collects the parts of a picture in the order in which they cover one another."""

    def __init__(self) -> None:
        self.below: list[str] = []
        self.above: list[str] = []
        self.calls: dict[str, list[tuple[float, float, float, float]]] = defaultdict(list)

    def scene(self, placed: Placed, dx: float, dy: float) -> None:
        style = style_of(placed)
        self.below += [wire(item, dx, dy) for item in placed.wires]
        self.above += [label(item, dx, dy, style) for item in placed.wires]
        for item in placed.boxes:
            x, y = item.x + dx, item.y + dy
            if item.inner is not None:
                self.frame(item, x, y, style)
            else:
                self.above.append(box(item, x, y, style))
            if item.box.badge:
                self.calls[item.box.badge].append((x, y, item.width, item.height))

    def frame(self, item: PlacedBox, x: float, y: float, style: Style) -> None:
        self.above.append(frame(item, x, y, style))
        inner = item.inner
        left = x + (item.width - inner.width) / 2
        top = y + item.height - PAD - inner.height
        for end in inner.ins:  # the line goes on inside the frame
            self.above.append(
                f'<path d="M{n(left + end)} {n(y)}V{n(top)}" stroke="{LINE}" stroke-width="1.3"/>')
        for end in inner.outs:
            self.above.append(
                f'<path d="M{n(left + end)} {n(top + inner.height)}V{n(y + item.height)}" '
                f'stroke="{LINE}" stroke-width="1.3"/>')
        deeper = Painter()
        deeper.scene(inner, left, top)
        self.above += deeper.below + deeper.above
        for letter, places in deeper.calls.items():
            self.calls[letter] += places


def _open(item: PlacedBox, kind: str) -> str:
    numbers = ".".join(map(str, item.box.path))
    return f'<g data-{kind}="{numbers}">{title(item.box.hover)}'


def shared_colour(letter: str) -> str:
    return SHARED[(ord(letter[0]) - ord("A")) % len(SHARED)]


def badge(x: float, y: float, letter: str) -> str:
    return (f'<circle cx="{n(x)}" cy="{n(y)}" r="8.5" fill="{shared_colour(letter)}" '
            f'stroke="{PAPER}" stroke-width="1.5"/>'
            + text(x, y + 3.8, letter, 10.5, PAPER, text_anchor="middle", font_weight="700"))


def box(item: PlacedBox, x: float, y: float, style: Style) -> str:
    it = item.box
    fill, stroke = COLOURS[it.family]
    round_ = it.family in ("input", "output")
    radius = min(item.height / 2, 17) if round_ else (4 if style is COMPACT else 6)
    outline = (RED, 2.4, "6 3") if it.notes else (stroke, 1.1, "")
    parts = [_open(item, "output" if it.family == "output" else "call"),
             rect(x, y, item.width, item.height, radius, fill, *outline)]
    if it.badge:
        parts.append(f'<rect x="{n(x)}" y="{n(y + radius)}" width="5" '
                     f'height="{n(item.height - 2 * radius)}" fill="{shared_colour(it.badge)}"/>')
    parts += _box_text(item, x, y, style, round_)
    parts += _notes(item, x, y, style)
    if it.badge:
        parts.append(badge(x + item.width - 3, y + 3, it.badge))
    return "".join(parts) + "</g>"


def _box_text(item: PlacedBox, x: float, y: float, style: Style, round_: bool) -> list[str]:
    it = item.box
    inset = 14 if round_ else 11
    left, right = x + inset, x + item.width - inset - (8 if it.badge else 0)
    line = y + style.pad + style.row - 4
    heading = words.fit(it.title, item.width - 20, style.size, bold=True)
    width = words.text_width(heading, style.size, bold=True)
    if not it.name and not it.summary:
        return [text(x + item.width / 2, line, heading, style.size, font_weight="600",
                     text_anchor="middle")]
    parts = [text(left, line, heading, style.size, font_weight="600")]
    used = left + width
    if it.summary and style is COMPACT:
        parts.append(text(used + 6, line, it.summary, style.size - 1))
        used += 6 + words.text_width(it.summary, style.size - 1)
    beside = style is COMPACT or name_beside(it, item.width, style)
    room = right - used - 8 if beside else item.width - 22
    if it.name and beside and room > 24:
        name = words.fit(it.name, room, style.small)
        parts.append(text(right, line, name, style.small, FAINT, text_anchor="end"))
    if it.name and not beside:
        line += style.row
        parts.append(text(left, line, words.fit(it.name, room, style.small), style.small, FAINT))
    if it.summary and style is ROOMY:
        line += style.row
        summary = words.fit(it.summary, item.width - 22, style.size - 1)
        parts.append(text(left, line, summary, style.size - 1))
    if it.tag:
        line += style.row
        parts.append(text(left, line, it.tag, style.small, shared_colour(it.badge),
                          font_weight="600"))
    return parts


def _notes(item: PlacedBox, x: float, y: float, style: Style, top: float | None = None):
    """The words of a parting place, in a band at the foot of its box, with its number."""
    lines = note_lines(item.box, item.width, style)
    if not lines:
        return []
    if top is None:
        top = y + item.height - len(lines) * 17 - 6
    parts = [rect(x + 2, top, item.width - 4, len(lines) * 17 + 4, 4, PALE_RED, "none", 0)]
    for row, (number, words_) in enumerate(lines):
        line = top + 14 + row * 17
        if number is not None:
            parts.append(number_badge(x + 16, line - 4, number))
        parts.append(text(x + 30, line, words_, style.small + 1, RED, font_weight="600"))
    return parts


def number_badge(x: float, y: float, number: int) -> str:
    return (f'<circle cx="{n(x)}" cy="{n(y)}" r="7.5" fill="{RED}"/>'
            + text(x, y + 3.6, str(number), 10, PAPER, text_anchor="middle", font_weight="700"))


def frame(item: PlacedBox, x: float, y: float, style: Style) -> str:
    it = item.box
    fill, stroke = COLOURS[it.family]
    outline = (RED, 2.4, "6 3") if it.notes else (stroke, 1.3, "4 3" if it.family == "run" else "")
    parts = [_open(item, "run" if it.family == "run" else "call"),
             rect(x, y, item.width, item.height, 9, fill, *outline)]
    if it.badge:
        colour = shared_colour(it.badge)
        parts.append(f'<rect x="{n(x)}" y="{n(y + 9)}" width="6" height="{n(item.height - 18)}" '
                     f'fill="{colour}"/>')
    left, line = x + 14, y + 19
    parts.append(text(left, line, it.title, style.size, font_weight="700",
                      fill=stroke if it.family != "run" else INK))
    if it.name:
        used = words.text_width(it.title, style.size, True) + 8
        parts.append(text(left + used, line, it.name, style.small, FAINT))
    if it.tag:
        line += style.row
        parts.append(text(left, line, it.tag, style.small, shared_colour(it.badge),
                          font_weight="600"))
    parts += _notes(item, x, y, style, top=line + 8)
    if it.badge:
        parts.append(badge(x + item.width - 3, y + 3, it.badge))
    return "".join(parts) + "</g>"


def links(calls: dict[str, list[tuple[float, float, float, float]]]) -> list[str]:
    """A dashed line from each call of a shared layer to the next."""
    parts = []
    for letter, places in calls.items():
        for a, b in zip(places, places[1:], strict=False):
            parts.append(_link(*sorted((a, b)), shared_colour(letter)))
    return parts


def _link(a, b, colour: str) -> str:
    (ax, ay, aw, ah), (bx, by, bw, bh) = a, b
    if ax + aw < bx:  # beside each other
        start, end = (ax + aw, ay + min(ah / 2, 40)), (bx, by + min(bh / 2, 40))
        bow = (start[0] + end[0]) / 2
        curve = f"C{n(bow)} {n(start[1])} {n(bow)} {n(end[1])}"
    else:
        start, end = (ax + aw, ay + ah / 2), (bx + bw, by + bh / 2)
        bow = max(start[0], end[0]) + 26
        curve = f"C{n(bow)} {n(start[1])} {n(bow)} {n(end[1])}"
    return (f'<path d="M{n(start[0])} {n(start[1])}{curve} {n(end[0])} {n(end[1])}" fill="none" '
            f'stroke="{colour}" stroke-width="1.6" stroke-dasharray="2 4"/>')


# --- legend and page --------------------------------------------------------------------------


def legend(families: tuple[str, ...], shared: tuple[tuple[str, str], ...], x: float, y: float,
           width: float) -> tuple[list[str], float]:
    """Rows of what occurs in the picture; returns them and their height."""
    parts: list[str] = []
    left, line = x, y + 12
    for name in families:
        if name == "output" and "input" in families:
            continue
        word = words.family_name(name)
        if name == "input" and "output" in families:
            word = _("input, output")
        need = 20 + words.text_width(word, 11) + 16
        if left > x and left + need > x + width:
            left, line = x, line + 20
        fill, stroke = COLOURS[name]
        round_ = name in ("input", "output")
        parts.append(rect(left, line - 10, 15, 11, 5.5 if round_ else 2.5, fill, stroke, 1.1))
        parts.append(text(left + 20, line, word, 11, FAINT))
        left += need
    for letter, word in shared:
        line += 22
        parts.append(badge(x + 8, line - 4, letter))
        for row, piece in enumerate(words.wrap(word, max(160.0, width - 26), 11)):
            line += 15 if row else 0
            parts.append(text(x + 24, line, piece, 11, FAINT))
    return parts, line - y + 6


def mark_row(x: float, y: float) -> tuple[list[str], float]:
    """What the marks of a difference mean."""
    word = _("dashed, with a number: the two part here")
    parts = [rect(x, y + 3, 20, 12, 3, PALE_RED, RED, 2, "5 3"), number_badge(x + 36, y + 9, 1),
             text(x + 50, y + 13, word, 11, FAINT)]
    return parts, 22.0


def document(parts: list[str], width: float, height: float, name: str, description: str) -> str:
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{n(width)}" height="{n(height)}" '
            f'viewBox="0 0 {n(width)} {n(height)}" role="img" font-family="{FONT}" '
            f'style="max-width:none">')
    back = rect(0.5, 0.5, width - 1, height - 1, 8, PAPER, "#d0d7de", 1)
    return "\n".join([
        head, title(name), f"<desc>{escape(words.printable(description))}</desc>", back,
        *[part for part in parts if part], "</svg>",
    ])
