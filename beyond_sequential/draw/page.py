"""The page around a drawing: the legend, the row of marks, and the SVG document.

No ids, no scripts, no style sheet: several pictures share a page without touching one another.
Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from ..i18n import _
from . import words
from .elements import (
    COLOURS,
    FAINT,
    PALE_RED,
    PAPER,
    RED,
    badge,
    n,
    number_badge,
    rect,
    text,
    title,
)

FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', "
    "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"
)
SMALLEST = 0.7  # of its size, to which a picture shrinks in a narrow page; then it scrolls


def legend(
    families: tuple[str, ...], shared: tuple[tuple[str, str], ...], x: float, y: float, width: float
) -> tuple[list[str], float]:
    """Rows of what occurs in the picture; returns them and their height."""
    parts: list[str] = []
    left, line = x, y
    for name, word in _entries(families):
        need = 20 + words.text_width(word, 11) + 16
        if line == y or left + need > x + width:
            left, line = x, line + (12 if line == y else 20)
        fill, stroke = COLOURS[name]
        radius = 5.5 if name in ("input", "output") else 2.5
        parts.append(rect((left, line - 10, 15, 11), radius, fill, stroke, 1.1))
        parts.append(text(left + 20, line, word, 11, FAINT))
        left += need
    for letter, word in shared:
        line += 22
        parts.append(badge(x + 8, line - 4, letter))
        for row, piece in enumerate(words.wrap(word, max(160.0, width - 26), 11)):
            line += 15 if row else 0
            parts.append(text(x + 24, line, piece, 11, FAINT))
    return parts, line - y + 6


def _entries(families: tuple[str, ...]) -> list[tuple[str, str]]:
    both = {"input", "output"} <= set(families)
    entries = []
    for name in families:
        if name == "input" and both:
            entries.append((name, _("input, output")))
        elif not (name == "output" and both):
            entries.append((name, words.family_name(name)))
    return entries


def mark_row(x: float, y: float) -> tuple[list[str], float]:
    """Return what the marks of a difference mean."""
    word = _("dashed, with a number: the two part here")
    box_ = rect((x, y + 3, 20, 12), 3, PALE_RED, RED, 2, "5 3")
    return [box_, number_badge(x + 36, y + 9, 1), text(x + 50, y + 13, word, 11, FAINT)], 22.0


def document(parts: list[str], width: float, height: float, name: str, description: str) -> str:
    """Return a whole SVG document; `width` and `height` are in pixels."""
    least = f"{n(SMALLEST * width)}px"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{n(width)}" height="{n(height)}" '
        f'viewBox="0 0 {n(width)} {n(height)}" role="img" font-family={quoteattr(FONT)} '
        f'style="flex:1 1 {least};min-width:{least};max-width:min(100%,{n(width)}px);height:auto">'
    )
    back = rect((0.5, 0.5, width - 1, height - 1), 8, PAPER, "#d0d7de", 1)
    about = f"<desc>{escape(words.printable(description))}</desc>"
    return "\n".join([head, title(name), about, back, *filter(None, parts), "</svg>"])
