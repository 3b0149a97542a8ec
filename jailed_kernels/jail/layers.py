"""The layers that both tiers have, taken on from inside and inherited by every process."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterable

from ..linux import calls, landlock, seccomp
from ..policy import FULL, MB, Limits
from .plan import JailPlan

# What may be read of /proc where it is the whole machine's.
_PROC = "cpuinfo meminfo stat filesystems sys/vm sys/kernel".split()
_HEADROOM = 1024 * MB  # of address space above the memory limit, which is watched from outside
MOST_FILES = 512  # descriptors of one process
_SCOPED_LANDLOCK = 6  # the version that keeps signals in


def lock(plan: JailPlan) -> None:
    """Take on the layers.  Raises OSError if one of them can't be had."""
    rules = None
    if "landlock" not in plan.without:
        rules = landlock.rules(*_landlock_paths(plan))
    if "limits" not in plan.without:
        set_limits(plan.limits)
    if "user" not in plan.without and os.geteuid() == 0 and plan.user[0] != 0:
        uid, gid = plan.user
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    if "capabilities" not in plan.without:
        calls.drop_capabilities()
        calls.no_new_privileges()  # without it, the layers below are refused
    calls.set_dumpable(True)  # or it could not read its own /proc/self
    calls.die_with_parent(signal.SIGKILL)
    if rules is not None:
        landlock.enforce(rules)
    if "seccomp" not in plan.without:
        full = plan.tier == FULL
        # A service must be able to signal its own children; no untrusted code runs in it.
        sees_others = not full and plan.host.writable and landlock.version() < _SCOPED_LANDLOCK
        calls.load_filter(seccomp.base(full, sees_others, plan.held, os.getpid()))


def close_connections(without: Iterable[str]) -> None:
    """Take on the last layer, in every thread: no new sockets and no connections."""
    if "connections" not in without:
        calls.load_filter(seccomp.late(), all_threads=True)


def _landlock_paths(plan: JailPlan) -> tuple[list[str], list[str]]:
    places, shared = plan.places, list(plan.places.shared.values())
    read = [*plan.readable, *(f"/dev/{name}" for name in plan.devices)]
    write = [places.work, places.temporary, places.sockets, "/dev/null"]
    if plan.tier == FULL:
        read.append("/proc")
        write.append("/dev/shm")
    else:
        read += [f"/proc/{os.getpid()}", *(f"/proc/{name}" for name in _PROC)]
    return (read, write + shared) if plan.host.writable else (read + shared, write)


def set_limits(limits: Limits) -> None:
    """Set the limits that Linux holds by itself; the monitor watches these and the others."""
    for kind, soft, hard in limit_values(limits):
        resource.setrlimit(kind, (soft, hard))
    # The monitor counts them one by one; this stops what grows faster than it looks.
    processes = 2 * limits.processes + _running()
    resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))


def limit_values(limits: Limits) -> list[tuple[int, int, int]]:
    """Return the limits that Linux holds: a constant of `resource`, soft and hard limit."""
    data = limits.memory + _HEADROOM
    return [
        (resource.RLIMIT_CPU, limits.cpu, limits.cpu + 5),
        (resource.RLIMIT_DATA, data, data),
        (resource.RLIMIT_FSIZE, limits.file, limits.file),
        (resource.RLIMIT_NOFILE, MOST_FILES, MOST_FILES),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_MEMLOCK, 0, 0),
    ]


def _running() -> int:
    """Return how many threads the machine has: Linux counts all of a user's together."""
    with open("/proc/loadavg") as file:
        return int(file.read().split()[3].split("/")[1])
