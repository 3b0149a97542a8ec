"""A judgement without a verdict."""

from beyond_sequential.findings.verdict import JUDGE_FAILED
from grader.running.judgement import NOT_JUDGED, judge_failed, no_points


def test_words_that_come_from_an_answer_are_escaped() -> None:
    found = no_points("a", "<script>")
    assert (found.score, found.outcome, found.html) == (0.0, NOT_JUDGED, "<p>&lt;script&gt;</p>")


def test_the_judges_failure_is_an_outcome_of_its_own() -> None:
    found = judge_failed("a")
    assert (found.score, found.outcome) == (0.0, JUDGE_FAILED)
    assert "The judge failed" in found.finding
