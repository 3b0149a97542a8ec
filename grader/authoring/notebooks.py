"""From a section's text notebook to the solved notebook, and to the one that students get.

The solved notebook is in nbgrader's source form; nbgrader's own `generate_assignment` makes the
students' notebook from it.
"""

from __future__ import annotations

import ast
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.authoring import hosted, text
from grader.authoring.repository import Project, Section, chapter
from grader.errors import GraderError

STUBS = {"en": "# Write your code here.", "zh": "# 在这里写你的代码。"}
# The line that sets the language: English in every text notebook, its own in every built one.
_LANGUAGE_LINE = re.compile(r'^language\("en"\)', re.M)
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def cells_of(section: Section) -> list[text.SectionCell]:
    """Return a section's cells; of a translation, after it was compared with the English cells.

    Raises GraderError, with the file's name, for what the author can repair.
    """
    try:
        own = text.read_cells(section.path)
        if section.language == "en":
            return text.cells(own)
        english = section.path.with_name(f"{section.name}.en.md")
        return translated(text.read_cells(english), own, section.path)
    except GraderError as error:
        raise GraderError(f"{section.path.name}: {error}") from error


# --- the solved notebook ------------------------------------------------------------------------


def solved(section: Section, project: Project) -> nbformat.NotebookNode:
    """Return the notebook in nbgrader's source form, with the solutions in it."""
    first, *others = [_notebook_cell(cell) for cell in cells_of(section)]
    badges = hosted.badges(project, chapter(section.language, section.name), section.language)
    first.source = hosted.under_title(first.source, badges)
    install = new_code_cell(source=hosted.install(project), id="install", metadata={})
    made: nbformat.NotebookNode = new_notebook(
        cells=[install, first, *others],
        metadata={
            "beyond_sequential": {"version": project["version"]},
            "kernelspec": _KERNEL,
            "language_info": {"name": "python"},
        },
    )
    return made


def _notebook_cell(cell: text.SectionCell) -> nbformat.NotebookNode:
    make = new_code_cell if cell.kind == "code" else new_markdown_cell
    metadata: dict[str, object] = {"tags": list(cell.tags)} if cell.tags else {}
    if cell.role != "given":
        metadata["nbgrader"] = _nbgrader(cell)
    made: nbformat.NotebookNode = make(source=cell.source, id=cell.id, metadata=metadata)
    return made


def _nbgrader(cell: text.SectionCell) -> dict[str, object]:
    """Return nbgrader's metadata for an answer or a test."""
    is_test = cell.role == "test"
    points = {"points": cell.points} if is_test else {}
    return {
        "schema_version": 3,
        "grade_id": cell.id,
        "grade": is_test,
        "locked": is_test,
        "solution": not is_test,
        "task": False,
        **points,
    }


# --- translations -------------------------------------------------------------------------------


def translated(
    english: Sequence[text.TextCell], other: Sequence[text.TextCell], path: Path
) -> list[text.SectionCell]:
    """Return the cells of a translation: those of the English notebook with other words.

    Raises GraderError if the translation does not match the English notebook.
    """
    complaints = mismatches(english, other, path.name)
    if complaints:
        raise GraderError("\n".join(complaints))
    language = path.name.split(".")[-2]
    return [
        replace(cell, source=_in_language(translation, language))
        for cell, translation in zip(text.cells(english), other, strict=True)
    ]


def _in_language(cell: text.TextCell, language: str) -> str:
    """Return a cell's source with the language line of its notebook."""
    if cell.kind != "code":
        return cell.source
    return _LANGUAGE_LINE.sub(f'language("{language}")', cell.source)


def mismatches(
    english: Sequence[text.TextCell], other: Sequence[text.TextCell], name: str
) -> list[str]:
    """Return what keeps a translation from matching its English notebook, and how to repair it."""
    kinds, other_kinds = [cell.kind for cell in english], [cell.kind for cell in other]
    if kinds != other_kinds:
        pairs = zip(kinds, other_kinds, strict=False)
        shorter = min(len(kinds), len(other_kinds))
        same = next((i for i, (a, b) in enumerate(pairs) if a != b), shorter)
        return [
            f"{name}: its cells do not match the English ones from cell {same + 1} on "
            f"({len(other)} cells, in English {len(english)})"
        ]
    complaints = []
    for number, (source, cell) in enumerate(zip(english, other, strict=True), 1):
        if cell.kind == "code":
            if not text.same_code(source.source, cell.source):
                complaints.append(
                    f"{name}: code cell {number} does something else than in English; "
                    "only comments may differ"
                )
        elif cell.metadata.get("source_hash") != text.source_hash(source):
            complaints.append(
                f"{name}: cell {number} translates another text; bring it up to date, then put "
                f'"source_hash": "{text.source_hash(source)}" in its metadata'
            )
    return complaints


# --- the students' notebook ---------------------------------------------------------------------


def released(notebooks: Mapping[str, nbformat.NotebookNode], language: str) -> dict[str, str]:
    """Return what nbgrader's generate_assignment makes of solved notebooks: .ipynb text by name.

    Raises GraderError if a cell is not valid Python without its solution.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    with tempfile.TemporaryDirectory() as temporary:
        config = Config()
        config.CourseDirectory.root = temporary
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
        config.ClearSolutions.code_stub = {"python": STUBS[language]}
        made = {}
        for name, notebook in notebooks.items():
            source = Path(temporary, "source", name, f"{name}.ipynb")
            source.parent.mkdir(parents=True)
            nbformat.write(notebook, source)
            course = CourseDirectory(config=config)
            course.assignment_id = name
            GenerateAssignment(coursedir=course, config=config).start()
            made[name] = Path(temporary, "release", name, f"{name}.ipynb").read_text("utf-8")
            _refuse_broken_stubs(name, made[name])
        return made


def _refuse_broken_stubs(name: str, notebook: str) -> None:
    """Refuse a student's cell that is no valid Python before its first line is written.

    Run All would stop there.
    """
    for cell in nbformat.reads(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            try:
                ast.parse(text.python(cell.source))
            except SyntaxError as error:
                raise GraderError(
                    f"{name}: without its solution this cell is not valid Python; give a function "
                    f"a docstring above ### BEGIN SOLUTION:\n{cell.source}"
                ) from error
