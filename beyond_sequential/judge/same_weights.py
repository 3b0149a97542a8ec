"""Judge two models that have to hold equal weights."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np

from ..compare import compare
from ..course.exercise import SameWeights
from ..findings.verdict import Picture
from ..model.graph import from_json, parameter_count
from .evidence import Evidence
from .result import Result, wrong
from .same_graph import finding_of

TOLERANCE = 1e-6  # absolute, beside numpy's relative one
SAME_WEIGHTS_ONLY = 0.5  # of the points, where the weights are equal but the graphs are not


def judge_same_weights(part: SameWeights, evidence: Evidence) -> Result:
    """Compare the two models' arrays one for one, in the order of their layers, then the graphs."""
    cases = [evidence.answer.cases(name)[0] for name in (part.first, part.second)]
    names = {"first": part.first, "second": part.second}
    if cases[0]["identity"] == cases[1]["identity"]:
        return wrong("same_object", **names)
    graphs = [from_json(case["graph"]) for case in cases]
    first, second = (_weight_list(evidence, name) for name in (part.first, part.second))
    equal = [
        np.shape(a) == np.shape(b) and np.allclose(a, b, atol=TOLERANCE)
        for a, b in zip_longest(first, second, fillvalue=())
    ]
    if not first or not all(equal):
        detail = {**names, "unequal": equal.count(False), "of": len(equal)}
        frozen = {"variant": "frozen"} if parameter_count(graphs[1], trainable=True) == 0 else {}
        return wrong("weights_differ", **detail, **frozen)
    # What is frozen says which weights will move, not what they are.
    differences = [d for d in compare(graphs[0], graphs[1]) if d.kind != "trainable"]
    if not differences:
        return Result(1.0)
    findings = tuple(finding_of(difference, part.second) for difference in differences)
    return Result(SAME_WEIGHTS_ONLY, findings, (Picture(part.second, *graphs),))


def _weight_list(evidence: Evidence, name: str) -> list[np.ndarray]:
    """A model's arrays in the order of its layers.  Raises ValueError for arrays of others."""
    case = evidence.answer.cases(name)[0]
    graph = from_json(case["graph"])
    arrays = []
    for layer in graph.layers.values():
        for variable in layer.variables:
            array = evidence.answer.arrays[case["weights"][variable.id]]
            if array.shape != variable.shape:
                raise ValueError(f"the weight {variable.name} has another shape than its array")
            arrays.append(array)
    return arrays
