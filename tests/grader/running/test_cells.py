"""A cell in words."""

from nbformat.v4 import new_code_cell

from grader.running import cells


def test_where_a_cell_is_said_with_its_exercise() -> None:
    cell = new_code_cell("", metadata={"nbgrader": {"grade_id": "a-b"}})
    assert cells.cell_in_words(cell, 6) == "cell 7 (a-b)"
    assert cells.cell_in_words(new_code_cell(""), 0) == "cell 1"
