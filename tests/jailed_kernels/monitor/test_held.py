"""What attackers get hold of, by the machine's own figures and not by what they asked for.

Each attack would take about 1 GB of memory or 400 MB of disk if nothing stopped it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import jailed_kernels as kernels
from jailed_kernels import FULL, MB, SECOND, Limits, Policy
from tests.helpers.jailed import Ran, run_cells, started, wait_for
from tests.helpers.machine import MemoryMeter, memory_meter, small_disk, taken

pytestmark = pytest.mark.attacks

LIMITS = Limits(
    memory=300 * MB, cpu=5, wall=60, processes=80, file=20 * MB, disk=60 * MB, output=2 * MB
)
# What an attacker may get in the time from one look to the next.
BETWEEN_LOOKS = 250 * MB
FILES_BETWEEN_LOOKS = 50_000
WORD = "import ctypes, mmap, os, socket, subprocess, sys, time\n"
MEMORY = {
    "programs that are each small": """
code = "import time; kept = b'x' * (80 << 20); time.sleep(8)"
for _ in range(12):
    subprocess.Popen([sys.executable, "-S", "-c", code])
time.sleep(8)
""",
    "forks that give up what they share": """
for _ in range(12):
    if not os.fork():
        kept = b"x" * (80 << 20)
        time.sleep(8)
        os._exit(0)
time.sleep(8)
""",
    "shared mappings in programs": """
code = '''
import mmap, time
kept = mmap.mmap(-1, 240 << 20)
for start in range(0, 240 << 20, 1 << 20): kept[start:start + (1 << 20)] = b'x' * (1 << 20)
time.sleep(8)
'''
for _ in range(4):
    subprocess.Popen([sys.executable, "-S", "-c", code])
time.sleep(8)
""",
    "shared mappings of which one page stays": """
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *4 * [ctypes.c_int]]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
size = 50 << 20
for number in range(20):
    handle = os.open("/dev/zero", os.O_RDONLY) if number % 2 else -1
    start = libc.mmap(None, size, 1 if number % 2 else 3, 1 if number % 2 else 0x21, handle, 0)
    for page in range(start, start + size, 4096):
        ctypes.string_at(page, 1) if number % 2 else ctypes.memset(page, 1, 1)
    libc.munmap(start + 4096, size - 4096)
time.sleep(3)
""",
    "memory without a name": """
libc = ctypes.CDLL(None)
handles = [libc.memfd_create(b"x", 0) for _ in range(10)]
for handle in handles:
    os.write(handle, b"x" * (100 << 20))
time.sleep(3)
""",
    "full sockets": """
for _ in range(30):
    if not os.fork():
        pairs = []
        try:
            for _ in range(100):
                pairs.append(socket.socketpair())
                for end in pairs[-1]:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
                    end.setblocking(False)
                    try:
                        while True: end.send(bytes(1 << 14))
                    except BlockingIOError: pass
        except OSError: pass
        time.sleep(8)
        os._exit(0)
time.sleep(8)
""",
    "a process without its first thread": """
import threading
def hide():
    time.sleep(0.3)
    kept = [b"x" * (50 << 20) for _ in range(20)]
    time.sleep(8)
    os._exit(0)
if not os.fork():
    threading.Thread(target=hide).start()
    ctypes.CDLL(None).syscall(60 if os.uname().machine == "x86_64" else 93, 0)
time.sleep(8)
""",
    "page tables": """
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *4 * [ctypes.c_int]]
start = libc.mmap(None, 1 << 39, 1, 0x4022, -1, 0)
for step in range(0, 1 << 39, 2 << 20):
    ctypes.string_at(start + step, 1)
time.sleep(3)
""",
}
DISK = {
    "files": """
for number in range(40):
    open(PLACE + f"/{number}", "wb").write(bytes(10 << 20))
""",
    "files that are deleted and open": """
kept = []
for number in range(40):
    kept.append(open(PLACE + f"/{number}", "wb"))
    os.unlink(PLACE + f"/{number}")
    kept[-1].write(bytes(10 << 20)); kept[-1].flush()
""",
    "files that are deleted and mapped": """
kept = []
for number in range(40):
    with open(PLACE + f"/{number}", "w+b") as file:
        file.write(bytes(10 << 20)); file.flush()
        kept.append(ctypes.CDLL(None).mmap(None, 4096, 1, 1, file.fileno(), 0))
    os.unlink(PLACE + f"/{number}")
    time.sleep(0.1)
""",
    "files that are deleted and on their way": """
kept = []
for number in range(40):
    with open(PLACE + f"/{number}", "w+b") as file:
        file.write(bytes(10 << 20)); file.flush()
        kept.append(socket.socketpair())
        socket.send_fds(kept[-1][0], [b"x"], [file.fileno()])
    os.unlink(PLACE + f"/{number}")
""",
    "many small files": """
for number in range(100_000):
    open(PLACE + f"/{number}", "w").close()
""",
    "deep folders": """
os.chdir(PLACE)
for number in range(3000):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
    if number % 100 == 0:
        open("file", "wb").write(bytes(5 << 20))
""",
}
SOCKETS = """
from ipykernel.kernelapp import IPKernelApp
folder = os.path.dirname(IPKernelApp.instance().connection_file)
def attempt(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"
print(attempt(lambda: open(folder + "/new", "w")), attempt(lambda: os.mkdir(folder + "/new")),
      attempt(lambda: os.unlink(folder + "/k-1")), attempt(lambda: os.chmod(folder, 0o777)) and
      attempt(lambda: os.symlink("/tmp", folder + "/link")))
"""
UNWAITED = """
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
end = time.time() + 25
while time.time() < end:
    for _ in range(2):
        if not os.fork():
            until = time.process_time() + 0.04
            while time.process_time() < until: pass
            os._exit(0)
    time.sleep(0.04)
"""


@dataclass
class Watched:
    """A zygote whose kernels are counted by the machine."""

    policy: Policy
    memory: MemoryMeter | None
    disk: Path | None
    folder: Path
    highest: tuple[int, int] = field(default=(0, 0))

    def run(self, *cells: str) -> Ran:
        """Run cells; `highest` is then the most bytes and files that were on the disk."""
        work, outbox = self.folder / "work", self.folder / "outbox"
        for place in (work, outbox):
            place.mkdir(exist_ok=True)
        ended = threading.Event()
        watching = threading.Thread(target=self._watch, args=(ended,))
        watching.start()
        try:
            return run_cells(self.policy, work, outbox, *cells, timeout=40, grace=2)
        finally:
            ended.set()
            watching.join()

    def _watch(self, ended: threading.Event) -> None:
        self.highest = (0, 0)
        while self.disk and not ended.wait(0.01):
            seen = taken(self.disk)
            self.highest = max(self.highest[0], seen[0]), max(self.highest[1], seen[1])


@pytest.fixture(scope="module", params=[FULL, SECOND])
def watched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("held")
    with small_disk(folder / "disk", 450 * MB) as mounted, memory_meter() as memory:
        environment = (("TMPDIR", str(folder / "disk")),)
        policy = Policy(
            preload=("numpy",), tiers=(request.param,), limits=LIMITS, environment=environment
        )
        if memory:
            with memory.including():
                started(policy)
        yield Watched(started(policy), memory, folder / "disk" if mounted else None, folder)
        kernels.stop(policy)


@pytest.mark.parametrize("attack", MEMORY)
def test_memory_is_held(watched: Watched, attack: str) -> None:
    if watched.memory is None:
        pytest.skip("this machine has no control group that counts memory")
    before = watched.memory.now()
    ran = watched.run(WORD + MEMORY[attack])
    tmpfs = LIMITS.disk if watched.policy.tiers == (FULL,) else 0
    held = watched.memory.highest() - before
    print(f"{attack}: {held / MB:.0f} MB, {ran.done and ran.done.limit}, {ran.printed}")
    assert held < LIMITS.memory + tmpfs + BETWEEN_LOOKS


@pytest.mark.parametrize("place", ["os.getcwd()", "os.environ['HOME']"])
@pytest.mark.parametrize("attack", DISK)
def test_the_disk_is_held(watched: Watched, attack: str, place: str) -> None:
    if watched.disk is None:
        pytest.skip("this user may not mount a file system to look at")
    bytes_before, files_before = taken(watched.disk)
    ran = watched.run(f"{WORD}PLACE = {place}\n{DISK[attack]}time.sleep(3)")
    held = watched.highest[0] - bytes_before
    print(f"{attack}: {held / MB:.0f} MB, {watched.highest[1] - files_before} files, {ran.done}")
    assert held < LIMITS.disk + BETWEEN_LOOKS
    assert watched.highest[1] - files_before < LIMITS.disk / 4096 + FILES_BETWEEN_LOOKS
    folder = watched.disk
    assert wait_for(lambda: not list(folder.glob("kernel-*"))), "nothing stays behind"


def test_the_folder_of_the_sockets_is_closed(watched: Watched) -> None:
    ran = watched.run(WORD + SOCKETS)
    assert "done" not in ran.printed[0], ran.printed
    assert ran.done is None or ran.done.limit is None


def test_cpu_time_that_nobody_waits_for_counts(watched: Watched) -> None:
    started_at = time.monotonic()
    ran = watched.run(WORD + UNWAITED)
    took = time.monotonic() - started_at
    print(f"{took:.1f} s, {ran.done}")
    assert ran.done is not None and ran.done.limit == "cpu"
    assert took > LIMITS.cpu / (os.cpu_count() or 1)


def test_honest_code_is_not_stopped(watched: Watched) -> None:
    """Pools, many programs one after the other, files and idle children are within the limits."""
    ran = watched.run(
        WORD + "import multiprocessing as m\n"
        f"pool = m.get_context('fork').Pool(8) if {watched.policy.tiers == (FULL,)} else None\n"
        "print(sum(pool.map(abs, range(100))) if pool else 4950)",
        WORD + "for _ in range(40): subprocess.run(['true'])\nprint('programs')",
        WORD + "kept = [socket.socketpair() for _ in range(50)]\n"
        "files = [open(f'f{n}', 'w+') for n in range(50)]\ntime.sleep(1)\nprint('open')",
    )
    assert ran.done is None or ran.done.limit is None, ran.done
    assert ran.printed == ["4950", "programs", "open"]
