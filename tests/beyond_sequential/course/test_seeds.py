"""The solutions do not owe their points to luck: many seeds, and the same seed many times.

No kernel is started for each run: one process a section runs the solved notebook's cells again and
again (see `retraining`).  That is as good as a new kernel each time if nothing of a run is left for
the next one.  Every run sets the seeds of Python, numpy and Keras, as grading does, clears Keras's
names and begins with an empty namespace; and in the test of ten runs the first is what a new
process does, and the nine after it hand over the same bytes, weights and all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from beyond_sequential import backends
from tests.helpers import chapters

pytestmark = pytest.mark.matrix

ROOT = Path(__file__).resolve().parent.parent.parent.parent
GRADERS_SEED = 20171
SEEDS = range(9000, 9050)  # none that anything was chosen on


def runs(section: str, which: str, seeds: Iterable[int]) -> list[dict]:
    command = [sys.executable, str(ROOT / "tests" / "helpers" / "retraining.py"), section, which]
    environment = {**os.environ, **backends.chosen().grading_environment()}
    done = subprocess.run(
        [*command, *map(str, seeds)], env=environment, stdout=subprocess.PIPE, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("section", chapters.SECTIONS)
def test_trained_models_earn_all_points_under_fifty_seeds(section: str) -> None:
    with ThreadPoolExecutor(2) as pool:  # two processes: there is more than one core
        halves = pool.map(partial(runs, section, "trained"), (SEEDS[::2], SEEDS[1::2]))
        found = [run for half in halves for run in half]
    assert len(found) == len(SEEDS)
    assert [run for run in found if set(run["fractions"].values()) != {1.0}] == []
    assert len({run["digest"] for run in found}) == len(SEEDS), "the seed changed nothing"


@pytest.mark.parametrize("section", chapters.SECTIONS)
def test_a_solution_earns_the_same_ten_times_in_a_row(section: str) -> None:
    found = runs(section, "all", [GRADERS_SEED] * 10)
    assert len(found) == 10
    assert set(found[0]["fractions"].values()) == {1.0}
    assert len({json.dumps(run) for run in found}) == 1
