"""Bytes that pass between a client's sockets and a kernel's."""

from __future__ import annotations

import selectors
import socket
from pathlib import Path

import pytest

from jailed_kernels.monitor.relay import Relay

PORT = 1


def kernel_socket(folder: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / f"k-{PORT}"))
    listening.listen()
    return listening


def relay(folder: Path) -> tuple[Relay, selectors.BaseSelector, socket.socket]:
    """A relay that listens, and a client that has connected to it."""
    selector = selectors.DefaultSelector()
    made = Relay(selector, str(folder / "client"), str(folder / "k"))
    made.listen([PORT])
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(folder / f"client-{PORT}"))
    client.settimeout(5)
    return made, selector, client


def step(selector: selectors.BaseSelector, times: int = 20) -> None:
    for _ in range(times):
        for key, events in selector.select(0.01):
            key.data(events)


def test_bytes_pass_both_ways_and_those_of_the_kernel_are_counted(tmp_path: Path) -> None:
    listening = kernel_socket(tmp_path)
    made, selector, client = relay(tmp_path)
    step(selector)
    kernel, _address = listening.accept()
    client.sendall(b"question")
    kernel.sendall(b"answer!")
    step(selector)
    assert (kernel.recv(100), client.recv(100)) == (b"question", b"answer!")
    assert made.sent == len(b"answer!")


def test_little_is_held_for_a_client_that_does_not_read(tmp_path: Path) -> None:
    listening = kernel_socket(tmp_path)
    made, selector, _client = relay(tmp_path)
    step(selector)
    kernel, _address = listening.accept()
    kernel.setblocking(False)
    sent = 0
    for _ in range(200):
        try:
            sent += kernel.send(bytes(1 << 16))
        except BlockingIOError:
            pass
        step(selector, 1)
    assert made.sent < 2 << 20
    assert sent < 4 << 20


def test_an_end_that_closes_closes_the_other(tmp_path: Path) -> None:
    listening = kernel_socket(tmp_path)
    _made, selector, client = relay(tmp_path)
    step(selector)
    listening.accept()[0].close()
    step(selector)
    assert client.recv(10) == b""


def test_only_a_socket_is_connected_to(tmp_path: Path) -> None:
    """A link there would lead the relay, which is outside of the jail, to any socket."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    kernel_socket(elsewhere)
    (tmp_path / f"k-{PORT}").symlink_to(elsewhere / f"k-{PORT}")
    with pytest.raises(OSError):
        relay(tmp_path)
    (tmp_path / f"k-{PORT}").unlink()
    (tmp_path / f"k-{PORT}").write_text("a file")
    with pytest.raises(OSError, match="not a socket"):
        relay(tmp_path)


def test_what_is_put_there_later_is_not_connected_to(tmp_path: Path) -> None:
    first = kernel_socket(tmp_path)
    _made, selector, client = relay(tmp_path)
    (tmp_path / f"k-{PORT}").unlink()
    second = kernel_socket(tmp_path)
    second.settimeout(0.2)
    step(selector)
    with pytest.raises(TimeoutError):
        second.accept()
    first.settimeout(5)
    kernel, _address = first.accept()
    kernel.sendall(b"from the first one")
    step(selector)
    assert client.recv(100) == b"from the first one"


def test_a_kernel_that_has_gone_hangs_up_on_its_client(tmp_path: Path) -> None:
    kernel_socket(tmp_path).close()
    _made, selector, client = relay(tmp_path)
    step(selector)
    assert client.recv(10) == b""
