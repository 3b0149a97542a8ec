"""The repository of a course: where it is, which sections it has, and where built files go."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

from grader.errors import GraderError

TARGETS = "beyond_sequential/course/targets"
_SOURCE = re.compile(r"(?P<name>\d+-[a-z0-9-]+)\.(?P<language>[a-z]{2})\.md")


# What is read of the table [project] in pyproject.toml.
Project = TypedDict(
    "Project",
    {
        "name": str,
        "version": str,
        "description": str,
        "requires-python": str,
        "dependencies": list[str],
        "optional-dependencies": dict[str, list[str]],
        "scripts": dict[str, str],
        "urls": dict[str, str],
    },
)


@dataclass(frozen=True, slots=True)
class Section:
    """One text notebook: a section of the course in one language."""

    name: str
    language: str
    path: Path


def root() -> Path:
    """Return the repository that this package runs from; raise GraderError outside of a clone."""
    folder = Path(__file__).resolve().parent.parent.parent
    if not (folder / "solutions").is_dir():
        raise GraderError(
            "the solved notebooks are not here: run this from a clone of the repository, "
            "installed with `pip install -e '.[grader]'`"
        )
    return folder


def chapter(language: str, name: str) -> str:
    """Return the path, in the repository, of the notebook that students get of a section."""
    return f"chapters/{language}/{name}/{name}.ipynb"


def solution(language: str, name: str) -> str:
    """Return the path, in the repository, of the solved notebook of a section."""
    return f"solutions/{language}/{name}/{name}.ipynb"


def target(exercise: str) -> str:
    """Return the path, in the repository, of what the judge compares an exercise with."""
    return f"{TARGETS}/{exercise}.json"


def read_project(folder: Path) -> Project:
    """Return the table [project] of a repository's pyproject.toml."""
    table = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    return cast(Project, table)


def sections(folder: Path) -> list[Section]:
    """Return the text notebooks of a repository, in order.

    Raises GraderError for a file with another name, and if there is none.
    """
    found = []
    for path in sorted((folder / "solutions").glob("*.md")):
        match = _SOURCE.fullmatch(path.name)
        if match is None:
            raise GraderError(f"{path.name}: a text notebook is named like 1-introduction.en.md")
        found.append(Section(match["name"], match["language"], path))
    if not found:
        raise GraderError(f"no text notebooks in {folder / 'solutions'}")
    return found
