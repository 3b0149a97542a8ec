"""A tiny repository for the tests of authoring."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.authoring import targets

MINI = Path(__file__).resolve().parent.parent.parent / "fixtures" / "mini"


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a tiny repository, whose solutions are not run."""
    monkeypatch.setattr(targets, "of_solution", lambda name, notebook: {"mini-one": {"of": name}})
    return shutil.copytree(MINI, tmp_path / "mini")
