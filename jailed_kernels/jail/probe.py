"""The self-test: runs where untrusted code would run and tries what each layer forbids.

A layer holds if the attempt fails in the way in which this layer makes it fail, so that no layer
can hide behind another one.
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

from ..linux import calls
from ..policy import Limits
from . import layers
from .plan import LAYERS

_PTRACE = {"x86_64": 101, "aarch64": 117}
_CLONE3, _IO_URING_SETUP, _OPENAT2 = 435, 425, 437
_VSOCK = 40
# Network devices that Linux makes in every new network namespace.
_NO_WAY_OUT = {"lo", "sit0", "tunl0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip6gre0"}


@dataclass(frozen=True, slots=True)
class Outside:
    """Facts of the machine that a jailed process must not reach.

    `pid` and `user` are the monitor's; `secret` is a file that its user can read and write.
    `jailed_user` and `limits` are what the jail was asked for; `group` is the end of the path of
    its control group, "" without one.
    """

    pid: int
    user: int
    jailed_user: int
    namespaces: Mapping[str, str]
    secret: str
    limits: Limits
    group: str


def outside(secret: str, jailed_user: int, limits: Limits, group: str) -> Outside:
    """Return the facts as they are where this is called, before there is a jail."""
    names = ("pid", "mnt", "net", "ipc", "uts")
    namespaces = {name: os.readlink(f"/proc/self/ns/{name}") for name in names}
    return Outside(os.getpid(), os.geteuid(), jailed_user, namespaces, secret, limits, group)


def test_layers(tier: str, without: tuple[str, ...], facts: Outside) -> dict[str, str]:
    """Return, by name, what is wrong with each layer of the tier; "" where it holds."""
    found = {}
    for layer in LAYERS[tier]:
        try:
            if layer == "connections":
                layers.close_connections(without)
            found[layer] = _PROBES[layer](facts) or ""
        except Exception as error:
            found[layer] = f"{type(error).__name__}: {error}"
    return found


def _fails(action: Callable[[], object], *codes: int) -> str | None:
    """Return a complaint, unless the action fails with one of these error numbers."""
    try:
        action()
    except OSError as error:
        if error.errno in codes:
            return None
        return f"failed with {error}, not with {errno.errorcode[codes[0]]}"
    return "an attempt that must fail succeeded"


def _same_namespace(name: str, facts: Outside) -> str | None:
    shared = os.readlink(f"/proc/self/ns/{name}") == facts.namespaces[name]
    return f"shares the caller's {name} namespace" if shared else None


def _processes(facts: Outside) -> str | None:
    visible = [name for name in os.listdir("/proc") if name.isdigit()]
    if len(visible) > 2:
        return f"sees {len(visible)} processes"
    return _same_namespace("pid", facts) or _fails(lambda: os.kill(facts.pid, 0), errno.ESRCH)


def _files(facts: Outside) -> str | None:
    return (
        _same_namespace("mnt", facts)
        or _fails(lambda: os.stat(facts.secret), errno.ENOENT)
        or _fails(lambda: os.chmod("/", 0o777), errno.EROFS, errno.EPERM)
        or _fails(lambda: os.utime("/usr"), errno.EROFS)
    )


def _network(facts: Outside) -> str | None:
    devices = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
    if set(devices) - _NO_WAY_OUT:
        return f"has the network devices {', '.join(devices)}"
    return _same_namespace("net", facts)


def _ipc(facts: Outside) -> str | None:
    return _same_namespace("ipc", facts)


def _hostname(facts: Outside) -> str | None:
    return _same_namespace("uts", facts)


def _user(facts: Outside) -> str | None:
    users, wanted = set(os.getresuid()), facts.jailed_user
    if users != {wanted}:
        return f"has the uids {os.getresuid()}, not {wanted}"
    if wanted != facts.user and os.getgroups():
        return f"is in the groups {os.getgroups()}"
    return None


def _capabilities(_facts: Outside) -> str | None:
    status = _status()
    held = [name for name in ("CapPrm", "CapEff", "CapAmb") if int(status[name], 16)]
    if held:
        return f"has capabilities ({', '.join(held)})"
    return None if status["NoNewPrivs"] == "1" else "may gain privileges"


def _limits(facts: Outside) -> str | None:
    if facts.group and not Path("/proc/self/cgroup").read_text().strip().endswith(facts.group):
        return "is not in its control group"
    for kind, soft, hard in layers.limit_values(facts.limits):
        found = resource.getrlimit(kind)
        if found != (soft, hard):
            return f"limit {kind} is {found}, not {(soft, hard)}"
    return None


def _landlock(facts: Outside) -> str | None:
    """The root directory is there and open to all: only Landlock refuses to list it."""
    return _fails(lambda: os.listdir("/"), errno.EACCES) or _fails(
        lambda: open(facts.secret), errno.EACCES, errno.ENOENT
    )


def _seccomp(_facts: Outside) -> str | None:
    if int(_status()["Seccomp_filters"]) < 1:
        return "no filter is loaded"
    return (
        _fails(lambda: calls.syscall(_PTRACE[platform.machine()], 0, 0, 0, 0), errno.ENOSYS)
        or _fails(lambda: calls.syscall(_CLONE3, None, 0), errno.ENOSYS)
        or _fails(lambda: calls.syscall(_IO_URING_SETUP, 1, None), errno.ENOSYS)
        or _fails(lambda: calls.syscall(_OPENAT2, -100, b"/", None, 0), errno.ENOSYS)
        or _fails(lambda: calls.unshare(calls.NEWUSER), errno.ENOSYS)
        or _fails(lambda: socket.socket(socket.AF_INET), errno.EOPNOTSUPP)
        or _fails(lambda: socket.socket(_VSOCK), errno.EOPNOTSUPP)
        or _fails(lambda: socket.socketpair(type=socket.SOCK_DGRAM), errno.EOPNOTSUPP)
        or _fails(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CPU), errno.EPERM)
    )


def _connections(_facts: Outside) -> str | None:
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


_PROBES: dict[str, Callable[[Outside], str | None]] = {
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
