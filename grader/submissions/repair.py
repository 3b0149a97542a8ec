"""What a submission looks like after a student's editing, and how it becomes gradable again.

nbgrader trusts a submission's cell metadata: one copied cell aborts the whole class with a word
on old formats, a flipped flag or an invalid tag loses the submission, and a test whose metadata
is gone is never graded.  `RepairCells` stands in for nbgrader's `ClearOutput` and
`DeduplicateIds`.  Of each cell it keeps the type and the source, finds out which cell it is,
writes new metadata from the gradebook, and puts deleted tests back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import ValidationError, validate
from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.api import Gradebook, GradeCell, TaskCell
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.submissions import handed_in
from grader.submissions.storable import storable, storable_text

VERSION = "beyond_sequential"  # the key in a notebook's metadata: the version of the course
_CHECK = re.compile(r"""^check\(\s*["'](?P<exercise>[a-z0-9-]+)["']""", re.MULTILINE)
_MAKE = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


@dataclass(frozen=True, slots=True)
class ReleasedCell:
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
        self._refuse_links(place)
        known = release(place["db_url"], place["notebook"], place["assignment"])
        for line in repair(nb, known):
            self.log.warning("%s: %s", place["student"], line)
        return nb, resources

    def _refuse_links(self, place: Mapping[str, str]) -> None:
        """Remove what nbgrader copied through links of a student's before it came to this.

        Raises RuntimeError if the notebook itself was read through one.
        """
        course = CourseDirectory(config=self.config)
        student, assignment = place["student"], place["assignment"]
        submitted, graded, source = (
            Path(course.root, course.format_path(step, who, assignment))
            for step, who in (
                (course.submitted_directory, student),
                (course.autograded_directory, student),
                (course.source_directory, "."),
            )
        )
        if submitted.is_symlink() or handed_in.is_linked(submitted, f"{place['notebook']}.ipynb"):
            raise RuntimeError("what was handed in is a link, and no links are followed")
        for name in handed_in.content(graded).files:
            if handed_in.is_linked(submitted, name) and not (source / name).exists():
                (graded / name).unlink()
                self.log.warning("%s: a link was not followed", student)


def release(db_url: str, notebook: str, assignment: str) -> dict[str, ReleasedCell]:
    """Return the cells of the release, in order."""
    with Gradebook(db_url) as gradebook:
        found = gradebook.find_notebook(notebook, assignment)
        points = {
            cell.name: cell.max_score
            for kind in (GradeCell, TaskCell)
            for cell in gradebook.db.query(kind).filter(kind.notebook_id == found.id)
        }
        grades = {cell.name for cell in found.grade_cells}
        solutions = {cell.name for cell in found.solution_cells}
        tasks = {cell.name for cell in found.task_cells}
        return {
            cell.name: ReleasedCell(
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


def repair(nb: NotebookNode, known: Mapping[str, ReleasedCell]) -> list[str]:
    """Repair a notebook in place; what was done, in words."""
    marks = [_mark(cell) for cell in nb.cells]
    owners = _owners(nb, [_grade_id(mark) for mark in marks], known)
    done = []
    for position, (cell, mark) in enumerate(zip(nb.cells, marks, strict=True)):
        owner = known[owners[position]] if position in owners else None
        nb.cells[position] = _renewed(cell, owner, position)
        if owner is None:
            if mark is not None:
                done.append(f"cell {position + 1} only looked like cell {_grade_id(mark)}")
        elif mark != _metadata(owner) or cell.cell_type != owner.kind:
            done.append(f"cell {owner.grade_id} has its metadata from the release again")
    nb.metadata = from_dict(_version(nb))
    nb.nbformat, nb.nbformat_minor = 4, 5
    return done + _put_back(nb, owners, known)


def _version(nb: NotebookNode) -> dict[str, Any]:
    """Of the notebook's own metadata, which version of the course it says that it is of."""
    found = nb.metadata.get(VERSION)
    version = found.get("version") if isinstance(found, dict) else None
    return {VERSION: {"version": storable_text(version)}} if isinstance(version, str) else {}


def _mark(cell: NotebookNode) -> Any:
    """Return a cell's nbgrader metadata, whatever it is."""
    metadata = cell.get("metadata")
    return metadata.get("nbgrader") if isinstance(metadata, dict) else None


def _grade_id(mark: Any) -> str | None:
    grade_id = mark.get("grade_id") if isinstance(mark, dict) else None
    return grade_id if isinstance(grade_id, str) else None


def _owners(
    nb: NotebookNode, claims: list[str | None], known: Mapping[str, ReleasedCell]
) -> dict[int, str]:
    """Which cell is which: the first to claim a grade_id, else one recognized by its content."""
    owners: dict[int, str] = {}
    clues = (claims, [cell.get("id") for cell in nb.cells], [_checks(cell) for cell in nb.cells])
    for clue in clues:
        for position, grade_id in enumerate(clue):
            if position in owners or not isinstance(grade_id, str):
                continue
            if grade_id in known and grade_id not in owners.values():
                owners[position] = grade_id
    return _answers_before(nb, owners, known)


def _answers_before(
    nb: NotebookNode, owners: dict[int, str], known: Mapping[str, ReleasedCell]
) -> dict[int, str]:
    """With the answers that nothing names: cells of their kind that stand before their test."""
    order = list(known)
    positions = {grade_id: position for position, grade_id in owners.items()}
    for number in range(len(order) - 2, -1, -1):
        answer, after = order[number], order[number + 1]
        if answer in positions or not known[answer].solution or after not in positions:
            continue
        for position in range(positions[after] - 1, -1, -1):
            if position in owners:
                break
            if nb.cells[position].cell_type == known[answer].kind:
                owners[position], positions[answer] = answer, position
                break
    return owners


def _checks(cell: NotebookNode) -> str | None:
    """Return the exercise that a code cell checks."""
    found = _CHECK.search(str(cell.get("source"))) if cell.cell_type == "code" else None
    return found["exercise"] if found else None


def _renewed(cell: NotebookNode, known: ReleasedCell | None, position: int) -> NotebookNode:
    """A new cell with the student's source, and of the metadata only what the release says."""
    kind = known.kind if known else cell.cell_type
    source = storable_text(cell.source) if isinstance(cell.get("source"), str) else ""
    new_id = known.grade_id if known else f"cell-{position + 1}"
    new = _MAKE.get(kind, new_raw_cell)(source=source, id=new_id)
    if known:
        new.metadata["nbgrader"] = from_dict(_metadata(known))
    if kind == "markdown" and "attachments" in cell:
        illustrated = from_dict({**new, "attachments": cell.attachments})
        return storable(illustrated) if _is_valid(illustrated) else new
    return new


def _is_valid(cell: NotebookNode) -> bool:
    try:
        storable(cell)
        validate(cell, ref="markdown_cell", version=4, version_minor=5)
    except (ValueError, ValidationError):
        return False
    return True


def _metadata(known: ReleasedCell) -> dict[str, Any]:
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


def _put_back(
    nb: NotebookNode, owners: Mapping[int, str], known: Mapping[str, ReleasedCell]
) -> list[str]:
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


def _fresh(known: ReleasedCell) -> NotebookNode:
    metadata = from_dict({"nbgrader": _metadata(known)})
    return _MAKE[known.kind](source=known.source, metadata=metadata, id=known.grade_id)


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
