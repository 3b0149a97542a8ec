"""Lines between a monitor and its client."""

from __future__ import annotations

import socket

from jailed_kernels.monitor.messages import first_line, send


def test_the_first_line_leaves_the_next_one_unread() -> None:
    client, monitor = socket.socketpair()
    client.sendall(b'{"cwd": "folder"}\n{"signal": 2}\n')
    assert first_line(monitor) == {"cwd": "folder"}
    assert monitor.recv(100) == b'{"signal": 2}\n'


def test_a_client_that_has_gone_asks_for_nothing() -> None:
    client, monitor = socket.socketpair()
    client.close()
    assert first_line(monitor) is None
    send(monitor, {"base": "nobody reads this"})
