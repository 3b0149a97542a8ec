"""The limits that Linux does not hold by itself for a group of processes."""

from __future__ import annotations

import os
import time

from ..jail.plan import HostDirectories
from ..policy import FULL
from . import processes
from .inside import Role

_TICK = 0.1  # seconds from one look at the processes to the next
_DISK_TICK = 0.5


class LimitWatch:
    """Looks at what the processes below this one use together."""

    def __init__(self, role: Role, host: HostDirectories) -> None:
        self._limits = role.limits
        self._started = time.monotonic()
        self._base = processes.anonymous(os.getpid())
        self._next = self._disk_at = 0.0
        self._directories = list(host.shared.values()) if role.writable else []
        if role.tier != FULL:  # there, a tmpfs of limited size holds them
            self._directories += [f"{host.base}/work", f"{host.base}/tmp"]

    def exceeded(self, sent: int) -> str | None:
        """Return the name of a limit that was passed, or None.

        `sent`: bytes that the client was sent so far.
        """
        limits, now = self._limits, time.monotonic()
        if sent > limits.output:
            return "output"
        if now < self._next:
            return None
        self._next = now + _TICK
        if now - self._started > limits.wall:
            return "wall"
        pids = processes.descendants(os.getpid())
        used = processes.usage(pids)
        if used.threads > limits.processes:
            return "processes"
        if used.cpu > limits.cpu:
            return "cpu"
        if used.memory > limits.memory and processes.exact_memory(pids, self._base) > limits.memory:
            return "memory"
        if now >= self._disk_at:
            self._disk_at = now + _DISK_TICK
            if processes.size_on_disk(self._directories, limits.disk) > limits.disk:
                return "disk"
        return None
