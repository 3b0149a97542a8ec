"""A judgement without a verdict."""

from beyond_sequential.findings.verdict import JUDGE_FAILED
from grader.running.judgement import NOT_JUDGED, Judgement, judge_failed, no_points, with_error


def test_words_that_come_from_an_answer_are_escaped() -> None:
    found = no_points("a", "<script>")
    assert (found.score, found.outcome, found.html) == (0.0, NOT_JUDGED, "<p>&lt;script&gt;</p>")


def test_the_judges_failure_is_an_outcome_of_its_own() -> None:
    found = judge_failed("a")
    assert (found.score, found.outcome) == (0.0, JUDGE_FAILED)
    assert "The judge failed" in found.finding


def test_an_error_is_said_before_the_verdict_and_costs_nothing_more() -> None:
    judgement = Judgement("a", 0.5, "wrong", "found", "text", "<p>html</p>", "{}")
    found = with_error(judgement, "NameError: <x>")
    assert (found.score, found.outcome, found.verdict) == (0.5, "wrong", "{}")
    assert found.finding == "The cell of this answer ended in an error: NameError: <x>"
    assert found.html.startswith("<p>") and "&lt;x&gt;" in found.html
    assert found.html.endswith("<p>html</p>")
    assert "NameError" in with_error(no_points("a", "nothing"), "NameError: x").text
