"""The course is complete, and whatever is left out of a chapter is named with what to add."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from beyond_sequential.course import sections
from grader import cli
from grader.authoring import repository
from grader.course import course_check
from grader.errors import GraderError

NAME = "3-several-outputs"
COPIED = (
    "pyproject.toml",
    "README*.md",
    "benchmarks/signals.py",
    f"solutions/{NAME}.*.md",
    f"solutions/*/{NAME}/*.ipynb",
    f"chapters/*/{NAME}/*.ipynb",
    f"samples/{NAME}/*",
    "beyond_sequential/course/targets/several-outputs-*.json",
)


@pytest.fixture
def chapter(root: Path, tmp_path: Path) -> Path:
    """A repository with one chapter."""
    for pattern in COPIED:
        for path in root.glob(pattern):
            copy = tmp_path / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return tmp_path


def without(line: str) -> Callable[[Path], None]:
    """Remove the lines of a file that hold a text."""

    def edit(path: Path) -> None:
        lines = path.read_text("utf-8").splitlines(keepends=True)
        kept = [each for each in lines if line not in each]
        assert len(kept) < len(lines)
        path.write_text("".join(kept), encoding="utf-8")

    return edit


def changed(old: str, new: str) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return edit


def test_our_chapters_are_complete(root: Path) -> None:
    found = course_check.missing_pieces(root)
    assert not found, "add to the course what is missing:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("path", "edit", "complaint"),
    [
        (
            f"solutions/{NAME}.zh.md",
            Path.unlink,
            f"no solutions/{NAME}.zh.md; begin it with `grader translate {NAME}`",
        ),
        (f"chapters/zh/{NAME}/{NAME}.ipynb", Path.unlink, f"make it with `grader build {NAME}`"),
        (f"solutions/en/{NAME}/{NAME}.ipynb", Path.unlink, f"make it with `grader build {NAME}`"),
        (
            "beyond_sequential/course/targets/several-outputs-model.json",
            Path.unlink,
            "no beyond_sequential/course/targets/several-outputs-model.json; make it with",
        ),
        (
            "README.md",
            without(f"(chapters/en/{NAME}/"),
            f"no row with both badges in the table of README.md; add\n    | 7.1.x | [its title]"
            f"(chapters/en/{NAME}/{NAME}.ipynb) | what a student makes | [![Open in Colab]",
        ),
        ("README.zh-CN.md", without(f"(chapters/zh/{NAME}/"), "in the table of README.zh-CN.md"),
        ("README.md", changed("mybinder.org/v2", "elsewhere.org"), "no row with both badges"),
        (
            "benchmarks/signals.py",
            without('target="y_gender"'),
            'a Signal("several_outputs", solution, without, "...", score="accuracy", '
            'target="y_gender")',
        ),
        ("benchmarks/signals.py", Path.unlink, 'target="y_age"'),
        (
            f"samples/{NAME}/class.toml",
            Path.unlink,
            f"no samples/{NAME}/class.toml; add students as in samples/1-introduction/class.toml",
        ),
        (
            f"samples/{NAME}/class.toml",
            changed("several-outputs-model = ", "other = "),
            f"nobody in samples/{NAME}/class.toml has several-outputs-model right; add it to",
        ),
        (f"samples/{NAME}/class.toml", changed("[", "[["), "can't be read"),
        (f"samples/{NAME}/aiko.txt", Path.unlink, f"add samples/{NAME}/aiko.txt"),
    ],
)
def test_a_piece_that_is_left_out_is_named(
    chapter: Path, path: str, edit: Callable[[Path], None], complaint: str
) -> None:
    exercises = {k: v for k, v in sections.exercises().items() if k.startswith("several-outputs-")}
    assert course_check.missing_pieces(chapter, exercises) == []
    edit(chapter / path)
    found = course_check.missing_pieces(chapter, exercises)
    assert any(complaint in line for line in found), found
    assert all(line.startswith(f"{NAME}: ") for line in found)


def test_exercises_that_notebook_and_module_do_not_share_are_named(chapter: Path) -> None:
    known = dict(sections.exercises())
    known["several-outputs-new"] = replace(known["several-outputs-model"], id="several-outputs-new")
    known["several-outputs-reader"] = replace(known["several-outputs-reader"], hints=())
    del known["several-outputs-model"]
    module = "beyond_sequential/course/sections/several_outputs.py"
    assert course_check.missing_pieces(chapter, known) == [
        f"{NAME}: no Exercise('several-outputs-model', ...) in EXERCISES; add it to {module}",
        f"{NAME}: several-outputs-reader has no hint; add hints=(...) to it in {module}",
        f"{NAME}: several-outputs-new is never checked; add a cell "
        f'check("several-outputs-new", points=1) to solutions/{NAME}.en.md',
    ]


def test_a_chapter_that_only_has_a_text_is_told_all_that_is_missing(chapter: Path) -> None:
    (chapter / "solutions/7-new.en.md").write_text("# New\n", encoding="utf-8")
    (chapter / "solutions/8-new.zh.md").write_text("", encoding="utf-8")
    found = [line for line in course_check.missing_pieces(chapter) if not line.startswith(NAME)]
    assert [line.split("; ")[0].splitlines()[0] for line in found] == [
        "8-new: 8-new.zh.md has no 8-new.en.md that it translates",
        "7-new: no chapters/en/7-new/7-new.ipynb",
        "7-new: no solutions/en/7-new/7-new.ipynb",
        "7-new: no row with both badges in the table of README.md",
        "7-new: no solutions/7-new.zh.md",
        "7-new: no chapters/zh/7-new/7-new.ipynb",
        "7-new: no solutions/zh/7-new/7-new.ipynb",
        "7-new: no row with both badges in the table of README.zh-CN.md",
        "7-new: no exercise",
        "7-new: no samples/7-new/class.toml",
    ]


def test_the_command_says_that_all_is_there_or_what_is_not(
    chapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = CliRunner().invoke(cli.commands, ["check-course"])
    assert (done.exit_code, done.output) == (0, "The course is complete.\n")
    monkeypatch.setattr(repository, "root", lambda: chapter)
    (chapter / "README.md").unlink()
    done = CliRunner().invoke(cli.commands, ["check-course"])
    assert done.exit_code == 1 and isinstance(done.exception, GraderError)
    assert f"{NAME}: no row with both badges in the table of README.md" in str(done.exception)
