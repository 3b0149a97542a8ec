"""A damaged notebook is repaired before it is graded."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from grader.course import sample
from grader.submissions import repair
from tests.helpers.mini_course import NAME
from tests.helpers.notebooks import grade_ids, position


@pytest.fixture(scope="module")
def known(released: Path) -> dict[str, repair.ReleasedCell]:
    return repair.release(f"sqlite:///{released}/gradebook.db", NAME, NAME)


def test_a_sound_notebook_is_left_alone(
    chapter: NotebookNode, known: dict[str, repair.ReleasedCell]
) -> None:
    before = [(cell.cell_type, cell.source, cell.metadata) for cell in chapter.cells]
    assert repair.repair(chapter, known) == []
    for cell, (kind, source, metadata) in zip(chapter.cells, before, strict=True):
        assert (cell.cell_type, cell.source) == (kind, source)
        assert cell.metadata.get("nbgrader") == metadata.get("nbgrader")
    assert chapter.metadata == {"beyond_sequential": {"version": "9.8.7"}}


def _flip(nb: NotebookNode) -> None:
    mark = nb.cells[position(nb, "mini-one")].metadata.nbgrader
    mark.update(grade=False, solution=True, locked=False, points=99)


def _old_format(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell.metadata.get("nbgrader", {}).pop("schema_version", None)


def _nonsense(nb: NotebookNode) -> None:
    for cell, mark in zip(nb.cells, [[], "x", {}, {"grade_id": 3}, {"grade": "yes"}], strict=False):
        cell.metadata["nbgrader"] = mark


def _invalid(nb: NotebookNode) -> None:
    cell = nb.cells[position(nb, "mini-one")]
    cell.metadata.update(tags=["", "skip-execution"], name=3)
    cell.outputs = [{"output_type": "nonsense"}]
    cell.id = nb.cells[0].id = "the same!"
    nb.metadata = nbformat.from_dict({"kernelspec": 3, "beyond_sequential": "mine"})


def _retype(nb: NotebookNode) -> None:
    cell = nb.cells[position(nb, "mini-one")]
    metadata = cell.metadata
    nb.cells[position(nb, "mini-one")] = nbformat.v4.new_markdown_cell("Mine", metadata=metadata)


def _copy_all(nb: NotebookNode) -> None:
    nb.cells += [nbformat.from_dict(cell) for cell in nb.cells]


def _strip_nbgrader(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell.metadata.pop("nbgrader", None)


def _delete_all(nb: NotebookNode) -> None:
    nb.cells.clear()


def _delete_pair(nb: NotebookNode) -> None:
    del nb.cells[position(nb, "mini-one-answer")]
    del nb.cells[position(nb, "mini-one")]


@pytest.mark.parametrize(
    "damage",
    [
        _flip,
        _old_format,
        _nonsense,
        _invalid,
        _retype,
        _copy_all,
        _strip_nbgrader,
        _delete_all,
        _delete_pair,
        sample.EDITS["strip-metadata"],
    ],
)
def test_damaged_notebooks_have_every_test_again(
    chapter: NotebookNode,
    known: dict[str, repair.ReleasedCell],
    damage: Callable[[NotebookNode], None],
) -> None:
    damage(chapter)
    done = repair.repair(chapter, known)
    assert done or damage is _invalid
    nbformat.validate(chapter)
    MetadataValidator().validate_nb(chapter)
    found = grade_ids(chapter)
    assert len(set(found)) == len(found)
    assert {"mini-one", "mini-more"} <= set(found)
    assert found.index("mini-one") < found.index("mini-more")
    mark = chapter.cells[position(chapter, "mini-one")].metadata.nbgrader
    assert (mark.grade, mark.solution, mark.locked, mark.points) == (True, False, True, 1.0)
    assert chapter.cells[position(chapter, "mini-one")].cell_type == "code"


def test_of_two_copies_the_first_counts(
    chapter: NotebookNode, known: dict[str, repair.ReleasedCell]
) -> None:
    sample.EDITS["copy"](chapter, "mini-one")
    at = position(chapter, "mini-one")
    assert repair.repair(chapter, known) == [f"cell {at + 2} only looked like cell mini-one"]
    assert chapter.cells[at].metadata.nbgrader.grade_id == "mini-one"
    assert "nbgrader" not in chapter.cells[at + 1].metadata


def test_a_deleted_test_is_back_after_its_answer(
    chapter: NotebookNode, known: dict[str, repair.ReleasedCell]
) -> None:
    sample.EDITS["delete"](chapter, "mini-more")
    assert repair.repair(chapter, known) == ["cell mini-more was missing and is back"]
    assert position(chapter, "mini-more") == position(chapter, "mini-more-answer-2") + 1


def test_a_test_whose_answer_is_gone_too_is_back_before_the_next_one(
    chapter: NotebookNode, known: dict[str, repair.ReleasedCell]
) -> None:
    _delete_pair(chapter)
    chapter.cells.insert(2, nbformat.v4.new_code_cell("one = 1"))
    repair.repair(chapter, known)
    assert 2 < position(chapter, "mini-one") == position(chapter, "mini-more-answer") - 1


def test_an_answer_without_metadata_is_known_by_its_test(
    chapter: NotebookNode, known: dict[str, repair.ReleasedCell]
) -> None:
    sample.EDITS["strip-metadata"](chapter)
    answer = next(cell for cell in chapter.cells if cell.source.startswith("one = None"))
    answer.source = "one = 1"
    repair.repair(chapter, known)
    assert chapter.cells[position(chapter, "mini-one-answer")].source == "one = 1"
