"""The zygote: imports once, proves the jail, then forks a monitor for each kernel asked for.

    python -P -m jailed_kernels.zygote CONTROL [LISTENER]

CONTROL is the file descriptor of a socket whose first message is the policy.  The answer is one
message, a `Report` as JSON.  From then on each message is a role ("kernel", or a service's name)
with the socket of the monitor's client; nothing else is ever asked of the zygote, and no request
changes the policy.  Whoever connects to LISTENER gets the report, and asks in the same way.  It
ends when CONTROL is closed, or when it was idle for long.

Imports only: one tensor operation here, and every child's training would hang for ever; a second
thread would not survive a fork.  Both are checked before the first one.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from . import jail, kernel, linux, monitor
from .policy import Policy, from_json
from .report import LONGEST, Report

_IDLE = 900.0


def main(control: socket.socket, listener: socket.socket | None = None) -> None:
    """Serve until there is nobody left to serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    policy = from_json(control.recv(LONGEST).decode())
    os.environ.update(policy.environment)
    if not policy.cold and (why := warm_up(policy.preload)):
        control.send(json.dumps(asdict(Report("", {}, cold=why))).encode())
        return
    readable = jail.readable_paths(policy.preload)
    linux.set_dumpable(False)  # nobody reads its memory
    gc.collect()
    gc.freeze()
    linux.use_huge_pages()
    report = replace(prove(policy, readable), cold=policy.cold)
    answer = json.dumps(asdict(report)).encode()
    control.send(answer)
    if report.tier:
        cells = _cells(policy, report.tier, readable)
        _serve(control, listener, answer, cells)


def warm_up(modules: Iterable[str]) -> str:
    """Import; why this process must not be forked after it, or "" if it may."""
    for name in (*modules, *kernel.WARM):
        try:
            importlib.import_module(name)
        except Exception as error:
            return f"{name} can't be imported: {type(error).__name__}: {error}"
        if (threads := len(os.listdir("/proc/self/task"))) > 1:
            return f"{name} starts threads when it is imported ({threads} now)"
    context = sys.modules.get("tensorflow.python.eager.context")
    if context is not None and context._context is not None:
        return "TensorFlow's eager context exists after the imports"
    return ""


def prove(policy: Policy, readable: tuple[str, ...]) -> Report:
    """The best tier of the policy whose every layer holds here, with what was found in each."""
    found: dict[str, dict[str, str]] = {}
    for tier in policy.tiers:
        found[tier] = _probe(policy, tier, readable)
        if not any(found[tier].values()):
            user = jail.choose_user(tier, readable)
            return Report(tier, found, own_user=user[0] == os.geteuid())
    return Report("", found)


def _probe(policy: Policy, tier: str, readable: tuple[str, ...]) -> dict[str, str]:
    ours, theirs = socket.socketpair()
    with ours:
        _fork(theirs, monitor.Cell(policy, policy.limits, tier, readable, kernel.become, True))
        ours.sendall(b'{"probe": true}\n')
        ours.settimeout(30)
        lines = ours.makefile("r").readlines()
    messages: dict[str, Any] = {}
    for line in lines:
        messages |= json.loads(line)
    os.wait()
    if "said" in messages:
        return json.loads(messages["said"])
    why = messages.get("log", "").strip().splitlines() or ["the self-test did not run"]
    return {"start": why[-1]}


def _cells(policy: Policy, tier: str, readable: tuple[str, ...]) -> dict[str, monitor.Cell]:
    """What each role's monitor needs to know."""
    cells = {"kernel": monitor.Cell(policy, policy.limits, tier, readable, kernel.become, True)}
    for name, service in policy.services:
        run = kernel.service(service.function)
        visible = jail.readable_paths((*policy.preload, service.function.partition(":")[0]))
        cells[name] = monitor.Cell(policy, service.limits, tier, visible, run, False)
    return cells


def _serve(
    control: socket.socket,
    listener: socket.socket | None,
    answer: bytes,
    cells: Mapping[str, monitor.Cell],
) -> None:
    idle = 0.0
    with selectors.DefaultSelector() as selector:
        for sock in filter(None, (control, listener)):
            selector.register(sock, selectors.EVENT_READ, sock)
        while idle < _IDLE:
            alive, ready = _reap(), selector.select(1)
            idle = 0.0 if alive or ready else idle + 1
            for sock in (key.data for key, _events in ready):
                if sock is listener:
                    other, _address = listener.accept()
                    with suppress(OSError):  # it may have gone; then it is closed below
                        other.send(answer)
                    selector.register(other, selectors.EVENT_READ, other)
                elif not _ask(sock, cells):
                    if sock is control:
                        return
                    selector.unregister(sock)
                    sock.close()


def _ask(sock: socket.socket, cells: Mapping[str, monitor.Cell]) -> bool:
    """Do what is asked for; whether there was anything, and not the end."""
    try:
        role, handles, _flags, _address = socket.recv_fds(sock, 100, 1)
    except OSError:  # it has gone
        return False
    if role:
        _fork(socket.socket(fileno=handles[0]), cells[role.decode()])
    return bool(role)


def _fork(client: socket.socket, cell: monitor.Cell) -> None:
    """A monitor, in a fork; it alone keeps the socket."""
    if os.fork() == 0:
        try:
            keep = {0, 1, 2, client.fileno()}
            for handle in map(int, os.listdir("/proc/self/fd")):
                if handle not in keep:
                    _close(handle)
            monitor.run(client, cell)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(0)
    client.close()


def _close(handle: int) -> None:
    try:
        os.close(handle)
    except OSError:  # the one that listed them
        pass


def _reap() -> bool:
    """Whether a monitor is alive."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


if __name__ == "__main__":
    main(*(socket.socket(fileno=int(handle)) for handle in sys.argv[1:]))
