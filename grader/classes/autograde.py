"""A whole class: every submission a step for Dask, every finished step brought into the gradebook.

`prepare` finds what there is to do, `work` does it and tells of each submission as it is done.
Finished steps are kept in the store under a digest of all that they depend on, so a run that was
interrupted at any moment is continued by the next one, and a run with nothing new changes nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jailed_kernels as kernels
from grader.classes import marks, step
from grader.course import course as courses
from grader.errors import GraderError
from grader.submissions import repair


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run has to do: `ready` jobs need only be brought in, `new` ones be graded first;
    `unchanged` counts the submissions with nothing to do."""

    course: Path
    assignment: str
    ready: tuple[step.Job, ...]
    new: tuple[step.Job, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class Done:
    """One submission is done: graded and in the gradebook, or failed and why; `running` are at
    work.  Before the first one there is one that names nobody."""

    student: str
    failed: str = ""
    running: int = 0


@contextmanager
def only_run(course: Path, assignment: str) -> Iterator[None]:
    """Hold the assignment's lock: one writer.  Raises GraderError if another run holds it."""
    courses.require(course, assignment)
    folder = step.store(course, assignment)
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


def prepare(course: Path, assignment: str, force: bool = False) -> Plan:
    """What there is to do.  With `force`, everything.  Needs `only_run`."""
    course = course.resolve()
    folder = step.store(course, assignment)
    _sweep(folder)
    if force:
        for path in folder.glob("imported/*"):
            path.unlink()
        for path in folder.glob("done/*"):
            shutil.rmtree(path)
    release, known = _release(course, assignment, folder)
    jobs = [
        _job(course, assignment, path.parent.name, release)
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
    return Plan(course, assignment, ready, new, len(jobs) - len(due))


def work(plan: Plan, workers: int | None = None, scheduler: str | None = None) -> Iterator[Done]:
    """Do it; what became of each submission, as soon as it is known.  Needs `only_run`.

    `workers` processes on this machine, or those of a Dask scheduler.  Unless told, there is one
    more than there are cores: training waits a little at the end of each epoch.
    """
    settings = courses.config(plan.course)
    with ExitStack() as stack:
        if plan.new and scheduler is None:
            stack.enter_context(_zygote(settings))
        book = stack.enter_context(courses.gradebook(plan.course))
        for job in plan.ready:
            yield Done(job.student, _bring_in(book, job, settings))
        if plan.new:
            for new, failed, running in _map(plan.new, workers, scheduler):
                if new is None:
                    yield Done("", running=running)
                else:
                    yield Done(new.student, failed or _bring_in(book, new, settings), running)
    _sweep(step.store(plan.course, plan.assignment))


@contextmanager
def _zygote(settings: Any) -> Iterator[None]:
    """Let one zygote begin that all workers of this machine ask for kernels."""
    from grader.running.execute import SpoolExecute

    policy = None
    if SpoolExecute in courses.preprocessors(settings):
        with suppress(ValueError):  # it is said of each notebook
            policy = SpoolExecute(config=settings).policy()
    with kernels.shared(policy) if policy else nullcontext():
        yield


def _sweep(folder: Path) -> None:
    """Remove what processes that died left half written in the store."""
    for part in [*folder.glob("*.part"), *folder.glob("done/*.part")]:
        shutil.rmtree(part, ignore_errors=True) if part.is_dir() else part.unlink(missing_ok=True)


# --- what a result depends on -------------------------------------------------------------------


def _release(course: Path, assignment: str, folder: Path) -> tuple[str, set[str]]:
    """The file with what the assignment asks, named by its content; and who is in the gradebook."""
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
        name = f"release-{_course_digest(course, assignment, asked, settings)}.db"
        if not (folder / name).is_file():
            for old in folder.glob("release-*.db"):
                old.unlink()
            marks.write_release(book, assignment, folder / name)
    return name, known


def _course_digest(course: Path, assignment: str, asked: Any, settings: Any) -> str:
    """Of the cells released, the files beside them, the settings, the seed and the versions."""
    from grader.running.execute import SpoolExecute

    seed = Path(SpoolExecute(config=settings).seed_file)
    packages = [version(name) for name in ("beyond-sequential", "keras", "nbgrader")]
    words = json.dumps([asked, settings, packages], sort_keys=True, default=repr)
    digest = hashlib.sha256(words.replace(str(course), "").encode())
    digest.update((course / seed).read_bytes())
    source = course / "source" / assignment
    _add_files(digest, source, [path for path in source.rglob("*") if path.suffix != ".ipynb"])
    return digest.hexdigest()[:32]


def _job(course: Path, assignment: str, student: str, release: str) -> step.Job:
    submitted = course / "submitted" / student / assignment
    digest = hashlib.sha256(json.dumps([release, assignment, student]).encode())
    _add_files(digest, submitted, submitted.rglob("*"))
    made = digest.hexdigest()[:32]
    return step.Job(str(course), assignment, student, release, made, version("beyond-sequential"))


def _add_files(digest: Any, folder: Path, paths: Any) -> None:
    for path in sorted(paths):
        if path.is_file() and ".ipynb_checkpoints" not in path.parts:
            body = path.read_bytes()
            digest.update(f"{path.relative_to(folder)} {len(body)} ".encode() + body)


# --- bringing in --------------------------------------------------------------------------------


def _is_imported(job: step.Job, known: set[str]) -> bool:
    """Whether this very result is in the gradebook, as far as this course's store knows."""
    mark = _mark(job)
    return job.student in known and mark.is_file() and mark.read_text("ascii").strip() == job.digest


def _mark(job: step.Job) -> Path:
    return step.store(Path(job.course), job.assignment) / "imported" / job.student


def _bring_in(book: Any, job: step.Job, settings: Any) -> str:
    """A finished step's marks into the gradebook, its files into autograded/; then note it.

    Why that failed, if it did.  Whatever interrupts this, the next run does all of it again.
    """
    course = Path(job.course)
    folder = step.store(course, job.assignment)
    try:
        done = folder / "done" / job.digest
        with step.quiet():
            marks.bring_in(book, job.assignment, job.student, step.read(done), settings)
        target = course / "autograded" / job.student / job.assignment
        marks.replace(target, done / "files", folder)
        _mark(job).write_text(f"{job.digest}\n", encoding="ascii")
    except Exception as error:
        book.db.rollback()
        return _said(error)
    return ""


def _said(error: BaseException) -> str:
    if isinstance(error, shutil.Error):  # of copying a folder: a list of (from, to, why)
        return str(error.args[0][0][2])
    told = str(error)
    return told if isinstance(error, RuntimeError) else f"{type(error).__name__}: {told}"


# --- Dask ---------------------------------------------------------------------------------------

# Ctrl-C reaches every process of a terminal; that the workers end is the coordinator's business.
_DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)"


def _map(
    jobs: tuple[step.Job, ...], workers: int | None, scheduler: str | None
) -> Iterator[tuple[step.Job | None, str, int]]:
    """Run each job's step somewhere; the job, why it failed if it did, and how many are at work."""
    from distributed import as_completed

    with _client(workers or (os.cpu_count() or 1) + 1, len(jobs), scheduler) as client:
        futures = {client.submit(step.run, job, pure=False): job for job in jobs}
        left = len(jobs)
        yield None, "", _running(client, left)
        for future in as_completed(list(futures)):
            left -= 1
            yield futures[future], _failed(future), _running(client, left)


def _failed(future: Any) -> str:
    """Why a step failed; empty if it did not."""
    from distributed import KilledWorker

    if future.status == "finished":
        return ""
    error = future.exception() if future.status == "error" else None
    if error is None or isinstance(error, KilledWorker):
        return "every worker that tried it died"
    return _said(error)


def _running(client: Any, left: int) -> int:
    return min(left, sum(client.nthreads().values()))


@contextmanager
def _client(workers: int, jobs: int, scheduler: str | None) -> Iterator[Any]:
    """A client of the scheduler named, or of one that lives as long as this."""
    import dask
    from distributed import Client, LocalCluster

    if scheduler is not None:
        with _connected(scheduler) as client:
            yield client
        return
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    calm = {
        # A worker may die of what a student does: it holds no job of another's meanwhile.
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
        # Looks at itself that nobody reads, a fifth of a second for each notebook.
        "distributed.worker.profile.enabled": False,
        "distributed.admin.tick.interval": "1s",
    }
    handler = signal.getsignal(signal.SIGINT)
    try:
        with (
            dask.config.set(calm),
            LocalCluster(
                n_workers=min(workers, jobs),
                threads_per_worker=1,
                memory_limit=0,
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                security=True,  # nobody else on this machine may give the workers work
                silence_logs=logging.CRITICAL,
                preload=_DEAF,
            ) as cluster,
            Client(cluster) as client,
        ):
            try:
                yield client
            finally:
                # Closing takes seconds; interrupted, it would leave processes behind.
                signal.signal(signal.SIGINT, signal.SIG_IGN)
    finally:
        signal.signal(signal.SIGINT, handler)


def _connected(scheduler: str) -> Any:
    """A client of a running scheduler.  Raises GraderError if it can't be reached."""
    from distributed import Client

    try:
        return Client(scheduler, timeout="20s")
    except (OSError, TypeError, ValueError) as error:  # as TLS, addresses and networks fail
        raise GraderError(f"no Dask scheduler can be reached at {scheduler}: {error}") from error
