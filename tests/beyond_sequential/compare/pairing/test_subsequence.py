"""A longest common subsequence."""

from itertools import pairwise
from random import Random

import pytest

from beyond_sequential.compare.pairing import subsequence
from beyond_sequential.compare.pairing.subsequence import common_subsequence


def longest(a: str, b: str) -> int:
    """The length, by the textbook's table."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            same = table[i][j] + 1
            table[i + 1][j + 1] = same if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@pytest.mark.parametrize("seed", range(50))
def test_it_is_common_in_order_and_as_long_as_can_be(seed: int) -> None:
    chance = Random(seed)
    a, b = ("".join(chance.choices("abc", k=chance.randrange(12))) for _ in range(2))
    pairs = common_subsequence(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(p[0] < q[0] and p[1] < q[1] for p, q in pairwise(pairs))
    assert len(pairs) == longest(a, b)


def test_what_takes_too_many_edits_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subsequence, "MAX_EDITS", 3)
    assert common_subsequence("abcdx", "vwyzx") == []
    assert common_subsequence("abx", "cx") == [(2, 1)]
