"""Classes that are graded quickly: a course whose notebooks are not run.

`WithoutKernel` replaces the kernel and is otherwise SpoolExecute; a submission says in its
code cells what happens to it.  The course directory holds the settings that name it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output

import jailed_kernels as kernels
from grader.authoring import build, targets
from grader.authoring import repository as authoring_repository
from grader.course import course
from grader.running import policy
from grader.running.spool_execute import SpoolExecute
from jailed_kernels import Report

NAME = "1-mini"
ROOT = Path(__file__).resolve().parent.parent.parent
_DO = re.compile(
    r"^# (?P<verb>earns|raises|sleeps|crashes|dies once|fails once) ?(?P<value>\S*)$", re.M
)


class WithoutKernel(SpoolExecute):
    """Does what an answer's comments say instead of running the notebook.

    They are `# earns 1` (in the test after it), `# raises NameError`, `# sleeps 0.1`, `# crashes`,
    `# dies once PATH` and `# fails once PATH`.
    """

    def preprocess(self, nb: NotebookNode, resources: Any, km: Any = None) -> Any:
        with mock.patch.object(policy, "start", lambda *_: Report(kernels.NO_JAIL, {})):
            return super().preprocess(nb, resources, km)

    def run_cells(self, nb: NotebookNode, resources: Any, km: Any, spool: Path) -> list[str]:
        reasons: list[str] = []
        earned = "0"
        for number, cell in enumerate(nb.cells, 1):
            if cell.cell_type != "code":
                continue
            cell.execution_count = number
            for found in _DO.finditer(cell.source):
                if found["verb"] == "earns":
                    earned = found["value"]
                reasons += _do(found["verb"], found["value"])
                if found["verb"] == "raises":
                    name = found["value"]
                    cell.outputs = [new_output("error", ename=name, evalue="said", traceback=[])]
            if cell.metadata.get("nbgrader", {}).get("grade"):
                data = {"text/plain": earned}
                cell.outputs = [new_output("execute_result", data=data, execution_count=number)]
                earned = "0"
        return reasons


def _do(verb: str, value: str) -> list[str]:
    first = verb.endswith("once") and not Path(value).exists()
    if first:
        Path(value).touch()
    if verb == "sleeps":
        time.sleep(float(value))
    elif verb == "crashes":
        return ["the kernel died"]
    elif verb == "dies once" and first:
        os.kill(os.getpid(), signal.SIGKILL)
    elif verb == "fails once" and first:
        raise OSError("no space left on device")
    return []


def repository(folder: Path) -> Path:
    """Return a tiny repository, built; its solutions were not run."""
    root = shutil.copytree(ROOT / "tests" / "fixtures" / "mini", folder)
    with mock.patch.object(targets, "of_solution", lambda name, notebook: {}):
        build.build(root)
    return root


def released(repository: Path, folder: Path) -> Path:
    """Return a course with the tiny repository's assignment, which nbgrader has released."""
    with mock.patch.object(authoring_repository, "root", lambda: repository):
        course.quickstart(folder)
    list(course.nbgrader(folder, "generate_assignment", NAME))
    return folder


def without_kernels(folder: Path) -> None:
    """Let a course run nothing."""
    config = folder / "nbgrader_config.py"
    text = config.read_text("utf-8").replace(
        "grader.plugins.SpoolExecute", "tests.helpers.mini_course.WithoutKernel"
    )
    text = text.replace("c.SpoolExecute", "c.WithoutKernel")
    config.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{text}", encoding="utf-8")


def hand_in(folder: Path, student: str, **cells: str) -> None:
    """Hand in the release, with this code in the answers named: `mini_one`, `mini_more`."""
    nb = nbformat.read(folder / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    for cell in nb.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        answer = grade_id.removesuffix("-answer").replace("-", "_")
        if answer in cells and grade_id.endswith("-answer"):
            cell.source = cells[answer]
    text = nbformat.writes(nb)
    path = folder / "submitted" / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def command(folder: Path, *options: str) -> list[str]:
    """Return the command line of `grader autograde` for a course."""
    grader = [sys.executable, "-m", "grader", "autograde", NAME, "--course", str(folder)]
    return [*grader, *options]


def gradebook(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Return all that the gradebook holds of a class, by student."""
    with course.gradebook(folder) as book:
        return {
            submission.student.id: {
                "timestamp": submission.timestamp,
                "grades": {
                    g.name: (g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade)
                    for nb in submission.notebooks
                    for g in nb.grades
                },
                "comments": {
                    c.name: (c.auto_comment, c.manual_comment)
                    for nb in submission.notebooks
                    for c in nb.comments
                },
                "penalty": [nb.late_submission_penalty for nb in submission.notebooks],
            }
            for submission in book.assignment_submissions(NAME)
        }


def files(folder: Path, step: str = "autograded") -> dict[str, bytes]:
    """Return all files of a step, by path."""
    return {
        path.relative_to(folder / step).as_posix(): path.read_bytes()
        for path in sorted((folder / step).rglob("*"))
        if path.is_file()
    }


def copied(folder: Path, to: Path) -> Path:
    """Return the course at another place."""
    return shutil.copytree(folder, to)
