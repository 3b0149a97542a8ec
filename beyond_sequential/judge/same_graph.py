"""Judge a graph: is it the target's, in any equivalent spelling?"""

from __future__ import annotations

from collections.abc import Sequence

from ..compare import Difference, compare
from ..course.exercise import SameGraph
from ..findings.finding import finding_of
from ..findings.verdict import Picture
from ..model.graph import ModelGraph
from .evidence import Evidence
from .result import Result, wrong
from .rubric import cost_of
from .second_look import unexplained


def judge_same_graph(part: SameGraph, evidence: Evidence) -> Result:
    """Return what the worst of the part's cases earns: most mistakes show in each of them."""
    worst = Result(1.0)
    for number, expected in enumerate(evidence.target.graphs[part.name]):
        found = evidence.answer.graph(part.name, number)
        if found is None:  # fewer cases than the target: forged
            return wrong("missing_name", name=part.name)
        differences = compare(expected, found, concat_order=part.concat_order, names=part.names)
        if worst.findings and _fraction(part, expected, differences) >= (worst.fraction or 0.0):
            continue  # whatever a second look says of this case, another one decides
        differences = unexplained(expected, found, differences, part.concat_order)
        fraction = _fraction(part, expected, differences)
        if differences and (not worst.findings or fraction < (worst.fraction or 0.0)):
            findings = tuple(finding_of(d, part.name, expected, found) for d in differences)
            worst = Result(fraction, findings, (Picture(part.name, expected, found),))
    return worst


def _fraction(part: SameGraph, expected: ModelGraph, differences: Sequence[Difference]) -> float:
    return max(0.0, 1.0 - cost_of(part, expected, differences))
