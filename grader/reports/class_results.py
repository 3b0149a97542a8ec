"""A graded class as plain data: who has which points, and what the judge decided on each answer.

The rows of the class's table, with the points of each exercise from the gradebook and the verdicts
from the autograded notebooks.  Exports and the class page are made from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from beyond_sequential.findings.verdict import Verdict, verdict_from_json
from grader.classes import table
from grader.course import course as courses
from grader.course.course import NOBODY, Person
from grader.running.record import ExerciseRecord, GradingRecord, record_in_file
from grader.submissions import repair


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """What the judge decided on one answer.

    `finding` is the first finding in the language of the course; `verdict` is None where there was
    nothing to judge.
    """

    outcome: str
    finding: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class StudentResult:
    """One student of the class.

    `points` are those of the gradebook by exercise, a teacher's changes included; `answers` are the
    judged ones, by exercise.
    """

    row: table.StudentRow
    name: str
    points: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, JudgedAnswer] = field(default_factory=dict)
    person: Person = NOBODY

    @property
    def is_graded(self) -> bool:
        """Return whether the student has points."""
        return self.row.points is not None


@dataclass(frozen=True, slots=True)
class ClassResults:
    """A class and an assignment: its exercises in order, with the points that each is worth."""

    assignment: str
    exercises: Mapping[str, float]
    students: tuple[StudentResult, ...]

    @property
    def graded(self) -> tuple[StudentResult, ...]:
        """Return the students who have points."""
        return tuple(student for student in self.students if student.is_graded)


def read_class(course: Path, assignment: str, anonymous: bool = False) -> ClassResults:
    """Return the results in a course directory; with `anonymous`, under made-up names."""
    rows = table.read_rows(course, assignment)
    exercises, points = _gradebook(course, assignment)
    people = courses.people(course)
    students = [
        StudentResult(
            row,
            row.student,
            points.get(row.student, {}) if row.points is not None else {},
            _judged_answers(course, assignment, row),
            people.get(row.student, NOBODY),
        )
        for row in rows
    ]
    if anonymous:
        # Keyed with the course's seed: the same in every export, and nobody can try names out.
        students = _anonymous(students, (course / courses.SEED).read_bytes())
    return ClassResults(assignment, exercises, tuple(students))


def _gradebook(
    course: Path, assignment: str
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Return the points that exercises are worth, in the notebook's order, and each student's."""
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


def _judged_answers(
    course: Path, assignment: str, row: table.StudentRow
) -> dict[str, JudgedAnswer]:
    if row.points is None:
        return {}
    notebook = course / "autograded" / row.student / assignment / f"{assignment}.ipynb"
    record = record_in_file(notebook) or GradingRecord()
    return {
        entry.exercise: JudgedAnswer(entry.outcome, entry.finding, _verdict(entry))
        for entry in record.exercises
    }


def _verdict(entry: ExerciseRecord) -> Verdict | None:
    return verdict_from_json(json.loads(entry.verdict)) if entry.verdict else None


def _anonymous(students: list[StudentResult], key: bytes) -> list[StudentResult]:
    """Return the students without what identifies them, in the order of their made-up names."""
    hidden = [replace(s, name=_pseudonym(key, s.row.student), person=NOBODY) for s in students]
    return sorted(hidden, key=lambda student: student.name)


def _pseudonym(key: bytes, student: str) -> str:
    return f"student-{hashlib.blake2s(student.encode(), key=key[:32]).hexdigest()[:6]}"
