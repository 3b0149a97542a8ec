"""The full tier's file system, seen from inside."""

from __future__ import annotations

import ast

from jailed_kernels import FULL, Policy
from tests.helpers.jailed import Run


def test_the_root_has_what_the_jail_put_there_and_is_read_only(run: Run, policy: Policy) -> None:
    ran = run(
        "lines = [line.split() for line in open('/proc/self/mounts')]\n"
        "print({m[1]: (m[2], m[3].split(',')[0]) for m in lines})",
        "import os, socket\nprint(os.getpid() < 5, socket.gethostname())",
    )
    mounts = ast.literal_eval(ran.printed[0])
    if policy.tiers != (FULL,):  # this one has no file system of its own
        assert "/kernel/work" not in mounts
        return
    assert mounts["/"] == ("tmpfs", "ro")
    assert mounts["/usr"][1] == "ro"
    for path in ("/kernel/work", "/tmp", "/dev/shm"):
        assert mounts[path] == ("tmpfs", "rw")
    assert ran.printed[1] == "True kernel"
