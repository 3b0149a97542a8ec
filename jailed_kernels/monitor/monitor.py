"""The life of a monitor: a fork of the zygote that never runs untrusted code.

It builds the jail, starts the process in it, passes signals on, watches the limits, and says how
it ended.  When the client goes away, everything that it started is ended.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import struct
import tempfile
import traceback
from contextlib import suppress

from ..jail import probe, root
from ..jail.directories import copied_size, prepare
from ..jail.plan import HostDirectories, JailPlan, choose_user
from ..linux import calls, cgroups
from ..policy import FULL
from . import inside, processes
from .files import remove_tree
from .inside import FAILED, LOG, Role, Start
from .limits import LimitWatch
from .messages import StartRequest, first_line, send
from .relay import Relay

_SHORTEST = 0.01  # seconds
_DRAIN = 0.05  # seconds that a dead kernel's sockets must be silent
_CHUNK = 1 << 16
_TOO_LONG = 128 + signal.SIGXCPU
_SENDER = struct.Struct("3i")  # pid, uid and gid of who sent on a UNIX socket


def serve(client: socket.socket, role: Role) -> None:
    """Serve one client, from its request to the end of what it asked for."""
    os.setsid()
    base = tempfile.mkdtemp(prefix="kernel-")
    group = None
    try:
        send(client, {"base": base})
        request = first_line(client)
        if request is None:
            return
        if role.cgroup is not None:
            group = _make_group(role, role.cgroup)
        _start(client, role, request, base, group)
    except Exception:  # the client must know, and no process may go on unwatched
        log = traceback.format_exc()[-LOG:]
        _send_failure(client, f"the monitor failed: {log}")
    finally:
        processes.end_all()
        if group is not None:
            group.remove()
        remove_tree(base)


def _make_group(role: Role, parent: str) -> cgroups.Group:
    """Return a control group that holds the role's limits.

    In the full tier all that is written is on a tmpfs, which is memory, and has its own limit.
    """
    limits = role.limits
    memory = limits.memory + (limits.disk if role.tier == FULL else 0)
    return cgroups.make(parent, memory, limits.processes)


def _start(
    client: socket.socket,
    role: Role,
    request: StartRequest,
    base: str,
    group: cgroups.Group | None,
) -> None:
    host = HostDirectories(base, request.get("cwd"), request.get("shared", {}), role.writable)
    user = choose_user(role.tier, role.readable)
    without = role.policy.without
    with open(f"{base}/secret", "w") as secret:  # the self-test must fail to read it
        secret.write("secret")
    name = os.path.basename(group.path) if group else ""
    facts = probe.outside(secret.name, user[0], role.limits, name)
    try:
        if host.copied and copied_size(host.copied) > role.limits.disk:
            _send_failure(client, f"{host.copied} is too large to copy", "disk")
            return
        places = prepare(host, role.tier, user)
        calls.adopt_orphans()
        if role.tier == FULL:
            root.leave_processes(without)
    except OSError as error:
        _send_failure(client, f"the jail could not be built: {error}")
        return
    held = group is not None
    plan = JailPlan(role.tier, host, places, role.readable, user, role.limits, without, held)
    log_out, log_in = os.pipe()
    status_out, status_in = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    status_out.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    pid = inside.fork(Start(role, request, plan, facts, log_in, status_in.fileno(), group))
    os.close(log_in)
    status_in.close()
    _Watch(client, plan, request, group, pid, log_out, status_out).to_the_end()


def _send_failure(client: socket.socket, log: str, limit: str | None = None) -> None:
    send(client, {"exit": FAILED, "limit": limit, "log": log})


class _Watch:
    """One process being watched: what it says, what its client says, and its limits."""

    def __init__(
        self,
        client: socket.socket,
        plan: JailPlan,
        request: StartRequest,
        group: cgroups.Group | None,
        pid: int,
        log: int,
        status: socket.socket,
    ) -> None:
        self._client, self._plan, self._request = client, plan, request
        self._pid, self._log, self._status = pid, log, status
        self._limits = LimitWatch(plan, group)
        self._selector = selectors.DefaultSelector()
        self._log_end = bytearray()
        self._kernel: int | None = None  # a handle (pidfd) of the kernel itself
        self._relay: Relay | None = None
        self._sent = 0  # bytes that a service sent
        self._limit: str | None = None
        self._kernel_killed = False
        self._dropped = False  # the client had it killed and reads no more
        self._ended = False

    def to_the_end(self) -> None:
        """Watch until the process has ended, and tell the client how."""
        end = os.pidfd_open(self._pid)
        for handle in (self._log, self._client.fileno()):
            os.set_blocking(handle, False)
        for source, action in (
            (self._client, self._on_client),
            (end, self._on_end),
            (self._log, self._on_log),
            (self._status, self._on_status),
        ):
            self._selector.register(source, selectors.EVENT_READ, action)
        while not self._ended:
            for key, events in self._selector.select(max(_SHORTEST, self._limits.pause())):
                key.data(events)
            sent = self._relay.sent if self._relay else self._sent
            self._limit = self._limit or self._limits.exceeded(sent)
            if self._limit:
                self._end()
        _pid, status, used = os.wait4(self._pid, 0)
        self._unregister(end, self._log, self._client)
        processes.end_all()
        self._read_the_rest()
        code = inside.exit_code(status)
        if code and self._limit is None:
            spent = used.ru_utime + used.ru_stime
            too_long = code == _TOO_LONG or spent >= self._plan.limits.cpu
            self._limit = "cpu" if too_long else self._limits.ended_by()
        log = self._log_end.decode(errors="replace")
        send(self._client, {"exit": code, "limit": self._limit, "log": log})

    def _read_the_rest(self) -> None:
        """Pass on what was sent before the end."""
        if self._relay and not self._dropped:
            self._relay.drain(_DRAIN)
        while self._status in self._selector.get_map():
            self._on_status(0)
        while self._read_log():
            pass

    def _unregister(self, *sources: int | socket.socket) -> None:
        for source in sources:
            if source in self._selector.get_map():
                self._selector.unregister(source)

    def _on_log(self, _events: int) -> None:
        if not self._read_log():
            self._selector.unregister(self._log)

    def _read_log(self) -> bool:
        """Keep the end of the log; return whether there may be more."""
        try:
            data = os.read(self._log, _CHUNK)
        except BlockingIOError:
            return False
        self._log_end += data
        del self._log_end[:-LOG]
        return bool(data)

    def _on_status(self, _events: int) -> None:
        data, sender = self._status.recvmsg(_CHUNK, socket.CMSG_SPACE(_SENDER.size))[:2]
        if not data:
            self._selector.unregister(self._status)
        elif "ports" in self._request:
            self._connect(_SENDER.unpack(sender[0][2])[0])
        else:
            self._sent += len(data)
            send(self._client, {"output": data.decode("latin-1")})

    def _connect(self, pid: int) -> None:
        """Let the client reach a kernel that has its sockets."""
        with suppress(ProcessLookupError):  # it may have died already
            self._kernel = os.pidfd_open(pid)
        base = self._plan.host.base
        # Nothing but the sockets will ever be there.
        os.chown(f"{base}/sockets", os.geteuid(), os.getegid())
        os.chmod(f"{base}/sockets", 0o555)
        self._relay = Relay(self._selector, f"{base}/client", f"{base}/sockets/k")
        self._relay.listen(self._request["ports"])
        send(self._client, {"ready": pid})

    def _on_client(self, _events: int) -> None:
        try:
            data = self._client.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(self._client)
            self._limit = self._limit or "client"
        for line in data.splitlines():
            self._signal(json.loads(line)["signal"])

    def _on_end(self, _events: int) -> None:
        self._ended = True

    def _signal(self, number: int) -> None:
        if number == signal.SIGKILL:
            self._dropped = True
            self._end()
        elif self._kernel is not None:
            _send_signal(self._kernel, number)

    def _end(self) -> None:
        """Kill everything in the jail: with the first process of a namespace the namespace ends.

        In the full tier that process may wait for the kernel once, which counts its CPU time.
        """
        if self._plan.tier != FULL:
            processes.kill_below(os.getpid())
        elif self._kernel is not None and not self._kernel_killed:
            self._kernel_killed = True
            _send_signal(self._kernel, signal.SIGKILL)
        else:
            os.kill(self._pid, signal.SIGKILL)  # only this process reaps it: the pid is its own


def _send_signal(handle: int, number: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, number)
