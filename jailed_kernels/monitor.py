"""One trusted process for each jailed one: a fork of the zygote that never runs code of others.

It builds the jail, starts the process in it, passes signals on, watches the limits, and says how
it ended.  When the client goes away, so does all that it started.

The client's messages are JSON lines: what to run, then `{"signal": n}`.  The monitor's:
`{"base": directory}`; `{"ready": pid}`, or what a service says, `{"said": text}`; and last
`{"exit": code, "limit": name or null, "log": text}`.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn

from . import jail, linux, probe, processes
from .kernel import WORD
from .policy import FULL, Limits, Policy
from .relay import Relay

_TICK = 0.1
_DISK_TICK = 0.5
_LOG = 8192
_TOO_LONG = 128 + signal.SIGXCPU
_FAILED = 97  # exit code of a jail that could not be built
_SENDER = struct.Struct("3i")

# What runs inside: gets the request, the places, and the last layer, for when it has the sockets
# that it needs.  It speaks on the file descriptor WORD, and never returns.
Inside = Callable[[dict[str, Any], jail.Places, Callable[[], None]], NoReturn]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a monitor needs to know: the zygote's policy and the tier that it has proved."""

    policy: Policy
    limits: Limits
    tier: str
    readable: tuple[str, ...]
    inside: Inside
    writable: bool


@dataclass(slots=True)
class _Run:
    """The state of one watch."""

    main: int
    log: bytearray = field(default_factory=bytearray)
    kernel: int | None = None  # a handle (pidfd) of the jailed process itself
    relay: Relay | None = None
    said: int = 0
    limit: str | None = None
    struck: bool = False
    dropped: bool = False  # the client has had it killed, and listens no more
    ended: bool = False


def run(client: socket.socket, cell: Cell) -> None:
    """The life of a monitor, from the client's request to the end of what it asked for."""
    os.setsid()
    with tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as base:
        _send(client, base=base)
        request = _first_line(client)
        if request is None:
            return
        try:
            _serve(client, cell, request, base)
        except Exception:  # who asked must know, and nothing may be left that nobody watches
            log = traceback.format_exc()[-_LOG:]
            _send(client, exit=_FAILED, limit=None, log=f"the monitor failed: {log}")
        finally:
            processes.end_all()


def _serve(client: socket.socket, cell: Cell, request: dict[str, Any], base: str) -> None:
    wanted = jail.Request(base, request.get("cwd"), request.get("shared", {}), cell.writable)
    user = jail.choose_user(cell.tier, cell.readable)
    without = cell.policy.without
    with open(f"{base}/secret", "w") as secret:  # for the self-test to fail to read
        secret.write("secret")
    known = probe.outside(secret.name, user[0])
    try:
        if wanted.copied and jail.copied_size(wanted.copied) > cell.limits.disk:
            _send(client, exit=_FAILED, limit="disk", log=f"{wanted.copied} is too large to copy")
            return
        places = jail.prepare(wanted, cell.tier, user)
        linux.adopt_orphans()
        if cell.tier == FULL:
            jail.leave_processes(without)
    except OSError as error:
        _send(client, exit=_FAILED, limit=None, log=f"the jail could not be built: {error}")
        return
    plan = jail.Plan(cell.tier, wanted, places, cell.readable, user, cell.limits, without)
    log_out, log_in = os.pipe()
    ready_out, ready_in = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    ready_out.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    main = os.fork()
    if main == 0:
        start = _Start(cell, request, plan, known, log_in, ready_in.fileno())
        _guarded(log_in, lambda: _first_process(start))
    os.close(log_in)
    ready_in.close()
    _watch(client, cell, request, wanted, main, log_out, ready_out)


# --- inside -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Start:
    """All that is needed to go from a fork of the monitor to what runs in the jail."""

    cell: Cell
    request: dict[str, Any]
    plan: jail.Plan
    known: probe.Outside
    log: int
    ready: int


def _guarded(log: int, action: Callable[[], int]) -> NoReturn:
    """Run to the end of this process, whatever happens."""
    code = _FAILED
    try:
        code = action()
    except BaseException:
        text = traceback.format_exc().encode()[-_LOG:]
        try:
            os.write(log, text)
        except OSError:  # by then, it is standard error
            os.write(2, text)
    finally:
        os._exit(code)


def _first_process(start: _Start) -> int:
    """The jailed process itself, or in the full tier the one that waits for it."""
    if start.plan.tier != FULL:
        return _jailed(start)
    linux.die_with_parent(signal.SIGKILL)
    jail.enter_namespaces(start.plan)
    child = os.fork()
    if child == 0:
        _guarded(start.log, lambda: _jailed(start))
    os.closerange(3, 65536)  # a log that it held would never end
    while True:
        pid, status = os.wait()
        if pid == child:
            return _exit_code(status)


def _jailed(start: _Start) -> int:
    os.setsid()
    null = os.open("/dev/null", os.O_RDWR)
    ready = os.dup(start.ready)
    for old, new in ((null, 0), (start.log, 1), (start.log, 2), (ready, WORD)):
        os.dup2(old, new)
    os.set_inheritable(WORD, False)
    os.closerange(WORD + 1, 65536)  # whatever was the zygote's or the monitor's
    cell, places, without = start.cell, start.plan.places, start.plan.without
    jail.lock(start.plan)
    os.chdir(places.work)
    _environment(cell, start.request, places)
    if "probe" in start.request:
        found = probe.run(cell.tier, without, cell.limits, start.known)
        os.write(WORD, json.dumps(found).encode())
        return 0
    cell.inside(start.request, places, lambda: jail.close_connections(without))


def _environment(cell: Cell, request: dict[str, Any], places: jail.Places) -> None:
    """Nothing of the grader's environment but what the policy names."""
    os.umask(0o022)
    path = os.pathsep.join((os.path.dirname(sys.executable), "/usr/bin", "/bin"))
    os.environ.clear()
    os.environ.update(cell.policy.environment)
    os.environ.update(
        PATH=path,
        HOME=places.temporary,
        TMPDIR=places.temporary,
        USER="student",
        LOGNAME="student",
        LANG="C.UTF-8",
        **{name: places.shared[name] for name in request.get("shared", {})},
    )
    tempfile.tempdir = None


# --- outside ------------------------------------------------------------------------------------


def _watch(
    client: socket.socket,
    cell: Cell,
    request: dict[str, Any],
    wanted: jail.Request,
    main: int,
    log: int,
    ready: socket.socket,
) -> None:
    run, selector = _Run(main), selectors.DefaultSelector()
    ending = os.pidfd_open(main)
    for handle in (log, client.fileno()):
        os.set_blocking(handle, False)

    def on_log(_events: int) -> None:
        if not _read_log(log, run):
            selector.unregister(log)

    def on_word(_events: int) -> None:
        word, sender = ready.recvmsg(1 << 16, socket.CMSG_SPACE(_SENDER.size))[:2]
        if not word:
            selector.unregister(ready)
        elif "ports" in request:
            pid = _SENDER.unpack(sender[0][2])[0]
            with suppress(ProcessLookupError):  # it may have died of its own
                run.kernel = os.pidfd_open(pid)
            run.relay = Relay(selector, f"{wanted.base}/client", f"{wanted.base}/sockets/k")
            run.relay.listen(request["ports"])
            _send(client, ready=pid)
        else:
            run.said += len(word)
            _send(client, said=word.decode("latin-1"))

    def on_client(_events: int) -> None:
        try:
            data = client.recv(_LOG)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            selector.unregister(client)
            run.limit = run.limit or "client"
        for line in data.splitlines():
            _signal(run, cell.tier, json.loads(line)["signal"])

    def on_end(_events: int) -> None:
        run.ended = True

    for source, action in ((client, on_client), (ending, on_end), (log, on_log), (ready, on_word)):
        selector.register(source, selectors.EVENT_READ, action)
    watching = _Watching(cell, wanted)
    while not run.ended:
        for key, events in selector.select(_TICK):
            key.data(events)
        run.limit = run.limit or watching.exceeded(run)
        if run.limit:
            _end(run, cell.tier)
    _pid, status, used = os.wait4(main, 0)
    for source in (ending, log, client):
        if source in selector.get_map():
            selector.unregister(source)
    processes.end_all()
    if run.relay and not run.dropped:
        run.relay.drain(0.05)
    while ready in selector.get_map():
        on_word(0)
    while _read_log(log, run):
        pass
    code = _exit_code(status)
    spent = used.ru_utime + used.ru_stime
    if run.limit is None and (code == _TOO_LONG or (code and spent >= cell.limits.cpu)):
        run.limit = "cpu"
    _send(client, exit=code, limit=run.limit, log=run.log.decode(errors="replace"))


def _read_log(log: int, run: _Run) -> bool:
    """Keep the end of what is written; whether there may be more."""
    try:
        data = os.read(log, 1 << 16)
    except BlockingIOError:
        return False
    run.log += data
    del run.log[:-_LOG]
    return bool(data)


def _signal(run: _Run, tier: str, number: int) -> None:
    if number == signal.SIGKILL:
        run.dropped = True
        _end(run, tier)
    elif run.kernel is not None:
        _signal_kernel(run.kernel, number)


def _end(run: _Run, tier: str) -> None:
    """Kill all of the jail: with the first process of a namespace goes the namespace.

    That one is let wait for the kernel at first, so that the time which the kernel used counts.
    """
    if tier != FULL:
        processes.strike(os.getpid())
    elif run.kernel is not None and not run.struck:
        run.struck = True
        _signal_kernel(run.kernel, signal.SIGKILL)
    else:
        os.kill(run.main, signal.SIGKILL)  # which only this process reaps


def _signal_kernel(handle: int, number: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, number)


class _Watching:
    """Looks at the limits that Linux does not hold by itself for a group of processes."""

    def __init__(self, cell: Cell, wanted: jail.Request) -> None:
        self._limits = cell.limits
        self._started = time.monotonic()
        self._base = processes.anonymous(os.getpid())
        self._next = self._disk_at = 0.0
        self._directories = list(wanted.shared.values()) if cell.writable else []
        if cell.tier != FULL:  # there, a tmpfs of limited size holds them
            self._directories += [f"{wanted.base}/work", f"{wanted.base}/tmp"]

    def exceeded(self, run: _Run) -> str | None:
        """The name of a limit that was passed."""
        limits, now = self._limits, time.monotonic()
        if (run.relay.sent if run.relay else run.said) > limits.output:
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


def _exit_code(status: int) -> int:
    """As a shell says it: 128 and the signal, for a process that a signal ended."""
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _send(client: socket.socket, **message: Any) -> None:
    try:
        client.setblocking(True)
        client.sendall(json.dumps(message).encode() + b"\n")
        client.setblocking(False)
    except OSError:
        pass


def _first_line(client: socket.socket) -> dict[str, Any] | None:
    """The request, and nothing of what may follow it; None if the client has gone."""
    data = b""
    client.setblocking(True)
    while not data.endswith(b"\n"):
        seen = client.recv(1 << 16, socket.MSG_PEEK)
        if not seen:
            return None
        line, end, _rest = seen.partition(b"\n")
        data += client.recv(len(line + end))
    return json.loads(data)
