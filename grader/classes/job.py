"""The job of grading one submission, on any machine that sees the course directory.

A job gives a submission a small course directory of its own, with a gradebook that knows the
assignment and nobody's marks, and runs nbgrader's own Autograde in it, with the course's settings.
What comes out is put into the course's store under the job's digest, whole or not at all:

    .grading/ASSIGNMENT/done/DIGEST/result.json   state, reasons, grades and comments
    .grading/ASSIGNMENT/done/DIGEST/files/        what goes to autograded/
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import tempfile
import threading
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grader.classes import table
from grader.course import course as courses
from grader.running.record import record_in_file, write_record
from grader.submissions import handed_in
from grader.submissions.notebook_file import parse_notebook

# A worker's process has one working directory, and nbgrader changes it.
_ALONE = threading.Lock()
_MOST_NOTES = 5  # of what was left out
_TIMESTAMP = 1000  # bytes


@dataclass(frozen=True, slots=True)
class Job:
    """One submission to grade.

    `course` is a path that is the same on every machine; `digest` stands for all that the result
    depends on; `release` names the file with what the assignment asks, in the store.
    """

    course: str
    assignment: str
    student: str
    release: str
    digest: str
    version: str


@dataclass(frozen=True, slots=True)
class JobResult:
    """What goes into the gradebook: scores and comments by notebook and cell."""

    state: str
    reasons: list[str]
    log: list[str]
    timestamp: str | None
    scores: dict[str, dict[str, float | None]]
    comments: dict[str, dict[str, str | None]]


def store(course: Path, assignment: str) -> Path:
    """Return where an assignment's finished jobs are kept."""
    return course / ".grading" / assignment


def read_result(folder: Path) -> JobResult:
    """Return the result of a finished job."""
    return JobResult(**json.loads((folder / "result.json").read_text("utf-8")))


def run_job(job: Job) -> str:
    """Grade one submission, unless that is done, and return its digest.

    Raises RuntimeError or OSError if the machine or the course is at fault: nothing is kept then,
    and the same job may be run again.
    """
    if job.version != version("beyond-sequential"):
        raise RuntimeError(
            f"this worker has version {version('beyond-sequential')} of the course, "
            f"and {job.version} asks it to grade: install the same one"
        )
    course = Path(job.course)
    if not course.is_dir():
        raise RuntimeError(
            f"this worker does not see {course}: the course must be on a shared disk"
        )
    done = store(course, job.assignment) / "done" / job.digest
    if not done.is_dir():
        with _ALONE, tempfile.TemporaryDirectory(prefix="job-", dir=_workspace()) as scratch:
            result, files = _grade(job, course, Path(scratch))
            _publish(result, files, done)
    return job.digest


def _workspace() -> str | None:
    """Return the worker's own directory, which Dask clears away after a worker that was killed."""
    from distributed import get_worker

    try:
        return str(get_worker().local_directory)
    except ValueError:
        return None


def _publish(result: JobResult, files: Path, done: Path) -> None:
    """Write beside the place, then rename: another run never sees half of it."""
    part = done.parent / f"{uuid.uuid4().hex}.part"
    try:
        if files.is_dir():
            shutil.copytree(files, part / "files")
        part.mkdir(parents=True, exist_ok=True)
        (part / "result.json").write_text(
            json.dumps(asdict(result), indent=1, ensure_ascii=False), encoding="utf-8"
        )
        part.rename(done)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        if not done.is_dir():  # another worker may have been quicker
            raise


# --- grading ------------------------------------------------------------------------------------


def _grade(job: Job, course: Path, scratch: Path) -> tuple[JobResult, Path]:
    """Return the result, and the folder with the autograded files (none if nothing can be read)."""
    place = Path(job.student, job.assignment)
    files = scratch / "autograded" / place
    submitted = course / "submitted" / place
    if why := table.unreadable(submitted / f"{job.assignment}.ipynb"):
        return JobResult(table.UNREADABLE, [why], [], _timestamp(submitted), {}, {}), files
    left_out = _copy_submission(submitted, scratch / "submitted" / place, job.assignment)
    (scratch / "source").symlink_to(course / "source")
    shutil.copyfile(store(course, job.assignment) / job.release, scratch / "gradebook.db")
    log = _autograde(job, scratch)
    graded = files / f"{job.assignment}.ipynb"
    record = record_in_file(graded)
    if record is None:
        raise RuntimeError("nbgrader_config.py does not name SpoolExecute; make a new course")
    if left_out:
        notes = tuple(f"not taken along: {words}" for words in left_out[:_MOST_NOTES])
        record = replace(record, reasons=(*record.reasons, *notes))
        write_record(record, graded)
    scores, comments = _scores_and_comments(job, scratch)
    timestamp = _timestamp(submitted)
    reasons = list(record.reasons)
    return JobResult(record.state, reasons, log, timestamp, scores, comments), files


def _copy_submission(submitted: Path, target: Path, assignment: str) -> tuple[str, ...]:
    """Copy what was handed in, the notebook as nbgrader can read it; return what was left out."""
    left_out = handed_in.copy_folder(submitted, target)
    name = f"{assignment}.ipynb"
    notebook = parse_notebook(handed_in.read_bytes(submitted / name))
    text = json.dumps(notebook, ensure_ascii=False, indent=1)
    (target / name).write_text(text, encoding="utf-8", errors="replace")
    return left_out


def _timestamp(submitted: Path) -> str | None:
    """Return when it was handed in, as nbgrader's timestamp.txt says."""
    try:
        text = handed_in.read_bytes(submitted / "timestamp.txt", _TIMESTAMP).decode("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text or None


def _autograde(job: Job, scratch: Path) -> list[str]:
    """Run nbgrader's Autograde; its warnings."""
    from nbgrader.converters import Autograde
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    settings = deepcopy(_settings(job.course, job.release))
    settings.CourseDirectory.root = str(scratch)
    settings.CourseDirectory.db_url = f"sqlite:///{scratch / 'gradebook.db'}"
    settings.CourseDirectory.assignment_id = job.assignment
    settings.CourseDirectory.student_id = job.student
    log = logging.Logger(f"grading {job.student}", logging.WARNING)
    lines = _Lines()
    log.addHandler(lines)
    directory = CourseDirectory(config=settings)
    try:
        with quiet():
            Autograde(coursedir=directory, config=settings, log=log).start()
    except NbGraderException as error:
        traceback = [line for line in lines.lines if line.startswith("Traceback")] or [str(error)]
        raise RuntimeError(traceback[-1].strip().splitlines()[-1]) from None
    return lines.lines


@contextmanager
def quiet() -> Iterator[None]:
    """Hide warnings of SQLAlchemy and nbformat, which nobody can do anything about."""
    from nbformat.warnings import DuplicateCellId, MissingIDFieldWarning
    from sqlalchemy.exc import SAWarning

    with warnings.catch_warnings():
        for kind in (SAWarning, DuplicateCellId, MissingIDFieldWarning):
            warnings.simplefilter("ignore", kind)
        yield


class _Lines(logging.Handler):
    """Keep what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@lru_cache(maxsize=4)
def _settings(course: str, _release: str) -> Any:
    """Return the course's settings, read once a worker and release: reading them has effects.

    nbgrader too finds modules that lie in the course directory.
    """
    if course not in sys.path:
        sys.path.insert(0, course)
    before = Path.cwd()
    os.chdir(course)
    try:
        return courses.config(Path(course))
    finally:
        os.chdir(before)


def _scores_and_comments(
    job: Job, scratch: Path
) -> tuple[dict[str, dict[str, float | None]], dict[str, dict[str, str | None]]]:
    """Scores and comments in the small gradebook, by notebook and cell."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{scratch / 'gradebook.db'}") as book:
        notebooks = book.find_submission(job.assignment, job.student).notebooks
        scores = {nb.name: {g.name: g.auto_score for g in nb.grades} for nb in notebooks}
        comments = {nb.name: {c.name: c.auto_comment for c in nb.comments} for nb in notebooks}
    return scores, comments
