"""The command line: it only parses, and says in one line what a person can put right."""

from __future__ import annotations

import ast
import inspect
import sys

import pytest
from typer.testing import CliRunner

from grader import cli
from grader.errors import GraderError

COMMANDS = [command.callback for command in cli.commands.registered_commands]


def stop(error: Exception):
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_every_command_and_option_is_explained(command) -> None:
    name = command.__name__.replace("_", "-")
    done = CliRunner().invoke(cli.commands, [name, "--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert command.__doc__.splitlines()[0].rstrip(".")[:40] in done.output


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_command_loads_what_it_needs_itself(command) -> None:
    """`grader --help` stays quick: nothing but types and the list of exports is loaded for it."""
    tree = ast.parse(inspect.getsource(cli))
    loaded = {
        node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("grader")
    }
    assert loaded == {"grader.errors", "grader.reports"}
    assert len(inspect.getsource(command).splitlines()) < 50


def test_an_error_that_a_person_can_repair_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "commands", stop(GraderError("name a new directory")))
    monkeypatch.setattr(sys, "argv", ["grader"])
    with pytest.raises(SystemExit) as exit_:
        cli.app()
    assert exit_.value.code == 1
    assert capsys.readouterr().err == "grader: name a new directory\n"


def test_any_other_error_is_named_and_debug_shows_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "commands", stop(ZeroDivisionError("by zero")))
    monkeypatch.setattr(sys, "argv", ["grader"])
    with pytest.raises(SystemExit):
        cli.app()
    said = capsys.readouterr().err
    assert "ZeroDivisionError: by zero" in said and "`grader --debug ...`" in said
    monkeypatch.setattr(sys, "argv", ["grader", "--debug"])
    with pytest.raises(ZeroDivisionError):
        cli.app()
