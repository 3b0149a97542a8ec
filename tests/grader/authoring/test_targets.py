"""Targets, from notebooks that are run."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.authoring import targets
from grader.errors import GraderError


def notebook(exercise: str, code: str):
    mark = {"nbgrader": {"grade_id": exercise, "grade": True}}
    return new_notebook(cells=[new_code_cell(code), new_code_cell("", metadata=mark)])


def test_an_exercise_that_no_section_has_is_refused() -> None:
    with pytest.raises(GraderError, match="1-mini: no section has the exercise mini-one"):
        targets.of_solution("1-mini", notebook("mini-one", ""))


def test_a_solution_that_does_not_run_is_the_authors_error() -> None:
    with pytest.raises(GraderError, match=r"does not run(.|\n)*ZeroDivisionError"):
        targets.of_solution("1-x", notebook("introduction-twin", "1 / 0"))


def test_a_solution_that_hands_nothing_over_is_named() -> None:
    with pytest.raises(GraderError, match="the solution of introduction-twin hands nothing over"):
        targets.of_solution("1-x", notebook("introduction-twin", "1"))


def test_the_target_of_a_solution_is_its_graph() -> None:
    code = (
        "from keras import layers\nfrom beyond_sequential import check\n"
        "def one_layer(x):\n    return layers.Dense(32, activation='relu')(x)\n"
        "check('introduction-layer')\nparameters = 1\ncheck('introduction-count')"
    )
    made = notebook("introduction-layer", code)
    made.cells += notebook("introduction-count", "").cells
    found = targets.of_solution("1-x", made)
    assert found.keys() == {"introduction-layer"}  # a number is compared with its digest instead
    assert found["introduction-layer"].keys() == {"graphs"}
