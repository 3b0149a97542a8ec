"""What does it cost to grade a notebook, beyond running its code?

    python benchmarks/throughput.py [--json] [--students 12] [--assignment 1-introduction]

The same submissions of the sample class, in one run, in CPU seconds of all processes (wall-clock
time tells more of what else the machine does):

- stock: `nbgrader autograde` with nbgrader's own Execute and SaveAutoGrades, a cold kernel each
- ours: `nbgrader autograde` in a course as `grader quickstart` makes it, one worker
- floor: the code of the same cells, one notebook after the other, in a fork of a process in which
  everything is imported, with no kernel and nothing captured

Starting nbgrader and the zygote is paid once a command: it is measured on one submission and an
empty class, and printed by itself.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grader import build, course, sample

STOCK = """
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.Execute",
    "nbgrader.preprocessors.SaveAutoGrades",
]
"""


@dataclass(frozen=True)
class Cost:
    """CPU seconds: of a whole run, of starting up, and of each of `notebooks`."""

    name: str
    notebooks: int
    total: float
    start: float

    @property
    def each(self) -> float:
        return (self.total - self.start) / self.notebooks


def spent(action: Callable[[], object]) -> float:
    """CPU seconds of this process's children while it waits for the action."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    action()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def floor(notebooks: list[Path]) -> None:
    """Run the code cells of each notebook in a fork; errors are the students'."""
    for path in notebooks:
        cells = [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"]
        child = os.fork()
        if not child:
            _run_cells(cells)
        os.waitpid(child, 0)


def _run_cells(cells: list[str]) -> None:
    """Like IPython, as far as these notebooks notice, and without handing anything over."""
    import keras
    from IPython.core.interactiveshell import InteractiveShell

    import beyond_sequential

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    beyond_sequential.check = lambda *_, **__: None  # type: ignore[assignment]
    keras.utils.set_random_seed(20171)
    shell = InteractiveShell(user_module=None)
    for source in cells:
        shell.run_cell(source)
    os._exit(0)


def a_class(folder: Path, assignment: str, count: int, configuration: str) -> Path:
    """A course in which this many of the sample class have handed in."""
    course.quickstart(folder)
    with (folder / course.CONFIG).open("a") as file:
        file.write(configuration)
    list(course.nbgrader(folder, "generate_assignment", assignment))
    chapter = folder / "release" / assignment / f"{assignment}.ipynb"
    sample_class = build.root() / "tests" / "sample_class" / assignment
    students = [
        student
        for student in sample.students(sample_class)
        if student.file and student.state == "graded" and not student.edits
    ]
    for student in students[:count]:
        path = folder / "submitted" / student.name / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(sample.submission(student, sample_class, chapter), encoding="utf-8")
    return folder


def grade(folder: Path, assignment: str, *more: str) -> float:
    """CPU seconds of `nbgrader autograde`, with all that it starts."""

    def run() -> None:
        try:
            list(course.nbgrader(folder, "autograde", assignment, "--force", *more))
        finally:
            time.sleep(2)  # for the zygote, which is reaped after it

    return spent(run)
