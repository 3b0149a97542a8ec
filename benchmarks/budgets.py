"""What a solved notebook costs: CPU seconds after the import of Keras, and memory at its peak.

    python benchmarks/budgets.py [--json] [--section NAME]

Each notebook runs in a kernel of its own, with the settings that grading uses.  CPU time, since a
busy machine stretches any other; the memory is the kernel's process's (Linux only).  The exit
status is 1 if a budget is missed: 10 CPU seconds, 15 for models as layers, 6 on average, and 1 GB;
0.2 CPU seconds for one `check` of a structure, whatever the model.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from beyond_sequential import backends
from beyond_sequential.course import sections

SOLVED = Path(__file__).resolve().parent.parent / "solutions" / "en"
CPU_SECONDS = {"6-models-as-layers": 15.0}
MOST_CPU_SECONDS, AVERAGE_CPU_SECONDS, MEGABYTES = 10.0, 6.0, 1000.0
CHECK_SECONDS = 0.2
BEFORE = "import beyond_sequential, keras, time; _started = time.process_time()"
AFTER = """
import json, statistics

def _timed(id):
    seconds = []
    for _ in range(5):
        started = time.process_time()
        beyond_sequential.check(id)
        seconds.append(time.process_time() - started)
    return statistics.median(seconds)

_seconds = time.process_time() - _started
_megabytes = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1000
_checks = {id: _timed(id) for id in %s}
print(_seconds, _megabytes, json.dumps(_checks), sep="\\n")
"""


@dataclass(frozen=True)
class Cost:
    """Of one solved notebook; megabytes at the kernel's peak.

    CPU seconds of one more check of each exercise in which nothing is trained, the median of five.
    """

    section: str
    cpu_seconds: float
    megabytes: float
    checks: dict[str, float]


def cost(section: str) -> Cost:
    """Run a solved notebook."""
    notebook = nbformat.read(SOLVED / section / f"{section}.ipynb", as_version=4)
    after = AFTER % _structural(section)
    notebook.cells = [new_code_cell(BEFORE), *notebook.cells, new_code_cell(after)]
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}})
        environment = {**os.environ, **backends.chosen().grading_environment()}
        client.execute(env=environment, stderr=subprocess.DEVNULL)
    seconds, megabytes, checks = notebook.cells[-1].outputs[-1].text.splitlines()
    return Cost(section, float(seconds), float(megabytes), json.loads(checks))


def _structural(section: str) -> list[str]:
    """Return the exercises of a section in which nothing is trained."""
    topic = section.partition("-")[2]
    return [
        id_
        for id_, exercise in sections.exercises().items()
        if id_.startswith(topic) and not exercise.is_trained
    ]


def missed(costs: Sequence[Cost]) -> list[str]:
    """Return the budgets that are missed, in words."""
    found = []
    for each in costs:
        allowed = CPU_SECONDS.get(each.section, MOST_CPU_SECONDS)
        if each.cpu_seconds > allowed:
            found.append(f"{each.section}: {each.cpu_seconds:.1f} CPU seconds; {allowed:g} at most")
        if each.megabytes > MEGABYTES:
            found.append(f"{each.section}: {each.megabytes:.0f} MB; {MEGABYTES:g} at most")
        for id_, seconds in each.checks.items():
            if seconds > CHECK_SECONDS:
                found.append(
                    f"check({id_!r}): {seconds:.2f} CPU seconds; {CHECK_SECONDS:g} at most"
                )
    average = mean(each.cpu_seconds for each in costs)
    if len(costs) > 1 and average > AVERAGE_CPU_SECONDS:
        found.append(f"{average:.1f} CPU seconds on average; {AVERAGE_CPU_SECONDS:g} at most")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    names = sorted(path.name for path in SOLVED.iterdir())
    parser.add_argument("--section", choices=names)
    options = parser.parse_args(arguments)
    costs = []
    for section in [options.section] if options.section else names:
        costs.append(cost(section))
        if not options.json:
            each = costs[-1]
            slowest = max(each.checks, key=lambda id_: each.checks[id_])
            print(
                f"{section:20} {each.cpu_seconds:5.1f} CPU s {each.megabytes:5.0f} MB,"
                f" longest check {each.checks[slowest] * 1000:4.0f} ms ({slowest})",
                flush=True,
            )
    failures = missed(costs)
    if options.json:
        print(json.dumps({"rows": [dataclasses.asdict(c) for c in costs], "missed": failures}))
    else:
        print("\n".join(failures) or "every budget is kept")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
