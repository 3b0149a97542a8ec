"""What a monitor and its client say to each other: JSON lines over a socket.

The client's first line is a `StartRequest`; each later one is `{"signal": number}`.  The
monitor's lines are `Message`s: `base` first, then `ready` once or `output` as often as a service
sends some, and `exit` with `limit` and `log` last.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias, TypedDict

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

KERNEL = "kernel"  # the role that every zygote has
_CHUNK = 1 << 16


class StartRequest(TypedDict, total=False):
    """What to run.

    `connection`, `ports` and `cwd` are for a kernel: what goes into its connection file, the ports
    in it, and the directory that is copied.  `data` is for a service.  `shared` are directories, by
    the names of the environment variables that will hold their paths.  `probe` asks for the
    self-test in place of either.
    """

    connection: Mapping[str, object]
    ports: list[int]
    cwd: str
    data: Json
    shared: dict[str, str]
    probe: bool


class Message(TypedDict, total=False):
    """What a monitor says.

    `base`: its directory.  `ready`: the kernel's pid.  `output`: bytes of a service as Latin-1.
    `exit`: the exit code, with the name of the `limit` that ended it and the end of its `log`.
    """

    base: str
    ready: int
    output: str
    exit: int
    limit: str | None
    log: str


def send(client: socket.socket, message: Message) -> None:
    """Send a line to a client, if it is still there."""
    with suppress(OSError):
        client.setblocking(True)
        client.sendall(json.dumps(message).encode() + b"\n")
        client.setblocking(False)


def first_line(client: socket.socket) -> StartRequest | None:
    """Return the request and read nothing of what may follow it; None if the client has gone."""
    data = b""
    client.setblocking(True)
    while not data.endswith(b"\n"):
        seen = client.recv(_CHUNK, socket.MSG_PEEK)
        if not seen:
            return None
        line, end, _rest = seen.partition(b"\n")
        data += client.recv(len(line + end))
    request: StartRequest = json.loads(data)
    return request
