"""How a monitor says what became of its process, and what it leaves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jailed_kernels import MB, Policy, client
from jailed_kernels.monitor import processes
from tests.helpers.jailed import Run, nothing_runs, wait_for, zygote_of


def test_a_monitor_that_fails_says_so_and_leaves_nothing(policy: Policy, tmp_path: Path) -> None:
    connection = client.connect(policy, "spin")
    connection.start({"data": None, "shared": {"INBOX": str(tmp_path)}})
    connection.sock.sendall(b'{"nonsense": true}\n')
    connection.wait(20)
    assert connection.done is not None
    assert "the monitor failed" in connection.done.log and "KeyError" in connection.done.log
    assert nothing_runs(policy)


def test_a_kernel_that_dies_says_how(run: Run) -> None:
    ran = run("import os\nos.kill(os.getpid(), 11)")
    assert ran.done is not None and (ran.done.code, ran.done.limit) == (139, None)


@pytest.mark.matrix
def test_three_hundred_kernels_leave_nothing_behind(run: Run, policy: Policy) -> None:
    run("1")
    before = left_behind(policy)
    memory = processes.anonymous(zygote_of(policy))
    for number in range(300):
        cell = "import os\nos.fork() or os.pause()" if number % 10 == 9 else "open('x', 'w')"
        run(cell if number % 7 else "import os\nos.abort()")
    assert wait_for(lambda: no_more(left_behind(policy), before)), (before, left_behind(policy))
    grown = processes.anonymous(zygote_of(policy)) - memory
    assert grown < 1 * MB, grown


def no_more(now: dict[str, int], before: dict[str, int]) -> bool:
    return all(now[what] <= count for what, count in before.items())


def left_behind(policy: Policy) -> dict[str, int]:
    """What kernels could leave: processes, mounts, files, open files of the zygote."""
    zygote = zygote_of(policy)
    return {
        "processes": len(processes.descendants(zygote)),
        "mounts": Path("/proc/self/mountinfo").read_text().count("/kernel-"),
        "files": len(list(Path("/tmp").glob("kernel-*"))),
        "open": len(os.listdir(f"/proc/{os.getpid()}/fd")),
    }
