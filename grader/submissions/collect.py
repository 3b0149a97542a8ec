"""From downloads, a folder or an archive, to nbgrader's submitted/ directory.

What students hand in is named as browsers and Colab name it.  A folder in the downloads is a
student's; a file there carries the student's name in its own.  Which notebook is meant follows
from what stands in it, not from what it is called.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.plugins import FileNameCollectorPlugin

from grader.course import course as courses
from grader.errors import GraderError
from grader.printable import printable
from grader.submissions import handed_in, repair
from grader.submissions.notebook_file import Unreadable, parse_notebook

_DECORATION = re.compile(r"^(copy of )+|(\s*\(\d+\)|\s*-\s*copy\d*)+$", re.IGNORECASE)
_EDGE = " _-."
# What Moodle and Canvas call a submission in "download all submissions".
_LOOK_ALIKE = {ord(char): chr(ord(char) + 0xFEE0) for char in '<>"\\[]*?{}'}
_MOODLE = re.compile(r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_(file|onlinetext)_?.*")
_CANVAS = re.compile(r"(?P<student>[^_]+)(_LATE)?_(?P<user>\d+)_\d+_.+", re.IGNORECASE)
_MOST_BYTES = 4 << 30  # of an unpacked archive
_MOST_FILES = 100_000
_ALIKE = 3  # cells of the release: so many tell a notebook without any exercise's id


@dataclass(frozen=True, slots=True)
class Collected:
    """What was done with one file: `student` is None where nobody could be found for it."""

    student: str | None
    file: str
    did: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a file is, as its name says.

    `number` tells people of one name apart; `user` is the number that Canvas has for them.
    """

    student: str
    number: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How a notebook of the assignment is recognized: by its exercises' ids, else by its cells.

    And what nbgrader's gradebook knows of it, once it is released.
    """

    assignment: str
    ids: tuple[str, ...]
    cells: frozenset[str]
    known: Mapping[str, repair.ReleasedCell]


def collect(downloads: Path, course: Path, assignment: str) -> list[Collected]:
    """Copy each student's notebook to its place in the course; what was done with each file.

    `downloads` is a folder, or an archive as Moodle and Canvas make it.
    """
    wanted = _wanted(course, assignment)
    with tempfile.TemporaryDirectory(prefix="collect-") as room:
        folder = _unpacked(downloads, Path(room))
        files = _by_owner(folder, assignment)
        done = [line for owner in files for line in _collect(owner, files, folder, course, wanted)]
        done += _left_out(folder)
    if not done:
        raise GraderError(f"no notebooks in {downloads}")
    found = (course / "submitted" / line.student for line in done if line.student)
    courses.enroll(course, (path.name for path in found if path.is_dir()))
    users = {_name_of(owner, files): owner.user for owner in files if owner.user}
    courses.note_users(course, users)
    return done


def _left_out(folder: Path) -> list[Collected]:
    """Return a line for each notebook that is a link, or no file at all: nothing of it is read."""
    found = handed_in.content(folder, _MOST_FILES).left_out
    return [Collected(None, words, "skipped") for words in found if ".ipynb" in words]


def _collect(
    owner: Owner, files: Mapping[Owner, list[Path]], folder: Path, course: Path, wanted: _Wanted
) -> list[Collected]:
    if owner.student:
        return _collect_one(_name_of(owner, files), files[owner], folder, course, wanted)
    words = "skipped: no student's name in it; put it into a folder named after its student"
    return [Collected(None, _name(file, folder), words) for file in files[owner]]


def _name_of(owner: Owner, owners: Iterable[Owner]) -> str:
    """Return the student's name, with a number if there is another one of that name."""
    alike = {other.number for other in owners if other.student == owner.student}
    name = student_id(owner.student)
    return f"{name} {owner.number}" if len(alike) > 1 and owner.number else name


def student_id(name: str) -> str:
    """Return a name as nbgrader can use it for a student.

    What it would take for HTML, for a script, or for a pattern of file names is written with the
    full-width character that looks alike; what can't be seen is replaced.
    """
    plain = printable(" ".join(name.split())).translate(_LOOK_ALIKE)
    return plain.replace(".", "．", 1) if plain.startswith(".") else plain


def _wanted(course: Path, assignment: str) -> _Wanted:
    courses.require(course, assignment)
    source = course / "source" / assignment / f"{assignment}.ipynb"
    cells = json.loads(source.read_text("utf-8"))["cells"]
    marks = (cell["metadata"].get("nbgrader", {}) for cell in cells)
    ids = tuple(mark["grade_id"] for mark in marks if mark.get("grade"))
    return _Wanted(assignment, ids, _sources(cells), _known(course, assignment))


def _known(course: Path, assignment: str) -> Mapping[str, repair.ReleasedCell]:
    from nbgrader.api import MissingEntry

    with courses.gradebook(course) as book:
        url = book.engine.url.render_as_string(hide_password=False)
    try:
        return repair.release(url, assignment, assignment)
    except MissingEntry:
        return {}


# --- archives -----------------------------------------------------------------------------------


def _unpacked(downloads: Path, room: Path) -> Path:
    """Return a folder with everything in it, archives in archives too (one level of them)."""
    if downloads.is_dir():
        if not any(downloads.rglob("*.zip")):
            return downloads
        folder = room / "all"
        handed_in.copy_folder(downloads, folder, _MOST_BYTES, _MOST_FILES)
    elif downloads.is_file() and zipfile.is_zipfile(downloads):
        folder = room / "all"
        _unzip(downloads, folder)
    else:
        raise GraderError(f"{downloads} is neither a folder nor a zip archive")
    for archive in sorted(folder.rglob("*.zip")):
        if zipfile.is_zipfile(archive):
            _unzip(archive, archive.with_suffix(""))
    return folder


def _unzip(archive: Path, folder: Path) -> None:
    """Unpack, files keeping their time.  Raises GraderError for one that would fill the disk."""
    with zipfile.ZipFile(archive) as packed:
        infos = packed.infolist()
        if sum(info.file_size for info in infos) > _MOST_BYTES or len(infos) > _MOST_FILES:
            raise GraderError(f"{archive.name} is too large to unpack")
        folder.mkdir(parents=True, exist_ok=True)
        for info in infos:
            path = packed.extract(info, folder)
            when = datetime(*info.date_time, tzinfo=UTC).timestamp()
            os.utime(path, (when, when))


# --- whose it is --------------------------------------------------------------------------------


def _by_owner(folder: Path, assignment: str) -> dict[Owner, list[Path]]:
    found: dict[Owner, list[Path]] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "__MACOSX")):
            continue
        if entry.is_symlink():
            continue
        if entry.is_dir():
            names = handed_in.content(entry, _MOST_FILES).files
            files = [entry / name for name in names if name.endswith(".ipynb")]
            owner = owner_of(entry.name) or Owner(entry.name.strip())
            found.setdefault(owner, []).extend(files)
        elif entry.suffix == ".ipynb" and handed_in.is_file(entry):
            owner = owner_of(entry.stem) or Owner(student_of(entry.stem, assignment))
            found.setdefault(owner, []).append(entry)
    return dict(sorted(found.items(), key=lambda item: (item[0].student, item[0].number)))


def owner_of(name: str) -> Owner | None:
    """Whose a file or folder of Moodle's or Canvas's is; None if it has neither's name."""
    if match := _MOODLE.fullmatch(name):
        return Owner(match["student"].strip(), match["id"])
    if match := _CANVAS.fullmatch(name):
        return Owner(match["student"].strip(), match["user"], match["user"])
    return None


def _is_checkpoint(file: Path) -> bool:
    return ".ipynb_checkpoints" in file.parts


def student_of(stem: str, assignment: str) -> str:
    """Return the student's part of a file name: without the assignment, `(1)` and `Copy of`."""
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
    student: str, files: Iterable[Path], folder: Path, course: Path, wanted: _Wanted
) -> list[Collected]:
    """Take the file with most of the assignment's exercises in it; of equal ones, the newest."""
    likeness = {file: _likeness(file, wanted) for file in files}
    ranked = sorted(likeness, key=lambda f: (likeness[f], f.stat().st_mtime), reverse=True)
    meant = [file for file in ranked if any(likeness[file]) or _is_named(file, wanted.assignment)]
    done = []
    if meant:
        did = _submit(meant[0], course, student, wanted)
        done.append(Collected(student, _name(meant[0], folder), did))
    for file in ranked:
        if file not in meant:
            did = f"skipped: no exercise of {wanted.assignment} is in it"
            done.append(Collected(student, _name(file, folder), did))
        elif file != meant[0]:
            done.append(Collected(student, _name(file, folder), "skipped: an older copy"))
    return done


def _likeness(file: Path, wanted: _Wanted) -> tuple[int, int]:
    """How many of the assignment's exercises a notebook names, and how many of its cells it has."""
    try:
        text = handed_in.read_bytes(file).decode("utf-8", "replace")
    except handed_in.NotAFile:
        return 0, 0
    named = sum(f'{name}\\"' in text or f'{name}"' in text for name in wanted.ids)
    try:
        alike = len(_sources(json.loads(text)["cells"]) & wanted.cells)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        alike = 0
    return named, alike if alike >= _ALIKE else 0


def _sources(cells: Iterable[Any]) -> frozenset[str]:
    """Return what stands in cells, without the blanks that tools add or take.

    Short ones tell nothing.
    """
    joined = ("".join(cell["source"]) for cell in cells)
    squeezed = (" ".join(source.split()) for source in joined)
    return frozenset(source for source in squeezed if len(source) >= 20)


def _is_named(file: Path, assignment: str) -> bool:
    return _undecorated(file.stem).lower() == assignment.lower()


def _submit(file: Path, course: Path, student: str, wanted: _Wanted) -> str:
    """Copy a file to where nbgrader looks; a changed one gets a newer time, so it is graded."""
    assignment = wanted.assignment
    target = course / "submitted" / student / assignment / f"{assignment}.ipynb"
    try:
        body = handed_in.read_bytes(file)
    except handed_in.NotAFile as error:
        return f"skipped: it {error}"
    if target.is_file() and target.read_bytes() == body:
        return "unchanged"
    did = "collected again: it has changed" if target.is_file() else "collected"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
    _write_time(target.with_name("timestamp.txt"), file)
    try:
        notebook = parse_notebook(body)
    except Unreadable as error:
        return f"{did}, but it is not a notebook that can be read: {error}"
    return "; ".join([did, *_damage(notebook, wanted.known)])


def _damage(nb: NotebookNode, known: Mapping[str, repair.ReleasedCell]) -> list[str]:
    """Return what grading will have to repair; the file stays as it was handed in."""
    try:
        lines = repair.repair(nb, known)
    except Exception as error:
        return [f"but it will be hard to read ({str(error).splitlines()[0][:80]})"]
    if not known or not lines:
        return []
    more = f" and {len(lines) - 3} more" if len(lines) > 3 else ""
    return [f"grading will repair it: {', '.join(lines[:3])}{more}"]


def _write_time(path: Path, file: Path) -> None:
    time = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    if path.is_file():
        before = datetime.fromisoformat(path.read_text("ascii").removesuffix(" UTC") + "+00:00")
        time = max(time, before + timedelta(seconds=1))
    path.write_text(f"{time:%Y-%m-%d %H:%M:%S.%f} UTC", encoding="ascii")


def _name(file: Path, downloads: Path) -> str:
    return file.relative_to(downloads).as_posix()


# --- nbgrader's plugin --------------------------------------------------------------------------


class Collector(FileNameCollectorPlugin):
    """For `nbgrader zip_collect`: who handed a file in, by the same rules.

    It looks at names alone, one file after the other; `grader collect` looks into the notebooks.
    """

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return the student and the notebook's name, or None to skip the file."""
        path = Path(submitted_file)
        app = self.parent
        assignment = str(app.coursedir.assignment_id)
        root = Path(app._format_collect_path(app.extracted_directory))
        if path.suffix not in self.valid_ext or _is_checkpoint(path):
            return None
        *folders, _file = path.relative_to(root).parts
        found = next(filter(None, map(owner_of, [*folders, path.stem])), None)
        inside = folders[-1] if len(folders) > 1 else ""  # the first one is the archive
        student = found.student if found else inside or student_of(path.stem, assignment)
        found_id = student_id(student)
        return {"student_id": found_id, "file_id": assignment} if found_id else None
