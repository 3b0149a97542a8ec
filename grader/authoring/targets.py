"""Targets: what the judge compares an answer with, taken from the solution.

A solved notebook runs once, in a kernel that hands its answers over as in grading.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbconvert.filters import strip_ansi

from beyond_sequential import backends
from grader.errors import GraderError


def of_solution(name: str, notebook: nbformat.NotebookNode) -> dict[str, Mapping[str, object]]:
    """Run a solved notebook and return its targets by exercise, of those that have one.

    Raises GraderError if the notebook does not run, or an exercise is unknown or hands nothing in.
    """
    from beyond_sequential.answers import files
    from beyond_sequential.course import sections
    from beyond_sequential.judge.targets import target_of, target_to_json

    wanted = _exercise_ids(notebook)
    if unknown := [exercise for exercise in wanted if exercise not in sections.exercises()]:
        raise GraderError(f"{name}: no section has the exercise {', '.join(unknown)}")
    found: dict[str, Mapping[str, object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        _run(name, notebook, Path(folder))
        for id_ in wanted:
            exercise, file = sections.exercise(id_), _last_answer(Path(folder), id_)
            if file is None:
                raise GraderError(f"{name}: the solution of {id_} hands nothing over")
            target = target_of(exercise, files.load(file, exercise))
            if target is not None:
                found[id_] = target_to_json(target)
    return found


def _last_answer(folder: Path, exercise: str) -> Path | None:
    """Return the last of the files `<exercise>.<number>.answer`, None if there is none."""
    files = folder.glob(f"{exercise}.*.answer")
    return max(files, key=lambda file: int(file.suffixes[-2][1:]), default=None)


def _exercise_ids(notebook: nbformat.NotebookNode) -> list[str]:
    marks = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
    return [mark["grade_id"] for mark in marks if mark.get("grade")]


def _run(name: str, notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run a solved notebook; any error in it is the author's."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    from beyond_sequential.notebook.notebook import SPOOL

    with tempfile.TemporaryDirectory() as place:
        client = NotebookClient(
            nbformat.from_dict(notebook),
            timeout=600,
            force_raise_errors=True,
            resources={"metadata": {"path": place}},
        )
        environment = {**os.environ, **backends.chosen().grading_environment(), SPOOL: str(folder)}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        try:
            client.execute(env=environment, **quiet)
        except (CellExecutionError, DeadKernelError) as error:
            why = strip_ansi(str(error)).strip()
            raise GraderError(f"{name}: the solved notebook does not run:\n{why}") from error
