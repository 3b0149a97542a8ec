"""What a client makes of a monitor's lines."""

from __future__ import annotations

import json
import signal
import socket

from jailed_kernels import Exit
from jailed_kernels.connection import Connection


def pair() -> tuple[Connection, socket.socket]:
    ours, theirs = socket.socketpair()
    return Connection(ours), theirs


def test_lines_come_in_pieces_and_end_with_the_exit() -> None:
    connection, monitor = pair()
    text = b'{"base": "b"}\n{"ready": 5}\n{"output": "\\u00ff1"}\n{"exit": 3, '
    monitor.sendall(text)
    assert connection.read(1) and connection.poll() is None
    assert (connection.base, connection.pid, connection.output) == ("b", 5, b"\xff1")
    monitor.sendall(b'"limit": "cpu", "log": "end"}\n')
    assert connection.wait(5) == 3
    assert connection.done == Exit(3, "cpu", "end")


def test_a_monitor_that_goes_is_an_exit_too() -> None:
    connection, monitor = pair()
    monitor.close()
    assert connection.wait(5) == 1
    assert connection.done == Exit(1, None, "the monitor has gone")
    connection.kill()  # nobody is left to receive it


def test_signals_are_sent_as_lines_and_time_runs_out() -> None:
    connection, monitor = pair()
    connection.start({"data": [1, None]})
    connection.kill()
    connection.terminate()
    request, kill, terminate = monitor.recv(1000).splitlines()
    assert json.loads(request) == {"data": [1, None]}
    assert [json.loads(line)["signal"] for line in (kill, terminate)] == [
        signal.SIGKILL,
        signal.SIGTERM,
    ]
    assert connection.wait(0.2) is None
