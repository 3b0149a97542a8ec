"""For each layer of the jail an attack that this layer alone holds back.

    python tests/attacks/layers.py TIER

runs each in the whole jail, and in one without its layer, where it must come off or nothing
start.  The zygote would refuse such a jail; here its monitors are started without it.  Prints,
layer by layer, what became of both: "contained", "out" or "no start".
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from jailed_kernels import MB, Limits, Policy, kernel
from jailed_kernels.jail.plan import LAYERS, Places, choose_user, readable_paths
from jailed_kernels.linux import calls
from jailed_kernels.monitor import monitor
from jailed_kernels.monitor.inside import Role
from jailed_kernels.monitor.messages import Message, StartRequest

LIMITS = Limits(file=1 * MB)
HOST = "HOST"
_KEY = 0x62730001


@contextmanager
def host() -> Iterator[dict[str, Any]]:
    """What there is to get at: a directory that the jail may read, and facts of the machine."""
    libc = ctypes.CDLL(None)
    segment = libc.shmget(_KEY, 4096, 0o1600)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp")))
        (folder / "private").write_text("for the grader alone")
        (folder / "private").chmod(0o600)
        (folder / "closed").touch(0)
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(str(folder / "listener"))
        (folder / "listener").chmod(0o777)
        unix.listen()
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        yield {
            "folder": str(folder),
            "pid": os.getpid(),
            "port": tcp.getsockname()[1],
            "name": socket.gethostname(),
        }
    libc.shmctl(segment, 0, None)


def _runs_a_program_without_a_file(facts: Mapping[str, Any], shared: str) -> bool:
    handle = os.memfd_create("program", 0)
    os.write(handle, Path("/bin/true").read_bytes())
    return (
        subprocess.run([f"/proc/self/fd/{handle}"], pass_fds=[handle], check=False).returncode == 0
    )


def _connects(facts: Mapping[str, Any], shared: str) -> bool:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(f"{shared}/listener")
    return True


def _fills_the_disk(facts: Mapping[str, Any], shared: str) -> bool:
    return Path("large").write_bytes(bytes(2 * LIMITS.file)) > LIMITS.file


# Each says whether it came off, or fails with OSError.
ATTACKS: dict[str, Callable[[Mapping[str, Any], str], bool]] = {
    "processes": lambda facts, _: b"layers" in Path(f"/proc/{facts['pid']}/cmdline").read_bytes(),
    "files": lambda facts, _: os.path.exists(facts["folder"]),
    "network": lambda facts, _: f":{facts['port']:04X} " in Path("/proc/net/tcp").read_text(),
    "ipc": lambda _facts, _: str(_KEY) in Path("/proc/sysvipc/shm").read_text(),
    "hostname": lambda facts, _: socket.gethostname() == facts["name"],
    "user": lambda _, shared: bool(Path(shared, "private").read_text()),
    "capabilities": lambda _, shared: Path(shared, "closed").read_text() == "",
    "limits": _fills_the_disk,
    "landlock": lambda _facts, _: bool(os.listdir("/")),
    "seccomp": _runs_a_program_without_a_file,
    "connections": _connects,
}


def attempt(tier: str, layer: str, without: tuple[str, ...], facts: Mapping[str, Any]) -> str:
    """What becomes of a layer's attack in a jail."""

    def inside(request: StartRequest, places: Places, seal: Callable[[], None]) -> NoReturn:
        seal()
        try:
            out = ATTACKS[layer](facts, places.shared[HOST])
        except OSError:
            out = False
        kernel.send_output(b"out" if out else b"contained")
        os._exit(0)

    policy = Policy(tiers=(tier,), limits=LIMITS, without=without)
    role = Role(policy, LIMITS, tier, readable_paths(()), inside, writable=False, cgroup=None)
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        monitor.serve(theirs, role)
        os._exit(0)
    theirs.close()
    with ours:
        ours.sendall(json.dumps({"shared": {HOST: facts["folder"]}}).encode() + b"\n")
        said: Message = {}
        for line in ours.makefile():
            said |= json.loads(line)
    os.wait()
    return said.get("output") or "no start"


def main(tier: str) -> None:
    calls.set_dumpable(False)  # as the zygote
    layers = list(LAYERS[tier])
    if choose_user(tier, readable_paths(()))[0] == os.geteuid():
        layers.remove("user")  # there is no other one
    found = {}
    for layer in layers:
        with host() as facts:
            whole = attempt(tier, layer, (), facts)
        with host() as facts:
            found[layer] = whole, attempt(tier, layer, (layer,), facts)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
