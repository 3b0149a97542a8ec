"""What does it cost to grade a notebook, beyond running its code?

    python benchmarks/throughput.py [--json] [--students 12] [--assignment 1-introduction]
                                    [--rounds 3]

The same submissions of the sample class, in one run, in CPU seconds of all processes (wall-clock
time tells more of what else the machine does), the three in turns, for a machine is not equally
quick all the time; of all rounds the medians:

- stock: `nbgrader autograde` with nbgrader's own Execute and SaveAutoGrades: a cold kernel each
- ours: `nbgrader autograde` in a course as `grader quickstart` makes it: one worker
- floor: the students' code alone, each notebook in a fork of a process in which everything is
  imported, with no kernel, and with checks that do nothing

What a command costs once (nbgrader, the zygote) is in none of them: each is the cost of a whole
class, less that of its first submission.  `allowed` is what this project holds itself to: beyond
the floor 0.5 s a notebook, and 0.7 s for each trained model that the judge has to evaluate.  The
exit status is 1 if ours costs more.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before a fork there is one thread
os.environ.setdefault("MPLBACKEND", "agg")

import nbformat

from beyond_sequential import backends
from beyond_sequential.course import sections
from beyond_sequential.findings.kinds import FINDING_KINDS
from grader.authoring import repository
from grader.course import course, sample
from grader.running import policy, record
from jailed_kernels.linux import calls

STOCK = """
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.Execute",
    "nbgrader.preprocessors.SaveAutoGrades",
]
"""


@dataclass(frozen=True)
class Figures:
    """CPU seconds for a notebook."""

    notebooks: int
    trained: float  # models that the judge evaluated, for a notebook
    stock: float
    ours: float
    floor: float

    @property
    def beyond(self) -> float:
        return self.ours - self.floor

    @property
    def allowed(self) -> float:
        return 0.5 + 0.7 * self.trained


def spent(action: Callable[[], object]) -> float:
    """CPU seconds of all processes that the action starts, to the end of the last one."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    action()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()  # a zygote outlives the command that started it by a moment
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def floor(notebooks: list[Path], checks: bool = False) -> None:
    """Run the code cells of each notebook in a fork; errors are the students'.

    With `checks`, those too do what their own code does: each judges at once, as in a student's
    notebook, but that trained models are only handed over.
    """
    # The settings of grading, before the libraries read them.
    os.environ.update(backends.chosen().grading_environment())
    for module in policy.course_policy().preload:
        importlib.import_module(module)
    for path in notebooks:
        cells = [c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code"]
        child = os.fork()
        if not child:
            _run_cells(cells, checks)
        os.waitpid(child, 0)


def _run_cells(cells: list[str], checks: bool) -> None:
    """Like IPython, as far as these notebooks notice."""
    import keras
    from IPython.core.interactiveshell import InteractiveShell

    import beyond_sequential

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    keras.utils.set_random_seed(20171)
    shell = InteractiveShell.instance(user_module=None)
    with tempfile.TemporaryDirectory() as folder:
        check = partial(_check, folder) if checks else lambda *_, **__: None
        beyond_sequential.check = check  # type: ignore[assignment]
        for source in cells:
            shell.run_cell(source)
    os._exit(0)


def _check(spool: str, name: str | None = None, points: float = 1) -> None:
    from beyond_sequential.notebook import notebook

    os.environ.pop(notebook.SPOOL, None)
    if name and sections.exercise(name).is_trained:
        os.environ[notebook.SPOOL] = spool
    notebook.check(name, points)


def a_class(
    folder: Path, assignment: str, count: int, configuration: str, right: bool = False
) -> list[Path]:
    """A course in which this many of the sample class (or of those with nothing wrong) have handed
    in; what they handed in.
    """
    course.quickstart(folder)
    with (folder / course.CONFIG).open("a") as file:
        file.write(configuration)
    list(course.nbgrader(folder, "generate_assignment", assignment))
    chapter = folder / "release" / assignment / f"{assignment}.ipynb"
    sample_class = repository.root() / "samples" / assignment
    whole = [
        student
        for student in sample.students(sample_class)
        if student.file and student.state == "graded" and not student.edits
        if student.says.startswith("right") or not right
    ]
    paths = []
    for student in whole[:count]:
        path = folder / "submitted" / student.name / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(sample.submission(student, sample_class, chapter), encoding="utf-8")
        paths.append(path)
    return paths


def grade(folder: Path, assignment: str, *more: str) -> float:
    """CPU seconds of `nbgrader autograde`, with all that it starts."""
    return spent(lambda: list(course.nbgrader(folder, "autograde", assignment, "--force", *more)))


def for_each(folder: Path, assignment: str, paths: list[Path]) -> float:
    """CPU seconds that each further submission adds."""
    first = grade(folder, assignment, f"--student={paths[0].parent.parent.name}")
    return (grade(folder, assignment) - first) / (len(paths) - 1)


def trained(folder: Path, assignment: str, paths: list[Path]) -> float:
    """Return how many trained models of a submission the judge evaluated."""
    count = 0
    for path in paths[1:]:
        done = folder / "autograded" / path.relative_to(folder / "submitted")
        verdicts = nbformat.read(done, 4).metadata[record.METADATA]["exercises"]
        count += sum(
            sections.exercise(verdict["exercise"]).is_trained and _was_evaluated(verdict)
            for verdict in verdicts
        )
    return count / (len(paths) - 1)


def _was_evaluated(verdict: dict[str, str]) -> bool:
    """Return whether the judge ran the model: one that is no good is found out by that too."""
    if verdict["outcome"] in ("right", "partly right"):
        return True
    findings = json.loads(verdict["verdict"] or "{}").get("findings", ())
    return any(FINDING_KINDS[finding["code"]].after_run for finding in findings)


def measure(folder: Path, assignment: str, count: int, rounds: int) -> Figures:
    stock, ours = folder / "stock", folder / "ours"
    paths = a_class(ours, assignment, count, "")
    stock_paths = a_class(stock, assignment, count, STOCK)
    turns: dict[str, Callable[[], float]] = {
        "ours": lambda: for_each(ours, assignment, paths),
        "floor": lambda: spent(lambda: floor(paths[1:])) / (count - 1),
        "stock": lambda: for_each(stock, assignment, stock_paths),
    }
    found: dict[str, list[float]] = {name: [] for name in turns}
    for number in range(rounds):
        for name, turn in turns.items():
            found[name].append(turn())
        words = ", ".join(f"{name} {seconds[-1]:.2f}" for name, seconds in found.items())
        print(f"round {number + 1} of {rounds}: {words}", file=sys.stderr)
    medians = {name: statistics.median(seconds) for name, seconds in found.items()}
    return Figures(count - 1, trained(ours, assignment, paths), **medians)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--students", type=int, default=12)
    parser.add_argument("--assignment", default="1-introduction")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    calls.adopt_orphans()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), arguments.assignment, arguments.students, arguments.rounds)
    rounded = {name: round(value, 2) for name, value in asdict(found).items()}
    rounded |= {"beyond": round(found.beyond, 2), "allowed": round(found.allowed, 2)}
    if arguments.json:
        print(json.dumps(rounded, indent=1))
    else:
        for name, value in rounded.items():
            print(f"{name:10} {value:g}")
    sys.exit(found.beyond > found.allowed)


if __name__ == "__main__":
    main()
