"""docs/new-finding.md, followed word by word in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.matrix

BLOCK = re.compile(r"^~~~(diff|po) ([^\n]+)\n(.*?)^~~~$", re.MULTILINE | re.DOTALL)
COMPILE = (
    "from pathlib import Path\n"
    "from grader.authoring.catalogues import write_catalogues\n"
    "write_catalogues(Path.cwd())\n"
)


def follow(copy: Path, guide: str, without: str = "") -> None:
    """Do what the blocks of the guide say, except for the file `without`."""
    for kind, name, body in BLOCK.findall(guide):
        path = copy / name
        if name == without:
            continue
        text = path.read_text("utf-8")
        if kind == "po":
            text += f"\n{body}"
        else:
            first, *added = body.splitlines()
            line = f"{first[1:]}\n"
            assert text.count(line) == 1, f"{line!r} is not once in {name}"
            assert all(row.startswith("+") for row in added)
            text = text.replace(line, line + "".join(f"{row[1:]}\n" for row in added))
        path.write_text(text, encoding="utf-8")


def python(copy: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("without", "message"),
    [
        ("", ""),
        ("beyond_sequential/findings/kinds/answers.py", "no record of the codes ['closed_empty']"),
        ("beyond_sequential/judge/closed.py", "example of the kind 'closed_empty' gives"),
        (
            "tests/beyond_sequential/findings/examples.py",
            "the kind 'closed_empty' has no example: add one to",
        ),
        (
            "beyond_sequential/locale/zh/LC_MESSAGES/beyond_sequential.po",
            "no Chinese",
        ),
    ],
)
def test_each_piece_of_a_new_kind_is_missed_by_name(
    root: Path, tmp_path: Path, without: str, message: str
) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0")[:-1]:
        if (root / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, tmp_path / name)
    follow(tmp_path, (root / "docs/new-finding.md").read_text("utf-8"), without)
    assert python(tmp_path, "-c", COMPILE)[0] == 0
    tests = "tests/beyond_sequential/findings/test_kinds.py"
    choice = ("-k", "closed_empty or gone or known", "-p", "no:cacheprovider", "-q")
    code, said = python(tmp_path, "-m", "pytest", tests, *choice)
    assert (code == 0) == (not without), said
    assert message in said
