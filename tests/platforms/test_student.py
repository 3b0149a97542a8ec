"""What workflows run on machines without a jail also passes on this one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_script_of_a_student_passes(root: Path, tmp_path: Path) -> None:
    script = root / "tests/platforms/student.py"
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "2.25 of 3 points" in done.stdout and "3 of 3 points" in done.stdout
    assert done.stdout.rstrip().endswith("reproduced: the verdict is the same")
    assert not list(tmp_path.iterdir())
