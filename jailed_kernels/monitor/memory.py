"""An upper bound of the memory that a group of processes holds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from ..jail.layers import MOST_FILES
from .processes import Process, look

_MEASURED = 16  # processes whose memory is measured exactly: that takes 20 ms each
_COUNTED = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
_DEFAULT_BUFFER = "/proc/sys/net/core/wmem_default"


def exceeds(processes: Sequence[Process], limit: int) -> bool:
    """Return whether these processes may hold more than `limit` bytes together.

    First each counts as if it shared nothing.  Only if that is too much, the largest ones are
    measured: pages that are still shared, with the zygote or among them, then count once.
    """
    buffers = _socket_buffers(processes, limit)
    if sum(process.memory for process in processes) + buffers <= limit:
        return False
    largest = sorted(processes, key=lambda process: process.memory, reverse=True)
    measured = sum(_measured(process) for process in largest[:_MEASURED])
    return measured + sum(process.memory for process in largest[_MEASURED:]) + buffers > limit


def _measured(process: Process) -> int:
    """Return the bytes of a process, of a page that n processes share the n-th part.

    A process that does not let itself be measured counts as if it shared nothing.
    """
    size = 0
    try:
        with open(f"{process.folder}/smaps_rollup") as file:
            for line in file:
                if line.startswith(_COUNTED):
                    size += int(line.split()[1]) << 10
    except OSError:  # which it may also do by ending
        return sum(found.memory for found in look([process.pid]))
    return size + process.tables


def _socket_buffers(processes: Sequence[Process], limit: int) -> int:
    """Return how many bytes of the kernel's own memory their sockets can hold.

    Which descriptors are sockets is only looked up if it matters.
    """
    with open(_DEFAULT_BUFFER) as file:
        buffer = int(file.read())
    living = [process for process in processes if process.memory]
    descriptors = {process.folder: _descriptors(process.folder) for process in living}
    if buffer * sum(map(len, descriptors.values())) <= limit // 8:
        return 0
    sockets: set[str] = set()
    for folder, names in descriptors.items():
        for name in names:
            with suppress(OSError):
                link = os.readlink(f"{folder}/fd/{name}")
                if link.startswith("socket:"):
                    sockets.add(link)
    hidden = sum(len(names) for names in descriptors.values() if names and not names[0])
    return buffer * (len(sockets) + hidden)


def _descriptors(folder: str) -> list[str]:
    """Return the names of a process's descriptors; empty ones if they can't be listed."""
    try:
        return os.listdir(f"{folder}/fd")
    except PermissionError:
        return [""] * MOST_FILES
    except OSError:
        return []
