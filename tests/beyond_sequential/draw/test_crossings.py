"""The order within layers: few crossings, and found in a bounded number of steps."""

from itertools import pairwise, permutations, product
from random import Random

import pytest

from beyond_sequential.draw import crossings as module
from beyond_sequential.draw.crossings import Rows, uncrossed

Links = list[list[int]]


def crossings(rows: Rows, below: Links) -> int:
    """Count every pair of lines that cross, one by one."""
    count = 0
    for row, after in pairwise(rows):
        lines = [(i, after.index(w)) for i, v in enumerate(row) for w in below[v]]
        count += sum((a - c) * (b - d) < 0 for a, b in lines for c, d in lines)
    return count // 2


def random_rows(chance: Random, widths: tuple[int, ...]) -> tuple[Rows, Links, Links]:
    """Rows of these widths, and the lines above and below every node."""
    rows, start = [], 0
    for width in widths:
        rows.append(list(range(start, start + width)))
        start += width
    above: Links = [[] for _ in range(start)]
    below: Links = [[] for _ in range(start)]
    for row, after in pairwise(rows):
        for w in after:
            for v in chance.choices(row, k=2):
                below[v].append(w)
                above[w].append(v)
    return rows, above, below


def test_two_lines_that_cross_are_uncrossed() -> None:
    assert uncrossed([[0, 1], [2, 3]], [[], [], [1], [0]], [[3], [2], [], []]) == [[0, 1], [3, 2]]


def test_a_good_order_stays() -> None:
    assert uncrossed([[0, 1], [2, 3]], [[], [], [0], [1]], [[2], [3], [], []]) == [[0, 1], [2, 3]]
    assert uncrossed([], [], []) == []


def test_small_graphs_have_hardly_more_crossings_than_they_must() -> None:
    total = least = 0
    for seed in range(20):
        rows, above, below = random_rows(Random(seed), (3, 4, 3))
        found = uncrossed(rows, above, below)
        assert [sorted(row) for row in found] == rows
        every = product(*(map(list, permutations(row)) for row in rows))
        total += crossings(found, below)
        least += min(crossings(list(order), below) for order in every)
    assert least <= total <= 1.2 * least


def test_the_order_is_never_worse_wherever_the_search_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows, above, below = random_rows(Random(0), (9, 12, 12, 9))
    counts = [crossings(rows, below)]
    for work in (0, 300, module.WORK):
        monkeypatch.setattr(module, "WORK", work)
        found = uncrossed(rows, above, below)
        assert [sorted(row) for row in found] == rows
        counts.append(crossings(found, below))
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
