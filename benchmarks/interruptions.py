"""Does `grader autograde` lose or double anything when it is killed?

    python benchmarks/interruptions.py [--kills 200] [--class 12] [--seed 0] [--json]

Runs on a class without kernels (a notebook takes a quarter of a second) are killed at
random moments: the coordinator, a worker, all of them at once, or the coordinator by Ctrl-C; half
of the runs start again with --force.  After every tenth kill a run goes to its end, and all that is
left must be what a run leaves that nobody disturbed: marks, comments and penalties in the
gradebook, the autograded files byte by byte, one result a submission in the store and nothing half
done there.  The exit status is 1 if it is not.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.helpers import killed_runs, mini_course

CHAIN = 10  # kills between two runs that go to their end


def measure(folder: Path, kills: int, count: int, seed: int) -> dict[str, object]:
    """Kill, see what is left, and count: who was hit, and the chains that ended wrong."""
    handed_in = mini_course.released(mini_course.repository(folder / "mini"), folder / "handed-in")
    killed_runs.hand_in(handed_in, count)
    undisturbed = mini_course.copied(handed_in, folder / "undisturbed")
    seconds = _run(undisturbed)
    expected, chance = killed_runs.state(undisturbed), random.Random(seed)
    hit: Counter[str] = Counter()
    wrong = []
    while hit.total() < kills:
        course = mini_course.copied(handed_in, folder / f"killed-{hit.total()}")
        until = min(kills, hit.total() + CHAIN)
        while hit.total() < until:
            if whom := killed_runs.run_and_kill(course, chance, seconds):
                hit[whom] += 1
        _run(course)
        found = killed_runs.state(course)
        wrong += [f"{course.name}: {part}" for part in expected if found[part] != expected[part]]
        print(f"{hit.total()} of {kills} kills, {len(wrong)} wrong", file=sys.stderr)
    return {"kills": hit.total(), "whom": dict(hit), "seconds a run": seconds, "wrong": wrong}


def _run(course: Path) -> float:
    """Return a run that nobody disturbs; how many seconds it took."""
    before = time.monotonic()
    command = mini_course.command(course, "--workers", "2")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return round(time.monotonic() - before, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--class", type=int, default=12, dest="count")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), arguments.kills, arguments.count, arguments.seed)
    if arguments.json:
        print(json.dumps(found, indent=1))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
    sys.exit(bool(found["wrong"]))


if __name__ == "__main__":
    main()
