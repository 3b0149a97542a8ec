"""What the processes of a jail use together, seen from outside, and how they are ended."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from typing import TextIO

_TICKS = os.sysconf("SC_CLK_TCK")
_FEW = 8  # above that many processes, exact memory costs too much time


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds (of the living, and of the dead that were waited for), threads, and memory in
    bytes: an upper bound, for it counts what is shared with the zygote."""

    cpu: float
    threads: int
    memory: int


def descendants(pid: int) -> list[int]:
    """All processes below this one."""
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


def usage(pids: list[int]) -> Usage:
    """Return what these processes use together."""
    cpu, threads, memory = 0.0, 0, 0
    for pid in pids:
        try:
            status = _status(pid)
            with _open(pid, "stat") as file:
                times = file.read().rpartition(")")[2].split()[11:15]
        except OSError:
            continue
        cpu += sum(map(int, times)) / _TICKS
        threads += int(status.get("Threads", "0"))
        memory += _kilobytes(status, "RssAnon") + _kilobytes(status, "VmSwap")
    return Usage(cpu, threads, memory + _shared(pids))


def exact_memory(pids: list[int], base: int) -> int:
    """Bytes used, each page counted once; with many processes, or where the kernel does not say,
    what each has beyond the `base` bytes that it shares with the zygote."""
    exact = [_proportional(pid) for pid in pids] if len(pids) <= _FEW else [None]
    if None not in exact:
        return sum(size for size in exact if size is not None)
    own = 0
    for pid in pids:
        try:
            own += max(0, _kilobytes(_status(pid), "RssAnon") - base)
        except OSError:
            continue
    return own + _shared(pids)


def anonymous(pid: int) -> int:
    """Bytes of a process that no file backs."""
    return _kilobytes(_status(pid), "RssAnon")


def _shared(pids: list[int]) -> int:
    """Shared memory, which many map and none owns: the most that one of them maps."""
    sizes = [0]
    for pid in pids:
        try:
            sizes.append(_kilobytes(_status(pid), "RssShmem"))
        except OSError:
            continue
    return max(sizes)


def _status(pid: int) -> dict[str, str]:
    with _open(pid, "status") as file:
        return {name: value for name, _, value in (line.partition(":") for line in file)}


def _open(pid: int, name: str) -> TextIO:
    """A file about a process, which may have given itself a name of any bytes."""
    return open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace")


def _kilobytes(status: dict[str, str], name: str) -> int:
    return int(status[name].split()[0]) << 10 if name in status else 0


def _proportional(pid: int) -> int | None:
    size = 0
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith(("Pss_Anon:", "Pss_Shmem:", "SwapPss:")):
                    size += int(line.split()[1]) << 10
    except PermissionError:
        return None
    except OSError:
        return 0
    return size


def kill_below(monitor: int) -> list[int]:
    """Kill every process below the monitor once; those that there were."""
    left = descendants(monitor)
    for number in (signal.SIGSTOP, signal.SIGKILL):  # what stands still has no more children
        for pid in left:
            try:
                os.kill(pid, number)
            except OSError:
                continue
    return left


def end_all() -> None:
    """End and reap every process below this one, those included that are born meanwhile."""
    for _ in range(1000):
        left = kill_below(os.getpid())
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        if left:
            time.sleep(0.005)


def size_on_disk(directories: list[str], most: int) -> int:
    """Bytes that the files below take, counted no further than `most`; each file, however small,
    counts as 4 KB."""
    total, waiting = 0, list(directories)
    while waiting and total <= most:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    blocks = entry.stat(follow_symlinks=False).st_blocks
                    total += max(4096, blocks * 512)
                    if total > most:
                        break
        except OSError:
            continue
    return total
