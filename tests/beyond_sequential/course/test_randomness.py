"""The same numbers on every machine, for ever."""

from __future__ import annotations

import numpy as np

from beyond_sequential.course.randomness import randomness

FIRST = [914, 285, 207, 719, 26]


def test_names_give_the_same_numbers_everywhere():
    """Written down once: another digit would be another world in every section."""
    drawn = randomness("introduction", "holdout", 7).randint(1000, size=5, dtype="int64")
    assert drawn.tolist() == FIRST


def test_other_names_give_other_numbers():
    names = [("a", 1), ("a", 2), ("a", "b", 1), ("b", 1), ("a1",)]
    drawn = {tuple(randomness(*name).random_sample(3)) for name in names}
    assert len(drawn) == len(names)


def test_a_seed_may_be_any_text_or_number():
    for seed in (0, -1, 10**30, "x", None):
        one, again = (randomness("a", seed).random_sample(4) for _ in range(2))
        assert np.array_equal(one, again)
