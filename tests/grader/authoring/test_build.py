"""From a text notebook to what is built of it."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.authoring import build, repository
from tests.helpers.mini import chapter, edit


def test_every_file_of_a_section_is_built(mini: Path) -> None:
    assert build.build(mini) == [
        "beyond_sequential/course/assignments.json",
        "beyond_sequential/course/targets/mini-one.json",
        "chapters/en/1-mini/1-mini.ipynb",
        "chapters/zh/1-mini/1-mini.ipynb",
        "solutions/en/1-mini/1-mini.ipynb",
        "solutions/zh/1-mini/1-mini.ipynb",
    ]
    target = mini / "beyond_sequential/course/targets/mini-one.json"
    assert json.loads(target.read_text("utf-8")) == {"of": "1-mini"}
    points = mini / "beyond_sequential/course/assignments.json"
    assert json.loads(points.read_text("utf-8")) == {"1-mini": {"mini-one": 1.0, "mini-more": 2.5}}


def test_building_again_changes_nothing(mini: Path) -> None:
    build.build(mini)
    before = {path: path.read_bytes() for path in mini.rglob("*.ipynb")}
    assert build.build(mini) == []
    shutil.rmtree(mini / "chapters")
    build.build(mini)
    assert {path: path.read_bytes() for path in mini.rglob("*.ipynb")} == before


# ---- what is stale


def test_what_was_edited_by_hand_is_stale(mini: Path) -> None:
    build.build(mini)
    edit(chapter(mini), "Make one.", "Make won.")
    assert build.stale(mini, build.files(mini)) == ["chapters/en/1-mini/1-mini.ipynb"]


def test_what_no_source_makes_is_stale_and_goes(mini: Path) -> None:
    build.build(mini)
    surplus = mini / "beyond_sequential/course/targets/mini-old.json"
    surplus.write_text("{}\n")
    assert build.stale(mini, build.files(mini)) == [
        "beyond_sequential/course/targets/mini-old.json"
    ]
    build.build(mini)
    assert not surplus.exists()


def test_check_says_what_is_stale_and_how_to_repair_it(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader import cli

    monkeypatch.setattr(repository, "root", lambda: mini)
    assert CliRunner().invoke(cli.commands, ["build"]).exit_code == 0
    assert CliRunner().invoke(cli.commands, ["build", "--check"]).exit_code == 0
    edit(mini / "solutions/1-mini.en.md", "points=1)", "points=3)")
    edit(mini / "solutions/1-mini.zh.md", "points=1)", "points=3)")
    result = CliRunner().invoke(cli.commands, ["build", "--check"])
    assert result.exit_code == 1
    assert "run `make build`" in str(result.exception)
    assert "chapters/en/1-mini/1-mini.ipynb" in str(result.exception)
    assert "targets" not in str(result.exception)
