"""Judge a graph: is it the target's, in any equivalent spelling?"""

from __future__ import annotations

from ..compare import Difference, compare
from ..course.exercise import SameGraph
from ..findings.verdict import Finding, Picture
from .evidence import Evidence
from .result import Result, wrong
from .rubric import cost_of


def judge_same_graph(part: SameGraph, evidence: Evidence) -> Result:
    """Return what the worst of the part's cases earns: most mistakes show in each of them."""
    worst = Result(1.0)
    for number, expected in enumerate(evidence.target.graphs[part.name]):
        found = evidence.answer.graph(part.name, number)
        if found is None:  # fewer cases than the target: forged
            return wrong("missing_name", name=part.name)
        differences = compare(expected, found, concat_order=part.concat_order, names=part.names)
        fraction = max(0.0, 1.0 - cost_of(part, expected, differences))
        if differences and (not worst.findings or fraction < (worst.fraction or 0.0)):
            findings = tuple(finding_of(difference, part.name) for difference in differences)
            worst = Result(fraction, findings, (Picture(part.name, expected, found),))
    return worst


def finding_of(difference: Difference, name: str) -> Finding:
    """Return the finding on one difference, which the first picture of the result shows."""
    return Finding(difference.kind, {"name": name, **difference.detail}, difference, 0)
