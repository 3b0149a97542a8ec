"""What a submission looks like after a student's editing, and how it becomes gradable again.

nbgrader trusts a submission's cell metadata: one copied cell aborts the whole class with a word
on old formats, a flipped flag loses the submission, and a test whose metadata is gone is never
graded.  `RepairCells` stands in for nbgrader's `DeduplicateIds`: it finds out which cell is which,
writes the metadata anew from the gradebook, and puts deleted tests back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from grader import text
from grader.errors import GraderError

_MAKE = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


@dataclass(frozen=True, slots=True)
class Known:
    """A cell of the release, as the gradebook remembers it."""

    grade_id: str
    kind: str
    source: str
    checksum: str
    locked: bool
    grade: bool
    solution: bool
    task: bool
    points: float | None


class RepairCells(NbGraderPreprocessor):
    """Makes a submission's nbgrader metadata what the release says."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Repair the notebook in place."""
        place = resources["nbgrader"]
        known = release(place["db_url"], place["notebook"], place["assignment"])
        for line in repair(nb, known):
            self.log.warning("%s: %s", place["student"], line)
        return nb, resources


def release(db_url: str, notebook: str, assignment: str) -> dict[str, Known]:
    """The cells of the release, in order."""
    with Gradebook(db_url) as gradebook:
        found = gradebook.find_notebook(notebook, assignment)
        points = {cell.name: cell.max_score for cell in (*found.grade_cells, *found.task_cells)}
        grades = {cell.name for cell in found.grade_cells}
        solutions = {cell.name for cell in found.solution_cells}
        tasks = {cell.name for cell in found.task_cells}
        return {
            cell.name: Known(
                cell.name,
                cell.cell_type,
                cell.source,
                cell.checksum,
                cell.locked,
                cell.name in grades,
                cell.name in solutions,
                cell.name in tasks,
                points.get(cell.name),
            )
            for cell in found.source_cells
        }


def repair(nb: NotebookNode, known: Mapping[str, Known]) -> list[str]:
    """Repair a notebook in place; what was done, in words."""
    claims = [_claim(cell) for cell in nb.cells]
    owners = _owners(nb, claims, known)
    done = []
    for position, cell in enumerate(nb.cells):
        grade_id = owners.get(position)
        if grade_id is None:
            if claims[position] is not None:
                done.append(f"a copy of cell {claims[position]} is an ordinary cell now")
            continue
        if claims[position] is None:
            done.append(f"cell {grade_id} had lost its metadata")
        nb.cells[position] = _as_released(cell, known[grade_id])
    return done + _put_back(nb, owners, known)


def _claim(cell: NotebookNode) -> str | None:
    """Take a cell's nbgrader metadata off; the grade_id that it claimed to have."""
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = from_dict({})
    claimed = cell.metadata.pop("nbgrader", None)
    grade_id = claimed.get("grade_id") if isinstance(claimed, dict) else None
    return grade_id if isinstance(grade_id, str) else None


def _owners(
    nb: NotebookNode, claims: list[str | None], known: Mapping[str, Known]
) -> dict[int, str]:
    """Which cell is which: the first to claim a grade_id, else one that is told by its content."""
    owners: dict[int, str] = {}
    clues = (claims, [cell.get("id") for cell in nb.cells], [_checks(cell) for cell in nb.cells])
    for clue in clues:
        for position, grade_id in enumerate(clue):
            if position in owners or not isinstance(grade_id, str):
                continue
            if grade_id in known and grade_id not in owners.values():
                owners[position] = grade_id
    return owners


def _checks(cell: NotebookNode) -> str | None:
    """The exercise that a code cell checks."""
    if cell.cell_type != "code" or "check(" not in cell.source:
        return None
    try:
        found = text.test_of(text.TextCell("code", cell.source))
    except GraderError:
        return None
    return found[0] if found else None


def _as_released(cell: NotebookNode, known: Known) -> NotebookNode:
    """The cell with the release's type and metadata; its source stays the student's."""
    metadata = from_dict({**cell.metadata, "nbgrader": _metadata(known)})
    extra = {"id": cell["id"]} if "id" in cell else {}
    return _MAKE[known.kind](source=cell.source, metadata=metadata, **extra)


def _metadata(known: Known) -> dict[str, Any]:
    points = {} if known.points is None else {"points": known.points}
    return {
        "schema_version": 3,
        "grade_id": known.grade_id,
        "grade": known.grade,
        "solution": known.solution,
        "locked": known.locked,
        "task": known.task,
        "cell_type": known.kind,
        "checksum": known.checksum,
        **points,
    }


def _put_back(nb: NotebookNode, owners: Mapping[int, str], known: Mapping[str, Known]) -> list[str]:
    """Insert the graded cells that are gone: after the cell before them, else before the next."""
    places = {grade_id: nb.cells[position] for position, grade_id in owners.items()}
    order = list(known)
    done = []
    for number, grade_id in enumerate(order):
        if grade_id in places or not (known[grade_id].grade or known[grade_id].task):
            continue
        cell = _fresh(known[grade_id])
        nb.cells.insert(_place(nb, order, number, places), cell)
        places[grade_id] = cell
        done.append(f"cell {grade_id} was missing and is back")
    return done


def _fresh(known: Known) -> NotebookNode:
    metadata = from_dict({"nbgrader": _metadata(known)})
    return _MAKE[known.kind](source=known.source, metadata=metadata)


def _place(
    nb: NotebookNode, order: list[str], number: int, places: Mapping[str, NotebookNode]
) -> int:
    """Right after the cell before it in the release; if that is gone too, before the next one.

    What the student wrote for it is then above it, wherever they put it.
    """
    if number and order[number - 1] in places:
        return _position(nb, places[order[number - 1]]) + 1
    for later in order[number + 1 :]:
        if later in places:
            return _position(nb, places[later])
    return len(nb.cells)


def _position(nb: NotebookNode, wanted: NotebookNode) -> int:
    return next(i for i, cell in enumerate(nb.cells) if cell is wanted)
