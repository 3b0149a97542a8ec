"""Why a name holds nothing: a stub, a forgotten return, a call that gives None, a broken cell."""

from __future__ import annotations

import linecache
import sys
from typing import Any

import pytest

from beyond_sequential.answers.answer import RefusedCase
from beyond_sequential.answers.source import assigned_none, cell_error, gives_none


def only_a_docstring() -> None:
    """What is to be done."""


def only_dots() -> None: ...


def only_none() -> None:
    return None


def no_return() -> None:
    sum([1, 2])


def hands_back_print() -> None:
    made = [1]
    return print(made)


def hands_back_a_name() -> None:
    made = [3].sort()
    return made


@pytest.mark.parametrize("stub", [only_a_docstring, only_dots, only_none])
def test_a_stub_is_a_stub(stub: Any) -> None:
    assert gives_none(stub) is None


@pytest.mark.parametrize(
    ("function", "what"),
    [(no_return, ""), (hands_back_print, "print(...)"), (hands_back_a_name, "made")],
)
def test_a_function_that_gives_nothing_back(function: Any, what: str) -> None:
    assert gives_none(function) == RefusedCase("gives_none", what)


def test_what_has_no_source_is_taken_for_a_stub() -> None:
    made: dict[str, Any] = {}
    exec("def f():\n    print(1)", made)
    assert gives_none(made["f"]) is None and gives_none(print) is None and gives_none(3) is None


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("twin = None\n# here\ntwin = build().set_weights(w)", "set_weights(...)"),
        ("if True:\n    twin = compile_it()", "compile_it(...)"),
        ("twin = None", None),
        ("def twin():\n    twin = f()", None),
    ],
)
def test_the_call_that_gave_none(cell: str, what: str | None) -> None:
    found = assigned_none("twin", {"In": ["", cell, "check('x')"]})
    assert found == (None if what is None else RefusedCase("is_none", what))


@pytest.mark.parametrize(
    "cell", ["def f(x):\n\ty = x\n        return y", "f = (1", "def f(x)\n    return x"]
)
def test_a_cell_that_python_cannot_read(cell: str) -> None:
    assert isinstance(cell_error("f", {"In": ["f = None", cell]}), SyntaxError)
    assert cell_error("f", {"In": [cell, "f = None"]}) is None  # mended since
    assert cell_error("g", {"In": [cell]}) is None


def test_a_cell_that_ended_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = "model = None\nmodel = 1 / 0\n"
    linecache.cache["<a cell>"] = (len(cell), None, cell.splitlines(True), "<a cell>")
    with pytest.raises(ZeroDivisionError) as raised:
        exec(compile(cell, "<a cell>", "exec"), {"__name__": "__main__"})
    monkeypatch.setattr(sys, "last_value", raised.value, raising=False)
    assert cell_error("model", {"In": ["", cell]}) is raised.value
    assert cell_error("model", {"In": [cell, "model = 3"]}) is None
    assert cell_error("model", {}) is None


def test_source_that_is_no_list_of_cells() -> None:
    assert cell_error("f", {"In": "f = ("}) is None and assigned_none("f", {"In": [3]}) is None
