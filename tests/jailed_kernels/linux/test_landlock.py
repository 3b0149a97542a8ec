"""Landlock's rules, taken on in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jailed_kernels.linux import landlock

CODE = """
import sys
from jailed_kernels.linux import calls, landlock
readable, writable = sys.argv[1:]
rules = landlock.rules([readable, "/no/such/path"], [writable])
calls.no_new_privileges()
landlock.enforce(rules)
for path, mode in ((readable, "r"), (readable, "a"), (writable, "a"), ("/etc/passwd", "r")):
    try:
        open(path, mode).close()
        print("yes")
    except PermissionError:
        print("no")
"""


def test_rules_leave_what_they_name_and_nothing_else(tmp_path: Path) -> None:
    if not landlock.version():
        pytest.skip("this Linux has no Landlock")
    paths = [tmp_path / "readable", tmp_path / "writable"]
    for path in paths:
        path.touch()
    command = [sys.executable, "-c", CODE, *map(str, paths)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["yes", "no", "yes", "no"]
