"""The gradebook's copy of a release, and the folders that results replace."""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook

from grader.classes import gradebook
from grader.course import course
from tests.helpers.mini_course import NAME


def test_the_release_copied_knows_what_is_asked_and_nobody(folder: Path, tmp_path: Path) -> None:
    with course.gradebook(folder) as book:
        book.add_student("ada")
        gradebook.write_release(book, NAME, tmp_path / "release.db")
        asked = {cell.name: cell.source for cell in book.find_notebook(NAME, NAME).source_cells}
    with Gradebook(f"sqlite:///{tmp_path / 'release.db'}") as copy:
        assert copy.students == []
        found = copy.find_notebook(NAME, NAME)
        assert {cell.name: cell.source for cell in found.source_cells} == asked
        assert copy.find_assignment(NAME).max_score == 3.5


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    old, new, space = (tmp_path / name for name in ("old", "new", "space"))
    for folder in (old, new, space):
        folder.mkdir()
        (folder / f"{folder.name}.txt").touch()
    gradebook.replace_folder(old, new, space)
    assert [path.name for path in old.iterdir()] == ["new.txt"]
    gradebook.replace_folder(old, tmp_path / "nothing", space)
    assert not old.exists()
    assert [path.name for path in space.iterdir()] == ["space.txt"]
