"""The class in a table."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.classes import table
from grader.course import course
from grader.errors import GraderError
from grader.submissions import collect
from tests.helpers.mini_course import NAME


def test_the_table_tells_absent_from_unreadable(folder: Path, downloads: Path) -> None:
    collect.collect(downloads, folder, NAME)
    with course.gradebook(folder) as book:
        book.update_or_create_student("emil")
    rows = {row.student: row for row in table.read_rows(folder, NAME)}
    assert rows["emil"].state == "absent"
    assert rows["dora"].state == "unreadable" and rows["dora"].because
    assert rows["ada"].state == "not graded"
    assert {row.points for row in rows.values()} == {None}
    assert {row.of for row in rows.values()} == {3.5}


def test_the_table_as_json(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grader", "table", NAME, "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == []


def test_outside_a_course_the_table_says_so(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="is not a course directory"):
        table.read_rows(tmp_path, NAME)
