"""What an attack on the host would change, seen from the host."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

MARKERS = (b"98765",)  # in the command lines of programs that attacks start
LEFT = [Path(place, "bs-attack-left") for place in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/")]


@dataclass
class Host:
    """Places for attacks to aim at, and what was heard there.

    `secret` stands in a file and, as `BS_SECRET`, in the grader's environment.
    """

    folder: Path
    secret: str = field(default_factory=lambda: secrets.token_hex(12))
    heard: list[bytes] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)

    @property
    def canary(self) -> Path:
        return self.folder / "canary"

    def state(self) -> dict[str, tuple[int, str]]:
        """Every file of the canary: its permissions and its content."""
        return {
            path.name: (path.stat().st_mode, hashlib.sha256(path.read_bytes()).hexdigest())
            for path in self.canary.iterdir()
        }


@contextmanager
def host(folder: Path) -> Iterator[Host]:
    """A host with its listeners."""
    made = Host(folder)
    made.canary.mkdir()
    (made.canary / "secret").write_text(made.secret)
    made.canary.chmod(0o777)
    (made.canary / "secret").chmod(0o666)
    abstract = f"bs-{made.secret[:8]}"
    with ExitStack() as open_sockets:
        tcp = open_sockets.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = open_sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        unix, named = (open_sockets.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        unix.bind(str(made.canary.parent / "listener"))
        os.chmod(made.canary.parent / "listener", 0o777)
        named.bind(f"\0{abstract}")
        for server in (tcp, unix, named):
            server.listen()
            threading.Thread(target=_accept, args=(server, made.heard), daemon=True).start()
        threading.Thread(target=_receive, args=(udp, made.heard), daemon=True).start()
        made.places |= {
            "canary": str(made.canary),
            "tcp": str(tcp.getsockname()[1]),
            "udp": str(udp.getsockname()[1]),
            "unix": str(made.canary.parent / "listener"),
            "abstract": abstract,
        }
        yield made


def _accept(server: socket.socket, heard: list[bytes]) -> None:
    while True:
        try:
            connection, _address = server.accept()
            with connection:
                connection.settimeout(2)
                heard.append(b"connected " + connection.recv(100))
        except TimeoutError:
            heard.append(b"connected")
        except OSError:
            return


def _receive(server: socket.socket, heard: list[bytes]) -> None:
    while True:
        try:
            heard.append(server.recv(100))
        except OSError:
            return


def processes() -> list[bytes]:
    """The command lines of programs that attacks started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if any(marker in line for marker in MARKERS):
                found.append(line)
    return found
