"""How long a file, a function and a list of exceptions may be."""

from __future__ import annotations

import re

import pytest

from tests.helpers.source import PACKAGES, ROOT, at, functions, relative, sources

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 50
FOLDERS = (*PACKAGES, "tests", "benchmarks")

# Tables of cases, one entry after the other; to split them would not make them easier to read.
TABLES = {
    "tests/attacks/integrity.py",
    "tests/beyond_sequential/findings/examples.py",
    "tests/misconceptions/test_first_sections.py",
    "tests/misconceptions/test_graphs_of_layers.py",
    "tests/misconceptions/test_models_as_layers.py",
    "tests/misconceptions/test_several_outputs.py",
}
# Too long still; none may be added.
LONG_FILES = {
    "benchmarks/signals.py",
    "tests/attacks/host.py",
    "tests/beyond_sequential/compare/test_compare.py",
    "tests/beyond_sequential/draw/test_draw.py",
    "tests/beyond_sequential/equivalence/test_equivalence.py",
    "tests/beyond_sequential/equivalence/test_spellings.py",
    "tests/beyond_sequential/equivalence/test_spellings_later.py",
    "tests/beyond_sequential/notebook/test_notebook.py",
}
LONG_FUNCTIONS = {
    "tests/platforms/test_browser.py:test_a_student_works_a_chapter",
}


def test_no_file_is_too_long() -> None:
    wrong = [
        f"{name}: {lines} lines"
        for folder in FOLDERS
        for path in sources(folder)
        if (name := relative(path)) not in TABLES | LONG_FILES
        and (lines := len(path.read_text("utf-8").splitlines())) > LINES_OF_A_FILE
    ]
    assert not wrong, (
        f"more than {LINES_OF_A_FILE} lines: split each file by what its parts are about:\n"
        + "\n".join(wrong)
    )


def test_no_function_is_too_long() -> None:
    wrong = [
        f"{at(path, function.lineno)}: {function.name} has {lines} lines"
        for folder in FOLDERS
        for path in sources(folder)
        for function in functions(path)
        if f"{relative(path)}:{function.name}" not in LONG_FUNCTIONS
        and (lines := (function.end_lineno or 0) - function.lineno + 1) > LINES_OF_A_FUNCTION
    ]
    assert not wrong, (
        f"more than {LINES_OF_A_FUNCTION} lines: give each step of the function a name of its "
        "own:\n" + "\n".join(wrong)
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_switches_a_check_off_as_a_whole(folder: str) -> None:
    wrong = [
        f"{at(path, number)}: {line.strip()}"
        for path in sources(folder)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.match(r"\s*#\s*(ruff: noqa|type: ignore|mypy: )", line)
    ]
    assert not wrong, (
        "name the one rule on the one line that needs an exception, with the reason beside it:\n"
        + "\n".join(wrong)
    )


def test_exceptions_name_files_that_exist() -> None:
    gone = sorted(name for name in TABLES if not (ROOT / name).is_file())
    assert not gone, f"remove these from TABLES in this file, or name the files' new places: {gone}"
