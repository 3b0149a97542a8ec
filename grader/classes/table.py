"""A class in a table: who has how many points, their first finding, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course import course as courses
from grader.running.record import GradingRecord, record_in_file
from grader.submissions.handed_in import NotAFile, read_bytes
from grader.submissions.notebook_file import Unreadable, parse_notebook

if TYPE_CHECKING:
    from rich.table import Table

ABSENT, UNREADABLE, NOT_GRADED = "absent", "unreadable", "not graded"


@dataclass(frozen=True, slots=True)
class StudentRow:
    """One student of the class; `points` is None where nothing was graded."""

    student: str
    points: float | None
    of: float
    finding: str
    state: str
    because: str


def read_rows(course: Path, assignment: str) -> list[StudentRow]:
    """Return the whole class: everyone in the gradebook, and everyone who handed something in."""
    courses.require(course, assignment)
    with courses.gradebook(course) as book:
        students = {student.id for student in book.students}
        total = _total(book, assignment)
        scores = _scores(book, assignment)
    students |= {path.parent.name for path in (course / "submitted").glob(f"*/{assignment}")}
    return [
        _row(course, assignment, student, scores.get(student), total)
        for student in sorted(students)
    ]


def _total(book: Any, assignment: str) -> float:
    from nbgrader.api import MissingEntry

    try:
        return float(book.find_assignment(assignment).max_score)
    except MissingEntry:
        return 0.0


def _scores(book: Any, assignment: str) -> dict[str, float]:
    from nbgrader.api import MissingEntry

    try:
        submissions = book.assignment_submissions(assignment)
    except MissingEntry:
        return {}
    return {submission.student.id: float(submission.score) for submission in submissions}


def _row(
    course: Path, assignment: str, student: str, score: float | None, total: float
) -> StudentRow:
    place = Path(student, assignment)
    submitted = course / "submitted" / place
    if not submitted.is_dir():
        return StudentRow(student, None, total, "", ABSENT, "")
    record = record_in_file(course / "autograded" / place / f"{assignment}.ipynb")
    if record is None or score is None:
        why = unreadable(submitted / f"{assignment}.ipynb")
        if why:
            return StudentRow(student, None, total, "", UNREADABLE, why)
        hint = f"run `grader autograde {assignment}`"
        return StudentRow(student, None, total, "", NOT_GRADED, hint)
    reasons = "; ".join(record.reasons)
    return StudentRow(student, score, total, _first_finding(record), record.state, reasons)


def _first_finding(record: GradingRecord) -> str:
    """Return the first thing that is not right; what was never attempted only if all else is."""
    found = [entry for entry in record.exercises if entry.finding]
    tried = [entry for entry in found if entry.outcome in ("wrong", "partly right")]
    return next((entry.finding for entry in [*tried, *found]), "")


def unreadable(notebook: Path) -> str:
    """Return why a submission is not a notebook; empty if it is one."""
    try:
        parse_notebook(read_bytes(notebook))
    except (Unreadable, NotAFile) as error:
        return str(error) if isinstance(error, Unreadable) else f"{notebook.name} {error}"
    except OSError:
        return f"no {notebook.name} in what was handed in"
    return ""


# --- showing ------------------------------------------------------------------------------------


def rows_as_json(found: Iterable[StudentRow]) -> str:
    """Return the rows for a program to read."""
    return json.dumps([asdict(row) for row in found], indent=1, ensure_ascii=False)


def rich_table(found: Iterable[StudentRow], title: str) -> Table:
    """Return the rows as a Rich table."""
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title, title_justify="left")
    made.add_column("student")
    made.add_column("points", justify="right")
    made.add_column("first finding", ratio=1)
    made.add_column("state", ratio=1)
    for row in found:
        points = "–" if row.points is None else f"{row.points:g} of {row.of:g}"
        state = f"{row.state}: {row.because}" if row.because else row.state
        made.add_row(Text(row.student), points, Text(row.finding), Text(state))
    return made
