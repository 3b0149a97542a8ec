"""Marks as CSV."""

from __future__ import annotations

import csv
import inspect
import io
import re
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType

import pytest
from typer.testing import CliRunner

from grader import cli
from grader.course.course import Person
from grader.errors import GraderError
from grader.reports import csv_export
from grader.reports.class_results import ClassResults
from tests.helpers.classes import student

ADA = Person("Ada", "Lee, Dr.", "ada@example.org", "17")
CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
# Of each format the header and the row of ada.
EXPECTED = {
    "csv": [
        ["student", "branches", "training", "total", "of", "state", "reason"],
        ["ada", "1.5", "0", "1.5", "4", "graded", ""],
    ],
    "canvas": [
        [*CANVAS, "branches", "training", "1-mini", "State", "Reason"],
        ["Lee, Dr., Ada", "17", "", "ada", "", "1.5", "0", "1.5", "graded", ""],
    ],
    "moodle": [
        ["Username", "Email address", "branches", "training", "1-mini", "State", "Reason"],
        ["ada", "ada@example.org", "1.5", "0", "1.5", "graded", ""],
    ],
}


def known_to_the_gradebook(found: ClassResults) -> ClassResults:
    """The class of six, with what the gradebook knows of ada."""
    ada, *others = found.students
    return replace(found, students=(replace(ada, person=ADA), *others))


@pytest.fixture
def known(found: ClassResults) -> ClassResults:
    return known_to_the_gradebook(found)


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


# ---- the formats


def without_record(module: ModuleType) -> list[str]:
    """The functions that make rows and are in no record."""
    made = [
        function
        for function in vars(module).values()
        if inspect.isfunction(function) and function.__annotations__.get("return") == "Rows"
    ]
    assert made
    listed = [known.rows for known in module.FORMATS]
    return [function.__name__ for function in made if function not in listed]


def without_expectation(module: ModuleType, expected: Mapping[str, object]) -> list[str]:
    return [known.name for known in module.FORMATS if known.name not in expected]


def test_every_format_has_its_record_and_its_expected_rows() -> None:
    forgotten = without_record(csv_export)
    assert not forgotten, (
        f"csv_export.py: {forgotten} makes rows and is in no record; add ExportFormat(name, "
        "function) to FORMATS, see docs/new-export.md"
    )
    untested = without_expectation(csv_export, EXPECTED)
    assert not untested, f"add the expected rows of {untested} to EXPECTED in this file"


@pytest.mark.parametrize("name", csv_export.names())
def test_a_format_has_the_rows_that_are_expected(name: str, known: ClassResults) -> None:
    header, *rows = parsed(csv_export.class_as_csv(known, name))
    assert [header, rows[1 if name == "canvas" else 0]] == EXPECTED[name]
    assert {len(row) for row in rows} == {len(header)}


def test_csv_says_why_there_is_no_mark(found: ClassResults) -> None:
    rows = parsed(csv_export.class_as_csv(found, "csv"))
    assert rows[3][0] == "'=o\"hara, <i>"
    assert rows[4][5:] == ["partly graded", "the kernel died <b>"]
    assert rows[5] == ["emil", "", "", "", "4", "absent", ""]


def test_canvas_has_the_points_possible(found: ClassResults) -> None:
    rows = parsed(csv_export.class_as_csv(found, "canvas"))
    assert rows[1][0].strip() == "Points Possible" and rows[1][5:8] == ["3", "1", "4"]
    assert rows[2][:4] == ["ada", "", "", "ada"]


def test_lines_end_as_the_standard_says(found: ClassResults) -> None:
    text = csv_export.class_as_csv(found, "csv")
    assert text.count("\r\n") == len(parsed(text)) == text.count("\n")


def test_another_format_is_refused_with_those_there_are(found: ClassResults) -> None:
    with pytest.raises(GraderError, match="csv, canvas, moodle"):
        csv_export.class_as_csv(found, "blackboard")


def test_the_help_names_every_format() -> None:
    text = " ".join(CliRunner().invoke(cli.commands, ["export", "--help"]).output.split())
    assert "csv, canvas or moodle." in text


# ---- what a spreadsheet would calculate

SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "−"]
BEFORE = ["", " ", "\t", "\r", "\n", "\n\n ", "\u200b", "\ufeff", "\u3000", "x;", "x\n", "x\t", '"']


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE)
def test_no_field_is_a_formula(before: str, sign: str, found: ClassResults) -> None:
    """Not even where the file is read with another separator, or lines are cut at line breaks."""
    mean = student(f"{before}{sign}1+1", 1.0)
    text = csv_export.class_as_csv(replace(found, students=(mean,)), "csv")
    for field in re.split(r"[;,\t\r\n]", text):
        bare = re.sub(r"^[\s\u200b\ufeff\"]+", "", field)
        assert not bare.startswith(tuple(SIGNS)), text
    assert f"'{sign}" in text or "'" in text


@pytest.mark.parametrize(
    "hidden", ["\x1b[31m", "\x1b]8;;x\x07", "\x9b1m", "\x00", "\u202e", "\ud800"]
)
def test_no_field_commands_a_terminal(hidden: str, found: ClassResults) -> None:
    rows = replace(found, students=(student(f"ada{hidden}", 1.0),))
    text = csv_export.class_as_csv(rows, "csv")
    assert hidden[0] not in text and "ada\ufffd" in text
    text.encode("utf-8")


def test_numbers_and_harmless_text_stay_as_they_are(found: ClassResults) -> None:
    row = student("Ada-Lovelace (a=b), x + y", -1.0)
    rows = parsed(csv_export.class_as_csv(replace(found, students=(row,)), "csv"))
    assert rows[1][0] == "Ada-Lovelace (a=b), x + y" and rows[1][3] == "-1"
