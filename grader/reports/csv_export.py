"""Marks as CSV, for a learning management system or a spreadsheet.

A format is one record in `FORMATS`: its name and the function that makes its rows.  Each has a row
for each student, a column for each exercise, the total, the state and its reason.  To add one, see
docs/new-export.md.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.errors import GraderError
from grader.printable import printable

if TYPE_CHECKING:
    from grader.reports.class_results import ClassResults, StudentResult

Rows = Iterator[Sequence[str | float]]


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A way to write a class as CSV: `rows` makes the header and the rows of a class."""

    name: str
    rows: Callable[[ClassResults], Rows]


def class_as_csv(results: ClassResults, to: str) -> str:
    """Return the class in the format `to`.  Raises GraderError for a format that does not exist."""
    rows = {known.name: known.rows for known in FORMATS}.get(to)
    if rows is None:
        raise GraderError(f"no export to {to!r}; there are: {', '.join(names())}")
    out = io.StringIO()
    # CSV's own rule (RFC 4180): CRLF, and quotes where a field needs them.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([_field(value) for value in row] for row in rows(results))
    return out.getvalue()


def names() -> list[str]:
    """Return the names of all formats."""
    return [known.name for known in FORMATS]


# --- formats ------------------------------------------------------------------------------------


def _spreadsheet_rows(results: ClassResults) -> Rows:
    yield ["student", *results.exercises, "total", "of", "state", "reason"]
    of = sum(results.exercises.values())
    for student in results.students:
        yield [student.name, *_marks(results, student), of, *_state(student)]


def _canvas_rows(results: ClassResults) -> Rows:
    """Canvas's gradebook import wants its own first columns, and a second row with the points."""
    titles = _titles(results)
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles, *_STATE_TITLES]
    possible = [*results.exercises.values(), sum(results.exercises.values())]
    yield ["    Points Possible", "", "", "", "", *possible, "", ""]
    for student in results.students:
        names = [student.person.last_name, student.person.first_name]
        name = ", ".join(name for name in names if name) or student.name
        number = student.person.lms_user_id
        marks = _marks(results, student)
        yield [name, number, "", student.name, "", *marks, *_state(student)]


def _moodle_rows(results: ClassResults) -> Rows:
    """Moodle wants a column that identifies the user; a teacher maps the others there."""
    yield ["Username", "Email address", *_titles(results), *_STATE_TITLES]
    for student in results.students:
        marks = _marks(results, student)
        yield [student.name, student.person.email, *marks, *_state(student)]


FORMATS = (
    ExportFormat("csv", _spreadsheet_rows),
    ExportFormat("canvas", _canvas_rows),
    ExportFormat("moodle", _moodle_rows),
)


# --- what the formats share ---------------------------------------------------------------------

_STATE_TITLES = ("State", "Reason")


def _titles(results: ClassResults) -> list[str]:
    """Return the titles of the columns that `_marks` fills."""
    return [*results.exercises, results.assignment]


def _marks(results: ClassResults, student: StudentResult) -> list[str | float]:
    """Return the points of each exercise and the total; an empty field where there is no mark."""
    points: list[str | float] = [student.points.get(name, "") for name in results.exercises]
    return [*points, "" if student.row.points is None else student.row.points]


def _state(student: StudentResult) -> list[str]:
    return [student.row.state, student.row.because]


# --- fields -------------------------------------------------------------------------------------

# What a spreadsheet takes for the beginning of a formula: =, +, -, @ in all their widths, at the
# beginning of a field or of what another separator would make one.
_FORMULA = re.compile(
    r"(^|[;\t\r\n])(?=[^\w=+\-@]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212])"
)


def _field(value: str | float) -> str:
    """Return a field that a spreadsheet shows as text, or the number as it is."""
    if not isinstance(value, str):
        return f"{value:g}"
    return _FORMULA.sub(r"\1'", printable(value))
