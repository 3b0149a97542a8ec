"""The order of the nodes within their layers, with few crossings of lines.

Barycentres and exchanges of neighbours, layer by layer, down and up in turn, as by Gansner,
Koutsofios, North and Vo, "A technique for drawing directed graphs" (1993).  The best order seen is
kept, so the number of sweeps can be bounded.

Tests: tests/beyond_sequential/draw/test_crossings.py
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

WORK = 4_000_000  # the most comparisons of two neighbours' lines
PATIENCE = 4  # sweeps without a better order, then it ends

Rows = list[list[int]]


def uncrossed(rows: Rows, above: Sequence[list[int]], below: Sequence[list[int]]) -> Rows:
    """Return the rows with their nodes in an order with few crossings.

    `above` and `below` hold for each node its neighbours in the layer before and in the next one.
    """
    order = _Order(rows, above, below)
    best, fewest = order.copy(), order.crossings()
    sweep = useless = 0
    while fewest and useless < PATIENCE and order.work < WORK:
        order.sweep(down=sweep % 2 == 0)
        sweep += 1
        useless += 1
        crossings = order.crossings()
        if crossings < fewest:
            best, fewest, useless = order.copy(), crossings, 0
    return best


class _Order:
    """The rows while they are ordered, and the place of every node in its row."""

    def __init__(self, rows: Rows, above: Sequence[list[int]], below: Sequence[list[int]]) -> None:
        self.rows = [list(row) for row in rows]
        self.above, self.below = above, below
        self.place = {v: i for row in rows for i, v in enumerate(row)}
        self.work = 0

    def copy(self) -> Rows:
        """Return the rows as they are now."""
        return [list(row) for row in self.rows]

    def crossings(self) -> int:
        """Return the number of crossings between all layers."""
        count = 0
        for row in self.rows:
            seen: list[int] = []
            for v in row:
                ends = sorted(self.place[w] for w in self.below[v])
                count += sum(len(seen) - bisect_right(seen, end) for end in ends)
                for end in ends:
                    insort(seen, end)
        return count

    def sweep(self, down: bool) -> None:
        """Order each row after the one before it; then exchange neighbours while that helps."""
        rows = self.rows if down else self.rows[::-1]
        lines = self.above if down else self.below
        for row in rows[1:]:
            row.sort(key=lambda v: self._mean(v, lines[v]))
            for i, v in enumerate(row):
                self.place[v] = i
        changed = True
        while changed and self.work < WORK:
            changed = sum(self._exchange(row) for row in rows) > 0

    def _mean(self, v: int, lines: list[int]) -> float:
        if not lines:
            return float(self.place[v])
        return sum(self.place[w] for w in lines) / len(lines)

    def _exchange(self, row: list[int]) -> bool:
        """Exchange neighbours that have fewer crossings the other way round; return if any had."""
        changed = False
        for i in range(len(row) - 1):
            v, w = row[i], row[i + 1]
            if (
                self._gain(self.above[v], self.above[w]) + self._gain(self.below[v], self.below[w])
                > 0
            ):
                row[i], row[i + 1] = w, v
                self.place[v], self.place[w] = i + 1, i
                changed = True
        return changed

    def _gain(self, left: list[int], right: list[int]) -> int:
        """Return how many crossings of two neighbours' lines go if the two are exchanged."""
        self.work += 1 + len(left) * len(right)
        gain = 0
        for v in left:
            end = self.place[v]
            for w in right:
                other = self.place[w]
                gain += (end > other) - (end < other)
        return gain
