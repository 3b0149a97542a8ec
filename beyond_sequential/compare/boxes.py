"""Nested models that both graphs have: each is one box, and nothing inside it is compared.

Tests: tests/beyond_sequential/compare/test_boxes.py
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..equivalence import Place
from ..model.graph import Body, Layer, ModelGraph, Variable
from .difference import Difference

Compare = Callable[[ModelGraph, ModelGraph], list[Difference]]
_BOX = "custom.NestedModel"  # the kind of a box, with a number behind it
FEWEST = 3  # calls that a nested model needs to be worth a box: an Input and two layers


def boxed(
    target: ModelGraph, found: ModelGraph, compare: Compare
) -> tuple[ModelGraph, ModelGraph] | None:
    """Return both graphs with the nested models that are in both as boxes; None if there are none.

    `compare` says whether two nested models are the same.
    """
    kinds: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for number, expected in enumerate(_nested(target)):
        for given in _nested(found):
            if given.id in kinds[1] or _kinds(target, expected.body) != _kinds(found, given.body):
                continue
            if not compare(_as_graph(target, expected), _as_graph(found, given)):
                kinds[0].setdefault(expected.id, f"{_BOX}{number}")
                kinds[1][given.id] = kinds[0][expected.id]
    if not kinds[0]:
        return None
    return _with_boxes(target, kinds[0]), _with_boxes(found, kinds[1])


def unboxed(difference: Difference) -> Difference:
    """Return a difference between graphs with boxes as one between those without."""
    return replace(
        difference,
        expected=tuple(map(_plain_place, difference.expected)),
        found=tuple(map(_plain_place, difference.found)),
        detail=_plain(difference.detail),
    )


def _nested(graph: ModelGraph) -> Iterator[Layer]:
    inside = _reached(graph, graph.body)
    for layer in graph.layers.values():
        if layer.id in inside and layer.body is not None and len(layer.body.calls) >= FEWEST:
            yield layer


def _kinds(graph: ModelGraph, body: Body | None) -> Counter[str]:
    """Count the kinds of the layers in a body: a quick look before graphs are compared."""
    calls = () if body is None else body.calls
    return Counter(graph.layers[call.layer].kind for call in calls)


def _as_graph(graph: ModelGraph, layer: Layer) -> ModelGraph:
    assert layer.body is not None
    inside = _reached(graph, layer.body)
    layers = {id_: made for id_, made in graph.layers.items() if id_ in inside}
    return ModelGraph(layer.name, layer.kind, layers, layer.body)


def _reached(graph: ModelGraph, body: Body) -> set[str]:
    """Return the ids of the layers that are called in a body, and in what is nested in it."""
    reached: set[str] = set()
    todo = [body]
    while todo:
        for call in todo.pop().calls:
            nested = graph.layers[call.layer].body
            if call.layer not in reached and nested is not None:
                todo.append(nested)
            reached.add(call.layer)
    return reached


def _with_boxes(graph: ModelGraph, kinds: Mapping[str, str]) -> ModelGraph:
    layers = dict(graph.layers)
    for id_, kind in kinds.items():
        layer = layers[id_]
        inside = tuple(_variables(graph, layer.body))
        layers[id_] = replace(layer, kind=kind, body=None, settings={}, variables=inside)
    return replace(graph, layers=layers)


def _variables(graph: ModelGraph, body: Body | None) -> Iterator[Variable]:
    seen: set[str] = set()
    for call in () if body is None else body.calls:
        layer = graph.layers[call.layer]
        for variable in (*layer.variables, *_variables(graph, layer.body)):
            if variable.id not in seen:
                seen.add(variable.id)
                yield variable


def _plain_place(place: Place) -> Place:
    return replace(place, kind="Functional") if place.kind.startswith(_BOX) else place


def _plain(detail: Any) -> Any:
    if isinstance(detail, Mapping):
        return {key: _plain(item) for key, item in detail.items()}
    if isinstance(detail, (list, tuple)):
        return [_plain(item) for item in detail]
    if isinstance(detail, str) and detail.startswith(_BOX):
        return ", ".join(
            "Functional" if kind.startswith(_BOX) else kind for kind in detail.split(", ")
        )
    return detail
