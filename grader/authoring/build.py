"""From a section's text notebook to everything that is built of it.

    solutions/1-introduction.en.md
      -> solutions/en/1-introduction/1-introduction.ipynb   solved, in nbgrader's source form
      -> chapters/en/1-introduction/1-introduction.ipynb    what a student opens
      -> beyond_sequential/course/targets/<exercise>.json   what the judge compares with
      -> beyond_sequential/course/assignments.json          the points of every exercise
      -> docs/difference*.svg                               the READMEs' picture
    grader/authoring/diagrams.py
      -> docs/pictures/*.svg                                the pictures of docs/architecture.md
    pyproject.toml
      -> README*.md                                         the addresses in badges and commands

and the messages in other languages (see `catalogues`).

`files` is a function of the sources, so that `stale` can say which built files are out of date.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import nbformat

from grader.authoring import (
    catalogues,
    diagrams,
    hosted,
    notebooks,
    pictures,
    repository,
    targets,
    translation,
)
from grader.authoring.repository import Section
from grader.errors import GraderError

_ASSIGNMENTS = "beyond_sequential/course/assignments.json"
# Where built files are: one that no source makes any more is deleted.
_BUILT = ("solutions/*/*/*.ipynb", "chapters/*/*/*.ipynb", f"{repository.TARGETS}/*.json")
Log = Callable[[str], None]  # is called with a line of text for each step


def _silent(line: str) -> None:
    """Log nothing."""


def files(folder: Path, log: Log = _silent, only: Collection[str] = ()) -> dict[str, str]:
    """Return the text of every built file by its path in the repository.

    With `only`, those of the sections named.  Raises GraderError for what the author can repair.
    """
    project = repository.read_project(folder)
    made = {
        path.name: hosted.readdressed(path.read_text("utf-8"), project)
        for path in folder.glob("README*.md")
    }
    found = [s for s in repository.sections(folder) if not only or s.name in only]
    if missing := set(only) - {section.name for section in found}:
        raise GraderError(f"no text notebook {', '.join(sorted(missing))} in solutions/")
    for language in sorted({section.language for section in found}):
        log(f"notebooks, {language}")
        texts = [section for section in found if section.language == language]
        solved = {section.name: notebooks.solved(section, project) for section in texts}
        for name, notebook in solved.items():
            made[repository.solution(language, name)] = nbformat.writes(notebook) + "\n"
        for name, release in notebooks.released(solved, language).items():
            made[repository.chapter(language, name)] = release
        if language == "en":
            made |= _target_files(solved, log)
    if (folder / diagrams.PAGE).is_file():
        made |= diagrams.drawings()
    made[_ASSIGNMENTS] = _assignments(repository.sections(folder))
    if (target := made.get(repository.target(pictures.EXERCISE))) is not None:
        made |= pictures.differences(json.loads(target))
    return made


def _assignments(found: Sequence[Section]) -> str:
    """Return the points of every exercise, by assignment: a kernel reads no other notebook."""
    points = {
        section.name: {
            cell.id: cell.points for cell in notebooks.cells_of(section) if cell.role == "test"
        }
        for section in found
        if section.language == "en"
    }
    return json.dumps(points, indent=1) + "\n"


def _target_files(solved: Mapping[str, nbformat.NotebookNode], log: Log) -> dict[str, str]:
    made = {}
    for name, notebook in solved.items():
        log(f"targets of {name}: running its solution")
        for exercise, target in targets.of_solution(name, notebook).items():
            body = json.dumps(target, indent=1, sort_keys=True, ensure_ascii=False)
            made[repository.target(exercise)] = body + "\n"
    return made


def build(folder: Path, log: Log = _silent, only: Collection[str] = ()) -> list[str]:
    """Write what is new or changed and delete what no source makes any more.

    Returns the paths touched.
    """
    made = files(folder, log, only)
    touched = stale(folder, made, only)
    for path in touched:
        target = folder / path
        if path in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(made[path], encoding="utf-8")
        else:
            target.unlink()
    return [*touched, *catalogues.write_catalogues(folder)]


def raise_if_stale(folder: Path, log: Log = _silent, only: Collection[str] = ()) -> None:
    """Raise GraderError, with what to do, if a built file or a translation is out of date."""
    out_of_date = stale(folder, files(folder, log, only), only) + catalogues.stale_catalogues(
        folder
    )
    if out_of_date:
        raise GraderError("stale: run `make build` and commit\n  " + "\n  ".join(out_of_date))
    if complaints := translation.complaints(folder):
        raise GraderError("translations:\n  " + "\n  ".join(complaints))


def stale(folder: Path, made: Mapping[str, str], only: Collection[str] = ()) -> list[str]:
    """Return the built files that are missing, differ from `made`, or have no source."""
    differing = (path for path, body in made.items() if _text(folder / path) != body)
    surplus = (path for path in _built(folder) if path not in made and not only)
    return sorted({*differing, *surplus})


def _text(path: Path) -> str | None:
    return path.read_text("utf-8") if path.is_file() else None


def _built(folder: Path) -> Iterator[str]:
    for pattern in _BUILT:
        for path in folder.glob(pattern):
            yield path.relative_to(folder).as_posix()
