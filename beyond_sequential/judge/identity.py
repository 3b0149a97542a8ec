"""Which models and layers are the same across the names of an answer.

Two graphs may be alike and yet not share a variable.  What is held under several names shows in the
numbers of the variables (`GraphCase.held`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..answers.answer import GraphCase
from ..compare import Difference, Place
from ..course.exercise import SameGraph
from ..findings.finding import Finding
from ..model.graph import Layer, ModelGraph, bodies
from ..model.kinds import is_custom
from .evidence import Evidence
from .unjudged import unjudged

_EXPLAINING = frozenset({"input_cut", "missing", "replaced", "wiring", "not_shared"})


def identity_differences(
    part: SameGraph,
    evidence: Evidence,
    number: int,
    expected: ModelGraph,
    known: Sequence[Difference],
) -> list[Difference]:
    """Return where a case calls another model than it should, or holds variables of another one.

    It is case `number` of the part's name.  `known` are the differences of the graphs: where those
    say what stands in the model's place, nothing is said of the call.
    """
    case = evidence.answer.cases(part.name)[number]
    assert isinstance(case, GraphCase)
    found: list[Difference] = []
    is_explained = any(difference.kind in _EXPLAINING for difference in known)
    if part.calls and not is_explained and (not part.model or _models(part.model, evidence)):
        found += _not_called(part, evidence, case, expected)
    if part.own is not None:
        found += _not_own(part, part.own, evidence, number)
    return found


def no_model(part: SameGraph, evidence: Evidence) -> tuple[Finding, ...]:
    """Return findings that say why there is no model to be called, where a name should hold it."""
    if not part.model or _models(part.model, evidence):
        return ()
    result = unjudged((part.model,), evidence.answer)
    return result.findings if result else (Finding("missing_name", {"name": part.model}),)


def _models(name: str, evidence: Evidence) -> list[GraphCase]:
    return [case for case in evidence.answer.cases(name) if isinstance(case, GraphCase)]


def shared(first: GraphCase, second: GraphCase) -> set[int]:
    """Return the numbers of the variables that two cases both hold."""
    return set(first.held.values()) & set(second.held.values())


# --- what is called -------------------------------------------------------------------------------


def _not_called(
    part: SameGraph, evidence: Evidence, case: GraphCase, expected: ModelGraph
) -> Iterator[Difference]:
    models = _nested(case.graph)
    right = [layer for _, layer in models]
    numbers: set[int] = set()
    if part.model:
        numbers = set(_models(part.model, evidence)[0].held.values())
        right = [layer for layer in case.graph.layers.values() if _held(case, layer) == numbers]
    if _call_count(case.graph, right) >= part.calls:
        return
    detail = {"model": part.model} if part.model else {}
    wanted = [place for n, layer in _nested(expected) for place in _inside(expected, n, layer)]
    others = [place for n, layer in models for place in _inside(case.graph, n, layer)]
    if others and numbers - set(case.held.values()):
        yield Difference("other_model", tuple(wanted), tuple(others), detail)
        return
    kinds = {place.kind for place in wanted}
    wired = [
        Place((n,), layer.name, layer.kind)
        for n, layer in enumerate(case.graph.layers[call.layer] for call in case.graph.calls)
        if layer.variables and (_held(case, layer) <= numbers if numbers else layer.kind in kinds)
    ]
    yield Difference("model_not_called", tuple(wanted), tuple(wired), detail)


def _inside(graph: ModelGraph, number: int, model: Layer) -> list[Place]:
    """Return the places with variables in a model that is called in the outermost body."""
    calls = model.body.calls if model.body is not None else ()
    layers = [(n, graph.layers[call.layer]) for n, call in enumerate(calls)]
    return [
        Place((number, n), layer.name, layer.kind)
        for n, layer in layers
        if any(part.variables for part in _parts(graph, [layer]))
    ]


def _nested(graph: ModelGraph) -> list[tuple[int, Layer]]:
    """Return the calls of nested models in the outermost body, with the model called."""
    layers = [(number, graph.layers[call.layer]) for number, call in enumerate(graph.calls)]
    return [(number, layer) for number, layer in layers if _is_model(graph, layer)]


def _is_model(graph: ModelGraph, layer: Layer) -> bool:
    """Whether a layer is a model, or a class of the student's, with variables in it."""
    return layer.body is not None and any(part.variables for part in _parts(graph, [layer]))


def _call_count(graph: ModelGraph, layers: Iterable[Layer]) -> int:
    """Return how often one of the layers is called as a model, in whichever body."""
    ids = {layer.id for layer in layers if layer.body is not None or is_custom(layer.kind)}
    return sum(call.layer in ids for body in bodies(graph) for call in body.calls)


def _parts(graph: ModelGraph, layers: Iterable[Layer]) -> list[Layer]:
    """Return the layers, and all that they are made of."""
    found: dict[str, Layer] = {}
    todo = list(layers)
    while todo:
        layer = todo.pop()
        if layer.id not in found:
            found[layer.id] = layer
            calls = layer.body.calls if layer.body is not None else ()
            todo += [graph.layers[call.layer] for call in calls]
    return list(found.values())


def _held(case: GraphCase, layer: Layer) -> set[int]:
    """Return the numbers of the variables in a layer; -1 for one that has none."""
    ids = [v.id for part in _parts(case.graph, [layer]) for v in part.variables]
    return {case.held.get(id_, -1) for id_ in ids}


# --- what is new ----------------------------------------------------------------------------------


def _not_own(
    part: SameGraph, own: Iterable[str], evidence: Evidence, number: int
) -> Iterator[Difference]:
    cases = _models(part.name, evidence)
    others = [(name, case) for name in own for case in _models(name, evidence)]
    others += [("", case) for n, case in enumerate(cases) if n != number]
    for name, other in others:
        common = shared(cases[number], other)
        if common:
            places = _holding(cases[number], common)
            yield Difference("not_own", (), tuple(places), {"model": name} if name else {})
            return


def _holding(case: GraphCase, numbers: set[int]) -> Iterator[Place]:
    """Yield the places of the outermost body, or in a model called there, that hold variables."""
    for number, call in enumerate(case.graph.calls):
        layer = case.graph.layers[call.layer]
        if layer.variables and _held(case, layer) & numbers:
            yield Place((number,), layer.name, layer.kind)
        for place in _inside(case.graph, number, layer):
            if _held(case, layer) & numbers:
                yield place
