"""Each chapter under nbgrader's own commands: its grades, and its validate."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import course
from tests.helpers import chapters

NAME = "1-introduction"


def validated(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "validate", str(path)],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_stock_validate_agrees_with_the_judge(root: Path, tmp_path: Path) -> None:
    solution = root / "solutions" / "en" / NAME / f"{NAME}.ipynb"
    solved = tmp_path / f"{NAME}.ipynb"
    solved.write_bytes(solution.read_bytes())
    assert validated(solved) == "Success! Your notebook passes all the tests.\n"


@pytest.mark.matrix
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("section", chapters.SECTIONS)
def test_each_chapter_under_nbgraders_own_commands(
    section: str, language: str, root: Path, tmp_path: Path
) -> None:
    course_dir = tmp_path / "course"
    course.quickstart(course_dir, language)
    list(course.nbgrader(course_dir, "generate_assignment", section))
    handed_in = {"solved": "solutions", "untouched": "chapters"}
    for student, folder in handed_in.items():
        path = course_dir / "submitted" / student / section / f"{section}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes((root / folder / language / section / path.name).read_bytes())
    list(course.nbgrader(course_dir, "autograde", section))
    with course.gradebook(course_dir) as book:
        found = {student: book.find_submission(section, student) for student in handed_in}
        assert found["solved"].score == found["solved"].max_score > 0
        assert found["untouched"].score == 0
    copies = {student: tmp_path / student / f"{section}.ipynb" for student in handed_in}
    for student, copy in copies.items():
        copy.parent.mkdir()
        copy.write_bytes((root / handed_in[student] / language / section / copy.name).read_bytes())
    assert validated(copies["solved"]) == "Success! Your notebook passes all the tests.\n"
    assert "failed" in validated(copies["untouched"]) or "partial" in validated(copies["untouched"])
