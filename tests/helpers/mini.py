"""The notebooks of the tiny repository in tests/fixtures/mini, once they are built."""

from __future__ import annotations

from pathlib import Path

import nbformat


def cells(path: Path) -> list:
    return nbformat.read(path, as_version=4).cells


def solved(root: Path, language: str = "en") -> Path:
    return root / "solutions" / language / "1-mini" / "1-mini.ipynb"


def chapter(root: Path, language: str = "en") -> Path:
    return root / "chapters" / language / "1-mini" / "1-mini.ipynb"


def marks(path: Path) -> dict[str, dict]:
    found = [cell.metadata.get("nbgrader") for cell in cells(path)]
    return {mark["grade_id"]: dict(mark) for mark in found if mark}


def edit(path: Path, old: str, new: str) -> None:
    body = path.read_text("utf-8")
    assert old in body
    path.write_text(body.replace(old, new, 1), encoding="utf-8")
