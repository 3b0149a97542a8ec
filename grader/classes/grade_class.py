"""Grade a whole class: every submission a job for Dask, every result imported into the gradebook.

`prepare` finds what there is to do, `work` does it and reports each submission as it is done.
Finished jobs are kept in the store under a digest of all that they depend on, so a run that was
interrupted at any moment is continued by the next one, and a run with nothing new changes nothing.
"""

from __future__ import annotations

import fcntl
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jailed_kernels as kernels
from grader.classes.digest import course_digest, new_job
from grader.classes.gradebook import import_result, replace_folder, write_release
from grader.classes.job import Job, quiet, read_result, store
from grader.classes.workers import error_in_words, run_jobs
from grader.course import course as courses
from grader.errors import GraderError
from grader.running.spool_execute import SpoolExecute
from grader.submissions import repair

if TYPE_CHECKING:
    from traitlets.config import Config


@dataclass(frozen=True, slots=True)
class GradingPlan:
    """What a run has to do: `ready` jobs need only be imported, `new` ones be graded first;
    `unchanged` counts the submissions with nothing to do.
    """

    course: Path
    assignment: str
    ready: tuple[Job, ...]
    new: tuple[Job, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class FinishedJob:
    """One submission is done: graded and in the gradebook, or failed and why; `running` are at
    work.  The first one, when work begins, names nobody.
    """

    student: str
    failed: str = ""
    running: int = 0


# What a course of version 0.1.0 names, whose modules have moved.
_OLD_NAMES = re.compile(r"grader\.(?:repair|execute|scores|feedback|collect)\.(?P<name>\w+)")


def _require_plugins(course: Path) -> None:
    """Raise GraderError if a course's settings name classes where they no longer are."""
    config = course / courses.CONFIG
    found = [
        f"{match[0]} by grader.plugins.{match['name']}"
        for match in _OLD_NAMES.finditer(config.read_text("utf-8"))
    ]
    if found:
        words = ", ".join(dict.fromkeys(found))
        raise GraderError(f"{config} is of an older version: in it replace {words}")


@contextmanager
def only_run(course: Path, assignment: str) -> Iterator[None]:
    """Hold the assignment's lock: one writer.  Raises GraderError if another run holds it."""
    courses.require(course, assignment)
    _require_plugins(course)
    folder = store(course, assignment)
    (folder / "done").mkdir(parents=True, exist_ok=True)
    (folder / "imported").mkdir(exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise GraderError(
                f"another `grader autograde {assignment}` is at work on {course.resolve()}"
            ) from None
        yield


def prepare(course: Path, assignment: str, force: bool = False) -> GradingPlan:
    """Return what there is to do; with `force`, everything.  Needs `only_run`."""
    course = course.resolve()
    folder = store(course, assignment)
    _sweep(folder)
    if force:
        for path in folder.glob("imported/*"):
            path.unlink()
        for path in folder.glob("done/*"):
            shutil.rmtree(path)
    release, known = _release(course, assignment, folder)
    jobs = [
        new_job(course, assignment, path.parent.name, release)
        for path in sorted((course / "submitted").glob(f"*/{assignment}"))
        if path.is_dir()
    ]
    for path in folder.glob("done/*"):
        if path.name not in {job.digest for job in jobs}:
            shutil.rmtree(path)
    due = [job for job in jobs if not _is_imported(job, known)]
    done = {path.name for path in folder.glob("done/*")}
    ready = tuple(job for job in due if job.digest in done)
    new = tuple(job for job in due if job.digest not in done)
    return GradingPlan(course, assignment, ready, new, len(jobs) - len(due))


def work(
    plan: GradingPlan, workers: int | None = None, scheduler: str | None = None
) -> Iterator[FinishedJob]:
    """Do it, and yield what became of each submission as soon as it is known.  Needs `only_run`.

    `workers` processes on this machine, or those of a Dask scheduler.  By default there is one
    more than there are cores: training waits a little at the end of each epoch.
    """
    settings = courses.config(plan.course)
    with ExitStack() as stack:
        if plan.new and scheduler is None:
            stack.enter_context(_zygote(settings))
        book = stack.enter_context(courses.gradebook(plan.course))
        for job in plan.ready:
            yield FinishedJob(job.student, _import(book, job, settings))
        if plan.new:
            for report in run_jobs(plan.new, workers, scheduler):
                if report.job is None:
                    yield FinishedJob("", running=report.running)
                else:
                    failed = report.failed or _import(book, report.job, settings)
                    yield FinishedJob(report.job.student, failed, report.running)
    _sweep(store(plan.course, plan.assignment))


@contextmanager
def _zygote(settings: Config) -> Iterator[None]:
    """Start one zygote that all workers of this machine ask for kernels."""
    policy = None
    if SpoolExecute in courses.preprocessors(settings):
        with suppress(ValueError):  # each job reports it
            policy = SpoolExecute(config=settings).kernel_policy()
    with kernels.shared(policy) if policy else nullcontext():
        yield


def _sweep(folder: Path) -> None:
    """Remove what processes that died left half written in the store."""
    for part in [*folder.glob("*.part"), *folder.glob("done/*.part")]:
        shutil.rmtree(part, ignore_errors=True) if part.is_dir() else part.unlink(missing_ok=True)


# --- the release --------------------------------------------------------------------------------


def _release(course: Path, assignment: str, folder: Path) -> tuple[str, set[str]]:
    """Return the name of the file with what the assignment asks, and who is in the gradebook."""
    from nbgrader.api import MissingEntry

    settings = courses.config(course)
    with courses.gradebook(course) as book:
        try:
            names = [notebook.name for notebook in book.find_assignment(assignment).notebooks]
        except MissingEntry:
            raise GraderError(
                f"{assignment} has not been released: run `nbgrader generate_assignment "
                f"{assignment}` in {course}"
            ) from None
        known = {found.student.id for found in book.assignment_submissions(assignment)}
        url = book.engine.url.render_as_string(hide_password=False)
        asked = {
            name: sorted(map(repr, repair.release(url, name, assignment).values()))
            for name in names
        }
        name = f"release-{course_digest(course, assignment, asked, settings)}.db"
        if not (folder / name).is_file():
            for old in folder.glob("release-*.db"):
                old.unlink()
            write_release(book, assignment, folder / name)
    return name, known


# --- importing ----------------------------------------------------------------------------------


def _is_imported(job: Job, known: set[str]) -> bool:
    """Return whether this very result is in the gradebook, as far as the store knows."""
    mark = _mark(job)
    return job.student in known and mark.is_file() and mark.read_text("ascii").strip() == job.digest


def _mark(job: Job) -> Path:
    return store(Path(job.course), job.assignment) / "imported" / job.student


def _import(book: Any, job: Job, settings: Config) -> str:
    """Put a finished job's scores into the gradebook, its files into autograded/; then note it.

    Return why that failed, empty if it did not.  Whatever interrupts this, the next run does all
    of it again.
    """
    course = Path(job.course)
    folder = store(course, job.assignment)
    try:
        done = folder / "done" / job.digest
        with quiet():
            import_result(book, job.assignment, job.student, read_result(done), settings)
        target = course / "autograded" / job.student / job.assignment
        replace_folder(target, done / "files", folder)
        _mark(job).write_text(f"{job.digest}\n", encoding="ascii")
    except Exception as error:
        book.db.rollback()
        return error_in_words(error)
    return ""
