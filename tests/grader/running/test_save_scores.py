"""What goes into the gradebook for a teacher's own tests."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from grader.running import save_scores


@pytest.mark.parametrize(
    ("outputs", "score"),
    [
        ([], 2.0),
        ([("stream", {"name": "stderr", "text": "W"})], 2.0),
        ([("error", {"ename": "E", "evalue": "", "traceback": []})], 0.0),
        ([("execute_result", {"data": {"text/plain": "1.5"}})], 1.5),
        ([("execute_result", {"data": {"text/plain": "99"}})], None),
    ],
)
def test_a_teachers_own_test_keeps_nbgraders_rule(
    outputs: list[tuple[str, dict]], score: float | None
) -> None:
    mark = {"grade": True, "solution": False, "locked": True, "grade_id": "own", "points": 2}
    cell = new_code_cell("own()", metadata={"nbgrader": mark}, execution_count=3)
    cell.outputs = [nbformat.v4.new_output(kind, **content) for kind, content in outputs]
    assert save_scores.plain_score(cell, None) == score
    cell.execution_count = None
    assert save_scores.plain_score(cell, None) == 0.0
