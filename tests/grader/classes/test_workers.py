"""The processes that grade: what is said when they can't.

What they do is tested with a class, in `test_grade_class.py` and `test_interruptions.py`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.classes import workers
from grader.classes.job import Job
from grader.errors import GraderError


def test_a_scheduler_that_is_none_is_said() -> None:
    job = Job("", "1-mini", "ada", "", "", "")
    with pytest.raises(GraderError, match="no Dask scheduler can be reached at nonsense"):
        next(workers.run_jobs((job,), None, "nonsense://host"))


def test_an_error_is_one_reason_that_a_person_can_read(tmp_path: Path) -> None:
    assert workers.error_in_words(RuntimeError("no seed")) == "no seed"
    assert workers.error_in_words(KeyError("x")) == "KeyError: 'x'"
    copying = shutil.Error([("a", "b", "no space left")])
    assert workers.error_in_words(copying) == "no space left"
