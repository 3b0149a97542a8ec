"""The jail of one process as plain data: its layers, its directories, its limits."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..policy import FULL, SECOND, Limits

_SECOND = ("user", "capabilities", "limits", "landlock", "seccomp", "connections")
# Names of the layers, as a report shows them and `Policy.without` takes them.
LAYERS = {
    SECOND: _SECOND,
    FULL: ("processes", "files", "network", "ipc", "hostname", *_SECOND),
}
_SYSTEM = (
    "/usr /bin /sbin /lib /lib32 /lib64 /libx32 /etc/ld.so.cache /etc/ld.so.conf /etc/ld.so.conf.d "
    "/etc/alternatives /etc/localtime /etc/fonts /etc/mime.types /etc/ssl/openssl.cnf "
    "/etc/nsswitch.conf /sys/devices/system/cpu"
).split()
_FIRST_UID = 300_000  # uids that no account has, one for each kernel
_SYS_ADMIN = 21  # the number of the capability


@dataclass(frozen=True, slots=True)
class Places:
    """The directories of a jailed process, in its own view of the file system.

    `shared` are by the names of the environment variables that hold their paths.
    """

    work: str
    temporary: str
    sockets: str
    shared: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HostDirectories:
    """The directories of a jailed process, in its caller's view of the file system.

    `base` is removed with the process.  `copied` is copied into its working directory.  `shared`
    are by name, as in `Places`; it may write to them if `writable`.
    """

    base: str
    copied: str | None
    shared: Mapping[str, str]
    writable: bool


@dataclass(frozen=True, slots=True)
class JailPlan:
    """What the jail of one process is built from.

    `readable` are paths of the machine, `user` the uid and gid to run as; `without` names layers
    that are left out.  `held`: a control group limits its memory.
    """

    tier: str
    host: HostDirectories
    places: Places
    readable: tuple[str, ...]
    user: tuple[int, int]
    limits: Limits
    without: tuple[str, ...]
    held: bool

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices in /dev.

        A mapping of `zero` can hold memory that is in no figure of a process: only a control group
        counts it.
        """
        zero = ("zero",) if self.held else ()
        return ("null", "full", "random", "urandom", *zero)


def readable_paths(modules: Iterable[str]) -> tuple[str, ...]:
    """Return what a jailed process may read: the system, this Python, packages of the modules.

    Of `sys.path`, where a caller's private directories may be, only directories of installed
    packages are taken.
    """
    packages: list[str] = []
    for name in {module.split(".")[0] for module in modules}:
        spec = find_spec(name)
        if spec and spec.submodule_search_locations:
            packages += list(spec.submodule_search_locations)
    installed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    python = [sys.prefix, sys.base_prefix, *installed]
    wanted = [*_SYSTEM, *python, *packages]
    present = [path for path in dict.fromkeys(wanted) if os.path.lexists(path)]
    return tuple(
        path
        for path in present
        if not any(path != other and path.startswith(f"{other}/") for other in present)
    )


def choose_user(tier: str, readable: Iterable[str]) -> tuple[int, int]:
    """Return the uid and gid to run as: the caller's, or for root another one that can be used.

    Without a file system of its own, another uid must be able to reach this Python's files.
    """
    own = os.geteuid(), os.getegid()
    number = _FIRST_UID + os.getpid()
    if own[0] != 0 or not _exists(number):
        return own
    usable = may_make_namespaces() if tier == FULL else _open_to_all(readable)
    return (number, number) if usable else own


def _exists(uid: int) -> bool:
    """Return whether this user namespace has the uid: a container's may not."""
    with open("/proc/self/uid_map") as file:
        ranges = [[int(word) for word in line.split()] for line in file]
    return any(first <= uid < first + count for first, _outside, count in ranges)


def may_make_namespaces() -> bool:
    """Return whether this process has CAP_SYS_ADMIN; root in a container often has not."""
    with open("/proc/self/status") as file:
        effective = next(line for line in file if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> _SYS_ADMIN & 1)


def _open_to_all(paths: Iterable[str]) -> bool:
    directories = {parent for path in paths for parent in Path(path).resolve().parents}
    return all(directory.stat().st_mode & stat.S_IXOTH for directory in directories)
