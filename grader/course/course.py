"""A course directory for nbgrader: make it, read its settings, open its gradebook.

`quickstart` makes it of the solved notebooks (nbgrader's sources), the course's private seed, and
an nbgrader_config.py that names the course's own preprocessors.  nbgrader's own commands work in
it without further options.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from grader.authoring import notebooks, repository
from grader.errors import GraderError

if TYPE_CHECKING:
    from nbconvert.preprocessors import Preprocessor
    from nbgrader.api import Gradebook
    from traitlets.config import Config

CONFIG = "nbgrader_config.py"
SEED = "course_seed"
PRIVATE = 0o700
LANGUAGES = {"en": "English", "zh": "Chinese"}


@dataclass(frozen=True, slots=True)
class Person:
    """What the gradebook knows of a student; empty where nobody entered it.

    `lms_user_id` is the number that a learning management system has for the student.
    """

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""


NOBODY = Person()


def quickstart(folder: Path, language: str = "en") -> list[str]:
    """Make a course directory and return the names of its assignments.

    Raises GraderError if `folder` is in use or there is no course in `language`.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GraderError(f"{folder} is not empty; name a new directory")
    solved = solved_notebooks(language)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(PRIVATE)  # solutions, seed and gradebook are nobody else's
    for notebook in solved:
        target = folder / "source" / notebook.stem / notebook.name
        target.parent.mkdir(parents=True)
        shutil.copyfile(notebook, target)
    write_seed(folder / SEED)
    names = [notebook.stem for notebook in solved]
    values = {"language": language, "stub": notebooks.STUBS[language], "first": names[0]}
    for name in (CONFIG, "README.md"):
        template = resources.files("grader") / "templates" / f"{name}.txt"
        text = Template(template.read_text("utf-8")).substitute(values)
        (folder / name).write_text(text, encoding="utf-8")
    return names


def is_private(folder: Path) -> bool:
    """Return whether no other account of the machine can read a course directory."""
    return os.name == "nt" or not stat.S_IMODE(folder.stat().st_mode) & 0o077


def solved_notebooks(language: str) -> list[Path]:
    """Return the paths of the solved notebooks of this repository in a language."""
    if language not in LANGUAGES:
        raise GraderError(f"no course in {language!r}; there are: {', '.join(LANGUAGES)}")
    found = sorted((repository.root() / "solutions" / language).glob("*/*.ipynb"))
    if not found:
        raise GraderError(f"no solved notebooks in {LANGUAGES[language]} yet; run `make build`")
    return found


def write_seed(path: Path) -> None:
    """Write a new private seed, readable by its owner alone."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{secrets.randbits(63)}\n")


def nbgrader(folder: Path, *arguments: str) -> Iterator[str]:
    """Run an nbgrader command in a course directory and yield its log line by line.

    Raises GraderError, with the end of the log, unless it succeeds.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    lines = []
    with process:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            yield lines[-1]
    if process.returncode:
        raise GraderError(
            f"`nbgrader {' '.join(arguments)}` failed in {folder}:\n" + "\n".join(lines[-10:])
        )


def config(folder: Path) -> Config:
    """Return the nbgrader configuration of a course directory."""
    from traitlets.config.loader import PyFileConfigLoader

    require(folder)
    loaded: Config = PyFileConfigLoader(CONFIG, path=str(folder.resolve())).load_config()
    return loaded


def require(folder: Path, assignment: str | None = None) -> None:
    """Raise GraderError unless `folder` is a course directory, and one with this assignment."""
    if not (folder / CONFIG).is_file():
        raise GraderError(
            f"{folder.resolve()} is not a course directory (no {CONFIG} in it); "
            "make one with `grader quickstart DIR`, or name it with --course"
        )
    names = sorted(path.name for path in (folder / "source").glob("*") if path.is_dir())
    if assignment is not None and assignment not in names:
        raise GraderError(f"no assignment {assignment!r}; there are: {', '.join(names)}")


@contextmanager
def gradebook(folder: Path) -> Iterator[Gradebook]:
    """Open the gradebook of a course directory."""
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

    settings = config(folder)
    settings.CourseDirectory.root = str(folder.resolve())
    course = CourseDirectory(config=settings)
    with Gradebook(course.db_url, course.course_id) as book:
        yield book


def preprocessors(settings: Config) -> list[type[Preprocessor]]:
    """Return the classes that a course's settings grade with, in their order."""
    from nbgrader.converters import Autograde
    from traitlets.utils.importstring import import_item

    named = Autograde(config=settings).autograde_preprocessors
    return [import_item(item) if isinstance(item, str) else item for item in named]


def enroll(folder: Path, students: Iterable[str]) -> None:
    """Add students to the gradebook, named after their folders; existing names are kept.

    Without a name, formgrader lists a student as "None, None".
    """
    with gradebook(folder) as book:
        named = {student.id for student in book.students if student.first_name or student.last_name}
        for student in sorted(set(students) - named):
            first, _, last = student.rpartition(" ")
            book.update_or_create_student(student, first_name=first, last_name=last)


def note_users(folder: Path, users: Mapping[str, str]) -> None:
    """Add to the gradebook which number each student has in a learning management system."""
    with gradebook(folder) as book:
        for student in book.students:
            if student.id in users and not student.lms_user_id:
                book.update_or_create_student(student.id, lms_user_id=users[student.id])


def people(folder: Path) -> dict[str, Person]:
    """Return what the gradebook knows of each student, by id."""
    with gradebook(folder) as book:
        return {
            student.id: Person(
                student.first_name or "",
                student.last_name or "",
                student.email or "",
                student.lms_user_id or "",
            )
            for student in book.students
        }


def language(folder: Path) -> str:
    """Return the language of a course's verdicts."""
    return str(config(folder).SpoolExecute.get("language", "en"))
