"""The command line: `grader --help`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader.errors import GraderError
from grader.reports import csv_export

commands = typer.Typer(
    name="grader",
    help="Build the course's notebooks, and grade a class with nbgrader.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
out = Console()
*_formats, _last_format = csv_export.names()
FORMATS = f"{', '.join(_formats)} or {_last_format}."

Course = Annotated[Path, typer.Option("--course", metavar="DIR", help="The course directory.")]
Assignment = Annotated[
    str, typer.Argument(metavar="ASSIGNMENT", help="Its name, such as 1-introduction.")
]
Anonymous = Annotated[bool, typer.Option("--anonymous", help="Made-up names, always the same.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"grader {version('beyond-sequential')}")
        raise typer.Exit


@commands.callback()
def main(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Build the course's notebooks, and grade a class with nbgrader."""


@commands.command(rich_help_panel="To write the course")
def build(
    only: Annotated[
        list[str] | None, typer.Argument(metavar="SECTION", help="Such as 1-introduction.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if something built is stale.")
    ] = False,
) -> None:
    """Make chapters/, the solved notebooks and the judge's targets from solutions/*.md.

    Of all sections, unless some are named.
    """
    from grader.authoring import build as building
    from grader.authoring import repository

    root, names = repository.root(), only or []
    if check:
        building.raise_if_stale(root, _log, names)
        out.print("Everything built is up to date.")
    else:
        touched = building.build(root, _log, names)
        out.print("\n".join(touched) if touched else "Nothing had changed.", highlight=False)


@commands.command(rich_help_panel="To write the course")
def check_course() -> None:
    """Say what a chapter lacks: a language, README rows, hints, a benchmark, a sample class."""
    from grader.authoring import repository
    from grader.course import course_check

    course_check.require_complete(repository.root())
    out.print("The course is complete.")


@commands.command(rich_help_panel="To write the course")
def translate(
    section: Annotated[str, typer.Argument(metavar="SECTION", help="Such as 1-introduction.")],
    language: Annotated[str, typer.Option(help="The language to translate into.")] = "zh",
    accept: Annotated[
        bool, typer.Option("--accept", help="Say that every cell translates the text of today.")
    ] = False,
) -> None:
    """Begin a section's translation, or bring it in step with the English text notebook.

    New cells come in English; what must be looked at is listed.
    """
    from grader.authoring import repository, translation

    for line in translation.follow_english(repository.root(), section, language, accept):
        out.print(line, highlight=False, markup=False)


@commands.command()
def quickstart(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new directory.")],
    language: Annotated[str, typer.Option(help="The language of notebooks: en or zh.")] = "en",
) -> None:
    """Make a course directory in which nbgrader's own commands work."""
    from grader.course import course

    names = course.quickstart(directory, language)
    out.print(f"A course with {', '.join(names)} is in {directory}.", highlight=False)
    out.print(f"Read {directory / 'README.md'} next.", highlight=False)


@commands.command()
def release(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new directory.")],
) -> None:
    """Make what students may have: chapters, helper, environment, a README; in both languages."""
    from grader.course import release as releasing

    names = releasing.make_release(directory)
    out.print(f"{len(names)} files for students are in {directory}.", highlight=False)


@commands.command()
def collect(
    folder: Annotated[
        Path, typer.Argument(metavar="DOWNLOADS", help="A folder, or Moodle's or Canvas's archive.")
    ],
    assignment: Assignment,
    course: Course = Path("."),
    as_json: AsJson = False,
) -> None:
    """Put what students handed in where nbgrader looks for it, and say what was done."""
    from grader.submissions import collect as collecting

    done = collecting.collect(folder, course, assignment)
    if as_json:
        print(json.dumps([asdict(line) for line in done], indent=1, ensure_ascii=False))
        return
    for line in done:
        out.print(f"{line.student or '?'}: {line.file}: {line.did}", highlight=False, markup=False)


@commands.command()
def autograde(
    assignment: Assignment,
    course: Course = Path("."),
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes on this machine; unless told, one more than cores."),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A running Dask scheduler, tcp://…")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade everything again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Grade a class in parallel; when interrupted, the next run goes on from there.

    The exit status is 0 if every submission has a state in the end, 1 if one has none, 130 after
    Ctrl-C.  On several machines, or with SLURM: docs/clusters.md in the course's repository.
    """
    from grader.classes import grade_class, progress
    from grader.classes import table as tables

    try:
        with grade_class.only_run(course, assignment):
            plan = grade_class.prepare(course, assignment, force)
            work = grade_class.work(plan, workers, scheduler)
            failed = progress.show_progress(plan, work, Console(stderr=True))
    except KeyboardInterrupt:
        print("grader: interrupted; what is done is kept, run it again to go on", file=sys.stderr)
        raise typer.Exit(130) from None
    rows = progress.with_failures(tables.read_rows(course, assignment), failed)
    if as_json:
        print(progress.outcome_as_json(plan, rows, failed))
    else:
        for line in progress.outcome_lines(plan, rows):
            out.print(line, highlight=False, markup=False, soft_wrap=True)
    if any(row.state == tables.NOT_GRADED for row in rows):
        raise typer.Exit(1)


@commands.command()
def table(assignment: Assignment, course: Course = Path("."), as_json: AsJson = False) -> None:
    """Print the class: each student's points, first finding, and state."""
    from grader.classes import table as tables

    rows = tables.read_rows(course, assignment)
    if as_json:
        print(tables.rows_as_json(rows))
    else:
        out.print(tables.rich_table(rows, assignment))


@commands.command()
def export(
    assignment: Assignment,
    to: Annotated[str, typer.Option("--to", help=FORMATS)] = "csv",
    course: Course = Path("."),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Instead of printing.")
    ] = None,
    anonymous: Anonymous = False,
) -> None:
    """Write the marks as CSV: a row a student, a column an exercise, and the state."""
    from grader.reports.class_results import read_class

    text = csv_export.class_as_csv(read_class(course, assignment, anonymous), to)
    if output is None:
        sys.stdout.buffer.write(text.encode("utf-8"))
    else:
        # Excel reads UTF-8 only with this mark in front; Canvas and Moodle take it too.
        output.write_bytes(text.encode("utf-8-sig"))


@commands.command()
def report(
    assignment: Assignment,
    course: Course = Path("."),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Else in reports/.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="The report's language; the course's, unless told.")
    ] = None,
    anonymous: Anonymous = False,
) -> None:
    """Make one page on the class: points, difficulty, findings, who needs help, what crashed."""
    from grader.reports.class_page import write_class_page

    path = write_class_page(course, assignment, output, language, anonymous)
    out.print(f"The report is {path}", highlight=False, soft_wrap=True)


@commands.command()
def demo(
    directory: Annotated[Path, typer.Option(metavar="DIR", help="Where to make it.")] = Path(
        "demo"
    ),
) -> None:
    """Grade a sample class, from making a course to the marks; takes some minutes."""
    from grader import demo as showing

    showing.demo(directory, out)


@commands.command()
def doctor(course: Course = Path(".")) -> None:
    """Say what this machine can do, from Keras to kernels, and what to install.

    In a course directory, also whether others on this machine can read it.
    """
    from beyond_sequential.doctor import print_diagnoses
    from grader.doctor import diagnose

    if not print_diagnoses(diagnose(course)):
        raise typer.Exit(1)


def _log(line: str) -> None:
    out.print(line, highlight=False, style="dim")


def app() -> None:
    """Run the command line; what the person can put right is one message, not a traceback."""
    try:
        commands()
    except GraderError as error:
        if "--debug" in sys.argv:
            raise
        print(f"grader: {error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        print(f"grader: {type(error).__name__}: {error}", file=sys.stderr)
        print("`grader --debug ...` shows where it comes from.", file=sys.stderr)
        sys.exit(1)
