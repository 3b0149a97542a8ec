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
from ..model.kinds import kind_family

STEP = 0.25  # points are earned in quarters, so that a hair does not decide

Row = tuple[str, int, float]
"""A category, how many mistakes of it there are, and what they cost."""


def cost_of(part: SameGraph, expected: ModelGraph, differences: Sequence[Difference]) -> float:
    """Return the fraction of the part's points that these differences cost, at most 1."""
    return sum(cost for _, _, cost in rubric_rows(part, expected, differences))


def rubric_rows(
    part: SameGraph, expected: ModelGraph, differences: Sequence[Difference]
) -> tuple[Row, ...]:
    """Return, for each category, how many mistakes there are and what they cost.

    Layers that are absent cost no less than their share of the model, rounded up to a quarter:
    otherwise a model that lacks all layers but one would earn half.  Where most lines of a model
    are right, something is earned: its share of right lines in whole quarters, less a quarter.
    What is lost after that is not counted, so that the costs add up to what the part loses.
    A difference more never costs less.
    """
    counts = Counter(category_of(difference) for difference in differences)
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
    if counts["shape"]:
        costs["shape"] = max(costs["shape"], math.ceil(share / STEP) * STEP)
    left = 1.0
    if not (part.point and counts[part.point]):
        left -= max(0.0, math.floor(_right_share(expected, differences) / STEP) * STEP - STEP)
    rows = []
    for name in CATEGORIES:
        cost = min(left, costs[name])
        left -= cost
        rows.append((name, counts[name], cost))
    return tuple(rows)


def category_of(difference: Difference) -> str:
    """Return the category of a difference: an activation too many or too few is a setting."""
    places = (*difference.expected, *difference.found)
    if difference.kind in ("missing", "extra") and "join" not in difference.detail:
        if all(kind_family(place.kind, False) == "activation" for place in places):
            return "settings"
    return FINDING_KINDS[difference.kind].category


def _right_share(expected: ModelGraph, differences: Sequence[Difference]) -> float:
    """Return the share of the model's own calls, Inputs aside, that no difference is about."""
    total = sum(expected.layers[call.layer].kind != "InputLayer" for call in expected.body.calls)
    wrong = {
        (bool(difference.expected), place.path[0])
        for difference in differences
        for place in difference.expected or difference.found
        if place.kind != "InputLayer"
    }
    return max(0.0, 1.0 - len(wrong) / max(1, total))


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
