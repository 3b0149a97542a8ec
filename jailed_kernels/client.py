"""The caller's side: start a zygote when it is first needed, and ask it for processes."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import IO

from .connection import Connection, Exit
from .linux import calls
from .monitor.messages import Json
from .policy import NO_JAIL, Policy, to_json
from .report import LONGEST, Report, details

_START = 180.0  # seconds
_SHARED = "JAILED_KERNELS_ZYGOTES"  # the directory with zygotes of another process
_CACHE = os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache")


class NoJail(RuntimeError):
    """No tier of the jail holds on this machine; the text says why, layer by layer."""


@dataclass(frozen=True, slots=True)
class Zygote:
    """A running zygote and its report.  `process` is None if another process started it."""

    process: subprocess.Popen[bytes] | None
    control: socket.socket
    report: Report


_running: dict[Policy, Zygote] = {}
_refused: dict[Policy, str] = {}  # not tried again: it would fail in the same way
_lock = threading.Lock()


def start(policy: Policy) -> Zygote:
    """Return the zygote of this policy; start it if it is not running.  Raises NoJail."""
    with _lock:
        known = _running.get(policy)
        if known is None or (known.process and known.process.poll() is not None):
            _running[policy] = known = _of_another(policy) or _warm_or_cold(policy)
        return known


def stop(policy: Policy) -> None:
    """End the zygote of a policy, or leave one that others share.  What it has forked goes on."""
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
    """Start a zygote that serves all processes which are started meanwhile.

    They need not do anything for it.  Where it does not start, each of them starts its own.
    """
    if not calls.supported():
        yield
        return
    with tempfile.TemporaryDirectory(prefix="zygotes-") as folder, ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        listener.bind(_address(folder, policy))
        listener.listen()
        log = stack.enter_context(tempfile.TemporaryFile())
        process, control = _launch(policy, log, folder, listener)
        listener.close()  # otherwise clients would wait for a zygote that has ended
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
    """Return a zygote that another process shares with this one."""
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
    if not calls.supported():
        raise NoJail(f"there is no jail for {sys.platform}: it takes Linux on x86_64 or aarch64")
    found = _start_one(policy)
    if found.report.cold and not policy.cold:
        _end(found)
        found = _start_one(replace(policy, cold=found.report.cold))
    if not found.report.tier:
        _end(found)
        _refused[policy] = "\n".join(details(found.report))
        raise NoJail(_refused[policy])
    return found


def _start_one(policy: Policy) -> Zygote:
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
    """Start a zygote; return its process and the socket that controls it.

    `home` is an empty directory: libraries read settings there when they are imported.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        handles = [sock.fileno() for sock in (theirs, listener) if sock]
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "jailed_kernels.zygote", *map(str, handles)],
            # Every kernel can read its memory, and so this environment.
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


def connect(policy: Policy, role: str) -> Connection:
    """Return a connection to a new monitor of this role, which waits for its request.

    Raises NoJail.
    """
    for _attempt in range(2):
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(start(policy).control, [role.encode()], [theirs.fileno()])
            except OSError:  # it was idle and ended
                stop(policy)
                continue
        connection = Connection(ours)
        while not connection.base and connection.done is None:
            connection.read(_START)
        if connection.base:
            return connection
        stop(policy)  # it ended before it forked
    raise NoJail("the zygote ends as soon as it is asked for something")


def call(
    policy: Policy, service: str, data: Json, shared: Mapping[str, str], timeout: float
) -> tuple[bytes, Exit]:
    """Run a service of the policy in the jail; return what it sent and how it ended.

    `data` goes to the service; `shared` are directories that it may read, by name.  After `timeout`
    seconds it is ended.  Raises NoJail.
    """
    connection = connect(policy, service)
    connection.start({"data": data, "shared": dict(shared)})
    connection.wait(timeout)
    if connection.done is None:
        connection.kill()
        connection.wait()
    assert connection.done is not None
    return bytes(connection.output), connection.done


def tier(policy: Policy, trust: bool) -> Report:
    """Return how kernels of this policy run: without a jail only if `trust` says so.

    Raises NoJail otherwise.
    """
    try:
        return start(policy).report
    except NoJail as error:
        if not trust:
            raise
        return Report(NO_JAIL, {}, cold=str(error).splitlines()[0])
