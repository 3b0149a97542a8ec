"""Answers on their way from a student's kernel to the judge.

The spool is a directory that student code can write to, so nothing that it holds is believed:
`take_answers` copies what may be answers into a directory of the grader's own, within limits;
`watched` stops a kernel that fills the disk; `remove_spool` clears away whatever was left.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

ENVIRONMENT = "BEYOND_SEQUENTIAL_SPOOL"
MAX_ENTRIES = 1000  # of files in a spool
_ANSWER = re.compile(r"(?P<exercise>[a-z0-9-]{1,100})\.(?P<count>[0-9]{1,9})\.answer")
_PIECE = 1 << 20
_INTERVAL = 0.2  # seconds


def kept_as(folder: Path, exercise: str) -> Path:
    """Return where `take_answers` puts the answer to an exercise."""
    return folder / f"{exercise}.answer"


def take_answers(spool: Path, folder: Path, most: Mapping[str, int]) -> None:
    """Copy the last answer to each exercise into `folder`, and take all answers out of the spool.

    `most` says, for each exercise that is asked for, how many bytes its answer may have; of a
    larger file the judge gets one byte too many, so that it can say so.  Anything that is not a
    plain file is ignored.
    """
    found: dict[str, list[tuple[int, Path]]] = {}
    for entry in _entries(spool):
        match = _ANSWER.fullmatch(entry.name)
        if match and match["exercise"] in most:
            found.setdefault(match["exercise"], []).append((int(match["count"]), Path(entry.path)))
    for exercise, answers in found.items():
        for _count, path in sorted(answers, reverse=True):
            if _copy(path, kept_as(folder, exercise), most[exercise]):
                break
        for _count, path in answers:
            if not path.is_dir() or path.is_symlink():
                path.unlink(missing_ok=True)


def _copy(source: Path, target: Path, most: int) -> bool:
    """Copy a plain file, at most `most` bytes and one; False for anything else.

    A link, symbolic or hard, could name a file of the grader's; opening a pipe could wait for ever.
    """
    try:
        handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        os.close(handle)
        return False
    left = most + 1
    with os.fdopen(handle, "rb") as file:
        with open(target, "wb") as copy:
            while left and (piece := file.read(min(left, _PIECE))):
                left -= copy.write(piece)
    return True


def _entries(spool: Path) -> list[os.DirEntry[str]]:
    """Return what is in the spool, up to one entry too many.

    Nothing if there is no spool any more.
    """
    try:
        with os.scandir(spool) as found:
            return list(islice(found, MAX_ENTRIES + 1))
    except OSError:
        return []


@contextmanager
def watched(spool: Path, most: int, stop: Callable[[], None]) -> Iterator[None]:
    """Meanwhile `stop()` is called, again and again, while there is more in the spool than
    `most` bytes, more than `MAX_ENTRIES` files, or a directory.
    """
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_INTERVAL):
            if _too_much(spool, most):
                stop()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _too_much(spool: Path, most: int) -> bool:
    """Whether files or bytes are too many, or there is a directory, in which more could hide."""
    entries, size = _entries(spool), 0
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                return True
            size += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:  # gone meanwhile
            continue
    return size > most or len(entries) > MAX_ENTRIES


def remove_spool(folder: Path) -> None:
    """Like `rm -rf`, but also what has no permissions or is nested deeper than Python can go."""
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
            subprocess.run([*command, str(folder)], stderr=subprocess.DEVNULL, check=False)
