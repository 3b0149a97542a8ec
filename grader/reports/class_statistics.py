"""Count how a class did: the distribution of points, hard exercises, frequent findings."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean
from typing import NamedTuple

from beyond_sequential.draw import draw_difference
from beyond_sequential.feedback.sentences import sentence
from beyond_sequential.findings.finding import Finding
from beyond_sequential.findings.verdict import Verdict
from grader.reports.class_results import ClassResults, StudentResult

BINS = 10
HELP = 0.5  # of the points: whoever has less is listed as in need of help
OUTCOMES = ("right", "partly right", "wrong", "not attempted", "no answer")
MOST_DRAWINGS = 12
_FREQUENT = 2  # students; a finding of one student has no drawing


@dataclass(frozen=True, slots=True)
class Difficulty:
    """How hard an exercise was.

    `of` are its points, `mean` the mean fraction of them; `outcomes` counts students by outcome.
    """

    name: str
    of: float
    mean: float
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FrequentFinding:
    """A finding that `count` of the `attempts` students got, with one example as a drawing."""

    exercise: str
    words: str
    idea: str
    count: int
    attempts: int
    drawing: str


class Occurrence(NamedTuple):
    """A finding of one student."""

    exercise: str
    verdict: Verdict
    finding: Finding


# --- students -----------------------------------------------------------------------------------


def fraction(results: ClassResults, student: StudentResult) -> float:
    """Return a student's fraction of all points."""
    return (student.row.points or 0.0) / (sum(results.exercises.values()) or 1.0)


def histogram(fractions: Sequence[float]) -> list[int]:
    """Count how many have 0 to 10 %, 10 to 20 %, … of the points."""
    counted = Counter(min(BINS - 1, max(0, int(each * BINS + 1e-9))) for each in fractions)
    return [counted[number] for number in range(BINS)]


def in_need_of_help(results: ClassResults) -> list[StudentResult]:
    """Return those with less than half of the points, the fewest first."""
    lost = [student for student in results.graded if fraction(results, student) < HELP]
    return sorted(lost, key=lambda student: (fraction(results, student), student.name))


def first_finding(student: StudentResult) -> str:
    """Return a student's first finding, in the active language where there is a verdict.

    What was never attempted counts only if everything else is right.
    """
    having = [answer for answer in student.answers.values() if answer.finding]
    tried = [answer for answer in having if answer.outcome in ("wrong", "partly right")]
    first = next(iter([*tried, *having]), None)
    if first is None or first.verdict is None or not first.verdict.findings:
        return student.row.finding
    return sentence(first.verdict.findings[0]).partition("\n")[0]


# --- exercises ----------------------------------------------------------------------------------


def difficulty(results: ClassResults, exercise: str) -> Difficulty:
    """Return how the class did on an exercise."""
    of = results.exercises[exercise]
    outcomes = Counter(_outcome(student, exercise, of) for student in results.graded)
    fractions = [student.points.get(exercise, 0.0) / (of or 1.0) for student in results.graded]
    counted = {outcome: outcomes[outcome] for outcome in OUTCOMES}
    return Difficulty(exercise, of, mean(fractions) if fractions else 0.0, counted)


def _outcome(student: StudentResult, exercise: str, of: float) -> str:
    """Return the judge's outcome; for a teacher's own test, the one that its points mean."""
    if exercise in student.answers:
        outcome = student.answers[exercise].outcome
        return outcome if outcome in OUTCOMES else "no answer"
    earned = student.points.get(exercise, 0.0)
    return "right" if earned >= of else "partly right" if earned > 0 else "wrong"


# --- findings -----------------------------------------------------------------------------------


def frequent_findings(results: ClassResults) -> Iterator[FrequentFinding]:
    """Yield the findings of the class, the most frequent first; each student counts once."""
    occurrences: dict[str, list[Occurrence]] = defaultdict(list)
    attempts: Counter[str] = Counter()
    for student in results.graded:
        for exercise, answer in student.answers.items():
            verdict = answer.verdict
            if verdict is None or verdict.outcome == "not attempted":
                continue
            attempts[exercise] += 1
            alike = {_alike(finding, verdict): finding for finding in reversed(verdict.findings)}
            for key, finding in alike.items():
                occurrences[key].append(Occurrence(exercise, verdict, finding))
    ranked = sorted(occurrences.values(), key=lambda cases: -len(cases))
    for number, cases in enumerate(ranked):
        example = _typical(cases)
        words, _newline, idea = sentence(example.finding).partition("\n")
        drawn = len(cases) >= _FREQUENT and number < MOST_DRAWINGS
        drawing = _drawing(example) if drawn else ""
        yield FrequentFinding(
            example.exercise, words, idea, len(cases), attempts[example.exercise], drawing
        )


def _alike(finding: Finding, verdict: Verdict) -> str:
    """Return what findings of one mistake share: the place in the target, or the words."""
    difference = finding.difference
    key: list[object] = [verdict.exercise, finding.code]
    if difference is None or not difference.expected:
        return json.dumps([*key, sentence(finding)])
    wires = [difference.detail.get(name) for name in ("argument", "setting", "output")]
    places = [place.to_json() for place in difference.expected]
    return json.dumps([*key, places, wires], sort_keys=True, default=str)


def _typical(cases: Sequence[Occurrence]) -> Occurrence:
    """Return the example to draw: with the most frequent words, and the fewest other findings.

    Other findings are not marked in its drawing.
    """
    words = [sentence(case.finding) for case in cases]
    most = Counter(words).most_common(1)[0][0]
    alike = [case for case, said in zip(cases, words, strict=True) if said == most]
    return min(alike, key=lambda case: len(case.verdict.findings))


def _drawing(example: Occurrence) -> str:
    """Draw this difference alone, without the name that a student gave the model."""
    finding = example.finding
    if finding.difference is None or finding.picture is None:
        return ""
    picture = example.verdict.pictures[finding.picture]
    found = replace(picture.found, name=picture.expected.name)
    return draw_difference(picture.expected, found, [finding.difference]).html
