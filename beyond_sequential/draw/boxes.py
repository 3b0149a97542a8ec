"""What a box has in it, line by line, and the space that it needs.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from dataclasses import dataclass

from . import words
from .scene import Box, Stack

NOTE_ROW = 17.0  # height of a line of words on a parting place
NOTE_LEFT = 30.0  # where such a line starts, right of its number


@dataclass(frozen=True, slots=True)
class Style:
    """Sizes of one drawing: roomy for few calls, compact for many, narrow for many abreast."""

    size: float
    small: float
    least: float  # width of a box
    most: float
    row: float  # height of a line of text
    pad: float
    between: float  # in a stack, from box to box where nothing is written
    labelled: float  # and where the shape is written
    name: float  # width that a name is worth
    lines: bool  # whether kind, name and settings have lines of their own


ROOMY = Style(13, 11, 132, 270, 17, 8, 26, 26, 210, True)
COMPACT = Style(11.5, 10, 176, 280, 15, 3.5, 8, 18, 110, False)
NARROW = Style(11.5, 10, 120, 235, 15, 3.5, 8, 18, 0, False)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line.  `tone` is "ink", "faint" or "shared"."""

    text: str
    size: float
    bold: bool = False
    tone: str = "ink"

    @property
    def width(self) -> float:
        """Return the width of the text, in pixels."""
        return words.text_width(self.text, self.size, self.bold)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words in a box: spans from the left, and perhaps one at the right."""

    left: tuple[Span, ...]
    right: Span | None = None


def inset(box: Box) -> float:
    """From a box's border to its text."""
    return 14.0 if box.family in ("input", "output") else 11.0


def needs(box: Box, style: Style) -> float:
    """Return the width at which nothing in a box is cut off, a long name apart."""
    heading, summary, name = _spans(box, style)
    sides = 2 * inset(box) + (10 if box.badge else 0)
    widths = [heading.width + sides]
    if style.lines:
        beside = heading.width + name.width + 10 + sides
        widths += [beside if beside <= style.name else min(name.width, 190.0) + sides]
        widths += [summary.width + sides]
    else:
        widths += [heading.width + summary.width + min(name.width, style.name) + 16 + sides]
    if box.tag:
        widths.append(words.text_width(box.tag, style.small, True) + sides)
    for note in box.notes:
        widths.append(min(214.0, words.text_width(note.text, style.small + 1, True) + 44))
    return max(widths)


def lines(box: Box, width: float, style: Style) -> list[Line]:
    """Return the lines of a box that is `width` wide."""
    room = width - 2 * inset(box)
    heading, summary, name = _spans(box, style)
    heading = _fit(heading, room)
    if box.badge:
        room -= 10
    if style.lines:
        found = _separate(heading, summary, name, room)
    else:
        found = _together(heading, summary, name, room)
    if box.tag:
        found.append(Line((_fit(Span(box.tag, style.small, True, "shared"), room),)))
    return found


def _spans(box: Box, style: Style) -> tuple[Span, Span, Span]:
    return (
        Span(box.title, style.size, True),
        Span(box.summary, style.size - 1),
        Span(box.name, style.small, tone="faint"),
    )


def _fit(span: Span, room: float, middle: bool = True) -> Span:
    text = words.fit(span.text, room, span.size, span.bold, middle)
    return Span(text, span.size, span.bold, span.tone)


def _separate(heading: Span, summary: Span, name: Span, room: float) -> list[Line]:
    beside = heading.width + name.width + 10 <= room + 0.5
    found = [Line((heading,), name if beside and name.text else None)]
    if name.text and not beside:
        found.append(Line((_fit(name, room),)))
    if summary.text:
        found.append(Line((_fit(summary, room, middle=False),)))
    return found


def _together(heading: Span, summary: Span, name: Span, room: float) -> list[Line]:
    left = [heading]
    room -= heading.width
    if summary.text and room > 30:
        left.append(_fit(summary, room - 6, middle=False))
        room -= left[-1].width + 6
    shown = _fit(name, room - 10) if name.text and room > 44 else None
    return [Line(tuple(left), shown)]


def note_lines(box: Box, width: float, style: Style) -> list[tuple[int | None, str]]:
    """Return the words of a parting place in lines; the first of each has its number."""
    found: list[tuple[int | None, str]] = []
    for note in box.notes:
        rows = words.wrap(note.text, width - NOTE_LEFT - 8, style.small + 1, bold=True)
        found += [(note.number if row == 0 else None, text) for row, text in enumerate(rows)]
    return found


def notes_height(box: Box, width: float, style: Style) -> float:
    """Return the height of a box's notes, in pixels; 0 if there are none."""
    found = note_lines(box, width, style)
    return len(found) * NOTE_ROW + 6 if found else 0.0


def height(box: Box, width: float, style: Style) -> float:
    """Return the height of a box, in pixels."""
    text = len(lines(box, width, style)) * style.row
    return text + 2 * style.pad + notes_height(box, width, style)


# --- stacks -----------------------------------------------------------------------------------


def label_below(stack: Stack, number: int) -> str:
    """Return the shape between two boxes of a stack, where it is another than above."""
    shape = stack.boxes[number].shapes[0]
    above = stack.boxes[number - 1].shapes[0] if number else None
    return "" if shape == above else shape


def gap_below(stack: Stack, number: int, style: Style) -> float:
    """Return the gap below a box of a stack, in pixels."""
    return style.labelled if label_below(stack, number) else style.between


def stack_height(stack: Stack, width: float, style: Style) -> float:
    """Return the height of a stack, in pixels."""
    gaps = sum(gap_below(stack, number, style) for number in range(len(stack.boxes) - 1))
    return gaps + sum(height(box, width, style) for box in stack.boxes)
