"""The processes below one, seen from outside, and how they are ended."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from typing import TextIO

_TICKS = os.sysconf("SC_CLK_TCK")
_MEMORY = "RssAnon"  # a line of its status that a thread has until it ends


@dataclass(frozen=True, slots=True)
class Process:
    """One process at one moment.

    `started` tells it from a later one with the same `pid`.  `folder` is where /proc shows what it
    holds: that of a thread, if the first one has ended, and the process goes on without it. `cpu`
    are its own seconds and `waited_cpu` those of the children that it waited for.  `private` are
    bytes of memory that no file backs, `shared` those of shared memory, `tables` those of its page
    tables.
    """

    pid: int
    folder: str
    started: int
    running: bool
    cpu: float
    waited_cpu: float
    threads: int
    private: int
    shared: int
    tables: int

    @property
    def memory(self) -> int:
        """The most bytes that it can hold: as if it shared no page with another process."""
        return self.private + self.shared + self.tables


def descendants(pid: int) -> list[int]:
    """Return the pids of all processes below this one."""
    found, waiting = [], [pid]
    while waiting:
        process = waiting.pop()
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children") as file:
                    children = [int(word) for word in file.read().split()]
                    found += children
                    waiting += children
        except OSError:  # it has just ended
            continue
    return found


def look(pids: list[int]) -> list[Process]:
    """Return what these processes use; those that have ended meanwhile are left out."""
    found = []
    for pid in pids:
        try:
            found.append(_look_at(pid))
        except (OSError, KeyError, IndexError):
            continue
    return found


def _look_at(pid: int) -> Process:
    folder = f"/proc/{pid}"
    with _open(f"{folder}/stat") as file:
        stat = file.read().rpartition(")")[2].split()
    status = _status(folder)
    threads = int(status["Threads"])
    if _MEMORY not in status and threads > 1:
        folder, status = _living_thread(folder)
    user, system, waited_user, waited_system = (int(ticks) / _TICKS for ticks in stat[11:15])
    return Process(
        pid=pid,
        folder=folder,
        started=int(stat[19]),
        running=stat[0] == "R",
        cpu=user + system,
        waited_cpu=waited_user + waited_system,
        threads=threads,
        private=_kilobytes(status, _MEMORY) + _kilobytes(status, "VmSwap"),
        shared=_kilobytes(status, "RssShmem"),
        tables=_kilobytes(status, "VmPTE"),
    )


def _living_thread(folder: str) -> tuple[str, dict[str, str]]:
    """Return the folder and the status of a thread that has memory; the last one, if none has."""
    thread, status = folder, _status(folder)
    for name in os.listdir(f"{folder}/task"):
        thread = f"{folder}/task/{name}"
        status = _status(thread)
        if _MEMORY in status:
            break
    return thread, status


def _status(folder: str) -> dict[str, str]:
    with _open(f"{folder}/status") as file:
        return {name: value for name, _, value in (line.partition(":") for line in file)}


def _open(path: str) -> TextIO:
    """Open a file about a process, which may have given itself a name of any bytes."""
    return open(path, encoding="utf-8", errors="replace")


def _kilobytes(status: dict[str, str], name: str) -> int:
    return int(status[name].split()[0]) << 10 if name in status else 0


def kill_below(monitor: int) -> list[int]:
    """Kill every process below the monitor once; return those that there were."""
    left = descendants(monitor)
    for number in (signal.SIGSTOP, signal.SIGKILL):  # a stopped process has no more children
        for pid in left:
            try:
                os.kill(pid, number)
            except OSError:
                continue
    return left


def end_all() -> None:
    """End and reap every process below this one, and those that are born meanwhile."""
    for _ in range(1000):
        left = kill_below(os.getpid())
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        if left:
            time.sleep(0.005)
