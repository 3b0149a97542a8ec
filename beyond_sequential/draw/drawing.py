"""The finished picture, and how one is made of a graph.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..i18n import _
from ..model.graph import ModelGraph
from ..model.labels import clip
from . import words
from .build import picture
from .describe import describe
from .elements import FAINT, MARGIN, text
from .measure import place
from .page import document, legend
from .scene import GraphPicture
from .svg import Painter, links

LONG = 40  # lines that a terminal shows without being asked


@dataclass(frozen=True, repr=False)
class Drawing:
    """A picture of a model.  A notebook shows it; `text` says the same in words.

    `sheets` are the same picture in pieces, for a page that may be too narrow for the whole.
    """

    svg: str
    text: str
    sheets: tuple[str, ...] = ()

    @property
    def html(self) -> str:
        """The picture for a page: its sheets beside each other where there is space, else below.

        Inline, not as images: only so do hover titles work.  What is wider than the page scrolls in
        its frame, in reach of the keyboard.
        """
        style = "display:flex;flex-wrap:wrap;align-items:flex-start;gap:6px;overflow-x:auto"
        return f'<div tabindex="0" style="{style}">{"".join(self.sheets or (self.svg,))}</div>'

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file whose name ends in .svg."""
        path = Path(path)
        if path.suffix.lower() != ".svg":
            raise ValueError(
                _("a drawing is saved as SVG: give a name that ends in .svg, not {name}").format(
                    name=repr(path.name)
                )
            )
        path.write_text(self.svg + "\n", encoding="utf-8")
        return path

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        lines = self.text.splitlines()
        if len(lines) > LONG:
            more = _("… {n} more lines: print the drawing").format(n=len(lines) - LONG)
            lines = [*lines[:LONG], more]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text


def draw_graph(graph: ModelGraph, *, nested: str | None = None) -> Drawing:
    """Draw a model.

    `nested` "open" shows the inside of every model that is used as a layer, "closed" of none; by
    default it depends on their size.
    """
    if nested not in (None, "open", "closed"):
        raise ValueError(_('nested is "open" or "closed", not {value}').format(value=repr(nested)))
    made = picture(graph, nested)
    name, about = words.heading(graph)
    parts, width, height = panel(made, name, about, 0, 0)
    described = describe(graph)
    return Drawing(document(parts, width, height, f"{name} ({about})", described), described)


def panel(
    made: GraphPicture,
    name: str,
    about: str,
    x: float,
    y: float,
    families: tuple[str, ...] | None = None,
) -> tuple[list[str], float, float]:
    """Title, picture and legend; returns the parts and their size with margins."""
    placed = place(made.scene)
    name = clip(name, 60)
    head = words.text_width(name, 14, True) + 10 + words.text_width(about, 11)
    inside = max(placed.width, head, 260.0)
    left, top = x + MARGIN, y + MARGIN
    parts = [
        text(left, top + 12, name, 14, bold=True),
        text(left + words.text_width(name, 14, True) + 10, top + 12, about, 11, FAINT),
    ]
    painter = Painter()
    painter.scene(placed, left + (inside - placed.width) / 2, top + 32)
    parts += painter.below + links(painter.shared) + painter.above
    shown = made.families if families is None else families
    rows, height = legend(shown, made.shared, left, top + 32 + placed.height + 22, inside)
    return (
        parts + rows,
        inside + 2 * MARGIN,
        MARGIN + 32 + placed.height + 22 + height + MARGIN - 4,
    )
