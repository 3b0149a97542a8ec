"""A graded class as plain data: who has which points, and what each was told.

The table's rows, with each exercise's points from the gradebook and the judge's verdicts from the
autograded notebooks.  Exports and reports are made from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from beyond_sequential.findings.verdict import Verdict, verdict_from_json
from grader.classes import summary
from grader.course import course as courses
from grader.submissions import repair


@dataclass(frozen=True, slots=True)
class Told:
    """What the judge said of one answer: the outcome, the first finding in the course's words, and
    the verdict (None where there was nothing to judge)."""

    outcome: str
    finding: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Student:
    """One of the class; `points` of exercises are those of the gradebook, a teacher's included."""

    row: summary.Row
    name: str
    points: Mapping[str, float] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)

    @property
    def is_graded(self) -> bool:
        return self.row.points is not None


@dataclass(frozen=True, slots=True)
class Class:
    """A class and an assignment: its exercises in order, with their points."""

    assignment: str
    exercises: Mapping[str, float]
    students: tuple[Student, ...]

    @property
    def graded(self) -> tuple[Student, ...]:
        return tuple(student for student in self.students if student.is_graded)


def read(course: Path, assignment: str, anonymous: bool = False) -> Class:
    """The class as the course directory has it; with `anonymous`, under made-up names."""
    rows = summary.rows(course, assignment)
    exercises, points = _gradebook(course, assignment)
    students = [
        Student(
            row,
            "",
            points.get(row.student, {}) if row.points is not None else {},
            _told(course, assignment, row),
        )
        for row in rows
    ]
    return Class(assignment, exercises, tuple(_named(course, students, anonymous)))


def _gradebook(
    course: Path, assignment: str
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The points that exercises are worth, in the notebook's order; what each student has."""
    from nbgrader.api import MissingEntry

    with courses.gradebook(course) as book:
        try:
            found = book.find_assignment(assignment)
        except MissingEntry:
            return {}, {}
        url = book.engine.url.render_as_string(hide_password=False)
        exercises = {
            cell.grade_id: float(cell.points)
            for notebook in found.notebooks
            for cell in repair.release(url, notebook.name, assignment).values()
            if cell.points is not None
        }
        points = {
            submission.student.id: {
                grade.name: float(grade.score)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in book.assignment_submissions(assignment)
        }
    return exercises, points


def _told(course: Path, assignment: str, row: summary.Row) -> dict[str, Told]:
    if row.points is None:
        return {}
    notebook = course / "autograded" / row.student / assignment / f"{assignment}.ipynb"
    kept = summary.graded(notebook) or {"exercises": []}
    return {
        entry["exercise"]: Told(entry["outcome"], entry["finding"], _verdict(entry))
        for entry in kept["exercises"]
    }


def _verdict(entry: Mapping[str, Any]) -> Verdict | None:
    text = entry.get("verdict")
    return verdict_from_json(json.loads(text)) if text else None


def _named(course: Path, students: list[Student], anonymous: bool) -> list[Student]:
    if not anonymous:
        return [replace(student, name=student.row.student) for student in students]
    # Keyed with the course's seed: the same in every export, and nobody can try names out.
    key = (course / courses.SEED).read_bytes()
    hidden = [replace(s, name=_pseudonym(key, s.row.student)) for s in students]
    return sorted(hidden, key=lambda student: student.name)


def _pseudonym(key: bytes, student: str) -> str:
    return f"student-{hashlib.blake2s(student.encode(), key=key[:32]).hexdigest()[:6]}"
