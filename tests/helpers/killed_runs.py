"""Runs of `grader autograde` that are killed at a random moment, and what must be true after them.

`tests/grader/classes/test_interruptions.py` does a few, `benchmarks/interruptions.py` as many as
`--kills` says.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from grader.classes import job
from tests.helpers import mini_course
from tests.helpers.mini_course import NAME

SECONDS = 0.25  # that each notebook takes


def hand_in(folder: Path, count: int) -> None:
    """Make a class without kernels in which everybody has other points."""
    mini_course.without_kernels(folder)
    for number in range(count):
        answer = f"# earns {number / count:.3f}\n# sleeps {SECONDS}"
        mini_course.hand_in(folder, f"student{number:03}", mini_one=answer)


def run_and_kill(folder: Path, chance: random.Random, seconds: float) -> str:
    """Start a run and kill it within so many seconds; who was hit, or "" if it was quicker.

    Hit are the coordinator (also by Ctrl-C), a worker, or all of them at once.
    """
    again = ["--force"] if chance.random() < 0.5 else []
    command = mini_course.command(folder, "--workers", "2", *again)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet, start_new_session=True) as run:
        with suppress(subprocess.TimeoutExpired):
            run.wait(chance.uniform(0, seconds))
        whom = chance.choice(["coordinator", "interrupt", "worker", "all"])
        if run.poll() is not None:
            return ""
        if whom == "coordinator":
            run.kill()
        elif whom == "interrupt":
            run.send_signal(signal.SIGINT)
        elif whom == "all":
            os.killpg(run.pid, signal.SIGKILL)
        elif found := _workers(run.pid):
            os.kill(chance.choice(found), signal.SIGKILL)
        else:  # none yet
            run.kill()
            whom = "coordinator"
    return whom


def _workers(pid: int) -> list[int]:
    """Return the processes that work for a run."""
    import psutil

    try:
        children = psutil.Process(pid).children(recursive=True)
        return [child.pid for child in children if "spawn_main" in " ".join(child.cmdline())]
    except psutil.NoSuchProcess:
        return []


def state(folder: Path) -> dict[str, object]:
    """All that a run leaves: marks, files, and what is in the store (half done, if any is)."""
    store = job.store(folder, NAME)
    return {
        "gradebook": mini_course.gradebook(folder),
        "files": mini_course.files(folder),
        "done": len(list((store / "done").iterdir())),
        "half done": sorted(path.name for path in store.rglob("*.part")),
    }
