"""A longest common subsequence: E. Myers, "An O(ND) difference algorithm and its variations", 1986.

Tests: tests/beyond_sequential/compare/pairing/test_subsequence.py
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

MAX_EDITS = 300


def common_subsequence(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return a longest common subsequence, as pairs of positions.

    None if it takes too many edits.
    """
    ends = {1: 0}
    history = []
    for edits in range(min(len(a) + len(b), MAX_EDITS) + 1):
        history.append(dict(ends))
        for diagonal in range(-edits, edits + 1, 2):
            x = _furthest(ends, diagonal, edits)
            y = x - diagonal
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x, y = x + 1, y + 1
            ends[diagonal] = x
            if x >= len(a) and y >= len(b):
                return _traced(history, len(a), len(b))
    return []


def _furthest(ends: Mapping[int, int], diagonal: int, edits: int) -> int:
    below, above = ends.get(diagonal - 1, -1), ends.get(diagonal + 1, -1)
    if diagonal == -edits or (diagonal != edits and below < above):
        return above
    return below + 1


def _traced(history: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs = []
    for edits in range(len(history) - 1, -1, -1):
        ends = history[edits]
        diagonal = x - y
        start = _furthest(ends, diagonal, edits)
        while x > start and y > 0 and x > 0:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if edits == 0:
            break
        below, above = ends.get(diagonal - 1, -1), ends.get(diagonal + 1, -1)
        if diagonal == -edits or (diagonal != edits and below < above):
            x, y = above, above - diagonal - 1
        else:
            x, y = below, below - diagonal + 1
    return pairs[::-1]
