"""A notebook's cells: which ones the judge decides on, and how one is named in a sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from beyond_sequential.i18n import _
from grader.printable import printable

MAX_ERROR = 200  # characters, of an error's first line
# Errors that the grader wrote: why a kernel was lost, or a cell interrupted.
NOT_THE_CELLS = ("KernelError", "CellTimeoutError")
_CHECK = "__import__('beyond_sequential.notebook.notebook', fromlist=['check']).check({argument})"


def course_cells(nb: NotebookNode) -> dict[str, NotebookNode]:
    """Return the test cells of this course's exercises, by exercise id."""
    from beyond_sequential.course import sections

    known = sections.exercises()
    grades = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in nb.cells
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code"
    }
    return {grade_id: cell for grade_id, cell in grades.items() if grade_id in known}


def answer_sizes(nb: NotebookNode) -> dict[str, int]:
    """Return how large the answer to each exercise of a notebook may be, in bytes."""
    from beyond_sequential.answers import files
    from beyond_sequential.course import sections

    return {name: files.most_bytes(sections.exercise(name)) for name in course_cells(nb)}


def check_code(nb: NotebookNode) -> dict[int, str]:
    """Return, by position, the code that is run for a test of this course's, and for `check()`.

    It does not depend on a name that the student may have deleted or given to something else.
    """
    names = set(course_cells(nb))
    found = {}
    for position, cell in enumerate(nb.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "code" and grade_id in names:
            found[position] = _CHECK.format(argument=repr(grade_id))
        elif cell.cell_type == "code" and cell.source.strip() == "check()":
            found[position] = _CHECK.format(argument="")
    return found


def answer_positions(nb: NotebookNode) -> dict[str, list[int]]:
    """Return, by exercise id, the answer cells above its test and below the test before."""
    names = set(course_cells(nb))
    found: dict[str, list[int]] = {}
    answers: list[int] = []
    for position, cell in enumerate(nb.cells):
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("grade_id") in names:
            found[mark["grade_id"]], answers = answers, []
        elif mark.get("solution"):
            answers.append(position)
    return found


def error_line(cell: NotebookNode) -> str:
    """Return the first line of the error that a cell ended in; empty if it ended well."""
    errors = [output for output in cell.get("outputs", ()) if output.output_type == "error"]
    if not errors or errors[-1].ename in NOT_THE_CELLS:
        return ""
    name, value = str(errors[-1].get("ename", "")), str(errors[-1].get("evalue", ""))
    first = next((line for line in value.splitlines() if line.strip()), "")
    line = " ".join(printable(f"{name}: {first}" if first else name).split())
    return line if len(line) <= MAX_ERROR else f"{line[:MAX_ERROR]}…"


def cell_errors(nb: NotebookNode, given: Collection[str] = ()) -> dict[int, str]:
    """Return, by position, the errors that cells of the course ended in, tests apart.

    Those are the answers, and the cells that the release gives, whose sources are in `given`.  In a
    cell of the student's own only a missing package counts.
    """
    found = {}
    for position, cell in enumerate(nb.cells):
        mark = cell.metadata.get("nbgrader", {})
        line = "" if cell.cell_type != "code" or mark.get("grade") else error_line(cell)
        is_of_course = mark.get("solution") or cell.source in given
        if line and (is_of_course or line.startswith("ModuleNotFoundError")):
            found[position] = line
    return found


def source_cells(config: Config, resources: Mapping[str, Mapping[str, str]]) -> list[NotebookNode]:
    """Return the cells of the notebook in the course's source/, solutions included.

    `resources` are nbconvert's; where they name no assignment, or its source is gone, nothing is
    returned.
    """
    graded = resources.get("nbgrader", {})
    assignment, notebook = graded.get("assignment"), graded.get("notebook")
    if not assignment or not notebook:
        return []
    course = CourseDirectory(config=config)
    folder = Path(course.format_path(course.source_directory, ".", assignment))
    path = Path(course.root, folder, f"{notebook}.ipynb")
    return list(nbformat.read(path, as_version=4).cells) if path.is_file() else []


def given_code(source: Iterable[NotebookNode]) -> frozenset[str]:
    """Return the sources of the code cells that a source notebook gives to students as they are."""
    return frozenset(
        cell.source
        for cell in source
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader")
    )


def remove_tags(nb: NotebookNode) -> None:
    """Remove all tags: a student's decides nothing, least of all that a test is skipped."""
    for cell in nb.cells:
        cell.metadata.pop("tags", None)


def has_code(nb: NotebookNode, start: int) -> bool:
    """Return whether there is any code from this cell on."""
    return any(cell.cell_type == "code" and cell.source.strip() for cell in nb.cells[start:])


def cell_in_words(cell: NotebookNode, position: int) -> str:
    """Return a cell's number and, if it belongs to an exercise, which."""
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    name = _("cell {number}").format(number=position + 1)
    return _("{cell} ({exercise})").format(cell=name, exercise=grade_id) if grade_id else name
