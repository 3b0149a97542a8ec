"""Files of a jail on the machine's own disk: how much they take, and how they are removed."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress

from .processes import Process

_BLOCK = 4096  # bytes that a file takes at least, however small
_UNIT = 512  # bytes in a unit of st_blocks
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW

FileId = tuple[int, int]  # device and inode


def size_on_disk(directories: Iterable[str], most: int) -> int:
    """Return the bytes that the files below these directories take, counted up to `most`.

    A directory that is so deep that no path reaches it counts as more than `most`.
    """
    total, waiting = 0, list(directories)
    while waiting and total <= most:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    blocks = entry.stat(follow_symlinks=False).st_blocks
                    total += max(_BLOCK, blocks * _UNIT)
                    if total > most:
                        break
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return most + 1
    return total


class DeletedFiles:
    """Files that take disk without a name: deleted, but open or mapped.

    `device` is that of the directories in which the jailed processes can write; a mapped file that
    is not open counts as `largest` bytes, since its size can't be seen.
    """

    def __init__(self, device: int, largest: int) -> None:
        self._device, self._largest = device, largest
        self._inherited = set(self._mapped("/proc/self"))

    def size(self, processes: Iterable[Process]) -> int:
        """Return the bytes that these processes keep on disk without a name."""
        found: dict[FileId, int] = {}
        mapped: set[FileId] = set()
        for process in processes:
            found |= self._open(process.folder)
            mapped |= set(self._mapped(process.folder))
        for file in mapped - self._inherited:
            found.setdefault(file, self._largest)
        return sum(found.values())

    def _open(self, folder: str) -> dict[FileId, int]:
        found = {}
        with suppress(OSError):
            for name in os.listdir(f"{folder}/fd"):
                with suppress(OSError):
                    entry = os.stat(f"{folder}/fd/{name}")
                    deleted = stat.S_ISREG(entry.st_mode) and not entry.st_nlink
                    if deleted and entry.st_dev == self._device:
                        found[entry.st_dev, entry.st_ino] = entry.st_blocks * _UNIT
        return found

    def _mapped(self, folder: str) -> Iterator[FileId]:
        with suppress(OSError), open(f"{folder}/maps", errors="replace") as file:
            for line in file:
                if line.endswith(" (deleted)\n"):
                    _range, _access, _offset, device, inode = line.split(maxsplit=5)[:5]
                    major, minor = (int(part, 16) for part in device.split(":"))
                    if os.makedev(major, minor) == self._device:
                        yield self._device, int(inode)


def remove_tree(directory: str) -> None:
    """Remove a directory that nobody writes to any more, however deep it is.

    What is inside a directory is moved up to the top before that directory is removed, so that
    neither paths nor recursion get long.  What can't be removed is left.
    """
    with suppress(OSError):
        top = os.open(directory, _DIRECTORY)
        try:
            while sum(_remove_or_flatten(name, top) for name in os.listdir(top)):
                pass
        finally:
            os.close(top)
        os.rmdir(directory)


def _remove_or_flatten(name: str, top: int) -> bool:
    """Remove an entry of a directory, or move what is in it up; return whether that worked."""
    try:
        if not stat.S_ISDIR(os.lstat(name, dir_fd=top).st_mode):
            os.unlink(name, dir_fd=top)
            return True
        os.chmod(name, 0o700, dir_fd=top)
        inner = os.open(name, _DIRECTORY, dir_fd=top)
        try:
            for entry in os.listdir(inner):
                with suppress(OSError):
                    _move_up(entry, inner, top)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=top)
    except OSError:
        return False
    return True


def _move_up(name: str, inner: int, top: int) -> None:
    if stat.S_ISDIR(os.lstat(name, dir_fd=inner).st_mode):
        os.chmod(name, 0o700, dir_fd=inner)  # a directory that is moved must be writable
        os.rename(name, secrets.token_hex(8), src_dir_fd=inner, dst_dir_fd=top)
    else:
        os.unlink(name, dir_fd=inner)
