"""Two graphs beside each other, with the places where they part marked in colour and in words.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..compare import Difference
from ..compare.places import Path, body_at, lifted
from ..findings.kinds import FINDING_KINDS
from ..i18n import N_, _
from ..model.graph import ModelGraph, Tensor, read_by
from ..model.labels import clip, is_generated, short
from . import words
from .build import picture
from .describe import describe
from .drawing import Drawing, panel
from .elements import MARGIN
from .measure import PAGE_WIDTH
from .page import document, legend, mark_row
from .scene import GraphPicture, Key, Marks, Note


def draw_difference(
    target: ModelGraph,
    found: ModelGraph,
    differences: Iterable[Difference],
    *,
    labels: tuple[str, str] | None = None,
    numbers: Sequence[int] | None = None,
) -> Drawing:
    """Draw the expected and the found graph; where they part, boxes carry words and a number.

    `labels` are the captions of the two; `numbers` are those that the differences have in the text
    beside the picture (1, 2, ... by default).
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
    panels = [side.panel(0, 0) for side in sides]
    parts, width, height = _page(sides, panels)
    name = _("{expected} and {found}; places where they part: {n}").format(
        expected=captions[0], found=captions[1], n=len(differences)
    )
    whole = document(parts, width, height, name, described)
    return Drawing(whole, described, tuple(_sheets(sides, panels)))


_Panel = tuple[list[str], float, float]  # its parts, width and height


class _Side:
    """One of the two graphs, with its caption and its marks."""

    def __init__(self, graph: ModelGraph, caption: str, marks: Marks) -> None:
        self.graph, self.caption, self.marks = graph, caption, marks
        self.picture: GraphPicture = picture(graph, None, marks)

    def panel(self, x: float, y: float) -> _Panel:
        name, facts = words.heading(self.graph)
        about = f"{clip(name, 40)} · {facts}"
        return panel(self.picture, self.caption, about, x, y, families=())

    def description(self) -> str:
        return f"{self.caption}\n{describe(self.graph, self.marks.notes)}"


def _page(sides: tuple[_Side, _Side], panels: list[_Panel]) -> _Panel:
    """Beside each other if the page is wide enough, else below each other."""
    (left, w0, h0), (_right, w1, h1) = panels
    if w0 + w1 - MARGIN <= PAGE_WIDTH * 1.15:
        right = sides[1].panel(w0 - MARGIN / 2, 0)[0]
        width, height = w0 + w1 - MARGIN / 2, max(h0, h1)
    else:
        right = sides[1].panel(0, h0 - MARGIN)[0]
        width, height = max(w0, w1), h0 + h1 - MARGIN
    rows, height = _legend(sides, width, height)
    return left + right + rows, width, height


def _sheets(sides: tuple[_Side, _Side], panels: list[_Panel]) -> Iterator[str]:
    """Yield each graph by itself, the legend below the last."""
    for side, (parts, width, height) in zip(sides, panels, strict=True):
        if side is sides[-1]:
            rows, height = _legend(sides, width, height)
            parts = parts + rows
        yield document(parts, width, height, side.caption, side.description())


def _legend(sides: tuple[_Side, _Side], width: float, top: float) -> tuple[list[str], float]:
    """Return what the colours of both graphs and the marks mean; and where the page ends."""
    families = {name for side in sides for name in side.picture.families}
    shown = tuple(name for name in words.FAMILIES if name in families)
    rows, more = legend(shown, (), MARGIN, top, width - 2 * MARGIN)
    marked, last = mark_row(MARGIN, top + more)
    return rows + marked, top + more + last + MARGIN - 4


# --- marks ------------------------------------------------------------------------------------


def _marks(graph: ModelGraph, numbered: list[tuple[int, Difference]], expected: bool) -> Marks:
    notes: dict[Key, list[Note]] = defaultdict(list)
    wires: dict[Key, frozenset[int]] = {}
    for number, difference in ((n, one) for n, d in numbered for one in _single_names(d)):
        note = Note(number, _words(difference, expected))
        lost = Note(number, _("lost with it"))
        for path, words_ in _places(graph, difference, expected, note, lost):
            key = _key(graph, path)
            itself = words_ is note
            if key is not None and itself and difference.detail.get("swapped"):
                seen = _seen_from(graph, key, difference, expected)
                words_ = Note(number, _words(seen, expected))
            if key is None or any(words_.text == other.text for other in notes[key]):
                continue
            notes[key].append(words_)
            if difference.kind == "wiring" and itself:
                parting = _parting(graph, key, difference.detail, expected)
                wires[key] = wires.get(key, frozenset()) | parting
    return Marks({key: tuple(value) for key, value in notes.items() if value}, wires)


def _seen_from(graph: ModelGraph, key: Key, difference: Difference, expected: bool) -> Difference:
    """Return an exchange of two wires as the reader at this place has it."""
    if difference.kind != "wiring":
        return difference
    end = "expected" if expected else "found"
    source = difference.detail.get(end)
    owner, number = key
    nested = None if owner is None else graph.layers[owner].body
    body = graph.body if nested is None else nested
    at = _key(graph, tuple(source["path"])) if isinstance(source, Mapping) else None
    if any(at == (owner, ref.call) for ref in read_by(body.calls[number])):
        return difference
    both = {"expected": difference.detail["found"], "found": difference.detail["expected"]}
    return replace(difference, detail={**difference.detail, **both})


def _single_names(difference: Difference) -> Iterator[Difference]:
    """Wrong names one by one: each place has its own."""
    wanted, given = (difference.detail.get(end) for end in ("expected", "found"))
    if not difference.kind.endswith("_name") or not wanted or not given:
        yield difference
        return
    both = zip(difference.expected, difference.found, strict=False)
    for (place, other), name, wrong in zip(both, wanted, given, strict=False):
        yield Difference(difference.kind, (place,), (other,), {"expected": name, "found": wrong})


def _places(
    graph: ModelGraph, difference: Difference, expected: bool, note: Note, lost: Note
) -> Iterator[tuple[Path, Note]]:
    """Yield the paths to mark, each with its words."""
    places = difference.expected if expected else difference.found
    for path in lifted(graph, [tuple(place.path) for place in places]):
        yield path, note
    if expected:
        for place in difference.detail.get("vanished", ()):
            yield tuple(place["path"]), lost


def _key(graph: ModelGraph, path: Path) -> Key | None:
    """Return a path as the nested model that it leads into and the number of the call there."""
    body, owner = body_at(graph, path[:-1])
    return (owner, path[-1]) if body and path and 0 <= path[-1] < len(body.calls) else None


def _parting(
    graph: ModelGraph, key: Key, detail: Mapping[str, Any], expected: bool
) -> frozenset[int]:
    """Return which of the tensors that a call reads come from elsewhere than in the other graph."""
    owner, number = key
    nested = None if owner is None else graph.layers[owner].body
    body = graph.body if nested is None else nested
    source = detail.get("expected" if expected else "found")
    at = _key(graph, tuple(source["path"])) if isinstance(source, Mapping) else None
    read = read_by(body.calls[number])
    same = frozenset(n for n, ref in enumerate(read) if at == (owner, ref.call))
    if same:
        return same
    slot = str(detail.get("argument"))
    return frozenset([int(slot)]) if slot.isdigit() and int(slot) < len(read) else frozenset()


# --- words ------------------------------------------------------------------------------------

_DIFFERENT = N_("parts here")  # for a kind that has no words for this side


def _words(difference: Difference, expected: bool) -> str:
    detail = {key: _value(value) for key, value in difference.detail.items()}
    if difference.kind == "wiring":
        detail |= _sources(difference.detail)
    kind = FINDING_KINDS.get(difference.kind)
    message = kind.drawn(difference.detail, expected) if kind else ""
    return _(message or _DIFFERENT).format_map(_Known(detail))


class _Known(dict[str, str]):
    """A question mark for what is not known."""

    def __missing__(self, key: str) -> str:
        return "?"


def _value(value: Any) -> str:
    if isinstance(value, Mapping) and "shape" in value:
        shape = value["shape"]
        tensor = Tensor(None if shape is None else tuple(shape), value.get("dtype", "float32"))
        return words.shape(tensor)
    return short(value)


def _sources(detail: Mapping[str, Any]) -> dict[str, str]:
    """Both sources in words that tell them apart: an Input by its name, else the kind, or, where
    both are of one kind, the names.
    """
    both = {key: detail.get(key) for key in ("expected", "found")}
    kinds = [place.get("kind") for place in both.values() if isinstance(place, Mapping)]
    named = len(kinds) == 2 and kinds[0] == kinds[1]
    found = {}
    for key, place in both.items():
        if not isinstance(place, Mapping):
            found[key] = _("nothing")
        elif place.get("kind") == "InputLayer" and is_generated("InputLayer", str(place["name"])):
            found[key] = _("an Input")
        elif named or place.get("kind") in ("InputLayer", "input"):
            found[key] = str(place.get("name"))
        else:
            found[key] = str(place.get("kind")).removeprefix("ops.")
    return found
