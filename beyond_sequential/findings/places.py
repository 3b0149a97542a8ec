"""What to call places of a graph: a layer, which one of several, and in which branch.

Names are found once, from the graph, and are in no language; `str` puts one into words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..compare import Place
from ..compare.places import Path, body_at, lifted
from ..i18n import _
from ..model.graph import Body, Call, Layer, ModelGraph, calls_behind, refs
from ..model.labels import Label, is_generated, layer_label

MOST_PLACES = 5  # that one sentence names


@dataclass(frozen=True, slots=True)
class PlaceName:
    """The layer at a place; the Input of its branch if a model has several.

    And where layers look alike, which of them it is (`number` of `total`, both 0 if there is one).
    """

    label: Label
    branch: str = ""
    number: int = 0
    total: int = 0

    def __str__(self) -> str:
        """Return the name in the active language."""
        words = f"`{self.label}`"
        if self.branch:
            words = _("{layer} in the branch of `{input}`").format(layer=words, input=self.branch)
        if self.total:
            words = _("{layer} (number {number} of {total})").format(
                layer=words, number=self.number, total=self.total
            )
        return words


@dataclass(frozen=True, slots=True)
class PortNames:
    """What inputs or outputs are called; None for one that has no name of its own."""

    names: tuple[str | None, ...]

    def __str__(self) -> str:
        """Return the names in the active language."""
        return _(", ").join(_("(no name)") if name is None else f"`{name}`" for name in self.names)


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """Several places: each name with the number of places that have it."""

    names: tuple[tuple[PlaceName, int], ...]

    def __str__(self) -> str:
        """Return the first few names in the active language, and how many more there are."""
        words = [f"{name}" if n == 1 else f"{name} ×{n}" for name, n in self.names]
        if len(words) > MOST_PLACES:
            more = len(words) - MOST_PLACES + 1
            words[-more:] = [_("{n} more").format(n=more)]
        return _(", ").join(words)


def locate(graph: ModelGraph, path: Path) -> tuple[Body, Call, Layer]:
    """Return the body that a path leads into, and the call and the layer there."""
    body, _owner = body_at(graph, path[:-1])
    assert body is not None
    call = body.calls[path[-1]]
    return body, call, graph.layers[call.layer]


def place_name(graph: ModelGraph, path: Path) -> PlaceName:
    """Return the name of the place that a path leads to."""
    body, call, layer = locate(graph, path)
    label = layer_label(layer, call)
    if layer.kind == "InputLayer" and not is_generated(layer.kind, layer.name):
        return PlaceName(label)
    alike = [c for c in body.calls if layer_label(graph.layers[c.layer], c) == label]
    inputs = _inputs_behind(graph, body, path[-1])
    branch = ""
    several = len(list(refs(body.inputs))) > 1
    if several and len(inputs) == 1 and not is_generated("InputLayer", inputs[0]):
        branch = inputs[0]
        alike = [c for c in alike if _inputs_behind(graph, body, body.calls.index(c)) == inputs]
    if len(alike) > 1:
        return PlaceName(label, branch, alike.index(call) + 1, len(alike))
    return PlaceName(label, branch)


def _inputs_behind(graph: ModelGraph, body: Body, number: int) -> list[str]:
    behind = sorted(calls_behind(body, [number]))
    layers = (graph.layers[body.calls[at].layer] for at in behind)
    return [layer.name for layer in layers if layer.kind == "InputLayer"]


def place_names(graph: ModelGraph, places: Iterable[Place], models: bool = False) -> PlaceNames:
    """Return the names of places: a layer that is called several times once.

    Where the places are many, or `models` are asked for, a nested model stands in place of all that
    is in it.
    """
    paths = [place.path for place in places]
    calls = Counter(locate(graph, path)[2].id for path in paths)
    if models or len(calls) > MOST_PLACES:
        paths = lifted(graph, paths)
        calls = Counter(locate(graph, path)[2].id for path in paths)
    counted: Counter[PlaceName] = Counter()
    named: set[str] = set()
    for path in paths:
        layer = locate(graph, path)[2]
        if calls[layer.id] == 1:
            counted[place_name(graph, path)] += 1
        elif layer.id not in named:
            named.add(layer.id)
            counted[PlaceName(layer_label(layer))] += 1
    return PlaceNames(tuple(_all_alike(counted).items()))


def _all_alike(counted: Counter[PlaceName]) -> Counter[PlaceName]:
    """Where all layers that look alike are named, one name stands for them."""
    groups = Counter(replace(name, number=0) for name in counted if name.total)
    joined: Counter[PlaceName] = Counter()
    for name, count in counted.items():
        whole = replace(name, number=0)
        if name.total and groups[whole] == name.total:
            joined[replace(whole, total=0)] = name.total
        else:
            joined[name] = count
    return joined
