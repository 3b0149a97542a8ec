"""The self-test: runs where student code would, tries what each layer forbids, and says which held.

A layer holds if the attempt fails in the way that this layer makes it fail, so that no layer can
hide behind another.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import jail, linux
from .policy import Limits

_PTRACE = {"x86_64": 101, "aarch64": 117}
_CLONE3, _IO_URING_SETUP, _OPENAT2 = 435, 425, 437
_VSOCK = 40


@dataclass(frozen=True, slots=True)
class Outside:
    """What the zygote knows and a jailed process must not reach."""

    pid: int
    user: int
    jailed_user: int
    namespaces: Mapping[str, str]
    secret: str  # a file that the grader's user can read and write


def outside(secret: str, jailed_user: int) -> Outside:
    """What is so where this is called, before the jail."""
    names = ("pid", "mnt", "net", "ipc", "uts")
    namespaces = {name: os.readlink(f"/proc/self/ns/{name}") for name in names}
    return Outside(os.getpid(), os.geteuid(), jailed_user, namespaces, secret)


def run(tier: str, without: tuple[str, ...], limits: Limits, known: Outside) -> dict[str, str]:
    """What is wrong with each layer of the tier, by its name; "" where it holds."""
    found = {}
    for layer in jail.LAYERS[tier]:
        try:
            if layer == "connections":
                jail.close_connections(without)
            found[layer] = _PROBES[layer](tier, limits, known) or ""
        except Exception as error:
            found[layer] = f"{type(error).__name__}: {error}"
    return found


def _fails(action: Callable[[], object], *codes: int) -> str | None:
    """A complaint, unless the action fails with one of these error numbers."""
    try:
        action()
    except OSError as error:
        if error.errno in codes:
            return None
        return f"failed with {error}, not with {errno.errorcode[codes[0]]}"
    return "an attempt that must fail succeeded"


def _same_namespace(name: str, known: Outside) -> str | None:
    shared = os.readlink(f"/proc/self/ns/{name}") == known.namespaces[name]
    return f"shares the grader's {name} namespace" if shared else None


def _processes(tier: str, limits: Limits, known: Outside) -> str | None:
    visible = [name for name in os.listdir("/proc") if name.isdigit()]
    if len(visible) > 2:
        return f"sees {len(visible)} processes"
    return _same_namespace("pid", known) or _fails(lambda: os.kill(known.pid, 0), errno.ESRCH)


def _files(tier: str, limits: Limits, known: Outside) -> str | None:
    return (
        _same_namespace("mnt", known)
        or _fails(lambda: os.stat(known.secret), errno.ENOENT)
        or _fails(lambda: os.chmod("/", 0o777), errno.EROFS, errno.EPERM)
        or _fails(lambda: os.utime("/usr"), errno.EROFS)
    )


def _network(tier: str, limits: Limits, known: Outside) -> str | None:
    devices = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
    if set(devices) - {"lo", "sit0", "tunl0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip6gre0"}:
        return f"has the network devices {', '.join(devices)}"
    return _same_namespace("net", known)


def _ipc(tier: str, limits: Limits, known: Outside) -> str | None:
    return _same_namespace("ipc", known)


def _hostname(tier: str, limits: Limits, known: Outside) -> str | None:
    return _same_namespace("uts", known)


def _user(tier: str, limits: Limits, known: Outside) -> str | None:
    users, wanted = set(os.getresuid()), known.jailed_user
    if users != {wanted}:
        return f"has the uids {os.getresuid()}, not {wanted}"
    if wanted != known.user and os.getgroups():
        return f"is in the groups {os.getgroups()}"
    return None


def _capabilities(tier: str, limits: Limits, known: Outside) -> str | None:
    status = _status()
    held = [name for name in ("CapPrm", "CapEff", "CapAmb") if int(status[name], 16)]
    if held:
        return f"has capabilities ({', '.join(held)})"
    return None if status["NoNewPrivs"] == "1" else "may gain privileges"


def _limits(tier: str, limits: Limits, known: Outside) -> str | None:
    for kind, soft, hard in jail.limit_values(limits):
        found = resource.getrlimit(kind)
        if found != (soft, hard):
            return f"limit {kind} is {found}, not {(soft, hard)}"
    return None


def _landlock(tier: str, limits: Limits, known: Outside) -> str | None:
    """The root directory is there and open to all: only Landlock keeps it from being listed."""
    return _fails(lambda: os.listdir("/"), errno.EACCES) or _fails(
        lambda: open(known.secret), errno.EACCES, errno.ENOENT
    )


def _seccomp(tier: str, limits: Limits, known: Outside) -> str | None:
    if int(_status()["Seccomp_filters"]) < 1:
        return "no filter is loaded"
    return (
        _fails(lambda: linux.raw(_PTRACE[platform.machine()], 0, 0, 0, 0), errno.ENOSYS)
        or _fails(lambda: linux.raw(_CLONE3, None, 0), errno.ENOSYS)
        or _fails(lambda: linux.raw(_IO_URING_SETUP, 1, None), errno.ENOSYS)
        or _fails(lambda: linux.raw(_OPENAT2, -100, b"/", None, 0), errno.ENOSYS)
        or _fails(lambda: linux.unshare(linux.NEWUSER), errno.ENOSYS)
        or _fails(lambda: socket.socket(socket.AF_INET), errno.EOPNOTSUPP)
        or _fails(lambda: socket.socket(_VSOCK), errno.EOPNOTSUPP)
        or _fails(lambda: socket.socketpair(type=socket.SOCK_DGRAM), errno.EOPNOTSUPP)
        or _fails(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU), errno.EPERM)
    )


def _connections(tier: str, limits: Limits, known: Outside) -> str | None:
    left, right = socket.socketpair()
    with left, right:
        address = ctypes.create_string_buffer(b"\x01\x00/nowhere")
        connect = ctypes.CDLL(None, use_errno=True).connect
        if connect(left.fileno(), address, len(address)) != -1:
            return "connect works"
        if ctypes.get_errno() != errno.EACCES:
            return f"connect fails with {errno.errorcode[ctypes.get_errno()]}"
    return _fails(lambda: socket.socket(socket.AF_UNIX), errno.EOPNOTSUPP)


def _status() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


_PROBES: dict[str, Callable[[str, Limits, Outside], str | None]] = {
    "processes": _processes,
    "files": _files,
    "network": _network,
    "ipc": _ipc,
    "hostname": _hostname,
    "user": _user,
    "capabilities": _capabilities,
    "limits": _limits,
    "landlock": _landlock,
    "seccomp": _seccomp,
    "connections": _connections,
}
