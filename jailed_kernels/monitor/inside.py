"""From a fork of the monitor to what runs in the jail."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from ..jail import layers, probe, root
from ..jail.plan import JailPlan, Places
from ..linux import calls
from ..linux.cgroups import Group
from ..policy import FULL, Limits, Policy
from .messages import StartRequest

STATUS = 3  # the file descriptor on which a jailed process speaks to its monitor
_SEAL = 4  # until it is sealed, that on which it speaks to the first process of its namespace
FAILED = 97  # the exit code of a jail that could not be built
LOG = 8192  # bytes that are kept of the end of a log
_HIGHEST_FILE = 65536

# What runs in the jail.  It gets the request, its places, and a function that closes the last
# layer, for when it has the sockets that it needs.  It never returns.
Inside = Callable[[StartRequest, Places, Callable[[], None]], NoReturn]


@dataclass(frozen=True, slots=True)
class Role:
    """What a zygote can be asked to run: a kernel or a service, and how.

    `cgroup` is the directory for control groups, None where there are none.
    """

    policy: Policy
    limits: Limits
    tier: str
    readable: tuple[str, ...]
    inside: Inside
    writable: bool
    cgroup: str | None


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a role: `log` and `status` are file descriptors to write to."""

    role: Role
    request: StartRequest
    plan: JailPlan
    facts: probe.Outside
    log: int
    status: int
    group: Group | None


def fork(start: Start) -> int:
    """Fork the first process of the jail and return its pid."""
    pid = os.fork()
    if pid == 0:
        _exit_with(start.log, lambda: _first_process(start))
    return pid


def exit_code(status: int) -> int:
    """Return the exit code as a shell does: 128 and the signal, if a signal ended it."""
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _exit_with(log: int, action: Callable[[], int]) -> NoReturn:
    """End this process with the action's result, or with its traceback in the log."""
    code = FAILED
    try:
        code = action()
    except BaseException:
        text = traceback.format_exc().encode()[-LOG:]
        try:
            os.write(log, text)
        except OSError:  # by then it is standard error
            os.write(2, text)
    finally:
        os._exit(code)


def _first_process(start: Start) -> int:
    """Be the jailed process or, in the full tier, the process that waits for it."""
    if start.group is not None:
        start.group.join()
    if start.plan.tier != FULL:
        return _jailed(start, None)
    calls.die_with_parent(signal.SIGKILL)
    root.enter_namespaces(start.plan)
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        _exit_with(start.log, lambda: _jailed(start, theirs.detach()))
    os.dup2(ours.detach(), STATUS)
    os.closerange(STATUS + 1, _HIGHEST_FILE)  # the log would not end while this process holds it
    if os.read(STATUS, 1):  # what it waits for comes before any untrusted code
        root.close_sockets(start.plan)
        os.write(STATUS, b"closed")
    os.close(STATUS)
    while True:
        pid, status = os.wait()
        if pid == child:
            return exit_code(status)


def _jailed(start: Start, seal: int | None) -> int:
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    status = fcntl.fcntl(start.status, fcntl.F_DUPFD, _SEAL + 1)
    seal = seal if seal is None else fcntl.fcntl(seal, fcntl.F_DUPFD, _SEAL + 1)
    for old, new in ((null, 0), (start.log, 1), (start.log, 2), (status, STATUS)):
        os.dup2(old, new)
    os.set_inheritable(STATUS, False)
    if seal is not None:
        os.dup2(seal, _SEAL)
    # Whatever was the zygote's or the monitor's:
    os.closerange(STATUS + 1 if seal is None else _SEAL + 1, _HIGHEST_FILE)
    role, places, without = start.role, start.plan.places, start.plan.without
    layers.lock(start.plan)
    os.chdir(places.work)
    _set_environment(role.policy, start.request, places)
    if "probe" in start.request:
        found = probe.test_layers(role.tier, without, start.facts)
        os.write(STATUS, json.dumps(found).encode())
        return 0
    role.inside(start.request, places, lambda: _seal(seal is not None, without))


def _seal(has_parent: bool, without: tuple[str, ...]) -> None:
    """Close the directory of the sockets, which the parent does, and the last layer."""
    if has_parent:
        os.write(_SEAL, b"close")
        if not os.read(_SEAL, 1):
            raise OSError("the directory of the sockets could not be made read-only")
        os.close(_SEAL)
    layers.close_connections(without)


def _set_environment(policy: Policy, request: StartRequest, places: Places) -> None:
    """Keep nothing of the caller's environment but what the policy names."""
    os.umask(0o022)
    path = os.pathsep.join((os.path.dirname(sys.executable), "/usr/bin", "/bin"))
    os.environ.clear()
    os.environ.update({"USER": "user", "LOGNAME": "user"}, **dict(policy.environment))
    os.environ.update(
        PATH=path,
        HOME=places.temporary,
        TMPDIR=places.temporary,
        LANG="C.UTF-8",
        **{name: places.shared[name] for name in request.get("shared", {})},
    )
    tempfile.tempdir = None
