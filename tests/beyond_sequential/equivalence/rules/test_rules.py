"""Every rule has its pieces; the guide for a new one, docs/new-rule.md, followed on a copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from beyond_sequential.equivalence.rules import CALL_RULES, FORM_RULES, RULES, SETTINGS_RULES
from tests.helpers.rules import GUIDE, TESTS, missing_pieces

ROOT = Path(__file__).resolve().parents[4]
COPIED = (
    "beyond_sequential/__init__.py",
    "beyond_sequential/i18n.py",
    "beyond_sequential/model",
    "beyond_sequential/equivalence",
    "beyond_sequential/compare",
    TESTS,
    "tests/helpers/graphs.py",
    "tests/helpers/rules.py",
    GUIDE,
)
BLOCK = re.compile(r"^~~~(\w+) (\S+)\n(.*?)^~~~$", re.M | re.S)
BLOCKS = {
    path: (kind, text) for kind, path, text in BLOCK.findall((ROOT / GUIDE).read_text("utf-8"))
}


def test_no_rule_lacks_a_piece() -> None:
    missing = missing_pieces(ROOT)
    assert not missing, f"{GUIDE} says what belongs to a rule:\n" + "\n".join(missing)


def test_each_rule_is_applied_once() -> None:
    functions = [rule.rewrite for rule in RULES]
    assert len(set(functions)) == len(functions)
    assert {*CALL_RULES, *SETTINGS_RULES, *FORM_RULES} == set(functions)


# ---- the guide


def follow(root: Path, without: str = "") -> None:
    """Do what the guide says in a copy, but for the block that is about the path `without`."""
    for path, (kind, text) in BLOCKS.items():
        if path != without:
            STEPS[kind](root / path, text)


def save(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def change(path: Path, text: str) -> None:
    """Put each line with "+" behind the line before it, which the file must have once."""
    content = path.read_text("utf-8")
    before = ""
    for line in text.splitlines(keepends=True):
        if line.startswith("+"):
            assert content.count(f"\n{before}") == 1, f"{path.name} has no line {before!r}"
            content = content.replace(f"\n{before}", f"\n{before}{line[1:]}")
        before = line[1:]
    path.write_text(content, "utf-8")


def add_row(path: Path, text: str) -> None:
    # Only below the heading: the guide's own block shows the row, too.
    guide, heading, table = path.read_text("utf-8").rpartition("## The rules\n")
    path.write_text(guide.replace(text, "") + heading + table + text, "utf-8")


STEPS: dict[str, Callable[[Path, str], None]] = {"python": save, "diff": change, "row": add_row}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in COPIED:
        source, to = ROOT / name, tmp_path / name
        to.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to)
    guide = tmp_path / GUIDE
    _, row = BLOCKS[GUIDE]
    guide.write_text(guide.read_text("utf-8").replace(row, ""), "utf-8")
    return tmp_path


def run_its_test(root: Path) -> subprocess.CompletedProcess[str]:
    (test,) = (path for path in BLOCKS if path.startswith(TESTS))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*command, "--import-mode=importlib", test],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_following_the_guide_adds_a_rule_that_works(copy: Path) -> None:
    follow(copy)
    assert missing_pieces(copy) == []
    run = run_its_test(copy)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("forgotten", BLOCKS)
def test_a_piece_that_is_forgotten_is_named(copy: Path, forgotten: str) -> None:
    follow(copy, without=forgotten)
    messages = missing_pieces(copy)
    assert len(messages) == 1, messages
    assert "idle_upsampling" in messages[0] and forgotten in messages[0]


def test_a_rule_that_is_not_in_the_list_fails_its_own_test(copy: Path) -> None:
    (registry,) = (path for path, (kind, _) in BLOCKS.items() if kind == "diff")
    follow(copy, without=registry)
    assert run_its_test(copy).returncode == 1
