"""The README's example runs as it is printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import jailed_kernels
from jailed_kernels import Policy
from tests.helpers.jailed import started

README = Path(jailed_kernels.__file__).parent / "README.md"


def test_the_example_does_what_the_readme_says(tmp_path: Path) -> None:
    started(Policy(cold="only to see whether there is a jail"))
    example = re.search(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.M | re.S)
    assert example is not None
    (tmp_path / "example.py").write_text(example[1])
    command = [sys.executable, "example.py"]
    ran = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    tier, error = ran.stdout.splitlines()
    assert re.match("kernels run in the .*; warm$", tier)
    assert "No such file" in error or "Permission denied" in error
