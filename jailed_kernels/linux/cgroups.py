"""Control groups, version 2: Linux itself holds memory and processes, and counts CPU time."""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from dataclasses import dataclass

_CONTROLLERS = {"memory", "pids"}
_NAME = "jailed-"
_PATIENCE = 20  # attempts to remove a group whose last process is just being reaped


@dataclass(frozen=True, slots=True)
class Group:
    """A control group of one jail, at `path`."""

    path: str

    def join(self) -> None:
        """Move this process into the group; every child that it has later is in it too."""
        _write(f"{self.path}/cgroup.procs", "0")

    def cpu(self) -> float:
        """Return the CPU seconds of all processes that ever were in the group."""
        return _counters(f"{self.path}/cpu.stat")["usage_usec"] / 1e6

    def exceeded(self) -> str | None:
        """Return "memory" or "processes" if a limit was met, else None."""
        if _counters(f"{self.path}/memory.events").get("oom_kill"):
            return "memory"
        return "processes" if _counters(f"{self.path}/pids.events").get("max") else None

    def remove(self) -> None:
        """Remove the group, whose processes must have ended."""
        for _ in range(_PATIENCE):
            try:
                os.rmdir(self.path)
            except OSError as error:
                if error.errno != errno.EBUSY:
                    return
                time.sleep(0.005)
            else:
                return


def make(parent: str, memory: int, processes: int) -> Group:
    """Make a group below `parent`, limited to bytes of memory and a number of threads.

    When its memory is used up, Linux kills all of its processes together.
    """
    group = Group(f"{parent}/{_NAME}{os.getpid()}")
    os.mkdir(group.path)
    try:
        _write(f"{group.path}/memory.max", str(memory))
        _write(f"{group.path}/memory.oom.group", "1")
        _write(f"{group.path}/pids.max", str(processes))
        with suppress(FileNotFoundError):  # a Linux without swap has no such file
            _write(f"{group.path}/memory.swap.max", "0")
    except OSError:
        group.remove()
        raise
    return group


def find_parent() -> str:
    """Return a directory where this process can make groups for its children.

    That is its own group or one above it, if that one may hand memory and processes on: a service's
    or a user's delegated group, or the machine's root group.  Raises OSError where there is none.
    """
    own, top = _own_group()
    reasons = []
    folder = own
    while True:
        try:
            _enable(folder)
            _try_out(folder)
        except OSError as error:
            reasons.append(f"{folder}: {error.strerror}")
        else:
            _remove_abandoned(folder)
            return folder
        if folder == top:
            raise OSError(errno.EACCES, "; ".join(reasons))
        folder = os.path.dirname(folder)


def _own_group() -> tuple[str, str]:
    """Return the directories of this process's group and of the topmost one that it can see."""
    with open("/proc/self/mountinfo") as file:
        mounts = [line.split() for line in file if " - cgroup2 " in line]
    with open("/proc/self/cgroup") as file:
        paths = [line.rstrip("\n")[3:] for line in file if line.startswith("0::")]
    if not mounts or not paths:
        raise OSError(errno.ENOENT, "no cgroup v2 is mounted")
    root, top = mounts[0][3:5]
    own = os.path.normpath(f"{top}/{os.path.relpath(paths[0], root)}")
    return (own if f"{own}/".startswith(f"{top}/") else top), top


def _enable(folder: str) -> None:
    """Have the groups below a group limit memory and processes."""
    with open(f"{folder}/cgroup.controllers") as file:
        missing = _CONTROLLERS - set(file.read().split())
    if missing:
        raise OSError(errno.ENODEV, f"no controller for {' and '.join(sorted(missing))}")
    with open(f"{folder}/cgroup.subtree_control") as file:
        enabled = set(file.read().split())
    if not enabled >= _CONTROLLERS:
        _write(f"{folder}/cgroup.subtree_control", "+memory +pids")


def _try_out(folder: str) -> None:
    """Raise OSError unless a child of this process can join a new group below this one."""
    group = make(folder, 64 << 20, 10)
    pid = os.fork()
    if pid == 0:
        code = errno.EPERM
        try:
            group.join()
            code = 0
        except OSError as error:
            code = error.errno or code
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    group.remove()
    if code:
        raise OSError(code, os.strerror(code) if code > 0 else "the child was killed")


def _remove_abandoned(folder: str) -> None:
    """Remove the groups of monitors that were killed; Linux refuses where a process is left."""
    for entry in os.scandir(folder):
        if entry.name.startswith(_NAME) and not os.path.exists(f"/proc/{entry.name[len(_NAME) :]}"):
            with suppress(OSError):
                os.rmdir(entry.path)


def _counters(path: str) -> dict[str, int]:
    """Return the counters of a file; none where the group has gone."""
    try:
        with open(path) as file:
            return {name: int(value) for name, value in (line.split() for line in file)}
    except FileNotFoundError:
        return {}


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)
