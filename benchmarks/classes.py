"""What does it cost to grade a whole class with `grader autograde`, and how does that grow?

    python benchmarks/classes.py real  [--students 30] [--assignment 1-introduction] [--json]
                                       [--no-stock]
    python benchmarks/classes.py light [--students 1000] [--json]

`real` grades a class whose notebooks are worked to the end (those of the sample class in which all
is right, again and again) with one worker on one core, and on all cores with the default number of
workers; and the same submissions as the floor (see `throughput.py`: the students' and the checks'
own code, in a process that is already warm) and, unless `--no-stock`, with stock `nbgrader
autograde`.  `light` grades a class whose notebooks cost nothing, for what the rest costs, and a
quarter of it, to see whether that grows.  Missed bars are named, and the exit status is 1:

- a notebook costs at most 1.15 times the floor and the judge's 0.7 s a trained model, in CPU time
- two cores are 1.85 times as quick as one (given two, one worker alone keeps more than one busy:
  student code has threads, and the grader works beside it)
- 30 notebooks of 6 CPU seconds take 2 minutes at most on two cores, others in proportion
- a student of a class costs at most 1.15 times one of a class a quarter as large

CPU seconds are those of all processes of a run.  What a run costs once is in `once`, not in what a
student costs.  `others` is the CPU time that the rest of the machine took meanwhile: where it is
not small, the wall-clock figures (speed-up, seconds) say little.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import count, cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import psutil

from benchmarks import throughput
from jailed_kernels.linux import calls
from tests.helpers import mini_course

FLOOR, JUDGE = 1.15, 0.7
CORES = os.cpu_count() or 1
QUICKER = 1.85 / 2  # for each core
CLASS_SECONDS = 120 / (30 * 6)  # on two cores, for each CPU second of the notebooks
GROWTH = 1.15
SAMPLE = 4.0  # seconds between two looks at memory, which take a while
MB = 1 << 20
PATIENT = "c.Execute.timeout = 600\n"  # a disturbed machine is no reason to lose a submission


@dataclass(frozen=True)
class Run:
    """One run of `grader autograde`: seconds of wall-clock and CPU time.

    Memory in MB (what is shared is shared out), of the run's own process, of the zygote with all
    kernels, and of the largest worker.  `workers` is 0 for the default, as many as there are.
    """

    students: int
    workers: int
    seconds: float
    cpu: float
    others: float
    coordinator: float
    zygote: float
    worker: float

    @property
    def cores(self) -> float:
        """How many were busy."""
        return self.cpu / self.seconds


def run(command: list[str], students: int, workers: int = 0) -> Run:
    """Run the command, which names everything but the workers; one worker gets one core."""
    busy, start = _busy(), time.monotonic()
    seconds, largest = [], {"coordinator": 0.0, "zygote": 0.0, "worker": 0.0}
    command = [*command, *([f"--workers={workers}"] if workers else [])]
    cores = os.sched_getaffinity(0)

    def follow() -> None:
        os.sched_setaffinity(0, cores if workers != 1 else {min(cores)})
        try:
            ran = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        finally:
            os.sched_setaffinity(0, cores)
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                ran.wait(SAMPLE)
                break
            _look(ran.pid, largest)
        seconds.append(time.monotonic() - start)
        if ran.returncode:
            sys.exit(f"{' '.join(command)} failed")

    cpu = throughput.spent(follow)
    done = Run(students, workers, seconds[0], cpu, _busy() - busy - cpu, **largest)
    print(_words(asdict(done)), file=sys.stderr)
    return done


def _busy() -> float:
    """CPU seconds that this machine has worked."""
    times = psutil.cpu_times()
    return times.user + times.nice + times.system


def _look(pid: int, largest: dict[str, float]) -> None:
    """Keep the largest memory of a run's own process, of its zygote and of a worker."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        largest["coordinator"] = max(largest["coordinator"], _memory(process))
        for child in process.children():
            name = "zygote" if "jailed_kernels.zygote" in child.cmdline() else "worker"
            family = [child, *child.children(recursive=True)]
            largest[name] = max(largest[name], sum(map(_memory, family)))


def _memory(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        try:
            return process.memory_full_info().pss / MB
        except psutil.AccessDenied:
            return process.memory_info().rss / MB
    return 0.0


# --- real notebooks -----------------------------------------------------------------------------


def real(
    folder: Path, assignment: str, students: int, stock: bool
) -> tuple[dict[str, object], list[str]]:
    """Return the figures of `real`, and which bars they miss."""
    course = folder / "ours"
    paths = _enlarged(
        throughput.a_class(course, assignment, students, PATIENT, right=True), students
    )
    command = [sys.executable, "-m", "grader", "autograde", assignment, "--course", str(course)]
    all_ = run([*command, "--force"], students)
    one = run([*command, "--force"], students, 1)
    first = run(_only(course, paths[0], [*command, "--force"]), 1, 1)
    models = throughput.trained(course, assignment, paths)
    floor = throughput.spent(lambda: throughput.floor(paths[1:], checks=True)) / (students - 1)
    cost = (one.cpu - first.cpu) / (students - 1)
    figures = {
        "notebook": cost,
        "floor": floor,
        "trained models": models,
        "allowed": FLOOR * floor + JUDGE * models,
        **({"stock": _stock(folder / "stock", assignment, course, paths)} if stock else {}),
        "once": first.cpu - cost,
        "cores busy": all_.cores,
        "speed-up": one.seconds / all_.seconds,
        "class": all_.seconds,
        "class allowed": CLASS_SECONDS * 2 / CORES * students * (floor + JUDGE * models),
        "runs": [asdict(ran) for ran in (first, one, all_)],
    }
    bars = {
        "a notebook's CPU time": cost <= figures["allowed"],
        "speed-up": one.seconds >= QUICKER * CORES * all_.seconds,
        "a class": all_.seconds <= figures["class allowed"],
    }
    return figures, [name for name, held in bars.items() if not held]


def _stock(folder: Path, assignment: str, course: Path, paths: list[Path]) -> float:
    """CPU seconds a notebook with nbgrader's own ways of running and scoring."""
    throughput.a_class(folder, assignment, 0, throughput.STOCK + PATIENT)
    shutil.copytree(course / "submitted", folder / "submitted")
    return throughput.for_each(
        folder, assignment, [folder / path.relative_to(course) for path in paths]
    )


def _enlarged(paths: list[Path], students: int) -> list[Path]:
    """Return the same submissions again under other names, until there are enough."""
    for path, number in zip(cycle(list(paths)), count(2)):
        if len(paths) >= students:
            return paths
        student = path.parent.parent
        shutil.copytree(student, copy := student.with_name(f"{student.name}-{number}"))
        paths.append(copy / path.relative_to(student))
    return paths


def _only(course: Path, path: Path, command: list[str]) -> list[str]:
    """Return the command in a copy of the course in which only this was handed in."""
    alone = course.with_name("alone")
    shutil.copytree(course, alone, ignore=shutil.ignore_patterns("submitted", "autograded"))
    student = path.parent.parent
    shutil.copytree(student, alone / "submitted" / student.name)
    return [str(alone) if word == str(course) else word for word in command]


# --- light notebooks ----------------------------------------------------------------------------


def made_up(folder: Path, students: int) -> tuple[dict[str, object], list[str]]:
    """Return the figures of `light`, and which bars they miss."""
    course = mini_course.released(mini_course.repository(folder / "mini"), folder / "class")
    mini_course.without_kernels(course)
    runs = []
    for number in range(students):
        mini_course.hand_in(
            course, f"student{number:05}", mini_one=f"# earns {number / students:.5f}"
        )
        if number + 1 in (1, students // 4, students):
            runs.append(run(mini_course.command(course, "--force"), number + 1))
    first, quarter, whole = runs
    early, late = _each(first, quarter), _each(first, whole)
    figures = {
        "student of a quarter": early,
        "student of the whole class": late,
        "nothing new": run(mini_course.command(course), 0).cpu,
        "students a second": whole.students / whole.seconds,
        "runs": [asdict(ran) for ran in runs],
    }
    return figures, [] if late <= GROWTH * early else ["growth with the class"]


def _each(smaller: Run, larger: Run) -> float:
    """CPU seconds for each student more; what a run costs once is in neither."""
    return (larger.cpu - smaller.cpu) / (larger.students - smaller.students)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["real", "light"])
    parser.add_argument("--students", type=int)
    parser.add_argument("--assignment", default="1-introduction")
    parser.add_argument("--no-stock", action="store_false", dest="stock")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    calls.adopt_orphans()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.part == "real":
            students = arguments.students or 30
            found = real(Path(folder), arguments.assignment, students, arguments.stock)
        else:
            found = made_up(Path(folder), arguments.students or 1000)
    figures, missed = found
    if arguments.json:
        print(json.dumps({**figures, "missed": missed}, indent=1))
    else:
        _print(figures)
        print("missed:", ", ".join(missed) or "nothing")
    sys.exit(bool(missed))


def _print(figures: dict[str, object]) -> None:
    for name, value in figures.items():
        for line in value if isinstance(value, list) else [value]:
            words = line if not isinstance(line, dict) else _words(line)
            print(f"{name}: {words:.2f}" if isinstance(words, float) else f"{name}: {words}")


def _words(run: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in run.items())


if __name__ == "__main__":
    main()
