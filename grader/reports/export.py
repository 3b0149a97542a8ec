"""Marks as CSV, for a learning management system or a spreadsheet.

A row a student, a column an exercise, the total, the state and its reason.  Canvas's gradebook
import wants its own first columns and a second row with the points possible; Moodle's wants a
column that identifies the user, the rest is mapped there by hand.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from grader.errors import GraderError
from grader.reports.results import Class, Student

FORMATS = ("csv", "canvas", "moodle")
# A spreadsheet would take these for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(found: Class, to: str, people: dict[str, Any] | None = None) -> str:
    """The class as CSV.  `people` has nbgrader's names and e-mail addresses by student; without it
    the export is anonymous.  Raises GraderError for a format that there is not."""
    if to not in FORMATS:
        raise GraderError(f"no export to {to!r}; there are: {', '.join(FORMATS)}")
    out = io.StringIO()
    # CSV's own rule (RFC 4180): CRLF, and quotes where a field needs them.
    writer = csv.writer(out, lineterminator="\r\n")
    rows = {"csv": _csv, "canvas": _canvas, "moodle": _moodle}[to](found, people or {})
    writer.writerows([_safe(field) for field in row] for row in rows)
    return out.getvalue()


def _csv(found: Class, people: dict[str, Any]) -> Iterator[Sequence[Any]]:
    yield ["student", *found.exercises, "total", "of", "state", "reason"]
    of = sum(found.exercises.values())
    for student in found.students:
        row = student.row
        yield [student.name, *_points(found, student), _total(student), of, row.state, row.because]


def _canvas(found: Class, people: dict[str, Any]) -> Iterator[Sequence[Any]]:
    blank = [""] * 4
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *_titles(found), *_END]
    possible = [*found.exercises.values(), sum(found.exercises.values())]
    yield ["    Points Possible", *blank, *possible, "", ""]
    for student in found.students:
        person = people.get(student.row.student)
        name = _canvas_name(person) or student.name
        # Canvas's own number of the user, if nbgrader was told it.
        number = getattr(person, "lms_user_id", None) or ""
        marks = [*_points(found, student), _total(student)]
        state = [student.row.state, student.row.because]
        yield [name, number, "", student.name, "", *marks, *state]


def _moodle(found: Class, people: dict[str, Any]) -> Iterator[Sequence[Any]]:
    yield ["Username", "Email address", *_titles(found), *_END]
    for student in found.students:
        email = getattr(people.get(student.row.student), "email", None) or ""
        marks = [*_points(found, student), _total(student)]
        yield [student.name, email, *marks, student.row.state, student.row.because]


_END = ("State", "Reason")


def _titles(found: Class) -> list[str]:
    return [*found.exercises, found.assignment]


def _points(found: Class, student: Student) -> list[Any]:
    """An exercise without a mark is an empty field, not a zero."""
    return [student.points.get(exercise, "") for exercise in found.exercises]


def _total(student: Student) -> Any:
    return "" if student.row.points is None else student.row.points


def _canvas_name(person: Any) -> str:
    """`Last, First`, as Canvas writes it."""
    names = [getattr(person, name, None) for name in ("last_name", "first_name")]
    return ", ".join(name for name in names if name)


def _safe(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
