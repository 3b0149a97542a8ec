"""What the gradebook says of a sample class's students, held against the class's list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.course import course, sample


def marks(folder: Path, assignment: str, student: str) -> dict[str, tuple[float, float]]:
    """Return the points earned, and those to be had, by exercise."""
    with course.gradebook(folder) as book:
        grades = book.find_submission_notebook(assignment, assignment, student).grades
        return {grade.name: (grade.auto_score, grade.max_score) for grade in grades}


def unexpected(
    found: Mapping[str, tuple[float, float]], student: sample.SampleStudent
) -> dict[str, tuple[float, float]]:
    """Return those that are not as the class's list says."""
    return {
        name: (earned, most)
        for name, (earned, most) in found.items()
        if (earned >= most if name in student.less else earned != student.points.get(name, 0))
    }
