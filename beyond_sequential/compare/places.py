"""Places in nested models, and nested models as a whole.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from ..model.graph import Body, ModelGraph

Path = tuple[int, ...]


def body_at(graph: ModelGraph, path: Path) -> tuple[Body | None, str | None]:
    """The body of the nested model that a path leads to, and the layer that it belongs to.

    The model's own body for the empty path, None where there is no such model.
    """
    body, owner = graph.body, None
    for number in path:
        if not 0 <= number < len(body.calls):
            return None, None
        layer = graph.layers[body.calls[number].layer]
        if layer.body is None:
            return None, None
        body, owner = layer.body, layer.id
    return body, owner


def lifted(graph: ModelGraph, paths: list[Path]) -> list[Path]:
    """Paths to all layers with weights inside a nested model become the one to the model."""
    found = list(dict.fromkeys(paths))
    for depth in range(max(map(len, found), default=0), 1, -1):
        for outer in dict.fromkeys(path[:-1] for path in found if len(path) == depth):
            inside = {path[-1] for path in found if path[:-1] == outer}
            if _weighty(graph, outer) <= inside:
                at = next(n for n, path in enumerate(found) if path[:-1] == outer)
                found[at:] = [outer, *(path for path in found[at:] if path[:-1] != outer)]
    return found


def _weighty(graph: ModelGraph, path: Path) -> set[int]:
    """Return the calls inside a nested model that have weights; all but its Inputs if none has."""
    body, _owner = body_at(graph, path)
    if body is None:
        return {-1}
    layers = [(n, graph.layers[call.layer]) for n, call in enumerate(body.calls)]
    heavy = {n for n, layer in layers if layer.variables or layer.body is not None}
    return heavy or {n for n, layer in layers if layer.kind != "InputLayer"}
