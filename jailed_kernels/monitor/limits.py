"""The limits that Linux does not hold by itself for a group of processes."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..jail.plan import JailPlan
from ..linux import calls
from ..linux.cgroups import Group
from ..policy import FULL
from . import memory, processes
from .cpu import CpuMeter, share_of_a_core
from .files import DeletedFiles, size_on_disk
from .processes import Process

_TICK = 0.1  # seconds from one look at the processes to the next, on average
_DISK_SHARE = 5  # looking at the disk takes no more than one part in so many of the time,
_LONGEST = 0.5  # but so many seconds are the longest without a look


class LimitWatch:
    """Looks at what the processes below this one use together.

    With a control group, Linux holds memory and processes and counts CPU time; without one, all
    three are found by looking.
    """

    def __init__(self, plan: JailPlan, group: Group | None) -> None:
        self._limits, self._user, self._group = plan.limits, plan.user, group
        self._started = time.monotonic()
        self._cpu = CpuMeter()
        self._next = self._disk_at = 0.0
        self._directories = list(plan.host.shared.values()) if plan.host.writable else []
        self._deleted = None
        if plan.tier != FULL:  # there, a tmpfs of limited size holds them
            self._directories += [plan.places.work, plan.places.temporary]
            device = os.stat(plan.places.work).st_dev
            self._deleted = DeletedFiles(device, plan.limits.file)

    def exceeded(self, sent: int) -> str | None:
        """Return the name of a limit that was passed, or None.

        `sent`: bytes that the client was sent so far.
        """
        now = time.monotonic()
        if sent > self._limits.output:
            return "output"
        if now < self._next:
            return None
        self._next = now + _TICK * random.uniform(0.5, 1.5)
        if now - self._started > self._limits.wall:
            return "wall"
        with self._as_the_jailed_user():
            found = processes.look(processes.descendants(os.getpid()))
            passed = self._held() if self._group else self._watched(found, now)
        if passed or now < self._disk_at:
            return passed
        disk = self._disk(found)
        self._disk_at = now + min(_LONGEST, _DISK_SHARE * (time.monotonic() - now))
        return "disk" if disk > self._limits.disk else None

    def ended_by(self) -> str | None:
        """Return the limit for which Linux killed the processes, or None."""
        return self._group.exceeded() if self._group else None

    def pause(self) -> float:
        """Return how many seconds there are to the next look."""
        return max(0.0, self._next - time.monotonic())

    def _held(self) -> str | None:
        assert self._group is not None
        if self._group.cpu() > self._limits.cpu:
            return "cpu"
        return self._group.exceeded()

    def _watched(self, found: list[Process], now: float) -> str | None:
        if sum(process.threads for process in found) > self._limits.processes:
            return "processes"
        if self._cpu.seconds(found, now, share_of_a_core()) > self._limits.cpu:
            return "cpu"
        return "memory" if memory.exceeds(found, self._limits.memory) else None

    def _disk(self, found: list[Process]) -> int:
        total = size_on_disk(self._directories, self._limits.disk)
        if self._deleted is not None:
            with self._as_the_jailed_user():
                total += self._deleted.size(found)
        return total

    @contextmanager
    def _as_the_jailed_user(self) -> Iterator[None]:
        """Read /proc as the owner of the processes: root in a container may not."""
        own = os.geteuid(), os.getegid()
        if self._user == own:
            yield
            return
        calls.access_files_as(*self._user)
        try:
            yield
        finally:
            calls.access_files_as(*own)
