"""From a section's text notebook to all that is built of it.

    solutions/1-introduction.en.md
      -> solutions/en/1-introduction/1-introduction.ipynb   solved, in nbgrader's source form
      -> chapters/en/1-introduction/1-introduction.ipynb    what a student opens
      -> beyond_sequential/course/targets/<exercise>.json          what the judge compares with
      -> beyond_sequential/course/assignments.json                 the points of every exercise
      -> docs/difference*.svg                               the READMEs' picture
    pyproject.toml
      -> README*.md                                         the addresses in badges and commands

and the helper's messages in other languages (see `catalogues`).

The middle step is nbgrader's own `generate_assignment`.  `files` is a function of the sources, so
that `stale` can say which built files no longer belong to them.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.filters import strip_ansi
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.authoring import catalogues, hosted, pictures, text
from grader.errors import GraderError
from grader.running import judging, spool

STUBS = {"en": "# Write your code here.", "zh": "# 在这里写你的代码。"}
_SOURCE = re.compile(r"(?P<name>\d+-[a-z0-9-]+)\.(?P<language>[a-z]{2})\.md")
# The line that switches messages and drawings: this in every source, its own in every notebook.
_SWITCH = re.compile(r'^language\("en"\)', re.M)
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Section:
    """One text notebook."""

    name: str
    language: str
    path: Path


def root() -> Path:
    """The repository that this package runs from."""
    folder = Path(__file__).resolve().parent.parent.parent
    if not (folder / "solutions").is_dir():
        raise GraderError(
            "the solved notebooks are not here: run this from a clone of the repository, "
            "installed with `pip install -e '.[grader]'`"
        )
    return folder


def chapter(language: str, name: str) -> str:
    """Where a section's notebook for students is, in the repository."""
    return f"chapters/{language}/{name}/{name}.ipynb"


def read_project(folder: Path) -> dict[str, Any]:
    """The [project] of a repository's pyproject.toml."""
    return dict(tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"])


def sections(folder: Path) -> list[Section]:
    """The text notebooks of a repository, in order."""
    found = []
    for path in sorted((folder / "solutions").glob("*.md")):
        match = _SOURCE.fullmatch(path.name)
        if match is None:
            raise GraderError(f"{path.name}: a text notebook is named like 1-introduction.en.md")
        found.append(Section(match["name"], match["language"], path))
    if not found:
        raise GraderError(f"no text notebooks in {folder / 'solutions'}")
    return found


# --- the notebooks ------------------------------------------------------------------------------


def solved(section: Section, project: Mapping[str, Any]) -> nbformat.NotebookNode:
    """The notebook in nbgrader's source form, with the solutions in it."""
    first, *others = [_notebook_cell(cell) for cell in _cells(section)]
    badges = hosted.badges(project, chapter(section.language, section.name), section.language)
    first.source = hosted.under_title(first.source, badges)
    install = new_code_cell(source=hosted.install(project), id="install", metadata={})
    return new_notebook(
        cells=[install, first, *others],
        metadata={
            "beyond_sequential": {"version": project["version"]},
            "kernelspec": _KERNEL,
            "language_info": {"name": "python"},
        },
    )


def _notebook_cell(cell: text.Cell) -> nbformat.NotebookNode:
    make = new_code_cell if cell.kind == "code" else new_markdown_cell
    metadata: dict[str, Any] = {"tags": list(cell.tags)} if cell.tags else {}
    if cell.role != "given":
        metadata["nbgrader"] = _nbgrader(cell)
    return make(source=cell.source, id=cell.id, metadata=metadata)


def _nbgrader(cell: text.Cell) -> dict[str, Any]:
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


def translated(
    english: Sequence[text.TextCell], other: Sequence[text.TextCell], path: Path
) -> list[text.Cell]:
    """The cells of a translation: everything of the English cells but the words."""
    complaints = translation_complaints(english, other, path.name)
    if complaints:
        raise GraderError("\n".join(complaints))
    language = path.name.split(".")[-2]
    return [
        replace(cell, source=_switched(theirs, language))
        for cell, theirs in zip(text.cells(english), other, strict=True)
    ]


def _switched(cell: text.TextCell, language: str) -> str:
    return (
        _SWITCH.sub(f'language("{language}")', cell.source) if cell.kind == "code" else cell.source
    )


def translation_complaints(
    english: Sequence[text.TextCell], other: Sequence[text.TextCell], name: str
) -> list[str]:
    """What keeps a translation from matching its English notebook, and how to put it right."""
    kinds, theirs = [c.kind for c in english], [c.kind for c in other]
    if kinds != theirs:
        pairs = zip(kinds, theirs, strict=False)
        shorter = min(len(kinds), len(theirs))
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


def released(notebooks: Mapping[str, nbformat.NotebookNode], language: str) -> dict[str, str]:
    """What nbgrader's generate_assignment makes of solved notebooks: the text of each .ipynb."""
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
    """A student's cell must be valid before the first line is written, or Run All stops there."""
    for cell in nbformat.reads(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            try:
                ast.parse(text.python(cell.source))
            except SyntaxError as error:
                raise GraderError(
                    f"{name}: without its solution this cell is not valid Python; give a function "
                    f"a docstring above ### BEGIN SOLUTION:\n{cell.source}"
                ) from error


# --- the targets --------------------------------------------------------------------------------


def targets(name: str, notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """What the solution of each exercise handed over, as far as the judge compares with it."""
    from beyond_sequential.answers import answer as answers
    from beyond_sequential.course import sections
    from beyond_sequential.judge.targets import target_of, target_to_json

    wanted = _exercise_ids(notebook)
    if unknown := [exercise for exercise in wanted if exercise not in sections.exercises()]:
        raise GraderError(f"{name}: no section has the exercise {', '.join(unknown)}")
    found = {}
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as kept:
        _run(name, notebook, Path(folder))
        known = {exercise: sections.exercise(exercise) for exercise in wanted}
        most = {exercise: answers.most_bytes(one) for exercise, one in known.items()}
        spool.collect(Path(folder), Path(kept), most)
        for exercise in wanted:
            file = spool.kept_as(Path(kept), exercise)
            if not file.is_file():
                raise GraderError(f"{name}: the solution of {exercise} hands nothing over")
            answer = answers.load(file, most[exercise])
            target = target_of(known[exercise], answer)
            if target is not None:
                found[exercise] = target_to_json(target)
    return found


def _exercise_ids(notebook: nbformat.NotebookNode) -> list[str]:
    marks = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
    return [mark["grade_id"] for mark in marks if mark.get("grade")]


def _run(name: str, notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run a solved notebook in a kernel that hands answers over; any error is the maintainer's."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    with tempfile.TemporaryDirectory() as place:
        client = NotebookClient(
            nbformat.from_dict(notebook),
            timeout=600,
            force_raise_errors=True,
            resources={"metadata": {"path": place}},
        )
        environment = {**os.environ, **judging.repeatable(), spool.ENVIRONMENT: str(folder)}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        try:
            client.execute(env=environment, **quiet)
        except (CellExecutionError, DeadKernelError) as error:
            why = strip_ansi(str(error)).strip()
            raise GraderError(f"{name}: the solved notebook does not run:\n{why}") from error


# --- all of it ----------------------------------------------------------------------------------


def files(folder: Path, say: Say = lambda line: None, only: Collection[str] = ()) -> dict[str, str]:
    """Every built file, or those of the sections named: its path in the repository, its text."""
    project = read_project(folder)
    made = {
        path.name: hosted.readdressed(path.read_text("utf-8"), project)
        for path in folder.glob("README*.md")
    }
    found = [section for section in sections(folder) if not only or section.name in only]
    if missing := set(only) - {section.name for section in found}:
        raise GraderError(f"no text notebook {', '.join(sorted(missing))} in solutions/")
    for language in sorted({section.language for section in found}):
        say(f"notebooks, {language}")
        texts = [section for section in found if section.language == language]
        notebooks = {section.name: solved(section, project) for section in texts}
        for name, notebook in notebooks.items():
            made[f"solutions/{language}/{name}/{name}.ipynb"] = nbformat.writes(notebook) + "\n"
        for name, release in released(notebooks, language).items():
            made[chapter(language, name)] = release
        if language == "en":
            made |= _target_files(notebooks, say)
    made["beyond_sequential/course/assignments.json"] = _assignments(sections(folder))
    if (
        target := made.get(f"beyond_sequential/course/targets/{pictures.EXERCISE}.json")
    ) is not None:
        made |= pictures.differences(json.loads(target))
    return made


def _cells(section: Section) -> list[text.Cell]:
    """A section's cells; a translation's are matched with the English ones."""
    try:
        own = text.read(section.path)
        if section.language == "en":
            return text.cells(own)
        english = section.path.with_name(f"{section.name}.en.md")
        return translated(text.read(english), own, section.path)
    except GraderError as error:
        raise GraderError(f"{section.path.name}: {error}") from error


def _assignments(found: Sequence[Section]) -> str:
    """The points of every exercise, by assignment: a student's kernel knows no other notebook."""
    points = {
        section.name: {cell.id: cell.points for cell in _cells(section) if cell.role == "test"}
        for section in found
        if section.language == "en"
    }
    return json.dumps(points, indent=1) + "\n"


def _target_files(notebooks: Mapping[str, nbformat.NotebookNode], say: Say) -> dict[str, str]:
    made = {}
    for name, notebook in notebooks.items():
        say(f"targets of {name}: running its solution")
        for exercise_id, target in targets(name, notebook).items():
            body = json.dumps(target, indent=1, sort_keys=True, ensure_ascii=False)
            made[f"beyond_sequential/course/targets/{exercise_id}.json"] = body + "\n"
    return made


def build(folder: Path, say: Say = lambda line: None, only: Collection[str] = ()) -> list[str]:
    """Write what is new or changed, remove what no source makes any more; the paths touched."""
    made = files(folder, say, only)
    touched = stale(folder, made, only)
    for path in touched:
        target = folder / path
        if path in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(made[path], encoding="utf-8")
        else:
            target.unlink()
    return [*touched, *catalogues.write(folder)]


def stale(folder: Path, made: Mapping[str, str], only: Collection[str] = ()) -> list[str]:
    """The built files that are missing, differ from what the sources make, or have no source."""
    differing = (path for path, body in made.items() if _text(folder / path) != body)
    surplus = (path for path in _built(folder) if path not in made and not only)
    return sorted({*differing, *surplus})


def _text(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def _built(folder: Path) -> Iterable[str]:
    patterns = (
        "solutions/*/*/*.ipynb",
        "chapters/*/*/*.ipynb",
        "beyond_sequential/course/targets/*.json",
    )
    for pattern in patterns:
        for path in folder.glob(pattern):
            yield path.relative_to(folder).as_posix()
