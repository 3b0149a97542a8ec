"""The gradebook of a course: write a copy of what an assignment asks, and import results.

Importing is idempotent and has one writer.  What a teacher gave (manual scores, extra
credit, comments) is never written.
"""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Any

from grader.classes.job import JobResult
from grader.course import course as courses


def write_release(book: Any, assignment: str, path: Path) -> None:
    """Write an SQLite gradebook that knows one assignment, and nobody's marks."""
    from nbgrader.api import Base
    from sqlalchemy import create_engine, insert, select

    found = book.find_assignment(assignment)
    notebooks = [notebook.id for notebook in found.notebooks]
    tables = Base.metadata.tables
    cells = select(tables["base_cell"].c.id).where(tables["base_cell"].c.notebook_id.in_(notebooks))
    wanted = {
        "course": ("id", [found.course_id]),
        "assignment": ("id", [found.id]),
        "notebook": ("id", notebooks),
        "base_cell": ("notebook_id", notebooks),
        "grade_cells": ("id", cells),
        "solution_cells": ("id", cells),
        "task_cells": ("id", cells),
        "source_cell": ("notebook_id", notebooks),
    }
    part = path.with_name(f"{uuid.uuid4().hex}.part")
    engine = create_engine(f"sqlite:///{part}")
    Base.metadata.create_all(engine)
    with engine.begin() as copy:
        for name, (column, ids) in wanted.items():
            table = tables[name]
            rows = book.db.execute(select(table).where(table.c[column].in_(ids))).mappings()
            if values := [dict(row) for row in rows]:
                copy.execute(insert(table), values)
    engine.dispose()
    part.rename(path)


def import_result(
    book: Any, assignment: str, student: str, result: JobResult, settings: Any
) -> None:
    """Write a result into the gradebook."""
    book.update_or_create_student(student)
    when = {} if result.timestamp is None else {"timestamp": result.timestamp}
    submission = book.update_or_create_submission(assignment, student, **when)
    for notebook in submission.notebooks:
        scores = result.scores.get(notebook.name, {})
        for grade in notebook.grades:
            grade.auto_score = scores.get(grade.name)
            # nbgrader's rule: a new submission makes a teacher look at a mark of theirs again.
            needs = grade.manual_score is not None or grade.auto_score is None
            grade.needs_manual_grade = needs
        comments = result.comments.get(notebook.name, {})
        for comment in notebook.comments:
            comment.auto_comment = comments.get(comment.name)
    book.db.commit()
    _penalize(book, submission, settings)


def _penalize(book: Any, submission: Any, settings: Any) -> None:
    """Run the course's AssignLatePenalties on the marks that count."""
    from nbformat.v4 import new_notebook
    from nbgrader.preprocessors import AssignLatePenalties

    late = submission.total_seconds_late > 0
    places = [
        {
            "student": submission.student.id,
            "assignment": submission.name,
            "notebook": notebook.name,
            "db_url": book.engine.url.render_as_string(hide_password=False),
        }
        for notebook in submission.notebooks
        if late or notebook.late_submission_penalty is not None
    ]
    book.db.commit()  # penalties are written through another connection
    for place in places:
        for kind in courses.preprocessors(settings):
            if issubclass(kind, AssignLatePenalties):
                kind(config=settings).preprocess(new_notebook(), {"nbgrader": place})


def replace_folder(target: Path, files: Path, space: Path) -> None:
    """Replace the folder `target` by a copy of `files` (by nothing, if there are none).

    `space` is a folder on the same disk for what is half done; a crash leaves there at most the
    folder that was replaced.
    """
    new, old = (space / f"{uuid.uuid4().hex}.part" for _ in range(2))
    if files.is_dir():
        shutil.copytree(files, new)
    if target.is_dir():
        target.rename(old)
    if new.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
