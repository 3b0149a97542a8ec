"""Bytes between a kernel's sockets and its client's, counted, with little of them held."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_CHUNK = 1 << 16


@dataclass(slots=True)
class _End:
    """One end of a relayed connection: what waits to be sent to it, and the end across."""

    sock: socket.socket
    from_kernel: bool
    waiting: bytes = b""
    across: _End = field(init=False)


class Relay:
    """Listens where the client looks for the kernel, and passes on what comes.

    It works in steps, called by whoever waits for `selector`: the data that it registers there is
    the function to call.  An end is read only when the other has taken all there was.
    """

    def __init__(self, selector: selectors.BaseSelector, client: str, kernel: str) -> None:
        self.sent = 0
        self._selector, self._client, self._kernel = selector, client, kernel
        self._listening: list[socket.socket] = []
        self._handles: dict[int, int] = {}  # of the kernel's sockets in the file system

    def listen(self, ports: Iterable[int]) -> None:
        """Let the client connect to these ports.

        Each of the kernel's sockets is opened here, once.  Raises OSError if one of them is no
        socket: a link there could lead to any socket of the machine.
        """
        for port in ports:
            self._handles[port] = _open_socket(f"{self._kernel}-{port}")
        for port in self._handles:
            sock = socket.socket(socket.AF_UNIX)
            sock.bind(f"{self._client}-{port}")
            os.chmod(f"{self._client}-{port}", 0o600)
            sock.listen(16)
            sock.setblocking(False)
            self._listening.append(sock)
            self._selector.register(sock, selectors.EVENT_READ, self._accepting(sock, port))

    def drain(self, seconds: float) -> None:
        """Pass on what a dead kernel's sockets still hold."""
        for sock in self._listening:
            self._selector.unregister(sock)
            sock.close()
        while ready := [pair for pair in self._selector.select(seconds) if pair[0].data]:
            for key, events in ready:
                key.data(events)

    def _accepting(self, sock: socket.socket, port: int) -> Callable[[int], None]:
        def accept(_events: int) -> None:
            client, _ = sock.accept()
            kernel = socket.socket(socket.AF_UNIX)
            try:
                kernel.connect(f"/proc/self/fd/{self._handles[port]}")
            except OSError:
                client.close()
                kernel.close()
                return
            a, b = _End(client, False), _End(kernel, True)
            a.across, b.across = b, a
            for end in (a, b):
                end.sock.setblocking(False)
                self._selector.register(end.sock, selectors.EVENT_READ, self._moving(end))

        return accept

    def _moving(self, end: _End) -> Callable[[int], None]:
        def move(events: int) -> None:
            try:
                if events & selectors.EVENT_WRITE:
                    end.waiting = end.waiting[end.sock.send(end.waiting) :]
                if events & selectors.EVENT_READ and not end.across.waiting:
                    self._receive(end)
            except BlockingIOError:
                pass
            except OSError:
                self._close(end)
                return
            self._wait_again(end)

        return move

    def _receive(self, end: _End) -> None:
        data = end.sock.recv(_CHUNK)
        if not data:
            raise ConnectionResetError
        if end.from_kernel:
            self.sent += len(data)
        try:
            data = data[end.across.sock.send(data) :]
        except BlockingIOError:
            pass
        end.across.waiting = data

    def _wait_again(self, end: _End) -> None:
        for one in (end, end.across):
            if one.sock.fileno() == -1:
                continue
            events = 0 if one.across.waiting else selectors.EVENT_READ
            events |= selectors.EVENT_WRITE if one.waiting else 0
            self._watch(one, events)

    def _watch(self, end: _End, events: int) -> None:
        known = self._selector.get_map().get(end.sock.fileno())
        if known is None:
            if events:
                self._selector.register(end.sock, events, self._moving(end))
        elif not events:
            self._selector.unregister(end.sock)
        elif known.events != events:
            self._selector.modify(end.sock, events, known.data)

    def _close(self, end: _End) -> None:
        for one in (end, end.across):
            if one.sock.fileno() in self._selector.get_map():
                self._selector.unregister(one.sock)
            one.sock.close()


def _open_socket(path: str) -> int:
    """Return a handle of a socket in the file system."""
    handle = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISSOCK(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.ENOTSOCK, f"{os.path.basename(path)} is not a socket")
    return handle
