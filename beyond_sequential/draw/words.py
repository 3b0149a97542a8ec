"""What is written on a box beside its label: its family, its shapes; and how wide a text is.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from ..i18n import _
from ..model.graph import Layer, ModelGraph, Tensor, parameter_count
from ..model.kinds import kind_family
from ..model.labels import clip, is_generated


def heading(graph: ModelGraph) -> tuple[str, str]:
    """A title, and what stands beside it: the name that somebody gave, or else the kind, and how
    large the model is.
    """
    count = f"{parameter_count(graph):,}"
    facts = _("{n} calls, {count} parameters").format(n=len(graph.calls), count=count)
    if graph.kind == "Tensor":
        return _("the calls behind a tensor"), facts
    if is_generated(graph.kind, graph.name):
        return graph.kind, facts
    facts = _("{kind}, {n} calls, {count} parameters")
    return graph.name, facts.format(kind=graph.kind, n=len(graph.calls), count=count)


# --- families -------------------------------------------------------------------------------------

FAMILIES = (
    "input",
    "core",
    "recurrent",
    "activation",
    "merge",
    "shape",
    "norm",
    "nested",
    "operation",
    "other",
    "output",
)


def family(layer: Layer) -> str:
    """Return the group of layers that a box is coloured by."""
    if layer.body is not None:
        return "nested"
    return kind_family(layer.kind, bool(layer.variables))


def family_name(name: str) -> str:
    """Return the words of the legend."""
    return {
        "input": _("input"),
        "core": _("layer with weights"),
        "recurrent": _("recurrent layer"),
        "activation": _("activation"),
        "merge": _("merge"),
        "shape": _("pooling, shape"),
        "norm": _("normalization, dropout"),
        "nested": _("model used as a layer"),
        "operation": _("operation"),
        "other": _("other layer"),
        "output": _("output"),
    }[name]


# --- shapes and numbers ---------------------------------------------------------------------------


def shape(tensor: Tensor) -> str:
    """(None, 100), and the dtype where it is not the usual one."""
    if tensor.shape is None:
        text = "(?)"
    else:
        inside = ", ".join("None" if n is None else str(n) for n in tensor.shape)
        text = f"({inside}{',' if len(tensor.shape) == 1 else ''})"
    return text if tensor.dtype == "float32" else f"{text} {tensor.dtype}"


def number(count: int) -> str:
    """20861480 as 20.9M; exact up to 99999."""
    for size, letter in ((10**9, "B"), (10**6, "M")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return f"{count:,}"


# --- text -----------------------------------------------------------------------------------------

_NARROW = set("iljtfrI1.,:;'|!()[]{} `\"-/")
_WIDE = set("mwMW@%—…→×")


@lru_cache(8192)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return a generous estimate: the reader's browser chooses the font."""
    total = 0.0
    for char in text:
        if unicodedata.east_asian_width(char) in "WF":
            total += 1.0
        elif unicodedata.combining(char):
            continue
        elif char in _NARROW:
            total += 0.38
        elif char in _WIDE:
            total += 0.95
        elif char.isupper() or ord(char) > 0x2000:
            total += 0.7
        else:
            total += 0.59
    return total * size * (1.18 if bold else 1.0)


def fit(text: str, width: float, size: float, bold: bool = False, middle: bool = True) -> str:
    """Return the text, cut in its middle or at its end until it is no wider than `width`."""
    cut = text
    length = len(text)
    while length > 3 and text_width(cut, size, bold) > width:
        length -= 1
        cut = clip(text, length) if middle else text[: length - 1].rstrip(" ,") + "…"
    return cut


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Return the text in lines.

    Broken at spaces, between CJK characters, and where nothing else helps.
    """
    lines, line = [], ""
    for piece in _pieces(text):
        if line and text_width((line + piece).rstrip(), size, bold) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line or piece.strip() else ""
    return [fit(item, width, size, bold) for item in [*lines, line.rstrip()] if item]


def _pieces(text: str) -> Iterable[str]:
    piece = ""
    for char in text:
        if unicodedata.east_asian_width(char) == "W":
            if piece:
                yield piece
            yield char
            piece = ""
        else:
            piece += char
            if char == " ":
                yield piece
                piece = ""
    if piece:
        yield piece


def printable(text: str) -> str:
    """Without the characters that XML does not know."""
    return "".join(
        char
        if char in "\n\t"
        or (
            ord(char) >= 0x20
            and not 0xD800 <= ord(char) <= 0xDFFF
            and ord(char) not in (0xFFFE, 0xFFFF, 0x7F)
        )
        else "�"
        for char in text
    )
