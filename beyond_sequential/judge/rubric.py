"""The rubric: which part of a graph's points a mistake costs, the same in every exercise."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from ..compare import Difference
from ..course.exercise import SameGraph
from ..model.graph import Body, ModelGraph

# "shape" is which layers, inputs and outputs there are.
RUBRIC = {
    "shape": 0.5,
    "wiring": 0.5,
    "sharing": 0.5,
    "settings": 0.25,
}
CATEGORY = {
    "missing": "shape",
    "extra": "shape",
    "replaced": "shape",
    "input_missing": "shape",
    "input_extra": "shape",
    "output_missing": "shape",
    "output_extra": "shape",
    "wiring": "wiring",
    "input_order": "wiring",
    "input_cut": "wiring",
    "output_order": "wiring",
    "not_shared": "sharing",
    "shared": "sharing",
    "setting": "settings",
    "trainable": "settings",
    "input_shape": "settings",
    "input_name": "settings",
    "output_name": "settings",
}
STEP = 0.25  # points are earned in quarters, so that a hair does not decide

Row = tuple[str, int, float]
"""A category, how many mistakes of it there are, and what they cost."""


def cost_of(part: SameGraph, expected: ModelGraph, differences: Sequence[Difference]) -> float:
    """Return the fraction of the part's points that these differences cost; may exceed 1."""
    return sum(cost for _, _, cost in rubric_rows(part, expected, differences))


def rubric_rows(
    part: SameGraph, expected: ModelGraph, differences: Sequence[Difference]
) -> tuple[Row, ...]:
    """Return, for each category, how many mistakes there are and what they cost.

    Layers that are absent cost no less than their share of the model, rounded up to a quarter:
    otherwise a model that lacks all layers but one would earn half.
    """
    counts = Counter(CATEGORY[difference.kind] for difference in differences)
    # Two settings that are exchanged are two that are wrong.
    counts["settings"] += sum(d.kind == "setting" and "swapped" in d.detail for d in differences)
    costs = {
        category: counts[category] * (1.0 if category == part.point else cost)
        for category, cost in RUBRIC.items()
    }
    lacking = sum(
        place.kind != "InputLayer"
        for difference in differences
        if difference.kind in ("missing", "replaced", "input_missing")
        for place in difference.expected
    )
    share = lacking / max(1, _call_count(expected, expected.body))
    costs["shape"] = max(costs["shape"], math.ceil(share / STEP) * STEP)
    return tuple((category, counts[category], min(1.0, costs[category])) for category in RUBRIC)


def _call_count(graph: ModelGraph, body: Body) -> int:
    """Count the calls of a graph and of what is nested in it, except for Inputs."""
    total = 0
    for call in body.calls:
        layer = graph.layers[call.layer]
        if layer.body is not None:
            total += _call_count(graph, layer.body)
        elif layer.kind != "InputLayer":
            total += 1
    return total
