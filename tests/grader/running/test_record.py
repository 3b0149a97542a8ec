"""What an autograded notebook keeps of its grading, whoever wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.running.record import (
    METADATA,
    PARTLY_GRADED,
    ExerciseRecord,
    GradingRecord,
    record_in_file,
    record_of,
)

RECORD = GradingRecord(
    PARTLY_GRADED,
    "full",
    ("the kernel died",),
    (ExerciseRecord("layer", "wrong", "`m` is wrong", "{}"), ExerciseRecord("twin", "right")),
)


def test_a_record_comes_back_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"metadata": {METADATA: RECORD.to_json()}}), encoding="utf-8")
    assert record_in_file(path) == RECORD
    assert record_in_file(tmp_path / "none.ipynb") is None


@pytest.mark.parametrize("data", [None, 3, "graded", [], {}, {"state": None}, {"exercises": []}])
def test_what_is_no_record_is_none(data: object) -> None:
    assert record_of({"metadata": {METADATA: data}}) is None


@pytest.mark.parametrize("notebook", [{}, {"metadata": None}, {"metadata": {}}])
def test_a_notebook_that_was_not_graded_has_none(notebook: dict[str, object]) -> None:
    assert record_of(notebook) is None


def test_an_older_record_without_kernels_and_verdicts_is_read() -> None:
    exercises = [{"exercise": "layer", "outcome": "right", "finding": ""}]
    found = GradingRecord.from_json({"state": "graded", "reasons": [], "exercises": exercises})
    assert found == GradingRecord(exercises=(ExerciseRecord("layer", "right"),))


def test_of_a_forged_record_only_what_fits_is_kept() -> None:
    exercises = [3, {"exercise": 4}, {"exercise": "layer", "outcome": ["right"], "verdict": 1}]
    forged = {"state": "graded", "kernels": 1, "reasons": ["a", 2], "exercises": exercises}
    found = GradingRecord.from_json(forged)
    assert found == GradingRecord(reasons=("a",), exercises=(ExerciseRecord("layer"),))
