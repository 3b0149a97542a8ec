"""One thing that is not as it should be, with all that its sentence needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..compare import Difference, Place
from ..model.graph import ModelGraph
from ..model.labels import is_generated
from .kind import Context, Detail
from .kinds import FINDING_KINDS
from .places import PlaceNames, PortNames, locate, place_names

Words = Mapping[str, PlaceNames | PortNames | str | int]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.  `feedback` puts it in words.

    `code` names the kind (`kinds.FINDING_KINDS`), `detail` holds the fields that the kind declares.
    `difference` is set where two graphs part: `finding_of` makes such a finding, `picture` numbers
    the verdict's picture that shows it, and `words` names the places in it.  `variant` is the one
    of the kind's variants that applies; it is chosen by the detail if it is not given.
    """

    code: str
    detail: Detail = field(default_factory=dict)
    difference: Difference | None = None
    picture: int | None = None
    variant: str | None = None
    words: Words = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.variant is None and self.code in FINDING_KINDS:
            variant = FINDING_KINDS[self.code].variant(Context(self.detail))
            object.__setattr__(self, "variant", variant)


def finding_of(
    difference: Difference, name: str, expected: ModelGraph, found: ModelGraph, picture: int = 0
) -> Finding:
    """Return the finding about a difference of two graphs.

    `name` is the name that the graph `found` was handed in as, `picture` the number of the
    verdict's picture that shows both graphs.
    """
    detail = {"name": name, **difference.detail}
    kind = FINDING_KINDS[difference.kind]
    return Finding(
        kind.code,
        detail,
        difference,
        picture,
        kind.variant(Context(detail, difference, expected, found)),
        {
            "wanted": place_names(expected, difference.expected),
            "got": place_names(found, difference.found, models=kind.names_models),
            **_ends(difference, expected, found),
            **_other_places(difference, expected, found),
            **_axis_as_written(difference, found),
            **_port_names(difference),
        },
    )


def _ends(difference: Difference, expected: ModelGraph, found: ModelGraph) -> Words:
    """Return what is expected and found, where that is a place or a tensor."""
    words: dict[str, PlaceNames | str] = {}
    for key, graph in (("expected", expected), ("found", found)):
        value = difference.detail.get(key)
        if difference.kind == "join_moved" and isinstance(value, list):
            words[key] = place_names(graph, map(Place.from_json, value))
        elif isinstance(value, Mapping) and "path" in value:
            words[key] = place_names(graph, [Place.from_json(value)])
        elif isinstance(value, Mapping) and "shape" in value:
            words[key] = f"{shape_text(value['shape'])} {value['dtype']}"
    return words


def _port_names(difference: Difference) -> Words:
    """Return what inputs or outputs are called that have other names, or another order."""
    if not difference.kind.endswith(("_name", "_order")):
        return {}
    words: dict[str, PortNames] = {}
    for key, places in (("expected", difference.expected), ("found", difference.found)):
        names = difference.detail[key]
        kinds = [place.kind for place in places]
        if len(kinds) != len(names):
            kinds = ["InputLayer"] * len(names)
        words[key] = PortNames(
            tuple(
                None if is_generated(kind, str(name)) else str(name)
                for kind, name in zip(kinds, names, strict=True)
            )
        )
    return words


def _other_places(difference: Difference, expected: ModelGraph, found: ModelGraph) -> Words:
    """Return what vanished with a wire, and the place that lost or gained a branch."""
    vanished = difference.detail.get("vanished") or ()
    words = {"vanished": place_names(expected, map(Place.from_json, vanished))}
    if join := difference.detail.get("join"):
        graph = expected if difference.expected else found
        words["join"] = place_names(graph, [Place.from_json(join)])
    return words


def _axis_as_written(difference: Difference, found: ModelGraph) -> Words:
    """Return an axis as the student wrote it; comparing counts it from the end."""
    if difference.detail.get("setting") != "axis" or not difference.found:
        return {}
    layer = locate(found, difference.found[0].path)[2]
    return {"found": str(layer.settings["axis"])} if "axis" in layer.settings else {}


def shape_text(shape: list[int | None] | None) -> str:
    """Return a shape as code writes it: `(None, 3)`."""
    if shape is None:
        return "?"
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
