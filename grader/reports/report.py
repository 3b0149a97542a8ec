"""A class on one page: how it went, what was hard, what was misunderstood, who needs help.

The page is one file without scripts, readable on a phone and on paper, and needs no network.
Findings are counted from the judge's verdicts, so that it can be written in either language
whatever the course's is.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median
from typing import Any

from beyond_sequential import i18n
from beyond_sequential.draw import draw_difference
from beyond_sequential.feedback import feedback
from beyond_sequential.feedback.sentences import sentence
from beyond_sequential.findings.verdict import Finding, Verdict
from beyond_sequential.i18n import _
from grader.classes import summary
from grader.course import course as courses
from grader.errors import GraderError
from grader.reports import results
from grader.reports.results import Class, Student

BINS = 10
HELP = 0.5  # of the points: whoever has less is on the list of those who need help
OUTCOMES = ("right", "partly right", "wrong", "not attempted", "no answer")
MOST_DRAWINGS = 12
_FREQUENT = 2  # students; what one alone did has no drawing


@dataclass(frozen=True, slots=True)
class Exercise:
    """How hard an exercise was: the mean fraction of its points, and how many had which outcome."""

    name: str
    of: float
    mean: float
    outcomes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Common:
    """One thing that several students were told: in words, with an example of it as a drawing."""

    exercise: str
    words: str
    idea: str
    count: int
    attempts: int
    drawing: str


def write(
    course: Path,
    assignment: str,
    output: Path | None = None,
    language: str | None = None,
    anonymous: bool = False,
) -> Path:
    """Write the page; where it is.  Raises GraderError for a language that there is not."""
    found = results.read(course, assignment, anonymous)
    path = output or course / "reports" / f"{assignment}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    before = i18n.language()
    try:
        i18n.language(language or courses.language(course))
        path.write_text(page(found), encoding="utf-8")
    except i18n.LanguageError as error:
        raise GraderError(str(error)) from error
    finally:
        i18n.language(before)
    return path


def page(found: Class) -> str:
    """The page in the active language."""
    fractions = [_fraction(found, student) for student in found.graded]
    return (
        environment()
        .get_template("report/class.html.j2")
        .render(
            found=found,
            total=sum(found.exercises.values()),
            states=_states(found),
            state_words=state_words(),
            outcome_words=_outcome_words(),
            mean=mean(fractions) if fractions else None,
            median=median(fractions) if fractions else None,
            bins=histogram(fractions),
            exercises=[difficulty(found, name) for name in found.exercises],
            common=list(common(found)),
            help=_in_need(found),
            first_finding=first_finding,
            crashed=[s for s in found.students if s.row.because],
            absent=[s for s in found.students if s.row.state == summary.ABSENT],
        )
    )


def environment() -> Any:
    """Jinja with our templates, escaping everything but what is marked as safe."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("grader"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"_": _, "language": i18n.language, "score": feedback.score}
    made.filters |= {
        "marked": marked,
        "points": lambda value: f"{round(value, 2):g}",
        "percent": lambda value: f"{value:.0%}",
    }
    return made


def marked(words: str) -> Any:
    """Text between backticks is code."""
    from markupsafe import Markup, escape

    pieces = [escape(piece) for piece in words.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if odd % 2 else piece
        for odd, piece in enumerate(pieces)
    )


def state_words() -> dict[str, str]:
    """The states in the reader's language."""
    return {
        "graded": _("graded"),
        "partly graded": _("partly graded"),
        summary.UNREADABLE: _("unreadable"),
        summary.ABSENT: _("absent"),
        summary.NOT_GRADED: _("not graded"),
    }


def _states(found: Class) -> dict[str, int]:
    """How many have each state that there is, graded ones first."""
    counted = Counter(student.row.state for student in found.students)
    return {state: counted[state] for state in state_words() if counted[state]}


def _outcome_words() -> dict[str, str]:
    return {
        "right": _("right"),
        "partly right": _("partly right"),
        "wrong": _("wrong"),
        "not attempted": _("not attempted"),
        "no answer": _("no answer"),
    }


# --- counting -----------------------------------------------------------------------------------


def _fraction(found: Class, student: Student) -> float:
    return (student.row.points or 0.0) / (sum(found.exercises.values()) or 1.0)


def histogram(fractions: list[float]) -> list[int]:
    """How many have 0 to 10 %, 10 to 20 %, … of the points."""
    counted = Counter(min(BINS - 1, max(0, int(fraction * BINS + 1e-9))) for fraction in fractions)
    return [counted[number] for number in range(BINS)]


def difficulty(found: Class, exercise: str) -> Exercise:
    """How the class did on an exercise."""
    of = found.exercises[exercise]
    outcomes = Counter(_outcome(student, exercise, of) for student in found.graded)
    fractions = [student.points.get(exercise, 0.0) / (of or 1.0) for student in found.graded]
    counted = {outcome: outcomes[outcome] for outcome in OUTCOMES}
    return Exercise(exercise, of, mean(fractions) if fractions else 0.0, counted)


def _outcome(student: Student, exercise: str, of: float) -> str:
    """The judge's word; for a teacher's own test, what its points say."""
    if exercise in student.told:
        outcome = student.told[exercise].outcome
        return outcome if outcome in OUTCOMES else "no answer"
    earned = student.points.get(exercise, 0.0)
    return "right" if earned >= of else "partly right" if earned > 0 else "wrong"


def _in_need(found: Class) -> list[Student]:
    """Those with less than half of the points, the fewest first."""
    lost = [student for student in found.graded if _fraction(found, student) < HELP]
    return sorted(lost, key=lambda student: (_fraction(found, student), student.name))


def first_finding(student: Student) -> str:
    """What the table says first of a student, in the active language where there is a verdict."""
    told = [entry for entry in student.told.values() if entry.finding]
    tried = [entry for entry in told if entry.outcome in ("wrong", "partly right")]
    first = next(iter([*tried, *told]), None)
    if first is None or first.verdict is None or not first.verdict.findings:
        return student.row.finding
    return sentence(first.verdict.findings[0], first.verdict).partition("\n")[0]


def common(found: Class) -> Iterator[Common]:
    """What students were told, the most frequent first; each student counts once."""
    told: dict[str, list[tuple[str, Verdict, Finding]]] = defaultdict(list)
    attempts: Counter[str] = Counter()
    for student in found.graded:
        for exercise, entry in student.told.items():
            verdict = entry.verdict
            if verdict is None or verdict.outcome == "not attempted":
                continue
            attempts[exercise] += 1
            alike = {_alike(finding, verdict): finding for finding in reversed(verdict.findings)}
            for key, finding in alike.items():
                told[key].append((exercise, verdict, finding))
    ranked = sorted(told.values(), key=lambda cases: -len(cases))
    for number, cases in enumerate(ranked):
        exercise, verdict, finding = _typical(cases)
        words, _newline, idea = sentence(finding, verdict).partition("\n")
        drawn = len(cases) >= _FREQUENT and number < MOST_DRAWINGS
        drawing = _drawing(finding, verdict) if drawn else ""
        yield Common(exercise, words, idea, len(cases), attempts[exercise], drawing)


def _alike(finding: Finding, verdict: Verdict) -> str:
    """What two findings share that are the same mistake: where in the target, or the same words."""
    difference = finding.difference
    key: list[Any] = [verdict.exercise, finding.code]
    if difference is None or not difference.expected:
        return json.dumps([*key, sentence(finding, verdict)])
    wires = [difference.detail.get(name) for name in ("argument", "setting", "output")]
    places = [place.to_json() for place in difference.expected]
    return json.dumps([*key, places, wires], sort_keys=True, default=str)


def _typical(cases: list[tuple[str, Verdict, Finding]]) -> tuple[str, Verdict, Finding]:
    """Of those with the most frequent words the one with the fewest findings: in its drawing there
    is the least that is not marked."""
    words = [sentence(finding, verdict) for _exercise, verdict, finding in cases]
    most = Counter(words).most_common(1)[0][0]
    alike = [case for case, told in zip(cases, words, strict=True) if told == most]
    return min(alike, key=lambda case: len(case[1].findings))


def _drawing(finding: Finding, verdict: Verdict) -> str:
    """This difference alone, without the name that a student gave the model."""
    if finding.difference is None or finding.picture is None:
        return ""
    picture = verdict.pictures[finding.picture]
    found = replace(picture.found, name=picture.expected.name)
    return draw_difference(picture.expected, found, [finding.difference]).html
