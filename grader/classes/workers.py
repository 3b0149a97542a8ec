"""Dask: the processes that grade, on this machine or on those of a running scheduler."""

from __future__ import annotations

import logging
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.classes.job import Job, run_job
from grader.errors import GraderError

if TYPE_CHECKING:
    from distributed import Client, Future

# Ctrl-C reaches every process of a terminal; that the workers end is the coordinator's business.
_DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)"


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """One job has ended, with why it failed if it did; `running` are at work.

    The first report, when work begins, has no job.
    """

    job: Job | None
    failed: str
    running: int


def run_jobs(
    jobs: tuple[Job, ...], workers: int | None, scheduler: str | None
) -> Iterator[WorkerReport]:
    """Run each job somewhere, and report each as it ends.

    Raises GraderError if the scheduler named can't be reached.
    """
    from distributed import as_completed

    with _client(workers or (os.cpu_count() or 1) + 1, len(jobs), scheduler) as client:
        futures = {client.submit(run_job, job, pure=False): job for job in jobs}
        left = len(jobs)
        yield WorkerReport(None, "", _running(client, left))
        for future in as_completed(list(futures)):
            left -= 1
            yield WorkerReport(futures[future], _failed(future), _running(client, left))


def error_in_words(error: BaseException) -> str:
    """Return an error as a reason that a person can read."""
    if isinstance(error, shutil.Error):  # of copying a folder: a list of (from, to, why)
        return str(error.args[0][0][2])
    words = str(error)
    return words if isinstance(error, RuntimeError) else f"{type(error).__name__}: {words}"


def _failed(future: Future[str]) -> str:
    """Return why a job failed; empty if it did not."""
    from distributed import KilledWorker

    if future.status == "finished":
        return ""
    error = future.exception() if future.status == "error" else None
    if error is None or isinstance(error, KilledWorker):
        return "every worker that tried it died"
    return error_in_words(error)


def _running(client: Client, left: int) -> int:
    return min(left, sum(client.nthreads().values()))


@contextmanager
def _client(workers: int, jobs: int, scheduler: str | None) -> Iterator[Client]:
    """Give a client of the scheduler named, or of one that lives as long as this."""
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
        # Profiles that nobody reads cost a fifth of a second for each notebook.
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


def _connected(scheduler: str) -> Client:
    """Return a client of a running scheduler.  Raises GraderError if it can't be reached."""
    from distributed import Client

    try:
        return Client(scheduler, timeout="20s")
    except (OSError, TypeError, ValueError) as error:  # as TLS, addresses and networks fail
        raise GraderError(f"no Dask scheduler can be reached at {scheduler}: {error}") from error
