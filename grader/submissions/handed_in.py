"""Open what students hand in: regular files only, no links followed, bytes counted first.

Everything in a submission's folder may have been made by student code: a link to a solution, a
pipe that never ends, a device.  Whoever reads or copies a submission does it with these functions.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.printable import printable

MOST_BYTES = 256 << 20  # of one file
MOST_FILES = 2_000  # of one submission
MOST_DEPTH = 20  # of its folders
_CHECKPOINTS = ".ipynb_checkpoints"
_PIECE = 1 << 20


class NotAFile(OSError):
    """What was handed in is not a regular file of a size that is read; the text says why."""


@dataclass(frozen=True, slots=True)
class FolderContent:
    """The regular files of a folder, by path in it and sorted, and in words what else is in it."""

    files: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    most: int
    files: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return what is in a file.

    Raises NotAFile for anything but a regular file of at most `most` bytes, FileNotFoundError if
    there is none.
    """
    handle = _opened(path, most)
    with os.fdopen(handle, "rb") as file:
        return file.read(most)


def is_file(path: Path) -> bool:
    """Return whether a path is a regular file, and not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def is_linked(folder: Path, name: str) -> bool:
    """Return whether a path in a folder is a link, or goes through one."""
    path = folder
    for part in Path(name).parts:
        path = path / part
        if path.is_symlink():
            return True
    return False


def content(folder: Path, most_files: int | None = None) -> FolderContent:
    """Return what is in a folder and its folders, without the checkpoints of notebooks.

    A folder that is itself a link has nothing in it.  `most_files` are looked at, by default
    `MOST_FILES`.
    """
    found = _Found(MOST_FILES if most_files is None else most_files)
    if folder.is_symlink():
        return FolderContent((), (f"{_name(folder.name)} is a link",))
    _walk(folder, "", 0, found)
    return FolderContent(tuple(sorted(found.files)), tuple(sorted(found.left_out)))


def copy_folder(
    source: Path, target: Path, most: int = MOST_BYTES, most_files: int | None = None
) -> tuple[str, ...]:
    """Copy the regular files of a folder, with their times; return in words what was left out.

    `most` is for all files together, in bytes; they are counted before they are copied.
    """
    found = content(source, most_files)
    left_out, left = list(found.left_out), most
    target.mkdir(parents=True, exist_ok=True)
    for name in found.files:
        try:
            left -= _copied(source / name, target / name, left)
        except NotAFile as error:
            left_out.append(f"{_name(name)} {error}")
        except OSError as error:
            left_out.append(f"{_name(name)} can't be read ({type(error).__name__})")
    return tuple(left_out)


def _walk(folder: Path, inside: str, depth: int, found: _Found) -> None:
    for entry in _entries(folder):
        name = f"{inside}{entry.name}"
        if len(found.files) + len(found.left_out) >= found.most:
            found.left_out.append(f"there are more than {found.most} files")
            return
        if entry.is_symlink():
            found.left_out.append(f"{_name(name)} is a link")
        elif entry.is_dir(follow_symlinks=False):
            if depth >= MOST_DEPTH:
                found.left_out.append(f"{_name(name)} is too deep in folders")
            elif entry.name != _CHECKPOINTS:
                _walk(folder / entry.name, f"{name}/", depth + 1, found)
        elif entry.is_file(follow_symlinks=False):
            found.files.append(name)
        else:
            found.left_out.append(f"{_name(name)} is not a file")


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:  # gone, or not to be read
        return


def _opened(path: Path, most: int) -> int:
    """Return a descriptor of a regular file; a pipe is not waited for."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    if path.is_symlink():
        raise NotAFile("is a link")
    if not stat.S_ISREG(path.lstat().st_mode):  # to open a device can have effects
        raise NotAFile("is not a file")
    handle = os.open(path, flags)
    status = os.fstat(handle)
    why = "is not a file" if not stat.S_ISREG(status.st_mode) else ""
    if not why and status.st_size > most:
        why = f"is larger than {most >> 20} MiB"
    if why:
        os.close(handle)
        raise NotAFile(why)
    return handle


def _copied(source: Path, target: Path, most: int) -> int:
    """Copy one file of at most `most` bytes; return how many it has."""
    handle, size = _opened(source, most), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(handle, "rb") as file, target.open("wb") as copy:
        while size < most and (piece := file.read(min(_PIECE, most - size))):
            size += copy.write(piece)
        time = os.fstat(file.fileno()).st_mtime_ns
    os.utime(target, ns=(time, time))
    return size


def _name(name: str) -> str:
    """Return a file's name as text of one line."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(printable(text).split())[:100]
