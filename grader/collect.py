"""From a folder of downloads to nbgrader's submitted/ directory.

What students hand in is named as browsers and Colab name it.  A folder in the downloads is a
student's; a file there carries the student's name in its own.  Which notebook is meant follows
from what stands in it, not from what it is called.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grader import course as courses
from grader.errors import GraderError

_DECORATION = re.compile(r"^(copy of )+|(\s*\(\d+\)|\s*-\s*copy\d*)+$", re.IGNORECASE)
_EDGE = " _-."


@dataclass(frozen=True, slots=True)
class Collected:
    """What was done with one file: `student` is None where nobody could be found for it."""

    student: str | None
    file: str
    did: str


def collect(downloads: Path, course: Path, assignment: str) -> list[Collected]:
    """Copy each student's notebook to its place in the course; what was done with each file."""
    marks = _marks(course, assignment)
    done = []
    for student, files in sorted(_by_student(downloads, assignment).items()):
        if not student:
            done += [
                Collected(
                    None,
                    _name(file, downloads),
                    "skipped: no student's name in it; put it "
                    "into a folder named after its student",
                )
                for file in files
            ]
            continue
        done += _collect_one(student, files, downloads, course, assignment, marks)
    if not done:
        raise GraderError(f"no notebooks in {downloads}")
    found = (course / "submitted" / line.student for line in done if line.student)
    courses.enroll(course, (path.name for path in found if path.is_dir()))
    return done


def _marks(course: Path, assignment: str) -> list[str]:
    """Texts that only a notebook of this assignment contains: the ids of its exercises."""
    courses.require(course, assignment)
    source = course / "source" / assignment / f"{assignment}.ipynb"
    cells = json.loads(source.read_text("utf-8"))["cells"]
    found = (cell["metadata"].get("nbgrader", {}) for cell in cells)
    return [mark["grade_id"] for mark in found if mark.get("grade")]


def _by_student(downloads: Path, assignment: str) -> dict[str, list[Path]]:
    if not downloads.is_dir():
        raise GraderError(f"{downloads} is not a folder")
    found: dict[str, list[Path]] = {}
    for entry in sorted(downloads.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            files = [f for f in sorted(entry.rglob("*.ipynb")) if not _is_checkpoint(f)]
            found.setdefault(entry.name.strip(), []).extend(files)
        elif entry.suffix == ".ipynb":
            found.setdefault(student_of(entry.stem, assignment), []).append(entry)
    return found


def _is_checkpoint(file: Path) -> bool:
    return ".ipynb_checkpoints" in file.parts


def student_of(stem: str, assignment: str) -> str:
    """The student's part of a file name: without the assignment, `(1)` and `Copy of`."""
    plain = _undecorated(stem)
    if plain.lower().startswith(assignment.lower()):
        plain = plain[len(assignment) :]
    elif plain.lower().endswith(assignment.lower()):
        plain = plain[: -len(assignment)]
    return _undecorated(plain.strip(_EDGE)).strip(_EDGE)


def _undecorated(stem: str) -> str:
    while (shorter := _DECORATION.sub("", stem).strip()) != stem:
        stem = shorter
    return stem


def _collect_one(
    student: str,
    files: Iterable[Path],
    downloads: Path,
    course: Path,
    assignment: str,
    marks: list[str],
) -> list[Collected]:
    """Take the file with most of the assignment's exercises in it; of equal ones, the newest."""
    ranked = sorted(files, key=lambda f: (_matches(f, marks), f.stat().st_mtime), reverse=True)
    meant = [file for file in ranked if _matches(file, marks) or _is_named(file, assignment)]
    done = []
    if meant:
        did = _submit(meant[0], course, student, assignment)
        done.append(Collected(student, _name(meant[0], downloads), did))
    for file in ranked:
        if file not in meant:
            did = f"skipped: no exercise of {assignment} is in it"
            done.append(Collected(student, _name(file, downloads), did))
        elif file != meant[0]:
            done.append(Collected(student, _name(file, downloads), "skipped: an older copy"))
    return done


def _matches(file: Path, marks: list[str]) -> int:
    text = file.read_text("utf-8", errors="replace")
    return sum(f'{mark}\\"' in text or f'{mark}"' in text for mark in marks)


def _is_named(file: Path, assignment: str) -> bool:
    return _undecorated(file.stem).lower() == assignment.lower()


def _submit(file: Path, course: Path, student: str, assignment: str) -> str:
    """Copy a file to where nbgrader looks; a changed one gets a newer time, so it is graded."""
    target = course / "submitted" / student / assignment / f"{assignment}.ipynb"
    body = file.read_bytes()
    if target.is_file() and target.read_bytes() == body:
        return "unchanged"
    did = "collected again: it has changed" if target.is_file() else "collected"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
    _write_time(target.with_name("timestamp.txt"), file)
    return did if _is_notebook(body) else f"{did}, but it is not a notebook that can be read"


def _write_time(path: Path, file: Path) -> None:
    time = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    if path.is_file():
        before = datetime.fromisoformat(path.read_text("ascii").removesuffix(" UTC") + "+00:00")
        time = max(time, before + timedelta(seconds=1))
    path.write_text(f"{time:%Y-%m-%d %H:%M:%S.%f} UTC", encoding="ascii")


def _is_notebook(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body).get("cells"), list)
    except (ValueError, AttributeError):
        return False


def _name(file: Path, downloads: Path) -> str:
    return file.relative_to(downloads).as_posix()
