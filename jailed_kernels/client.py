"""The grader's side: start a zygote when it is first needed, and ask it for processes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import IO, Any

from . import linux
from .policy import NO_JAIL, Policy, to_json
from .report import LONGEST, Report, lines

_START = 180.0
_SHARED = "GRADER_KERNELS_ZYGOTES"  # the directory with zygotes of another process
_CACHE = os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache")


class NoJail(RuntimeError):
    """No tier of the jail holds on this machine; the text says why, layer by layer."""


@dataclass(frozen=True, slots=True)
class Zygote:
    """A running zygote, and what it found.  `process` is None if another one started it."""

    process: subprocess.Popen[bytes] | None
    control: socket.socket
    report: Report


@dataclass(slots=True)
class Done:
    """How a jailed process ended: its exit code (128 and the signal, for one that was killed),
    the limit that it met (a name of `Limits`) or None, and the end of what it wrote."""

    code: int
    limit: str | None
    log: str


_running: dict[Policy, Zygote] = {}
_refused: dict[Policy, str] = {}  # not tried again: it would take as long, and say the same
_lock = threading.Lock()


def zygote(policy: Policy) -> Zygote:
    """The zygote of this policy, started if it is not there.  Raises NoJail."""
    with _lock:
        known = _running.get(policy)
        if known is None or (known.process and known.process.poll() is not None):
            _running[policy] = known = _of_another(policy) or _warm_or_cold(policy)
        return known


def stop(policy: Policy) -> None:
    """End the zygote of a policy, or leave it to those who share it; what it has forked goes on."""
    with _lock:
        known = _running.pop(policy, None)
    if known:
        _end(known)


def _end(found: Zygote) -> None:
    found.control.close()
    if found.process:
        found.process.wait()


@contextmanager
def shared(policy: Policy) -> Iterator[None]:
    """Have a zygote begin with its imports: it serves the processes that are started meanwhile.

    They need not know.  Where that comes to nothing, each of them starts its own.
    """
    if not linux.supported():
        yield
        return
    with tempfile.TemporaryDirectory(prefix="zygotes-") as folder, ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        listener.bind(_address(folder, policy))
        listener.listen()
        log = stack.enter_context(tempfile.TemporaryFile())
        process, control = _launch(policy, log, folder, listener)
        listener.close()  # or who asks would wait for one that has ended
        os.environ[_SHARED] = folder
        try:
            yield
        finally:
            del os.environ[_SHARED]
            control.close()
            process.kill()  # it may still be at its imports
            process.wait()


def _address(folder: str, policy: Policy) -> str:
    return f"{folder}/{hashlib.sha256(to_json(policy).encode()).hexdigest()[:16]}"


def _of_another(policy: Policy) -> Zygote | None:
    """One that another process shares with this one."""
    folder = os.environ.get(_SHARED)
    if folder is None:
        return None
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        control.settimeout(_START)
        control.connect(_address(folder, policy))
        answer = control.recv(LONGEST)
        control.settimeout(None)
    except OSError:
        answer = b""
    if not answer:
        control.close()
        return None
    return Zygote(None, control, Report(**json.loads(answer)))


def _warm_or_cold(policy: Policy) -> Zygote:
    if policy in _refused:
        raise NoJail(_refused[policy])
    if not linux.supported():
        raise NoJail(f"there is no jail for {sys.platform}: it takes Linux on x86_64 or aarch64")
    found = _start(policy)
    if found.report.cold and not policy.cold:
        _end(found)
        found = _start(replace(policy, cold=found.report.cold))
    if not found.report.tier:
        _end(found)
        _refused[policy] = "\n".join(lines(found.report))
        raise NoJail(_refused[policy])
    return found


def _start(policy: Policy) -> Zygote:
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as home:
        process, ours = _launch(policy, log, home)
        ours.settimeout(_START)
        try:
            answer = ours.recv(LONGEST)
        except TimeoutError:
            process.kill()
            answer = b""
        if not answer:
            process.wait()
            log.seek(0)
            raise NoJail(f"the zygote did not start:\n{log.read().decode(errors='replace')}")
        ours.settimeout(None)
        return Zygote(process, ours, Report(**json.loads(answer)))


def _launch(
    policy: Policy, log: IO[bytes], home: str, listener: socket.socket | None = None
) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A zygote that begins, and the socket to control it.

    Libraries write into a home when they are imported, and read settings there: a fresh one.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        handles = [sock.fileno() for sock in (theirs, listener) if sock]
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "jailed_kernels.zygote", *map(str, handles)],
            # Its memory is every kernel's, this environment included.
            env={
                "PATH": os.defpath,
                "LANG": "C.UTF-8",
                "HOME": home,
                "XDG_CACHE_HOME": _CACHE,
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
                **dict(policy.environment),
            },
            cwd="/",
            pass_fds=handles,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    ours.send(to_json(policy).encode())
    return process, ours


@dataclass(slots=True)
class Connection:
    """A monitor and what it watches; enough like `subprocess.Popen` for jupyter_client."""

    sock: socket.socket
    base: str = ""
    pid: int | None = None
    done: Done | None = None
    said: bytearray = field(default_factory=bytearray)
    stdin: None = None
    stdout: None = None
    stderr: None = None
    _buffer: bytes = b""

    @property
    def returncode(self) -> int | None:
        return self.done.code if self.done else None

    def poll(self) -> int | None:
        if self.done is None:
            self.read(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        until = None if timeout is None else time.monotonic() + timeout
        while self.done is None and (until is None or time.monotonic() < until):
            self.read(0.1)
        return self.returncode

    def send_signal(self, number: int) -> None:
        self.send({"signal": int(number)})

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def send(self, message: Mapping[str, Any]) -> None:
        """To the monitor, if it is still there."""
        if self.done is None:
            try:
                self.sock.settimeout(None)
                self.sock.sendall(json.dumps(message).encode() + b"\n")
            except OSError:
                pass

    def read(self, timeout: float) -> bool:
        """Take in what the monitor has to say; whether there was anything."""
        try:
            self.sock.settimeout(timeout)
            data = self.sock.recv(1 << 16)
        except (BlockingIOError, TimeoutError):
            return False
        except OSError:
            data = b""
        if not data:
            self.done = self.done or Done(1, None, "the monitor has gone")
            self.sock.close()
            return False
        *whole, self._buffer = (self._buffer + data).split(b"\n")
        for line in whole:
            self._take(json.loads(line))
        return True

    def _take(self, message: dict[str, Any]) -> None:
        if "exit" in message:
            self.done = Done(message["exit"], message["limit"], message["log"])
            self.sock.close()
        self.base = message.get("base", self.base)
        self.pid = message.get("ready", self.pid)
        self.said += message.get("said", "").encode("latin-1")


def connect(policy: Policy, role: str) -> Connection:
    """A monitor of this role that waits for its request.  Raises NoJail."""
    for _attempt in range(2):
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(zygote(policy).control, [role.encode()], [theirs.fileno()])
            except OSError:  # it was idle, and ended
                stop(policy)
                continue
        connection = Connection(ours)
        while not connection.base and connection.done is None:
            connection.read(_START)
        if connection.base:
            return connection
        stop(policy)  # it ended with the request in its hands
    raise NoJail("the zygote ends as soon as it is asked for something")


def call(
    policy: Policy, service: str, data: Any, shared: Mapping[str, str], timeout: float
) -> tuple[bytes, Done]:
    """Run a service of the policy, jailed; what it said, and how it ended.

    `data` (JSON) goes to the service; `shared` are directories that it may read, by name, which
    it is told where to find.  Raises NoJail.
    """
    connection = connect(policy, service)
    connection.send({"data": data, "shared": dict(shared)})
    connection.wait(timeout)
    if connection.done is None:
        connection.kill()
        connection.wait()
    assert connection.done is not None
    return bytes(connection.said), connection.done


def tier(policy: Policy, trust: bool) -> Report:
    """How kernels of this policy run; without a jail only where they are trusted.

    Raises NoJail otherwise.
    """
    try:
        return zygote(policy).report
    except NoJail as error:
        if not trust:
            raise
        return Report(NO_JAIL, {}, cold=str(error).splitlines()[0])
