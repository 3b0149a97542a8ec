"""The processes below one, whatever they do."""

from __future__ import annotations

from jailed_kernels import Policy
from tests.helpers.jailed import Run, nothing_runs


def test_a_process_does_not_outlive_its_kernel(run: Run, policy: Policy) -> None:
    daemon = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(1000)\n"
        "    os._exit(0)\n"
    )
    run(daemon)
    assert nothing_runs(policy)


def test_a_process_may_call_itself_what_it_likes(run: Run) -> None:
    named = r"__import__('ctypes').CDLL(None).prctl(15, b'\xff) \xfe 1 2', 0, 0, 0)"
    ran = run(f"import time; named = {named}; time.sleep(0.5)", "print(named)")
    assert ran.printed == ["", "0"]
