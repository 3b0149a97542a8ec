"""How a class did, in figures."""

from dataclasses import replace

import pytest

from beyond_sequential.findings.finding import Finding
from grader.reports import class_statistics
from grader.reports.class_results import ClassResults
from grader.reports.class_statistics import Occurrence
from tests.helpers.classes import student


def test_findings_are_counted_by_student_and_drawn_once(found: ClassResults) -> None:
    (first, *others) = class_statistics.frequent_findings(found)
    assert (first.exercise, first.count, first.attempts) == ("branches", 3, 4)
    assert not others
    assert first.drawing.count("<svg") == 2  # expected, found
    assert "model_of_ada" not in first.drawing


def test_of_one_mistake_the_example_has_the_fewest_others(found: ClassResults) -> None:
    several = student("ada", 1.5, branches="wrong")
    answer = several.answers["branches"]
    other = Finding("error", {"name": "m", "line": "", "type": "ValueError", "text": "no"})
    crowded = replace(answer.verdict, findings=(*answer.verdict.findings, other))
    more = replace(several, answers={"branches": replace(answer, verdict=crowded)})
    cases = [
        Occurrence("branches", s.answers["branches"].verdict, answer.verdict.findings[0])
        for s in (more, several)
    ]
    assert class_statistics._typical(cases)[1] == answer.verdict


@pytest.mark.parametrize(
    ("fractions", "bins"), [([0, 0.05, 0.1], {0: 2, 1: 1}), ([0.95, 1.0, 1.2], {9: 3}), ([], {})]
)
def test_the_distribution_has_ten_bins(fractions: list[float], bins: dict[int, int]) -> None:
    assert class_statistics.histogram(fractions) == [bins.get(number, 0) for number in range(10)]
