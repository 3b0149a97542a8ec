"""Sample classes: their lists and their notebooks."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode

from grader.course import sample
from grader.errors import GraderError

CLASS = """
[ada]
says = "right"
points = { mini-one = 1, mini-more = 2.5 }

[ben]
says = "like ada, but for one answer; the test copied"
like = "ada"
less = ["mini-more"]
edits = ["copy mini-one"]
file = "Copy of 1-mini.ipynb"

[cem]
says = "cut off"
state = "unreadable"
edits = ["truncate"]

[dora]
says = "never handed in"
state = "absent"
"""


@pytest.fixture
def sample_class(tmp_path: Path) -> Path:
    folder = tmp_path / "samples" / "1-mini"
    folder.mkdir(parents=True)
    (folder / "class.toml").write_text(CLASS)
    (folder / "ada.txt").write_text(
        "# %% mini-one-answer\none = 1\n\n# %% mini-more-answer\nx = 2\n"
    )
    (folder / "ben.txt").write_text("# %% mini-more-answer\nx = 3\n")
    return folder


def source(nb: NotebookNode, grade_id: str) -> str:
    (found,) = (c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    return found.source


def test_a_class_hands_in_what_its_list_says(
    sample_class: Path, released: Path, tmp_path: Path
) -> None:
    chapter = released / "release" / "1-mini" / "1-mini.ipynb"
    downloads = tmp_path / "downloads"
    students = sample.hand_in(sample_class, chapter, downloads)
    assert [(student.name, student.state) for student in students] == [
        ("ada", "graded"),
        ("ben", "graded"),
        ("cem", "unreadable"),
        ("dora", "absent"),
    ]
    names = sorted(p.relative_to(downloads).as_posix() for p in downloads.rglob("*.ipynb"))
    assert names == ["ada/1-mini.ipynb", "ben/Copy of 1-mini.ipynb", "cem/1-mini.ipynb"]

    ada = nbformat.read(downloads / names[0], as_version=4)
    ben = nbformat.read(downloads / names[1], as_version=4)
    assert source(ada, "mini-one-answer") == source(ben, "mini-one-answer") == "one = 1"
    assert (source(ada, "mini-more-answer"), source(ben, "mini-more-answer")) == ("x = 2", "x = 3")
    assert len(ben.cells) == len(ada.cells) + 1
    with pytest.raises(json.JSONDecodeError):
        json.loads((downloads / names[2]).read_text("utf-8"))


def test_an_answer_to_a_cell_that_the_chapter_lacks_is_refused(chapter: NotebookNode) -> None:
    with pytest.raises(GraderError, match="no cell 'mini-three-answer'"):
        sample.fill(chapter, {"mini-three-answer": "x"})
