"""The solved notebook, and the one that students get."""

from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from grader.authoring import build
from grader.errors import GraderError
from tests.helpers.mini import cells, chapter, edit, marks, solved


def test_a_check_is_a_locked_test_with_its_points(mini: Path) -> None:
    build.build(mini)
    assert marks(solved(mini))["mini-more"] == {
        "schema_version": 3,
        "grade_id": "mini-more",
        "grade": True,
        "locked": True,
        "solution": False,
        "task": False,
        "points": 2.5,
    }


def test_solutions_belong_to_the_next_check(mini: Path) -> None:
    build.build(mini)
    answers = {name for name, mark in marks(solved(mini)).items() if mark["solution"]}
    assert answers == {"mini-one-answer", "mini-more-answer", "mini-more-answer-2"}
    for cell in cells(solved(mini)):
        is_answer = cell.metadata.get("nbgrader", {}).get("solution", False)
        assert ("raises-exception" in cell.metadata.get("tags", [])) == is_answer


def test_students_get_stubs_and_no_solution(mini: Path) -> None:
    build.build(mini)
    sources = {cell.id: cell.source for cell in cells(chapter(mini))}
    assert sources["mini-one-answer"] == "one = None\n# Write your code here."
    assert sources["mini-more-answer"].splitlines()[-1] == "    # Write your code here."
    assert "SOLUTION" not in chapter(mini).read_text("utf-8")


def test_the_release_is_nbgraders_own(mini: Path) -> None:
    build.build(mini)
    graded = [cell for cell in cells(chapter(mini)) if "nbgrader" in cell.metadata]
    assert len(graded) == 5
    for cell in graded:
        assert cell.metadata.nbgrader.checksum == compute_checksum(cell)
        assert cell.metadata.deletable is False
        assert cell.metadata.get("editable", True) is not cell.metadata.nbgrader.grade


def test_cell_ids_come_from_the_text(mini: Path) -> None:
    build.build(mini)
    ids = [cell.id for cell in cells(chapter(mini))]
    assert len(set(ids)) == len(ids)
    again = [i for i in ids if i.startswith(ids[6])]
    assert again == [ids[6], f"{ids[6]}-2", f"{ids[6]}-3"]
    assert [cell.id for cell in cells(chapter(mini, "zh"))] == ids
    assert [cell.id for cell in cells(solved(mini))] == ids


def test_a_new_paragraph_keeps_the_other_ids(mini: Path) -> None:
    build.build(mini)
    before = [cell.id for cell in cells(solved(mini))]
    (mini / "solutions/1-mini.zh.md").unlink()
    edit(mini / "solutions/1-mini.en.md", "Make one.", "Make a one.")
    build.build(mini)
    after = [cell.id for cell in cells(solved(mini))]
    assert [a == b for a, b in zip(before, after, strict=True)].count(False) == 1


def test_notebooks_name_kernel_and_version(mini: Path) -> None:
    build.build(mini)
    nb = nbformat.read(chapter(mini), as_version=4)
    nbformat.validate(nb)
    assert (nb.nbformat, nb.nbformat_minor) == (4, 5)
    assert nb.metadata == {
        "beyond_sequential": {"version": "9.8.7"},
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    assert cells(chapter(mini))[2].metadata.tags == ["remember"]


# ---- translations


def test_a_translation_keeps_code_and_takes_its_own_words(mini: Path) -> None:
    build.build(mini)
    english, chinese = cells(chapter(mini)), cells(chapter(mini, "zh"))
    assert chinese[1].source.startswith("# 一节")
    assert chinese[1].metadata == {}
    assert chinese[4].source == "one = None\n# 在这里写你的代码。"
    assert marks(chapter(mini)).keys() == marks(chapter(mini, "zh")).keys()
    assert chinese[5].source.endswith(english[5].source.splitlines()[-1])


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("Make one.", "Make a one.", "cell 3 translates another text"),
        ("three = 3", "three = 4", "code cell 8 does something else"),
        ("Same again.\n", "Same again.\n\n+++\n\nMore.\n", "do not match the English ones"),
    ],
)
def test_a_stale_translation_is_found(mini: Path, old: str, new: str, complaint: str) -> None:
    edit(mini / "solutions/1-mini.en.md", old, new)
    with pytest.raises(GraderError, match=complaint) as error:
        build.files(mini)
    assert "1-mini.zh.md" in str(error.value)


# ---- what an author gets wrong


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('check("mini-one", points=1)', 'check("mini-one")', "a check is written"),
        ('check("mini-one", points=1)', 'check("mini-one", points=0)', "above 0"),
        ('check("mini-one", points=1)', 'check("Mini One", points=1)', "small letters"),
        ('check("mini-one", points=1)', 'check("mini-more", points=1)', "in one cell only"),
        ('check("mini-more", points=2.5)', "pass", "no check follows"),
        ("one = 1\n", 'check("mini-two", points=1)\n', "need a cell each"),
        ('    """Return two."""\n', "", "is not valid Python"),
        ("one = 1\n", "one = = 1\n", "is not valid Python"),
    ],
)
def test_an_authors_mistake_is_named(mini: Path, old: str, new: str, complaint: str) -> None:
    (mini / "solutions/1-mini.zh.md").unlink()
    edit(mini / "solutions/1-mini.en.md", old, new)
    with pytest.raises(GraderError, match=complaint):
        build.files(mini)
