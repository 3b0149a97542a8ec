"""A course of the test's own, its chapter, and what students handed in for it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode

from tests.helpers.mini_course import NAME
from tests.helpers.notebooks import write


@pytest.fixture
def folder(released: Path, tmp_path: Path) -> Path:
    """A course of the test's own."""
    return shutil.copytree(released, tmp_path / "course")


@pytest.fixture
def chapter(released: Path) -> NotebookNode:
    return nbformat.read(released / "release" / NAME / f"{NAME}.ipynb", as_version=4)


@pytest.fixture
def downloads(tmp_path: Path, chapter: NotebookNode) -> Path:
    folder = tmp_path / "downloads"
    ada = write(folder / "ada" / "1-mini.ipynb", chapter)
    newer = write(folder / "ada" / "1-mini (1).ipynb", f"{nbformat.writes(chapter)}\n")
    os.utime(ada, (1_000_000, 1_000_000))
    os.utime(newer, (2_000_000, 2_000_000))
    write(folder / "ben" / "Copy of homework.ipynb", chapter)
    write(folder / "ben" / "notes.ipynb", nbformat.v4.new_notebook())
    write(folder / "1-mini_cleo (2).ipynb", chapter)
    write(folder / "1-mini (3).ipynb", chapter)
    write(folder / "dora" / "1-mini.ipynb", '{"cells": [')
    return folder
