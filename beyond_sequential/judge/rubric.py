"""The rubric: which part of a graph's points a mistake costs, the same in every exercise."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from ..compare import Difference
from ..course.exercise import SameGraph
from ..findings.kind import CATEGORIES
from ..findings.kinds import FINDING_KINDS
from ..model.graph import Body, ModelGraph

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
    counts = Counter(FINDING_KINDS[difference.kind].category for difference in differences)
    # Two settings that are exchanged are two that are wrong.
    counts["settings"] += sum(d.kind == "setting" and "swapped" in d.detail for d in differences)
    costs = {
        name: counts[name] * (1.0 if name == part.point else category.cost)
        for name, category in CATEGORIES.items()
    }
    lacking = sum(
        place.kind != "InputLayer"
        for difference in differences
        if FINDING_KINDS[difference.kind].lacks_layers
        for place in difference.expected
    )
    share = lacking / max(1, _call_count(expected, expected.body))
    costs["shape"] = max(costs["shape"], math.ceil(share / STEP) * STEP)
    return tuple((name, counts[name], min(1.0, costs[name])) for name in CATEGORIES)


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
