"""A class on one page: points, hard exercises, misunderstandings, who needs help.

The page is one file without scripts, readable on a phone and on paper, and needs no network.
Findings are worded from the judge's verdicts, so that it can be written in either language,
whatever the course's language is.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from statistics import mean, median

from beyond_sequential import i18n
from beyond_sequential.i18n import _
from grader.classes import table
from grader.course import course as courses
from grader.errors import GraderError
from grader.reports import class_statistics, templates
from grader.reports.class_results import ClassResults, read_class


def write_class_page(
    course: Path,
    assignment: str,
    output: Path | None = None,
    language: str | None = None,
    anonymous: bool = False,
) -> Path:
    """Write the page and return its path.

    `output` is the file, one in reports/ of the course if None; `language` the page's, the course's
    if None.  Raises GraderError for a language that does not exist.
    """
    results = read_class(course, assignment, anonymous)
    path = output or course / "reports" / f"{assignment}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    before = i18n.language()
    try:
        i18n.language(language or courses.language(course))
        path.write_text(class_page(results), encoding="utf-8")
    except i18n.LanguageError as error:
        raise GraderError(str(error)) from error
    finally:
        i18n.language(before)
    return path


def class_page(results: ClassResults) -> str:
    """Return the page's HTML in the active language."""
    fractions = [class_statistics.fraction(results, student) for student in results.graded]
    return templates.page_template("class.html.j2").render(
        results=results,
        total=sum(results.exercises.values()),
        states=_states(results),
        state_words=templates.state_words(),
        outcome_words=_outcome_words(),
        mean=mean(fractions) if fractions else None,
        median=median(fractions) if fractions else None,
        bins=class_statistics.histogram(fractions),
        exercises=[class_statistics.difficulty(results, name) for name in results.exercises],
        common=list(class_statistics.frequent_findings(results)),
        help=class_statistics.in_need_of_help(results),
        first_finding=class_statistics.first_finding,
        crashed=[s for s in results.students if s.row.because],
        absent=[s for s in results.students if s.row.state == table.ABSENT],
    )


def _states(results: ClassResults) -> dict[str, int]:
    """Count the students of each state that occurs, graded ones first."""
    counted = Counter(student.row.state for student in results.students)
    return {state: counted[state] for state in templates.state_words() if counted[state]}


def _outcome_words() -> dict[str, str]:
    return {
        "right": _("right"),
        "partly right": _("partly right"),
        "wrong": _("wrong"),
        "not attempted": _("not attempted"),
        "no answer": _("no answer"),
    }
