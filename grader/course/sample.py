"""A sample class: the made-up students of an assignment, stored as the code of their answers.

    samples/1-introduction/class.toml   who hands in what, and what it is worth
    samples/1-introduction/ada.txt      ada's answers: `# %% <grade_id>` above each

The notebooks are made from the chapter when they are needed, so that a new wording of the chapter
does not change the class.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, cast

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from grader.errors import GraderError

_HEADING = re.compile(r"^# %% (?P<grade_id>[a-z0-9-]+)$", re.MULTILINE)


class _Entry(TypedDict, total=False):
    """A table of class.toml."""

    says: str
    file: str
    points: dict[str, float]
    less: list[str]
    edits: list[str]
    state: str
    like: str


@dataclass(frozen=True, slots=True)
class SampleStudent:
    """One student of a sample class, and the marks that they should get.

    `file` is the notebook's file name, None if nothing was handed in.  `points` are the expected
    points by exercise; `less` names exercises that earn less than full points; any other exercise
    earns nothing.  Answers that a student does not have are those of the student `like`.  `edits`
    are made to the notebook after the answers.
    """

    name: str
    says: str
    file: str | None
    points: Mapping[str, float] = field(default_factory=dict)
    less: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    state: str = "graded"
    like: str | None = None


def students(folder: Path) -> list[SampleStudent]:
    """Return the sample class in a folder."""
    entries = tomllib.loads((folder / "class.toml").read_text("utf-8"))
    return [_student(name, cast(_Entry, entry), folder.name) for name, entry in entries.items()]


def _student(name: str, entry: _Entry, assignment: str) -> SampleStudent:
    state = entry.get("state", "graded")
    file = None if state == "absent" else entry.get("file", f"{assignment}.ipynb")
    less, edits = tuple(entry.get("less", ())), tuple(entry.get("edits", ()))
    points, like = dict(entry.get("points", {})), entry.get("like")
    return SampleStudent(name, entry["says"], file, points, less, edits, state, like)


def hand_in(folder: Path, chapter: Path, downloads: Path) -> list[SampleStudent]:
    """Write what each student hands in to a folder of downloads; return the students."""
    found = students(folder)
    for student in found:
        if student.file is not None:
            target = downloads / student.name / student.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(submission(student, folder, chapter), encoding="utf-8")
    return found


def submission(student: SampleStudent, folder: Path, chapter: Path) -> str:
    """Return the text of one student's notebook."""
    nb = nbformat.read(chapter, as_version=4)
    for name in (student.like, student.name):
        answers = folder / f"{name}.txt"
        if answers.is_file():
            fill(nb, parse(answers.read_text("utf-8")))
    text = ""
    for edit in student.edits:
        name, *arguments = edit.split()
        text = EDITS[name](nb, *arguments) or text
    return text or f"{nbformat.writes(nb)}\n"


def parse(text: str) -> dict[str, str]:
    """Return the cells of an answers file, by grade_id."""
    pieces = _HEADING.split(text)[1:]
    pairs = zip(pieces[::2], pieces[1::2], strict=True)
    return {grade_id: code.strip("\n") for grade_id, code in pairs}


def fill(nb: NotebookNode, answers: Mapping[str, str]) -> None:
    """Put answers into the cells with these grade_ids."""
    for grade_id, code in answers.items():
        nb.cells[_position(nb, grade_id)].source = code


def _position(nb: NotebookNode, grade_id: str) -> int:
    for position, cell in enumerate(nb.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            return position
    raise GraderError(f"the chapter has no cell {grade_id!r}")


# --- damage to notebooks ------------------------------------------------------------------------


def _delete(nb: NotebookNode, grade_id: str) -> None:
    del nb.cells[_position(nb, grade_id)]


def _copy(nb: NotebookNode, grade_id: str) -> None:
    position = _position(nb, grade_id)
    original = nb.cells[position]
    nb.cells.insert(
        position + 1, new_code_cell(source=original.source, metadata=deepcopy(original.metadata))
    )


def _insert(nb: NotebookNode, grade_id: str) -> None:
    """Insert a cell of the student's own, which defines variables."""
    code = "posts = left = right = x = 3\nprint(sum([posts, left, right, x]))"
    nb.cells.insert(_position(nb, grade_id) + 1, new_code_cell(source=code))


def _strip(nb: NotebookNode) -> None:
    """Remove what a tool removes that knows neither nbgrader nor cell ids."""
    for cell in nb.cells:
        cell.metadata = nbformat.from_dict({})
        cell.pop("id", None)
    nb.nbformat_minor = 4


def _truncate(nb: NotebookNode) -> str:
    text: str = nbformat.writes(nb)
    return text[: len(text) // 2]


EDITS: dict[str, Callable[..., str | None]] = {
    "delete": _delete,
    "copy": _copy,
    "insert": _insert,
    "strip-metadata": _strip,
    "truncate": _truncate,
}
