"""docs/wrong-verdict.md, followed word by word."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from beyond_sequential.notebook import notebook
from tests.beyond_sequential.judge import test_wrong_verdicts

BLOCK = re.compile(r"^~~~(?P<kind>\w+)\n(?P<body>.*?)^~~~$", re.M | re.S)


def test_who_follows_the_guide_has_a_test(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (root / "docs" / "wrong-verdict.md").read_text("utf-8")
    sending, judging, copying, row = (found["body"] for found in BLOCK.finditer(guide))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(notebook, "_checked", {})
    monkeypatch.setattr(notebook, "_namespace", lambda: {"parameters": "2410"})
    notebook.check("introduction-count")
    exec(sending, {})

    program, *arguments = judging.split()
    assert program == "beyond-sequential"
    command = [sys.executable, "-m", "beyond_sequential", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("reproduced: the verdict is the same")

    _cp, source, target = copying.split()
    assert (root / target).parent == test_wrong_verdicts.FOLDER
    expected = eval(f"{{{row}}}")
    assert set(expected) == {Path(target).name}
    assert test_wrong_verdicts.judged(tmp_path / source) == expected[Path(target).name]
