"""Writing notebooks, and finding cells in them."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode


def write(path: Path, nb: NotebookNode | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nb if isinstance(nb, str) else nbformat.writes(nb), encoding="utf-8")
    return path


def grade_ids(nb: NotebookNode) -> list[str]:
    found = (cell.metadata.get("nbgrader") for cell in nb.cells)
    return [mark["grade_id"] for mark in found if mark]


def position(nb: NotebookNode, grade_id: str) -> int:
    return next(
        i
        for i, cell in enumerate(nb.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )
