"""Report what an instructor's machine can do: run notebooks, jail them, show them in a browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from beyond_sequential import backends
from beyond_sequential.doctor import Diagnosis, examine, installed
from grader.course import course
from grader.running import policy

INSTALL = f'pip install "beyond-sequential[{backends.DEFAULT.extra},lab,grader]"'
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def diagnose(folder: Path) -> Iterator[Diagnosis]:
    """Yield a line for everything that grading a class needs; takes some seconds.

    If `folder` is a course directory, one line says whether it is private.
    """
    yield from examine()
    for name in ("jupyterlab", "nbgrader", "nbclient"):
        yield installed(name, INSTALL)
    # nbgrader runs it by its bare name when it makes a gradebook.
    alembic = shutil.which("alembic")
    yield Diagnosis("alembic", alembic is not None, alembic or "not on PATH", _activate(alembic))
    yield _kernel()
    yield from _jail()
    yield from _privacy(folder)
    what = "a browser for the repository's tests"
    yield Diagnosis(what, True, browser() or "none; only maintainers need it")


def _privacy(folder: Path) -> Iterator[Diagnosis]:
    if (folder / course.CONFIG).is_file():
        private = course.is_private(folder)
        said = "yes" if private else "no, others on this machine can open solutions and gradebook"
        advice = "" if private else f"chmod 700 {folder.resolve()}"
        yield Diagnosis("the course directory is private", private, said, advice)


def browser() -> str | None:
    """Return the path of Chromium, None if it is not installed."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _activate(found: str | None) -> str:
    return "" if found else "activate the environment, so that its programs are on PATH"


def _kernel() -> Diagnosis:
    """Start a kernel, run one line in it, stop it."""
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    start = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        NotebookClient(new_notebook(cells=[new_code_cell("1")]), timeout=60).execute(**quiet)
    except Exception as error:  # whatever keeps it from starting is the finding
        advice = f"{sys.executable} -m ipykernel install --sys-prefix"
        return Diagnosis("a kernel starts", False, f"{type(error).__name__}: {error}", advice)
    return Diagnosis("a kernel starts", True, f"in {time.perf_counter() - start:.1f} s")


def _jail() -> Iterator[Diagnosis]:
    """What jail students' code would run in, and if it is none, what is wrong with each layer."""
    first, *layers = policy.jail_lines()
    held = first.startswith("kernels run")
    advice = "grade on Linux 5.13 or newer, or see c.SpoolExecute.trust in nbgrader_config.py"
    yield Diagnosis("a jail for students' code", held, first, "" if held else advice)
    for line in layers:
        tier, _, wrong = line.strip().partition(": ")
        if wrong and not wrong.endswith("holds"):
            yield Diagnosis(f"no better jail: {tier}" if held else f"jail, {tier}", held, wrong)
