"""CPU time by looks at random moments, of processes that are made up."""

from __future__ import annotations

import random

import pytest

from jailed_kernels.monitor.cpu import CpuMeter
from jailed_kernels.monitor.processes import Process


def process(pid: int, cpu: float, running: bool = True, waited: float = 0.0) -> Process:
    return Process(pid, f"/proc/{pid}", 0, running, cpu, waited, 1, 0, 0, 0)


def test_what_was_waited_for_counts_once() -> None:
    meter = CpuMeter()
    parent, child = process(1, 1.0, running=False), process(2, 2.0, running=False)
    assert meter.seconds([parent, child], 0.0, 1.0) == 3.0
    parent = process(1, 1.0, running=False, waited=2.5)
    assert meter.seconds([parent], 0.1, 1.0) == 3.5


def test_the_dead_count_as_they_were_last_seen() -> None:
    meter = CpuMeter()
    meter.seconds([process(1, 1.0), process(2, 2.0, running=False)], 0.0, 1.0)
    assert meter.seconds([process(1, 1.5)], 0.1, 1.0) == 3.5


@pytest.mark.parametrize("life", [0.01, 0.04, 0.15, 0.5])
def test_brief_processes_are_estimated_within_a_fifth(life: float) -> None:
    """One after the other, each burning for `life` seconds, and nobody waits for any."""
    generator = random.Random(7)
    meter, now, found = CpuMeter(), 0.0, 0.0
    while now < 100:
        now += 0.1 * generator.uniform(0.5, 1.5)
        number, age = divmod(now, life)
        found = meter.seconds([process(int(number), age)], now, 1.0)
    assert abs(found - now) < now / 5
