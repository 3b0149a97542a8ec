"""The whole way on a sample class: a course, what students hand in, marks, feedback, the table."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console

from grader import build, collect, course, sample, summary
from grader.errors import GraderError

_GRADING = re.compile(r"Autograding .*/autograded/(?P<student>[^/]+)/")
_AT_ONCE = 2  # classes
_MARK = ".beyond-sequential-demo"


def demo(folder: Path, console: Console, classes: Sequence[Path] = ()) -> None:
    """Make a course for each sample class in `folder` (anew, if an earlier demo made it), and
    grade the classes: by default the first two, which takes a few minutes."""
    started = time.monotonic()
    classes = classes or sample_classes(build.root())[:_AT_ONCE]
    clear(folder)
    for sample_class in classes:
        here = folder / sample_class.name
        console.print(f"A course in {here}")
        course.quickstart(here)
        _hand_in(sample_class, here, folder / "downloads" / sample_class.name, console)
    # Side by side: nbgrader grades one notebook after the other, and there is more than one core.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda made: _grade(made.name, folder / made.name, console), classes))
    for sample_class in classes:
        name, here = sample_class.name, folder / sample_class.name
        console.print(summary.table(summary.rows(here, name), f"\n{name}"))
        _name_files(here, name, console)
    console.print(f"\nDone in {time.monotonic() - started:.0f} s.")


def sample_classes(root: Path) -> list[Path]:
    """The folders of sample classes, one an assignment."""
    found = sorted(path.parent for path in (root / "tests" / "sample_class").glob("*/class.toml"))
    if not found:
        raise GraderError("no sample class in tests/sample_class")
    return found


def clear(folder: Path) -> None:
    """Remove what an earlier demo made, and nothing else."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).is_file():
            raise GraderError(f"{folder} is not from an earlier demo; name another --directory")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


def _hand_in(sample_class: Path, here: Path, downloads: Path, console: Console) -> None:
    name = sample_class.name
    console.print(f"\n[bold]{name}[/bold]")
    _step(console, "releasing the assignment", here, "generate_assignment", name)
    chapter = here / "release" / name / f"{name}.ipynb"
    students = sample.hand_in(sample_class, chapter, downloads)
    course.enroll(here, (student.name for student in students))
    for line in collect.collect(downloads, here, name):
        console.print(f"  {line.student}: {line.file} {line.did}", highlight=False)


def _grade(name: str, here: Path, console: Console) -> None:
    total = len(list((here / "submitted").glob(f"*/{name}")))
    seen = _counting(console, name, total)
    words = f"grading {total} notebooks"
    _step(console, words, here, "autograde", name, seen=seen, may_fail=True)
    _step(console, "writing feedback", here, "generate_feedback", name)


def _step(
    console: Console,
    words: str,
    here: Path,
    *arguments: str,
    seen: Callable[[str], None] = lambda line: None,
    may_fail: bool = False,
) -> None:
    """One nbgrader command; `autograde` fails when one submission can't be read, and goes on."""
    console.print(f"  {words}: [dim]nbgrader {' '.join(arguments)}[/dim]")
    try:
        for line in course.nbgrader(here, *arguments):
            seen(line)
    except GraderError:
        if not (may_fail and (here / "autograded").is_dir()):
            raise


def _counting(console: Console, name: str, total: int) -> Callable[[str], None]:
    done = 0

    def seen(line: str) -> None:
        nonlocal done
        if match := _GRADING.search(line):
            done += 1
            console.print(f"    {name}: {done} of {total}, {match['student']}", highlight=False)

    return seen


def _name_files(here: Path, name: str, console: Console) -> None:
    feedback = sorted((here / "feedback").glob(f"*/{name}/{name}.html"))
    console.print("\nTo open:")
    for path in [here / "release" / name / f"{name}.ipynb", *feedback[:3]]:
        console.print(f"  {path}", highlight=False, soft_wrap=True)
    if len(feedback) > 3:
        console.print(f"  … and {len(feedback) - 3} more feedback pages beside it")
