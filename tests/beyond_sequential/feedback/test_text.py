"""A verdict as plain text."""

from __future__ import annotations

import pytest

from beyond_sequential.feedback.text import first_finding, points_of, refusal, score, verdict_text
from beyond_sequential.findings.finding import Finding
from beyond_sequential.findings.verdict import Mark, Verdict

LOST = Finding("missing_name", {"name": "net"})


@pytest.mark.parametrize(
    ("outcome", "fraction", "words"),
    [
        ("right", 1.0, "✓ Right · 2 of 2 points"),
        ("partly right", 0.25, "◐ Partly right · 0.5 of 2 points"),
        ("wrong", 0.0, "✗ Wrong · 0 of 2 points"),
        ("not attempted", 0.0, "○ Not attempted · 0 of 2 points"),
    ],
)
def test_the_first_line_is_the_outcome(outcome: str, fraction: float, words: str) -> None:
    assert verdict_text(Verdict("e", outcome, fraction), 2) == words


def test_findings_are_numbered_with_the_idea_below() -> None:
    lines = verdict_text(Verdict("e", "wrong", 0.0, (LOST, LOST)), 1, "So far").splitlines()
    assert lines[1].startswith("  1. There is no `net`") and lines[2].startswith(
        "     If that cell"
    )
    assert lines[3].startswith("  2. ") and lines[-1] == "  So far"


def test_the_rubric_says_what_each_category_costs() -> None:
    rubric = (("shape", 1, 0.5), ("wiring", 0, 0.0), ("sharing", 0, 0.0), ("settings", 0, 0.0))
    marks = (Mark("SameGraph", "net", 0.5, 1.0, rubric),)
    words = verdict_text(Verdict("e", "partly right", 0.5, (), (), marks), 1)
    assert "`net` earns 50%: layers, inputs and outputs −50%, wiring ✓" in words


def test_points_are_whole_where_they_can_be() -> None:
    assert repr(points_of(Verdict("e", "right", 1.0), 2)) == "2"
    assert repr(points_of(Verdict("e", "partly right", 0.25), 2)) == "0.5"
    assert score(1, 1) == "1 of 1 point"


def test_a_table_has_the_first_line_of_the_first_finding() -> None:
    assert first_finding(Verdict("e", "right", 1.0)) == ""
    words = first_finding(Verdict("e", "wrong", 0.0, (LOST,)))
    assert words == "There is no `net` yet. Run the cell that makes it."


def test_a_refusal_names_the_type() -> None:
    assert refusal("not_a_model", "int").startswith("This gives an object of the type int")
