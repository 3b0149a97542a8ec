"""A notebook's cells: which ones the judge decides on, and how one is named in a sentence."""

from __future__ import annotations

from nbformat.notebooknode import NotebookNode

from beyond_sequential.i18n import _


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


def timeouts(nb: NotebookNode) -> list[str]:
    """Return, in words, the cells that were interrupted because they took too long."""
    return [
        _("{cell} took too long and was interrupted").format(cell=cell_in_words(cell, position))
        for position, cell in enumerate(nb.cells)
        if has_timeout(cell)
    ]


def has_timeout(cell: NotebookNode) -> bool:
    """Return whether a cell was interrupted because it took too long."""
    return any(
        output.output_type == "error" and output.ename == "CellTimeoutError"
        for output in cell.get("outputs", ())
    )
