"""The student's command line: `beyond-sequential --help`."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

try:
    import typer
except ImportError:  # the base install is what a kernel needs, and no kernel needs this
    sys.exit('The command line needs typer: pip install "beyond-sequential[lab]"')

from . import doctor as examination

commands = typer.Typer(
    name="beyond-sequential",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"beyond-sequential {version('beyond-sequential')}")
        raise typer.Exit


@commands.callback()
def main(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """A course on the Keras functional API, worked in notebooks.

    In a notebook: `from beyond_sequential import check, data, draw, hint`.
    Whoever grades a class uses the command `grader`.
    """


@commands.command()
def doctor() -> None:
    """Say what this machine has of what the course needs, and what to install."""
    if not examination.print_diagnoses(examination.examine()):
        raise typer.Exit(1)


@commands.command("report")
def judge_sent_file(
    file: Annotated[Path, typer.Argument(help="What `beyond_sequential.report` wrote.")],
) -> None:
    """Judge the answer in a wrong-verdict file again, and say whether the verdict is the same.

    Exits with 0 if it is, with 1 if it is another, and with 2 if the file can't be read.
    """
    from .answers.answer import AnswerError
    from .wrong_verdict import comparison, read_wrong_verdict

    try:
        words, same = comparison(read_wrong_verdict(file))
    except AnswerError as error:
        print(f"{file}: {error}", file=sys.stderr)
        raise typer.Exit(2) from error
    print(words)
    if not same:
        raise typer.Exit(1)


def app() -> None:
    """Run the command line."""
    commands(prog_name="beyond-sequential")


if __name__ == "__main__":
    app()
