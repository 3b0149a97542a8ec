"""Each limit ends a kernel that passes it, and is named."""

from __future__ import annotations

from pathlib import Path

import pytest

import jailed_kernels as kernels
from jailed_kernels import Policy
from tests.helpers.jailed import Run

GREEDY = {
    # Not so much that the address space has an end before a busy machine's monitor looks.
    "memory": "data = [bytearray(10_000_000) for _ in range(60)]\nimport time; time.sleep(5)",
    "cpu": "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True:\n    pass",
    "processes": (
        "import threading, time\n"
        "for _ in range(100):\n    threading.Thread(target=time.sleep, args=(9,)).start()\n"
        "time.sleep(9)"
    ),
    "output": "for _ in range(100):\n    print('x' * 100_000)\nimport time; time.sleep(9)",
}


@pytest.mark.parametrize("limit", GREEDY)
def test_a_limit_ends_the_kernel_and_is_named(run: Run, limit: str) -> None:
    ran = run("print('before')", GREEDY[limit], "print('after')")
    assert ran.printed[0] == "before" and ran.printed[2] == ""
    assert ran.done is not None and ran.done.limit == limit, ran.done


def test_memory_of_several_processes_counts_together(run: Run) -> None:
    ran = run(
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        data = bytearray(os.urandom(1000) * 150_000); time.sleep(9); os._exit(0)\n"
        "time.sleep(9)"
    )
    assert ran.done is not None and ran.done.limit == "memory"


def test_the_disk_can_not_be_filled(run: Run) -> None:
    fill = (
        "import os, time\n"
        "for number in range(12):\n"
        "    open(os.environ['PLACE'] + f'/{number}', 'wb').write(bytes(10_000_000))\n"
        "time.sleep(3)"
    )
    ran = run(fill.replace("PLACE", "HOME"))
    assert "No space left" in ran.printed[0] or (ran.done and ran.done.limit == "disk")
    ran = run(fill.replace("PLACE", "OUTBOX"))
    assert ran.done is not None and ran.done.limit == "disk"


def test_one_file_has_a_limit(run: Run) -> None:
    ran = run("open('big', 'wb').write(bytes(25_000_000))")
    assert "File too large" in ran.printed[0]


def test_a_service_has_limits_of_its_own(policy: Policy, tmp_path: Path) -> None:
    said, done = kernels.call(policy, "spin", None, {"INBOX": str(tmp_path)}, 30)
    assert (said, done.limit) == (b"", "cpu")
