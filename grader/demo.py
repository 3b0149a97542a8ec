"""Grade a sample class: make a course, hand in, collect, grade, write feedback and the report."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from grader.authoring import repository
from grader.classes import grade_class, progress, table
from grader.course import course, sample
from grader.errors import GraderError
from grader.reports.class_page import write_class_page
from grader.running import policy
from grader.submissions import collect

_SHOWN = 2  # classes
_MARK = ".beyond-sequential-demo"


def demo(folder: Path, console: Console, classes: Sequence[Path] = ()) -> None:
    """Make a course for each sample class in `folder` and grade the classes.

    `classes` are the folders of sample classes, by default the first two, which takes a few
    minutes.  What an earlier demo left in `folder` is removed.
    """
    started = time.monotonic()
    os.environ[policy.TRUST] = "1"  # where there is no jail: the sample notebooks are trusted
    classes = classes or sample_classes(repository.root())[:_SHOWN]
    clear(folder)
    for sample_class in classes:
        course_folder = folder / sample_class.name
        console.print(f"A course in {course_folder}")
        course.quickstart(course_folder)
        _hand_in(sample_class, course_folder, folder / "downloads" / sample_class.name, console)
    for sample_class in classes:
        _grade(sample_class.name, folder / sample_class.name, console)
    console.print(f"\nDone in {time.monotonic() - started:.0f} s.")


def sample_classes(root: Path) -> list[Path]:
    """Return the folders of the sample classes, one for each assignment."""
    found = sorted(path.parent for path in (root / "samples").glob("*/class.toml"))
    if not found:
        raise GraderError("no sample class in samples")
    return found


def clear(folder: Path) -> None:
    """Remove what an earlier demo made, and nothing else."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).is_file():
            raise GraderError(f"{folder} is not from an earlier demo; name another --directory")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


def _hand_in(sample_class: Path, course_folder: Path, downloads: Path, console: Console) -> None:
    name = sample_class.name
    _nbgrader(console, "releasing the assignment", course_folder, "generate_assignment", name)
    chapter = course_folder / "release" / name / f"{name}.ipynb"
    students = sample.hand_in(sample_class, chapter, downloads)
    course.enroll(course_folder, (student.name for student in students))
    console.print(f"  collecting: [dim]grader collect {downloads} {name}[/dim]", soft_wrap=True)
    for line in collect.collect(downloads, course_folder, name):
        console.print(f"    {line.student}: {line.file} {line.did}", highlight=False)


def _grade(name: str, course_folder: Path, console: Console) -> None:
    console.print(f"\n[bold]{name}[/bold]")
    console.print(f"  grading: [dim]grader autograde {name}[/dim]")
    with grade_class.only_run(course_folder, name):
        plan = grade_class.prepare(course_folder, name)
        failed = progress.show_progress(plan, grade_class.work(plan), console)
    _nbgrader(console, "writing feedback", course_folder, "generate_feedback", name)
    rows = progress.with_failures(table.read_rows(course_folder, name), failed)
    console.print(table.rich_table(rows, f"\n{name}"))
    feedback = sorted((course_folder / "feedback").glob(f"*/{name}/{name}.html"))
    console.print("\nTo open:")
    for path in [write_class_page(course_folder, name), *feedback[:2]]:
        console.print(f"  {path}", highlight=False, soft_wrap=True)
    if len(feedback) > 2:
        console.print(f"  … and {len(feedback) - 2} more feedback pages beside it")


def _nbgrader(console: Console, words: str, course_folder: Path, *arguments: str) -> None:
    """Run one of nbgrader's own commands to its end."""
    console.print(f"  {words}: [dim]nbgrader {' '.join(arguments)}[/dim]")
    for _line in course.nbgrader(course_folder, *arguments):
        pass
