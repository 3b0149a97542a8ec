"""What an instructor's machine can do: run notebooks, jail them, and show them in a browser."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

from beyond_sequential.doctor import Line, examine, installed

INSTALL = 'pip install "beyond-sequential[tensorflow,lab,grader]"'
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def diagnose() -> Iterator[Line]:
    """Everything that grading a class needs, line by line; takes some seconds."""
    yield from examine()
    for name in ("jupyterlab", "nbgrader", "nbclient"):
        yield installed(name, INSTALL)
    # nbgrader runs it by its bare name when it makes a gradebook.
    alembic = shutil.which("alembic")
    yield Line("alembic", alembic is not None, alembic or "not on PATH", _activate(alembic))
    yield _kernel()
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    yield Line(
        "a browser for the repository's tests", True, browser or "none; only maintainers need it"
    )


def _activate(found: str | None) -> str:
    return "" if found else "activate the environment, so that its programs are on PATH"


def _kernel() -> Line:
    """Start a kernel, run one line in it, stop it."""
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    start = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        NotebookClient(new_notebook(cells=[new_code_cell("1")]), timeout=60).execute(**quiet)
    except Exception as error:  # whatever keeps it from starting is the finding
        advice = f"{sys.executable} -m ipykernel install --sys-prefix"
        return Line("a kernel starts", False, f"{type(error).__name__}: {error}", advice)
    return Line("a kernel starts", True, f"in {time.perf_counter() - start:.1f} s")
