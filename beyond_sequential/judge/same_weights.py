"""Judge two models that have to hold equal weights."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from ..answers.answer import GraphCase
from ..compare import compare
from ..course.exercise import SameWeights
from ..findings.finding import finding_of
from ..findings.verdict import Picture
from ..model.graph import parameter_count, variables
from .evidence import Evidence
from .identity import shared
from .result import Result, wrong

TOLERANCE = 1e-6  # absolute, beside numpy's relative one
SAME_WEIGHTS_ONLY = 0.5  # of the points, where the weights are equal but the graphs are not


def judge_same_weights(part: SameWeights, evidence: Evidence) -> Result:
    """Compare the two models' arrays one for one, in the order of their layers, then the graphs."""
    first, second = (evidence.case(name, GraphCase) for name in (part.first, part.second))
    names = {"first": part.first, "second": part.second}
    if first.identity == second.identity:
        return wrong("same_object", **names)
    if shared(first, second):
        return wrong("same_object", **names, variant="variables")
    equal = [
        np.shape(a) == np.shape(b) and np.allclose(a, b, atol=TOLERANCE)
        for a, b in zip_longest(_weight_list(first), _weight_list(second), fillvalue=())
    ]
    if first.weights and _is_constant(first):
        return wrong("weights_constant", **names)
    if not first.weights or not all(equal):
        detail = {**names, "unequal": equal.count(False), "of": len(equal)}
        frozen = {"variant": "frozen"} if parameter_count(second.graph, trainable=True) == 0 else {}
        return wrong("weights_differ", **detail, **frozen)
    if part.unmoved_by and (moved := _why_moved(part, evidence)):
        return moved
    # What is frozen says which weights will move, not what they are.
    differences = [d for d in compare(first.graph, second.graph) if d.kind != "trainable"]
    if not differences:
        return Result(1.0)
    findings = tuple(finding_of(d, part.second, first.graph, second.graph) for d in differences)
    picture = Picture(part.second, first.graph, second.graph)
    return Result(SAME_WEIGHTS_ONLY, findings, (picture,))


def _why_moved(part: SameWeights, evidence: Evidence) -> Result | None:
    """Return a result if the model that must not move the second one may have done so."""
    names = {"second": part.second, "model": part.unmoved_by}
    cases = evidence.answer.cases(part.unmoved_by)
    trained = cases[0] if cases else None
    if not isinstance(trained, GraphCase):
        return None  # the part that is about this name says so
    if set(trained.trained) & set(evidence.case(part.second, GraphCase).held.values()):
        return wrong("moved_by", **names)
    if not trained.trained and _has_learned(trained):
        return wrong("moved_by", **names, variant="unknown")
    return None


def _has_learned(case: GraphCase) -> bool:
    """Whether a trainable bias is not at 0, where Keras starts it: then something trained it."""
    return any(
        v.trainable and v.name.rpartition("/")[2] == "bias" and bool(np.any(case.weights[v.id]))
        for v in variables(case.graph).values()
    )


def _is_constant(case: GraphCase) -> bool:
    """Whether all tables hold one number each: then equal weights show no copy."""
    tables = [array for array in case.weights.values() if array.ndim > 1 and array.size > 1]
    return bool(tables) and all(bool((array == array.flat[0]).all()) for array in tables)


def _weight_list(case: GraphCase) -> list[np.ndarray]:
    """Return a model's arrays in the order of its layers; a shared one as often as it is used."""
    return [case.weights[v.id] for layer in case.graph.layers.values() for v in layer.variables]
