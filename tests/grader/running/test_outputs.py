"""What an autograded notebook keeps of its cells' outputs."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from grader.running.judgement import Judgement
from grader.running.outputs import TRUNCATED, clean, show_error, show_verdict, truncated


def test_a_long_text_says_that_it_was_cut() -> None:
    assert truncated("abc", 3) == "abc"
    assert truncated("abcd", 3) == f"abc\n{TRUNCATED}\n"


def test_the_verdict_stands_in_the_place_of_what_the_test_printed() -> None:
    cell = new_code_cell("check()", execution_count=3)
    cell.outputs = [new_output("stream", text="14 of 14 points")]
    show_verdict(cell, Judgement("a", 1.5, "wrong", "finding", "words", "<p>words</p>"))
    verdict, value = cell.outputs
    assert verdict.data == {"text/html": "<p>words</p>", "text/plain": "words"}
    assert value.data == {"text/plain": "1.5"}


def test_an_error_stands_below_what_the_cell_printed() -> None:
    cell = new_code_cell("x", outputs=[new_output("stream", text="before")])
    show_error(cell, "the kernel died")
    assert [output.output_type for output in cell.outputs] == ["stream", "error"]


def test_what_no_file_can_hold_is_removed_and_the_rest_is_kept() -> None:
    nb = new_notebook(cells=[new_code_cell("x", execution_count=1)])
    (cell,) = nb.cells
    good = new_output("stream", text="good")
    surrogate = new_output("stream", text="\ud800")
    wrong = nbformat.from_dict({"output_type": "nonsense"})
    number = new_output("display_data", data={"text/plain": "x"})
    number.data["text/plain"] = float("nan")
    cell.outputs = [good, wrong, surrogate, number]
    cell.execution_count = "seven"
    clean(nb)
    nbformat.validate(nb)
    assert [output.text for output in nb.cells[0].outputs] == ["good", "?"]
    assert nb.cells[0].execution_count is None
