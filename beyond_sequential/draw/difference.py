"""Two graphs beside each other, with the places where they part marked in colour and in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..graph import ModelGraph
from ..i18n import _
from . import words
from .describe import describe
from .drawing import Drawing, facts, panel
from .measure import PAGE_WIDTH
from .scene import Key, Marks, Note, Picture, picture
from .svg import MARGIN, document, legend, mark_row

if TYPE_CHECKING:
    from ..compare import Difference, Place


def draw_difference(
    target: ModelGraph,
    found: ModelGraph,
    differences: Iterable[Difference],
    *,
    labels: tuple[str, str] | None = None,
    numbers: Sequence[int] | None = None,
) -> Drawing:
    """Draw the expected and the found graph; where they part, boxes carry words and a number.

    `labels` are the captions of the two; `numbers` are those that the differences have in the
    text beside the picture (1, 2, ... by default).
    """
    differences = list(differences)
    numbers = list(numbers) if numbers is not None else list(range(1, len(differences) + 1))
    numbered = list(zip(numbers, differences, strict=True))
    captions = labels or (_("Expected"), _("Found"))
    sides = (
        _Side(target, captions[0], _marks(target, numbered, expected=True)),
        _Side(found, captions[1], _marks(found, numbered, expected=False)),
    )
    described = "\n\n".join(side.description() for side in sides)
    parts, width, height = _page(sides)
    name = _("{expected} and {found}, {n} places where they part").format(
        expected=captions[0], found=captions[1], n=len(differences))
    return Drawing(document(parts, width, height, name, described), described)


class _Side:
    """One of the two graphs, with its caption and its marks."""

    def __init__(self, graph: ModelGraph, caption: str, marks: Marks) -> None:
        self.graph, self.caption, self.marks = graph, caption, marks
        self.picture: Picture = picture(graph, None, marks)

    def panel(self, x: float, y: float) -> tuple[list[str], float, float]:
        about = f"{words.clip(self.graph.name, 40)} · {facts(self.graph)}"
        return panel(self.picture, self.caption, about, x, y, families=())

    def description(self) -> str:
        return f"{self.caption}\n{describe(self.graph, self.marks.notes)}"


def _page(sides: tuple[_Side, _Side]) -> tuple[list[str], float, float]:
    """Beside each other if the page is wide enough, else below each other."""
    (left, w0, h0), (right, w1, h1) = (side.panel(0, 0) for side in sides)
    if w0 + w1 - MARGIN <= PAGE_WIDTH * 1.15:
        right = sides[1].panel(w0 - MARGIN / 2, 0)[0]
        width, height = w0 + w1 - MARGIN / 2, max(h0, h1)
    else:
        right = sides[1].panel(0, h0 - MARGIN)[0]
        width, height = max(w0, w1), h0 + h1 - MARGIN
    families = {name for side in sides for name in side.picture.families}
    shown = tuple(name for name in words.FAMILIES if name in families)
    rows, more = legend(shown, (), MARGIN, height, width - 2 * MARGIN)
    marked, last = mark_row(MARGIN, height + more)
    return left + right + rows + marked, width, height + more + last + MARGIN - 4


# --- marks ------------------------------------------------------------------------------------


def _marks(graph: ModelGraph, numbered: list[tuple[int, Difference]], expected: bool) -> Marks:
    notes: dict[Key, list[Note]] = defaultdict(list)
    wires: dict[Key, frozenset[int]] = {}
    for number, difference in numbered:
        text = _words(difference, expected)
        for place in difference.expected if expected else difference.found:
            key = _key(graph, place)
            note = Note(number, text)
            if key is not None and note not in notes[key]:
                notes[key].append(note)
                if difference.kind == "wiring":
                    wires[key] = wires.get(key, frozenset()) | _arguments(difference)
    return Marks({key: tuple(value) for key, value in notes.items()}, wires)


def _key(graph: ModelGraph, place: Place) -> Key | None:
    """A place as the body that it is in and the number of the call there."""
    body, owner = graph.body, None
    for number in place.path[:-1]:
        if not 0 <= number < len(body.calls):
            return None
        layer = graph.layers[body.calls[number].layer]
        if layer.body is None:
            return None
        body, owner = layer.body, layer.id
    number = place.path[-1]
    return (owner, number) if 0 <= number < len(body.calls) else None


def _arguments(difference: Difference) -> frozenset[int]:
    for key in ("position", "argument", "slot"):
        value = difference.detail.get(key)
        if isinstance(value, int):
            return frozenset([value])
    return frozenset()


# --- words ------------------------------------------------------------------------------------


def _words(difference: Difference, expected: bool) -> str:
    choose = _expected_words if expected else _found_words
    return choose(difference.kind, _Detail(difference.detail))


class _Detail(dict):
    """What is known of a difference, as short texts; a question mark for what is not."""

    def __init__(self, detail: Mapping[str, Any]) -> None:
        super().__init__({key: words.short(value) for key, value in detail.items()})

    def __missing__(self, key: str) -> str:
        return "?"


def _expected_words(kind: str, detail: _Detail) -> str:
    return {
        "missing": _("missing in what was found"),
        "replaced": _("another layer was found here"),
        "setting": _("{setting} = {expected}"),
        "wiring": _("reads {expected}"),
        "input_missing": _("missing among the inputs"),
        "input_order": _("an input in another place"),
        "input_cut": _("the model that was found starts later"),
        "input_shape": _("{expected}"),
        "input_name": _("name {expected}"),
        "output_missing": _("missing among the outputs"),
        "output_order": _("an output in another place"),
        "output_name": _("name {expected}"),
        "not_shared": _("one shared layer"),
        "shared": _("a layer of its own"),
        "trainable": _("trainable = {expected}"),
    }.get(kind, _("parts here")).format_map(detail)


def _found_words(kind: str, detail: _Detail) -> str:
    return {
        "extra": _("not expected here"),
        "replaced": _("another layer was expected"),
        "setting": _("{setting} = {found}, expected {expected}"),
        "wiring": _("reads {found}, expected {expected}"),
        "input_extra": _("not expected as an input"),
        "input_order": _("an input in another place than expected"),
        "input_cut": _("taken as an input: what comes before is cut off"),
        "input_shape": _("{found}, expected {expected}"),
        "input_name": _("name {found}, expected {expected}"),
        "output_extra": _("not expected as an output"),
        "output_order": _("an output in another place than expected"),
        "output_name": _("name {found}, expected {expected}"),
        "not_shared": _("a layer of its own, expected a shared one"),
        "shared": _("shared, expected a layer of its own"),
        "trainable": _("trainable = {found}, expected {expected}"),
    }.get(kind, _("parts here")).format_map(detail)
