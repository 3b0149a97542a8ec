"""The jail: what a fresh fork of the zygote goes through before any code of others runs in it.

Two tiers.  *full*: process, mount, network, IPC, UTS (and, for an ordinary user, user)
namespaces, a file system of its own on a tmpfs, and all of the second.  *second*, for containers
without namespaces: another uid where that is possible, no capabilities, no new privileges,
resource limits, Landlock, seccomp, and a copy of the working directory.

Each layer has a name, and every one is mandatory in its tier: `probe` proves them from inside.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from . import linux, seccomp
from .policy import FULL, MB, SECOND, Limits

# Names of the layers, as a report shows them and `Policy.without` takes them.
LAYERS = {
    SECOND: ("user", "capabilities", "limits", "landlock", "seccomp", "connections"),
    FULL: (
        "processes",
        "files",
        "network",
        "ipc",
        "hostname",
        "user",
        "capabilities",
        "limits",
        "landlock",
        "seccomp",
        "connections",
    ),
}
_NAMESPACES = {
    "files": linux.NEWNS,
    "network": linux.NEWNET,
    "ipc": linux.NEWIPC,
    "hostname": linux.NEWUTS,
}
_SYSTEM = (
    "/usr /bin /sbin /lib /lib32 /lib64 /libx32 /etc/ld.so.cache /etc/ld.so.conf /etc/ld.so.conf.d "
    "/etc/alternatives /etc/localtime /etc/fonts /etc/mime.types /etc/ssl/openssl.cnf "
    "/etc/nsswitch.conf /sys/devices/system/cpu"
).split()
_DEVICES = "null zero full random urandom".split()
# What may be read of /proc where it is the whole machine's.
_PROC = "cpuinfo meminfo stat filesystems sys/vm sys/kernel".split()
_FIRST_UID = 300_000  # uids that no account has, one a kernel
_BLOCK = 4096
_HEADROOM = 1024 * MB  # of address space above the memory limit, which is watched from outside


@dataclass(frozen=True, slots=True)
class Places:
    """Where a jailed process finds things: directories, in its own view of the file system."""

    work: str
    temporary: str
    sockets: str
    shared: Mapping[str, str]  # by the name that they were asked for


@dataclass(frozen=True, slots=True)
class Request:
    """The directories of one jailed process, in the grader's view.

    `base` is thrown away with the process.  `copied` is copied into its working directory.
    `shared` are directories by name, and `writable` whether it may write there.
    """

    base: str
    copied: str | None
    shared: Mapping[str, str]
    writable: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the jail of one process is built from.

    `readable` are paths of the machine's, `user` the uid and gid to run as, and `without` names
    layers that are left out.
    """

    tier: str
    request: Request
    places: Places
    readable: tuple[str, ...]
    user: tuple[int, int]
    limits: Limits
    without: tuple[str, ...]


def readable_paths(modules: Iterable[str]) -> tuple[str, ...]:
    """What a jailed process may read: the system, this Python, the packages of these modules.

    Of `sys.path`, on which a course may stand, only what holds installed packages is taken.
    """
    packages = []
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
    """The uid and gid to run as: the grader's own, unless it is root and another one will do.

    Without a file system of its own, another uid must be able to come to this Python's files.
    """
    own = os.geteuid(), os.getegid()
    number = _FIRST_UID + os.getpid()
    if own[0] != 0 or not _exists(number):
        return own
    will_do = _may_make_namespaces() if tier == FULL else _open_to_all(readable)
    return (number, number) if will_do else own


def _exists(uid: int) -> bool:
    """Whether this user namespace has the uid: a container's may not."""
    with open("/proc/self/uid_map") as file:
        ranges = [[int(word) for word in line.split()] for line in file]
    return any(first <= uid < first + count for first, _outside, count in ranges)


def _may_make_namespaces() -> bool:
    """Whether root has CAP_SYS_ADMIN, which a container's mostly has not."""
    with open("/proc/self/status") as file:
        effective = next(line for line in file if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> 21 & 1)


def _open_to_all(paths: Iterable[str]) -> bool:
    directories = {parent for path in paths for parent in Path(path).resolve().parents}
    return all(directory.stat().st_mode & stat.S_IXOTH for directory in directories)


def leave_processes(without: Iterable[str]) -> None:
    """Make the next child the first process of a namespace; take a user namespace if need be."""
    flags = 0 if "processes" in without else linux.NEWPID
    if os.geteuid() == 0 and _may_make_namespaces():
        linux.unshare(flags)
    else:
        linux.enter_user_namespace(flags)


def prepare(request: Request, tier: str, user: tuple[int, int]) -> Places:
    """Make the directories of a jailed process, while still outside; where it will find them."""
    base = Path(request.base)
    (base / "sockets").mkdir(mode=0o700)
    root = os.geteuid() == 0 and user[0] != 0
    if root:
        base.chmod(0o711)
        os.chown(base / "sockets", *user)
    for path in request.shared.values():
        _hand_over(path, user if root else None)
    if tier == FULL:
        (base / "root").mkdir(mode=0o755)
        shared = {name: f"/kernel/shared/{number}" for number, name in enumerate(request.shared)}
        return Places("/kernel/work", "/tmp", "/kernel/sockets", shared)
    for name in ("work", "tmp"):
        (base / name).mkdir(mode=0o700)
    if request.copied:
        copy_tree(request.copied, str(base / "work"))
    if root:
        for directory, names, files in os.walk(base):
            if directory != request.base:
                os.chown(directory, *user)
                for name in (*names, *files):
                    os.chown(os.path.join(directory, name), *user, follow_symlinks=False)
    sockets = str(base / "sockets")
    return Places(str(base / "work"), str(base / "tmp"), sockets, request.shared)


def _hand_over(path: str, user: tuple[int, int] | None) -> None:
    """A directory, whatever an earlier process made of its mode, for the next one to use."""
    os.chmod(path, 0o700)
    if user:
        os.chown(path, *user)


def copied_size(source: str) -> int:
    """How many bytes `copy_tree` would write, in blocks as file systems have them."""
    total = 0
    for directory, _names, files in os.walk(source):
        paths = [directory, *(os.path.join(directory, name) for name in files)]
        total += sum(-(-os.lstat(path).st_size // _BLOCK) * _BLOCK for path in paths)
    return total


def copy_tree(source: str, target: str) -> None:
    """Copy directories, regular files and links as they are.

    Anything else (a named pipe would be waited for) is left out.
    """
    for directory, _names, files in os.walk(source):
        here = os.path.join(target, os.path.relpath(directory, source))
        os.makedirs(here, exist_ok=True)
        for name in files:
            path, copy = os.path.join(directory, name), os.path.join(here, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                os.symlink(os.readlink(path), copy)
            elif stat.S_ISREG(mode):
                shutil.copyfile(path, copy, follow_symlinks=False)


# --- inside -------------------------------------------------------------------------------------


def enter_namespaces(plan: Plan) -> None:
    """In the first process of a process namespace: the other namespaces, and the file system."""
    flags = [flag for layer, flag in _NAMESPACES.items() if layer not in plan.without]
    linux.unshare(sum(flags))
    if "hostname" not in plan.without:
        socket.sethostname("kernel")
    if "files" not in plan.without:
        _build_root(plan)


def _build_root(plan: Plan) -> None:
    request, places, disk = plan.request, plan.places, plan.limits.disk
    root = f"{request.base}/root"
    linux.mount(None, "/", flags=linux.REC | linux.PRIVATE)
    # All that can be written is one tmpfs: one limit for its size, and one for its files.
    sizes = f"size={disk},nr_inodes={max(2000, disk // (16 << 10))},mode=0755"
    linux.mount("tmpfs", root, "tmpfs", linux.NOSUID | linux.NODEV, sizes)
    for place in (places.work, places.temporary, "/dev/shm"):
        path = root + place
        os.makedirs(path)
        os.chmod(path, 0o700)
        if os.geteuid() == 0:
            os.chown(path, *plan.user)
        linux.mount(path, path, flags=linux.BIND)
    for path in plan.readable:
        if os.path.islink(path):
            os.makedirs(os.path.dirname(root + path), exist_ok=True)
            os.symlink(os.readlink(path), root + path)
        else:
            linux.bind(path, root + path, read_only=True)
    for device in _DEVICES:
        with open(f"{root}/dev/{device}", "w"):
            pass
        linux.mount(f"/dev/{device}", f"{root}/dev/{device}", flags=linux.BIND)
    os.symlink("/proc/self/fd", f"{root}/dev/fd")
    linux.bind(f"{request.base}/sockets", root + places.sockets, read_only=False)
    for name, path in request.shared.items():
        linux.bind(path, root + places.shared[name], read_only=not request.writable)
    os.makedirs(f"{root}/proc")
    linux.mount("proc", f"{root}/proc", "proc", linux.NOSUID | linux.NODEV | 8)
    if request.copied:
        _copy_as(plan.user, request.copied, root + places.work)
    linux.pivot_root(root)
    linux.mount(None, "/", flags=linux.BIND | linux.REMOUNT | linux.RDONLY | linux.NOSUID)


def _copy_as(user: tuple[int, int], source: str, target: str) -> None:
    copy_tree(source, target)
    if os.geteuid() == 0:
        for directory, names, files in os.walk(target):
            for name in (*names, *files):
                os.chown(os.path.join(directory, name), *user, follow_symlinks=False)


def lock(plan: Plan) -> None:
    """The layers that every process of the jail inherits.  Raises OSError if one can't be."""
    rules = None
    if "landlock" not in plan.without:
        rules = linux.landlock_rules(*_landlock_paths(plan))
    if "limits" not in plan.without:
        set_limits(plan.limits)
    if "user" not in plan.without and os.geteuid() == 0 and plan.user[0] != 0:
        uid, gid = plan.user
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    if "capabilities" not in plan.without:
        linux.drop_capabilities()
        linux.no_new_privileges()  # without it, the layers below are refused
    linux.set_dumpable(True)  # its own /proc/self is its own to read
    linux.die_with_parent(signal.SIGKILL)
    if rules is not None:
        linux.landlock_enforce(rules)
    if "seccomp" not in plan.without:
        full = plan.tier == FULL
        # A service is not to be kept from its own children.
        sees_others = not full and plan.request.writable and linux.landlock_version() < 6
        linux.load_filter(seccomp.base(full, sees_others, os.getpid()))


def close_connections(without: Iterable[str]) -> None:
    """The last layer, when a kernel has bound its sockets: no thread of it may make another."""
    if "connections" not in without:
        linux.load_filter(seccomp.late(), all_threads=True)


def _landlock_paths(plan: Plan) -> tuple[list[str], list[str]]:
    places, shared = plan.places, list(plan.places.shared.values())
    read = [*plan.readable, *(f"/dev/{name}" for name in _DEVICES)]
    write = [places.work, places.temporary, places.sockets, "/dev/null"]
    if plan.tier == FULL:
        read.append("/proc")
        write.append("/dev/shm")
    else:
        read += [f"/proc/{os.getpid()}", *(f"/proc/{name}" for name in _PROC)]
    return (read, write + shared) if plan.request.writable else (read + shared, write)


def set_limits(limits: Limits) -> None:
    """The limits that Linux holds by itself; the monitor watches the others, and these too."""
    for kind, soft, hard in limit_values(limits):
        resource.setrlimit(kind, (soft, hard))
    # The monitor counts them one by one; this holds what grows faster than it looks.
    processes = 2 * limits.processes + _running()
    resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))


def limit_values(limits: Limits) -> list[tuple[int, int, int]]:
    """resource's constant, soft and hard limit."""
    data = limits.memory + _HEADROOM
    return [
        (resource.RLIMIT_CPU, limits.cpu, limits.cpu + 5),
        (resource.RLIMIT_DATA, data, data),
        (resource.RLIMIT_FSIZE, limits.file, limits.file),
        (resource.RLIMIT_NOFILE, 1024, 1024),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_MEMLOCK, 0, 0),
    ]


def _running() -> int:
    """How many threads this user has on the machine: Linux counts them all."""
    with open("/proc/loadavg") as file:
        return int(file.read().split()[3].split("/")[1])
