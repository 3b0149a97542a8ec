"""Elements of SVG: texts, rectangles and badges, and the colours of a drawing.

Text is text, set by the reader's browser in its own fonts.
Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from . import words

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
    "run": ("#fafbfc", "#7b848e"),
}
SHARED = ("#8a1c7c", "#00606b", "#7a4b00", "#1f4fa3", "#4b5320", "#6a2c70")
MARGIN = 18.0

Place = tuple[float, float, float, float]  # x, y, width, height


def n(value: float) -> str:
    """Return a coordinate, short."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def text(
    x: float,
    y: float,
    content: str,
    size: float,
    fill: str = INK,
    bold: bool = False,
    anchor: str = "",
    paper: str = "",
) -> str:
    """Words; with a `paper` they stand on a patch of that colour, which hides a line behind."""
    more = ' font-weight="600"' if bold else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    shown = escape(words.printable(content))
    patch = ""
    if paper:
        width = words.text_width(content, size, bold)
        left = x - width / 2 if anchor == "middle" else x
        patch = rect((left - 1, y - size + 1, width + 2, size + 2), 2, paper)
    return patch + (
        f'<text x="{n(x)}" y="{n(y)}" font-size="{n(size)}" fill="{fill}"{more}>{shown}</text>'
    )


def rect(
    place: Place, radius: float, fill: str, stroke: str = "none", width: float = 0, dash: str = ""
) -> str:
    """Return a rectangle with rounded corners; `place` is in pixels."""
    x, y, w, h = place
    line = f' stroke="{stroke}" stroke-width="{n(width)}"' if width else ""
    line += f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<rect x="{n(x)}" y="{n(y)}" width="{n(w)}" height="{n(h)}" rx="{n(radius)}" '
        f'fill="{fill}"{line}/>'
    )


def title(content: str) -> str:
    """Return the text that a browser shows when the pointer is over an element."""
    return f"<title>{escape(words.printable(content))}</title>"


def badge(x: float, y: float, letter: str) -> str:
    """Return the letter of a shared layer."""
    return (
        f'<circle cx="{n(x)}" cy="{n(y)}" r="8.5" fill="{shared_colour(letter)}" '
        f'stroke="{PAPER}" stroke-width="1.5"/>'
    ) + text(x, y + 3.8, letter, 10.5, PAPER, bold=True, anchor="middle")


def number_badge(x: float, y: float, number: int) -> str:
    """Return the number of a parting place."""
    return f'<circle cx="{n(x)}" cy="{n(y)}" r="7.5" fill="{RED}"/>' + text(
        x, y + 3.6, str(number), 10, PAPER, bold=True, anchor="middle"
    )


def shared_colour(letter: str) -> str:
    """Return the colour of the shared layer with this letter."""
    return SHARED[(ord(letter[0]) - ord("A")) % len(SHARED)]
