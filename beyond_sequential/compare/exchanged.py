"""Two layers that read each other's tensor, or have each other's size: which of the two it is.

Both are the same graph where layers of one kind stand in two branches that are joined.  The order
in which they are joined decides: somebody who exchanges two sizes joins the branches in order.

Tests: tests/beyond_sequential/compare/test_exchanged.py
"""

from __future__ import annotations

from dataclasses import replace

from ..equivalence import Place
from ..model.graph import Layer, ModelGraph, read_by
from .difference import Difference
from .places import body_at


def with_exchanged_sizes(
    differences: list[Difference], target: ModelGraph, found: ModelGraph
) -> list[Difference]:
    """Return the differences, with exchanged wires as exchanged sizes where that is what it is."""
    return [_as_sizes(difference, target, found) or difference for difference in differences]


def _as_sizes(difference: Difference, target: ModelGraph, found: ModelGraph) -> Difference | None:
    places = (*difference.expected, *difference.found)
    ends = len(difference.expected), len(difference.found)
    if difference.kind != "wiring" or "swapped" not in difference.detail or ends != (2, 2):
        return None
    if len({place.kind for place in places}) > 1:
        return None
    first, second = (_layer(target, place) for place in difference.expected)
    unlike = [
        name
        for name in first.settings
        if first.settings[name] != second.settings.get(name)
        and isinstance(first.settings[name], int)
    ]
    if len(unlike) != 1 or not first.variables:
        return None
    in_target, in_found = _joined(target, difference.expected), _joined(found, difference.found)
    if in_target is None or in_found is None or in_target == in_found:
        return None
    values = [layer.settings[unlike[0]] for layer in (first, second)]
    detail = {"setting": unlike[0], "expected": values, "found": values[::-1], "swapped": True}
    return replace(difference, kind="setting", found=difference.found[::-1], detail=detail)


def _layer(graph: ModelGraph, place: Place) -> Layer:
    body, _owner = body_at(graph, place.path[:-1])
    assert body is not None
    return graph.layers[body.calls[place.path[-1]].layer]


def _joined(graph: ModelGraph, places: tuple[Place, ...]) -> bool | None:
    """Return whether one call reads both places, the first one first; None if no call does."""
    first, second = (place.path for place in places)
    body, _owner = body_at(graph, first[:-1])
    if body is None or first[:-1] != second[:-1]:
        return None
    for call in body.calls:
        read = [ref.call for ref in read_by(call)]
        if first[-1] in read and second[-1] in read:
            return read.index(first[-1]) < read.index(second[-1])
    return None
