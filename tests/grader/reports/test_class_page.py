"""The class on one page."""

import re
from pathlib import Path

import pytest

from beyond_sequential import i18n
from grader import cli
from grader.reports import class_page
from grader.reports.class_results import ClassResults
from tests.helpers.classes import EXERCISES, student, text_of


def test_the_page_says_how_it_went(found: ClassResults) -> None:
    text = text_of(class_page.class_page(found))
    assert "3 of 4" in text
    assert "Nothing was handed in by: emil" in text
    assert "dev partly graded: the kernel died &lt;b&gt;" in text
    assert text.index("dev 1") < text.index("ada 1.5")
    assert "55% mean" in text and "2 wrong" in text
    assert "3 graded 1 partly graded 1 absent" in text
    assert "of 3 points" in text and "of 1 point " in text


def test_the_page_needs_nothing_else(found: ClassResults) -> None:
    page = class_page.class_page(found)
    assert "<script" not in page and "http" not in page.replace("http://www.w3.org/", "")
    assert "<i>" not in text_of(page) and "&lt;i&gt;" in page


def test_the_page_in_chinese(found: ClassResults, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_active", "zh")
    page = class_page.class_page(found)
    assert '<html lang="zh">' in page
    words = text_of(page).replace("1-mini", "")
    for name in ("branches", "training", "text", "question", "ada", "ben", "dev", "emil"):
        words = words.replace(name, "")
    left = set(re.findall(r"[A-Za-z]{4,}", words)) - {"hara", "kernel", "died", "wrong", "Dense"}
    assert not left - {"Input"}


def test_a_class_that_nobody_graded_has_a_page() -> None:
    absent = ClassResults("1-mini", EXERCISES, (student("emil", None, "absent"),))
    assert "1 absent" in text_of(class_page.class_page(absent))


def test_commands_write_what_they_say(released: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    place = ["1-mini", "--course", str(released), "--output", str(tmp_path / "out")]
    for command in (["report", "--language", "zh", "--anonymous"], ["export", "--to", "canvas"]):
        done = CliRunner().invoke(cli.commands, [command[0], *place, *command[1:]])
        assert done.exit_code == 0, done.exception
        assert (tmp_path / "out").stat().st_size > 100
        (tmp_path / "out").unlink()
