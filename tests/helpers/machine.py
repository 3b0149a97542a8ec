"""The machine's own figures: what a group of processes holds, whoever asks for it and however."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.jailed import wait_for


@dataclass(frozen=True)
class MemoryMeter:
    """A control group that limits nothing and counts: memory, page cache, sockets, page tables."""

    folder: Path
    joined: Path
    usage: str
    peak: str

    @contextmanager
    def including(self) -> Iterator[None]:
        """Count what is started meanwhile, as long as it lives."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))
        try:
            yield
        finally:
            (self.joined / "cgroup.procs").write_text(str(os.getpid()))

    def now(self) -> int:
        """Return the bytes that are held, and begin to look for a peak again."""
        with suppress(OSError):
            (self.folder / self.peak).write_text("0")
        return int((self.folder / self.usage).read_text())

    def highest(self) -> int:
        """Return the most bytes that were held since `now` was called."""
        return int((self.folder / self.peak).read_text())


@contextmanager
def memory_meter() -> Iterator[MemoryMeter | None]:
    """Make a meter, where this machine has one for memory (version 1) and lets us."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    paths = [line.split(":", 2)[2] for line in lines if line.split(":")[1] == "memory"]
    joined = Path(f"/sys/fs/cgroup/memory/{paths[0] if paths else ''}")
    folder = joined / f"meter-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError:
        yield None
        return
    try:
        yield MemoryMeter(folder, joined, "memory.usage_in_bytes", "memory.max_usage_in_bytes")
    finally:
        wait_for(lambda: not (folder / "cgroup.procs").read_text())
        folder.rmdir()


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[bool]:
    """Mount a file system of `size` bytes on a folder; whether that was allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=1777", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def taken(folder: Path) -> tuple[int, int]:
    """Return the bytes and the files that are taken on the file system of a folder."""
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_files - found.f_ffree
