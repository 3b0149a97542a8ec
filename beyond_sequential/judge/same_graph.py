"""Judge a graph: is it the target's, in any spelling, with the models that are named?"""

from __future__ import annotations

from collections.abc import Iterator

from ..answers.answer import GraphCase
from ..compare import Difference, compare
from ..course.exercise import SameGraph
from ..findings.finding import Finding, finding_of
from ..findings.kind import CATEGORIES
from ..findings.verdict import Picture
from ..model.graph import ModelGraph
from .evidence import Evidence
from .identity import identity_differences, no_model
from .result import Result, wrong
from .rubric import cost_of
from .second_look import unexplained


def judge_same_graph(part: SameGraph, evidence: Evidence) -> Result:
    """Return what the worst of the part's cases earns: most mistakes show in each of them."""
    worst = Result(1.0)
    lacking = no_model(part, evidence)
    for number, expected in enumerate(evidence.target.graphs[part.name]):
        cases = evidence.answer.cases(part.name)
        case = cases[number] if number < len(cases) else None
        if not isinstance(case, GraphCase):  # fewer cases than the target: forged
            return wrong("missing_name", name=part.name)
        for result in _results(part, evidence, number, expected, case, worst):
            if result.findings and (not worst.findings or _of(result) < _of(worst)):
                worst = result
    if not lacking:
        return worst
    fraction = max(0.0, _of(worst) - CATEGORIES["sharing"].cost)
    return Result(fraction, (*lacking, *worst.findings), worst.pictures)


def _of(result: Result) -> float:
    return result.fraction or 0.0


def _results(
    part: SameGraph,
    evidence: Evidence,
    number: int,
    expected: ModelGraph,
    case: GraphCase,
    worst: Result,
) -> Iterator[Result]:
    """Yield the result of one case in inference, and in training where that is another graph.

    Nothing is yielded where another case, with the result `worst`, decides whatever a second look
    says of this one.
    """
    options = {"concat_order": part.concat_order, "names": part.names}
    differences = compare(expected, case.graph, **options)
    known = cost_of(part, expected, differences)
    own = identity_differences(part, evidence, number, expected, differences)
    if worst.findings and not own and 1.0 - known >= _of(worst):
        return
    differences = unexplained(expected, case.graph, differences, part.concat_order)
    differences += identity_differences(part, evidence, number, expected, differences)
    yield _result(part, expected, case.graph, differences)
    if case.in_training is not None and not differences:
        differences = _differences(part, expected, case.in_training)
        result = _result(part, expected, case.in_training, differences)
        if differences:
            note = Finding("in_training", {"name": part.name})
            yield Result(result.fraction, (note, *result.findings), result.pictures)


def _differences(part: SameGraph, expected: ModelGraph, found: ModelGraph) -> list[Difference]:
    known = compare(expected, found, concat_order=part.concat_order, names=part.names)
    return unexplained(expected, found, known, part.concat_order)


def _result(
    part: SameGraph, expected: ModelGraph, found: ModelGraph, differences: list[Difference]
) -> Result:
    fraction = max(0.0, 1.0 - cost_of(part, expected, differences))
    findings = tuple(finding_of(d, part.name, expected, found) for d in differences)
    return Result(fraction, findings, (Picture(part.name, expected, found),))
