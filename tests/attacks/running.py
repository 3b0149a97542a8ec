"""Hands a class of attackers in, and grades it by stock nbgrader."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.classes import table
from grader.course import course
from grader.running import spool_execute
from grader.submissions import repair
from tests.attacks.hostile import COUNT, LAYER, OWN, OWN_POINTS, POINTS, Attack, handed_in, source

ASSIGNMENT = "attacks"
TIMEOUT = 15  # seconds for a cell
NOTEBOOK_TIMEOUT = 75
HONEST = Attack("honest", "nothing")


def grade(folder: Path, attacks: Iterable[Attack], places: Mapping[str, str], setting: str) -> Path:
    """A course in which the attackers were graded, with an honest student before and after.

    `setting` is a line of the course's nbgrader_config.py.
    """
    course.quickstart(folder)
    config = folder / course.CONFIG
    with config.open("a") as file:
        file.write(f"\nc.Execute.timeout = {TIMEOUT}\n{setting}\n")
        file.write(f"c.SpoolExecute.notebook_timeout = {NOTEBOOK_TIMEOUT}\n")
    place = folder / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    place.parent.mkdir()
    nbformat.write(source(), place)
    list(course.nbgrader(folder, "generate_assignment", ASSIGNMENT))
    release = nbformat.read(folder / "release" / ASSIGNMENT / place.name, as_version=4)
    for name in ("aa-honest", "zz-honest"):
        _hand_in(folder, name, handed_in(HONEST, release, places))
    for attack in attacks:
        nb = handed_in(attack, release, places)
        text = attack.edit(nb) if attack.edit else None
        _hand_in(folder, attack.name, text or nb)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    (folder / "autograde.log").write_text(done.stdout, errors="replace")
    list(course.nbgrader(folder, "generate_feedback", ASSIGNMENT))
    return folder


def _hand_in(folder: Path, student: str, nb: NotebookNode | str) -> None:
    import json

    path = folder / "submitted" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(nb if isinstance(nb, str) else json.dumps(nb), encoding="utf-8")


def scores(folder: Path, student: str) -> dict[str, float | None]:
    with course.gradebook(folder) as book:
        found = book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).grades
        return {grade.name: grade.score for grade in found}


def row(folder: Path, student: str) -> table.StudentRow:
    return next(row for row in table.read_rows(folder, ASSIGNMENT) if row.student == student)


def autograded(folder: Path, student: str) -> Path:
    return folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


def printed(folder: Path, student: str) -> list[str]:
    """What the cells of a student's printed."""
    nb = nbformat.read(autograded(folder, student), as_version=4)
    outputs = [output for cell in nb.cells for output in cell.get("outputs", ())]
    return [output.text for output in outputs if output.output_type == "stream"]


def assert_contained(attack: Attack, scores: Mapping[str, float | None]) -> None:
    """What was right has its points, what was wrong has none."""
    for name in POINTS:
        if name in attack.kept:
            assert scores[name] == POINTS[name], f"{attack.name}: {name} was right"
        elif name not in (LAYER, COUNT) or name in attack.answers:
            assert scores[name] == 0, f"{attack.name}: {name} was wrong"


def assert_honest(folder: Path, student: str) -> None:
    found = {name: score for name, score in scores(folder, student).items() if score}
    assert found == {LAYER: POINTS[LAYER], COUNT: POINTS[COUNT], OWN: OWN_POINTS}
    assert row(folder, student).state == "graded"


def alone(attack: Attack, folder: Path) -> spool_execute.JudgedNotebook:
    """One attacker's notebook, run and judged without nbgrader around it."""
    (folder / "course_seed").write_text("7")
    release = source()
    nb = handed_in(attack, release, {})
    if attack.edit:
        attack.edit(nb)
        repair.repair(nb, _known(release))
    runner = spool_execute.SpoolExecute(
        seed_file=str(folder / "course_seed"),
        timeout=TIMEOUT,
        skip_cells_with_tag="",
        trust=True,  # what lies needs no jail to be found out
    )
    resources: dict[str, Any] = {"metadata": {"path": str(folder)}}
    runner.preprocess(nb, resources)
    nbformat.validate(nb)
    nbformat.write(nb, folder / "graded.ipynb")
    return resources[spool_execute.RESOURCE]


def _known(release: NotebookNode) -> dict[str, repair.ReleasedCell]:
    return {
        mark.grade_id: repair.ReleasedCell(
            mark.grade_id,
            "code",
            cell.source,
            "",
            mark.locked,
            mark.grade,
            mark.solution,
            False,
            mark.get("points"),
        )
        for cell in release.cells
        if (mark := cell.metadata.get("nbgrader"))
    }
