"""The upper bound of memory.  Tests of what attackers hold are in test_held.py."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jailed_kernels import MB
from jailed_kernels.linux import calls
from jailed_kernels.monitor import memory, processes

pytestmark = pytest.mark.skipif(not calls.supported(), reason="there is no jail for this system")


@contextmanager
def children(count: int, own: int) -> Iterator[list[int]]:
    """Fork children that share this process's memory and have `own` bytes more."""
    read, write = os.pipe()
    pids = []
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            kept = b"x" * own
            os.write(write, b"1")
            os.pread(os.open("/dev/null", os.O_RDONLY), len(kept) & 1, 0)
            os.read(os.pipe()[0], 1)
        pids.append(pid)
    for _ in range(count):
        os.read(read, 1)
    try:
        yield pids
    finally:
        for pid in pids:
            os.kill(pid, 9)
            os.waitpid(pid, 0)


def check_shared_pages() -> None:
    """Four children that share 60 MB exceed 200 MB only if each counts in full."""
    shared = b"x" * (60 * MB)
    with children(4, own=1) as pids:
        found = processes.look(pids)
        assert sum(process.memory for process in found) > 240 * MB
        assert not memory.exceeds(found, 200 * MB)
    assert len(shared) == 60 * MB


def test_pages_that_are_shared_count_once() -> None:
    """In a small process: all that this one holds is shared with its children too."""
    code = f"from {__name__} import check_shared_pages; check_shared_pages()"
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_pages_of_its_own_count_for_each() -> None:
    with children(4, own=60 * MB) as pids:
        assert memory.exceeds(processes.look(pids), 200 * MB)


def test_a_process_that_has_ended_holds_nothing() -> None:
    with children(1, own=60 * MB) as pids:
        found = processes.look(pids)
    assert not memory.exceeds(found, 20 * MB)
    assert processes.look(pids) == []
