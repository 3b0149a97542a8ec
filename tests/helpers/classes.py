"""A class as plain data, and what a reader sees of a page."""

from __future__ import annotations

import re
from dataclasses import replace

from beyond_sequential.compare import compare
from beyond_sequential.findings.finding import finding_of
from beyond_sequential.findings.verdict import Picture, Verdict
from beyond_sequential.model.graph import ModelGraph
from grader.classes import table
from grader.reports.class_results import ClassResults, JudgedAnswer, StudentResult
from tests.helpers.graphs import Net

EXERCISES = {"branches": 3.0, "training": 1.0}


def two_branches(swapped: bool = False) -> ModelGraph:
    """Return two Inputs, a Dense on each, joined.

    `swapped`: the second Dense reads the first Input.
    """
    net = Net()
    text, question = net.input(8, name="text"), net.input(8, name="question")
    first = net("Dense", units=3)(text)
    second = net("Dense", units=5)(text if swapped else question)
    return net.model([text, question], net("Concatenate")([first, second]))


def verdict(outcome: str = "right") -> Verdict:
    if outcome == "right":
        return Verdict("branches", "right", 1.0)
    expected, found = two_branches(), replace(two_branches(swapped=True), name="model_of_ada")
    differences = compare(expected, found)
    findings = tuple(finding_of(d, "m", expected, found) for d in differences)
    return Verdict("branches", outcome, 0.5, findings, (Picture("m", expected, found),))


def student(
    name: str, points: float | None, state: str = "graded", **outcomes: str
) -> StudentResult:
    because = "the kernel died <b>" if state == "partly graded" else ""
    row = table.StudentRow(name, points, 4.0, "`m` is wrong", state, because)
    if points is None:
        return StudentResult(row, name)
    judged = {
        exercise: JudgedAnswer(outcome, "", verdict(outcome) if exercise == "branches" else None)
        for exercise, outcome in outcomes.items()
    }
    scores = {"branches": min(points, 3.0), "training": max(points - 3.0, 0.0)}
    return StudentResult(row, name, scores, judged)


def class_of_six() -> ClassResults:
    """A class of six: two with the same mistake, one crashed, one absent, one with a hard name."""
    return ClassResults(
        "1-mini",
        EXERCISES,
        (
            student("ada", 1.5, branches="wrong", training="not attempted"),
            student("ben", 2.25, branches="partly right", training="right"),
            student('=o"hara, <i>', 4.0, branches="right", training="right"),
            student("dev", 1.0, "partly graded", branches="wrong", training="not judged"),
            student("emil", None, "absent"),
        ),
    )


def text_of(page: str) -> str:
    """Return what a reader sees, without styles and drawings."""
    page = re.sub(r"<(style|svg).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
