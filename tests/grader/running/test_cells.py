"""A notebook's cells: in words, their errors, and what is run for those of the course."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from traitlets.config import Config

from grader.running import cells
from tests.helpers.mini_course import NAME as MINI

NAME = "introduction-layer"


def error(name: str, value: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=value, traceback=[])


def marked(grade_id: str, *outputs: NotebookNode, grade: bool = False) -> NotebookNode:
    mark = {"grade_id": grade_id, "grade": grade, "solution": not grade}
    return new_code_cell("x = 1", metadata={"nbgrader": mark}, outputs=list(outputs))


def test_where_a_cell_is_said_with_its_exercise() -> None:
    cell = new_code_cell("", metadata={"nbgrader": {"grade_id": "a-b"}})
    assert cells.cell_in_words(cell, 6) == "cell 7 (a-b)"
    assert cells.cell_in_words(new_code_cell(""), 0) == "cell 1"


@pytest.mark.parametrize(
    ("outputs", "line"),
    [
        ([], ""),
        (
            [error("NameError", "\n name 'x' is not defined\nmore")],
            "NameError: name 'x' is not defined",
        ),
        ([error("KeyboardInterrupt", "")], "KeyboardInterrupt"),
        ([error("Evil\n\x1b[2J", "\u202etxt\r\x9bm")], "Evil \ufffd[2J: \ufffdtxt"),
        ([error("ValueError", "x" * 1000)], "ValueError: " + "x" * 188 + "…"),
        ([error("KernelError", "the kernel died")], ""),
        ([error("CellTimeoutError", "A cell timed out")], ""),
    ],
)
def test_the_first_line_of_an_error(outputs: list[NotebookNode], line: str) -> None:
    assert cells.error_line(new_code_cell("", outputs=outputs)) == line


def test_the_errors_of_the_course_s_cells_and_packages_that_are_missing() -> None:
    given = new_code_cell("import keras", outputs=[error("ImportError", "no keras")])
    own = new_code_cell("1 / 0", outputs=[error("ZeroDivisionError", "division by zero")])
    lacking = new_code_cell("import tqdm", outputs=[error("ModuleNotFoundError", "No tqdm")])
    answer = marked(f"{NAME}-answer", error("TypeError", "t"))
    test = marked(NAME, error("NameError", "check"), grade=True)
    nb = new_notebook(cells=[given, own, lacking, answer, test])
    assert cells.cell_errors(nb, {"import keras"}) == {
        0: "ImportError: no keras",
        2: "ModuleNotFoundError: No tqdm",
        3: "TypeError: t",
    }


def test_answers_belong_to_the_test_below_them() -> None:
    ids = ["introduction-layer-answer", "introduction-layer", "b", "c", "introduction-count"]
    nb = new_notebook(cells=[marked(i, grade=i in ids[1::3]) for i in ids])
    assert cells.answer_positions(nb) == {"introduction-layer": [0], "introduction-count": [2, 3]}


def test_what_is_run_for_a_test_uses_no_name_of_the_notebook() -> None:
    nb = new_notebook(cells=[new_code_cell("check = 3"), marked(NAME, grade=True)])
    (code,) = cells.check_code(nb).values()
    assert NAME in code
    compile(code, "cell", "eval")


def test_what_the_release_gives_is_its_code_without_a_mark(released: Path) -> None:
    config = Config()
    config.CourseDirectory.root = str(released)
    place = {"nbgrader": {"assignment": MINI, "notebook": MINI}}
    source = cells.source_cells(config, place)
    given = cells.given_code(source)
    assert given and len(given) < len([cell for cell in source if cell.cell_type == "code"])
    assert cells.source_cells(config, {}) == []
    assert cells.source_cells(config, {"nbgrader": {"assignment": "x", "notebook": "y"}}) == []
