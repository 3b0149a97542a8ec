"""CPU time of a group of processes, also of those that nobody waited for."""

from __future__ import annotations

import os
from collections.abc import Iterable

from .processes import Process

_Key = tuple[int, int]  # pid and start


class CpuMeter:
    """Adds up CPU seconds from one look at the processes to the next.

    Linux gives the time of a dead process to the parent that waits for it, and to nobody if none
    does.  So the time of each process is kept as it was last seen, and what it used after that is
    estimated as a profiler does, from looks at random moments: one that was running, and had ended
    by the next look, ran for half of the time between the two.  One that was seen only once stands
    for all the brief ones that were not seen: it counts for the whole time.
    """

    def __init__(self) -> None:
        self._living: dict[_Key, float] = {}
        self._running: dict[_Key, bool] = {}  # of those that run: whether they are new
        self._gone = 0.0
        self._looked = 0.0
        self._share = 1.0

    def seconds(self, processes: Iterable[Process], now: float, share: float) -> float:
        """Return the CPU seconds up to now, of the living and the dead.

        `now` is a clock in seconds; call it at times that the processes can't foresee.  `share` is
        the part of a core that each running process of the machine has now.
        """
        processes = list(processes)
        living = {(process.pid, process.started): process.cpu for process in processes}
        self._add_ended(self._living.keys() - living.keys(), (now - self._looked) * self._share)
        self._running = {
            key: key not in self._living
            for process in processes
            if process.running and (key := (process.pid, process.started))
        }
        self._living, self._looked, self._share = living, now, share
        waited_for = sum(process.cpu + process.waited_cpu for process in processes)
        return max(waited_for, sum(living.values()) + self._gone)

    def _add_ended(self, ended: set[_Key], most: float) -> None:
        """Add what processes used that ended since the last look: `most` seconds for each."""
        for key in ended:
            seen = self._living[key]
            unseen = 0.0
            if key in self._running:
                unseen = max(0.0, most - seen) if self._running[key] else most / 2
            self._gone += seen + unseen


def share_of_a_core() -> float:
    """Return the part of a core that each running process of the machine has now, 0 to 1."""
    with open("/proc/loadavg") as file:
        running = int(file.read().split()[3].split("/")[0])
    return min(1.0, (os.cpu_count() or 1) / max(1, running))
