"""The job of grading one submission, where it can't be done.

What it does is tested with a class, in `test_grade_class.py`.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from grader.classes import job
from tests.helpers.mini_course import NAME


def test_a_worker_of_another_version_refuses(tmp_path: Path) -> None:
    wanted = job.Job(str(tmp_path), NAME, "ada", "release.db", "0", "0.0.0")
    with pytest.raises(RuntimeError, match="install the same one"):
        job.run_job(wanted)


def test_a_worker_that_does_not_see_the_course_refuses(tmp_path: Path) -> None:
    folder = str(tmp_path / "not on this machine")
    wanted = job.Job(folder, NAME, "ada", "release.db", "0", version("beyond-sequential"))
    with pytest.raises(RuntimeError, match="shared disk"):
        job.run_job(wanted)


def test_a_result_comes_back_from_its_folder(tmp_path: Path) -> None:
    result = job.JobResult("graded", ["a"], [], None, {"n": {"x": 1.0}}, {"n": {"x": None}})
    job._publish(result, tmp_path / "no files", tmp_path / "done")
    assert job.read_result(tmp_path / "done") == result
