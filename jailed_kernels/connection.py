"""A client's connection to the monitor of one jailed process."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from .monitor.messages import Message, StartRequest

_TICK = 0.1  # seconds
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Exit:
    """How a jailed process ended.

    `code`: its exit code, or 128 and the signal that killed it.  `limit`: the field of `Limits`
    that it passed, "client" if its client went away, or None.  `log`: the end of what it wrote to
    standard output and standard error.
    """

    code: int
    limit: str | None
    log: str


@dataclass(slots=True)
class Connection:
    """A monitor and what it watches, with those methods of `subprocess.Popen` that Jupyter calls.

    `base`: the monitor's directory, "" until it has said it.  `pid`: the kernel's, None until it is
    ready.  `done`: how the process ended, None while it runs.  `output`: what a service sent.
    """

    sock: socket.socket
    base: str = ""
    pid: int | None = None
    done: Exit | None = None
    output: bytearray = field(default_factory=bytearray)
    stdin: None = None
    stdout: None = None
    stderr: None = None
    _buffer: bytes = b""

    @property
    def returncode(self) -> int | None:
        """The exit code, None while the process runs."""
        return self.done.code if self.done else None

    def poll(self) -> int | None:
        """Return the exit code, None while the process runs."""
        if self.done is None:
            self.read(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end, for `timeout` seconds at most; return what `poll` would."""
        until = None if timeout is None else time.monotonic() + timeout
        while self.done is None and (until is None or time.monotonic() < until):
            self.read(_TICK)
        return self.returncode

    def start(self, request: StartRequest) -> None:
        """Tell the monitor what to run."""
        self._send(request)

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel; SIGKILL ends everything in the jail."""
        self._send({"signal": int(number)})

    def kill(self) -> None:
        """End everything in the jail."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def _send(self, message: Mapping[str, object]) -> None:
        """Send to the monitor, if it is still there."""
        if self.done is None:
            with suppress(OSError):
                self.sock.settimeout(None)
                self.sock.sendall(json.dumps(message).encode() + b"\n")

    def read(self, timeout: float) -> bool:
        """Take in what the monitor says within `timeout` seconds; return whether it was more."""
        try:
            self.sock.settimeout(timeout)
            data = self.sock.recv(_CHUNK)
        except (BlockingIOError, TimeoutError):
            return False
        except OSError:
            data = b""
        if not data:
            self.done = self.done or Exit(1, None, "the monitor has gone")
            self.sock.close()
            return False
        *whole, self._buffer = (self._buffer + data).split(b"\n")
        for line in whole:
            self._take(json.loads(line))
        return True

    def _take(self, message: Message) -> None:
        if "exit" in message:
            self.done = Exit(message["exit"], message["limit"], message["log"])
            self.sock.close()
        self.base = message.get("base", self.base)
        self.pid = message.get("ready", self.pid)
        self.output += message.get("output", "").encode("latin-1")
