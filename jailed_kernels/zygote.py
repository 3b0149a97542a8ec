"""The zygote: imports once, tests the jail, then forks a monitor for each kernel asked for.

    python -P -m jailed_kernels.zygote CONTROL [LISTENER]

CONTROL is the file descriptor of a socket whose first message is the policy.  The answer is one
message, a `Report` as JSON.  From then on each message is a role ("kernel", or a service's name)
with the socket of the monitor's client; nothing else is ever asked of the zygote, and no request
changes the policy.  Whoever connects to LISTENER gets the report, and asks in the same way.  It
ends when CONTROL is closed, or when it was idle for long.

It only imports: a thread would not survive a fork, and a library that has begun to compute may
hang in every child.  Both are checked before the first fork, the second as the policy says.
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

from . import kernel
from .jail.plan import choose_user, readable_paths
from .linux import calls, cgroups
from .monitor import monitor
from .monitor.inside import Role
from .monitor.messages import KERNEL, Message
from .policy import Policy, from_json
from .report import LONGEST, Report

_IDLE = 900.0  # seconds
_SELF_TEST = 30.0


def main(control: socket.socket, listener: socket.socket | None = None) -> None:
    """Serve until there is nobody left to serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    policy = from_json(control.recv(LONGEST).decode())
    os.environ.update(policy.environment)
    if not policy.cold and (why := warm_up(policy)):
        control.send(json.dumps(asdict(Report("", {}, cold=why))).encode())
        return
    readable = readable_paths(policy.preload)
    calls.set_dumpable(False)  # no other process may read its memory
    gc.collect()
    gc.freeze()
    calls.use_huge_pages()
    cgroup, why = _find_cgroup()
    report = replace(prove(policy, readable, cgroup), cold=policy.cold, watched=why)
    answer = json.dumps(asdict(report)).encode()
    control.send(answer)
    if report.tier:
        _serve(control, listener, answer, _roles(policy, report.tier, readable, cgroup))


def warm_up(policy: Policy) -> str:
    """Import the policy's modules; return why a fork is not safe afterwards, or ""."""
    for name in (*policy.preload, *kernel.PRELOAD):
        try:
            importlib.import_module(name)
        except Exception as error:
            return f"{name} can't be imported: {type(error).__name__}: {error}"
        if (threads := len(os.listdir("/proc/self/task"))) > 1:
            return f"{name} starts threads when it is imported ({threads} now)"
    return _set_too_early(policy.unset)


def _set_too_early(attributes: Iterable[str]) -> str:
    """Return which of these attributes ("module:name") is set already, or ""."""
    for attribute in attributes:
        module, _, name = attribute.partition(":")
        if getattr(sys.modules.get(module), name, None) is not None:
            return f"{module}.{name} is set after the imports"
    return ""


def _find_cgroup() -> tuple[str | None, str]:
    """Return where control groups can be made and "", or None and why there can be none."""
    try:
        return cgroups.find_parent(), ""
    except OSError as error:
        return None, error.strerror or str(error)


def prove(policy: Policy, readable: tuple[str, ...], cgroup: str | None) -> Report:
    """Test the policy's tiers until every layer of one holds; report what was found in each."""
    found: dict[str, dict[str, str]] = {}
    for tier in policy.tiers:
        found[tier] = _test(policy, tier, readable, cgroup)
        if not any(found[tier].values()):
            user = choose_user(tier, readable)
            return Report(tier, found, own_user=user[0] == os.geteuid())
    return Report("", found)


def _test(
    policy: Policy, tier: str, readable: tuple[str, ...], cgroup: str | None
) -> dict[str, str]:
    """Run the self-test in a jail of this tier; return what is wrong with each layer."""
    ours, theirs = socket.socketpair()
    with ours:
        _fork(theirs, Role(policy, policy.limits, tier, readable, kernel.kernel, True, cgroup))
        ours.sendall(b'{"probe": true}\n')
        ours.settimeout(_SELF_TEST)
        lines = ours.makefile("r").readlines()
    said: Message = {}
    for line in lines:
        said |= json.loads(line)
    os.wait()
    if "output" in said:
        found: dict[str, str] = json.loads(said["output"])
        return found
    why = said.get("log", "").strip().splitlines() or ["the self-test did not run"]
    return {"start": why[-1]}


def _roles(
    policy: Policy, tier: str, readable: tuple[str, ...], cgroup: str | None
) -> dict[str, Role]:
    roles = {KERNEL: Role(policy, policy.limits, tier, readable, kernel.kernel, True, cgroup)}
    for name, service in policy.services:
        visible = readable_paths((*policy.preload, service.function.partition(":")[0]))
        inside = kernel.service(service.function)
        roles[name] = Role(policy, service.limits, tier, visible, inside, False, cgroup)
    return roles


def _serve(
    control: socket.socket,
    listener: socket.socket | None,
    answer: bytes,
    roles: Mapping[str, Role],
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
                elif not _ask(sock, roles):
                    if sock is control:
                        return
                    selector.unregister(sock)
                    sock.close()


def _ask(sock: socket.socket, roles: Mapping[str, Role]) -> bool:
    """Do what is asked for; return whether there was anything, and not the end."""
    try:
        role, handles, _flags, _address = socket.recv_fds(sock, 100, 1)
    except OSError:  # it has gone
        return False
    if role:
        _fork(socket.socket(fileno=handles[0]), roles[role.decode()])
    return bool(role)


def _fork(client: socket.socket, role: Role) -> None:
    """Fork a monitor; it alone keeps the client's socket."""
    if os.fork() == 0:
        try:
            keep = {0, 1, 2, client.fileno()}
            for handle in map(int, os.listdir("/proc/self/fd")):
                if handle not in keep:
                    with suppress(OSError):  # the one that listed them
                        os.close(handle)
            monitor.serve(client, role)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(0)
    client.close()


def _reap() -> bool:
    """Reap monitors that have ended; return whether one is alive."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


if __name__ == "__main__":
    main(*(socket.socket(fileno=int(handle)) for handle in sys.argv[1:]))
