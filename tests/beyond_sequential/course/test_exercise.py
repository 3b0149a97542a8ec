"""What an exercise asks, and how closed answers are compared."""

from __future__ import annotations

import pytest

from beyond_sequential.course.exercise import Exercise, SameGraph, Trained, comparable, digest


def test_canonical_values_are_told_apart():
    values = [1, 2, "a", "b", [1, 2], [2, 1], [[1], 2], {"a": 1}, {"b": 1}, None, True, False, ""]
    assert len({comparable(value) for value in values}) == len(values)
    assert comparable(1) == comparable(1.0) and comparable(-0.0) == comparable(0)
    assert comparable((1, 2)) == comparable([1, 2])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1/3", 1 / 3),
        (" (c) ", "C"),
        ("a, c", "a c"),
        ("a、c", "ac"),
        ("2.50", 2.5),
        ({"a": 1}, {"a": 1.0}),
        ("not one", "not  ONE"),
    ],
)
def test_spellings_of_one_value(one, other):
    assert comparable(one) == comparable(other)


def test_decimals_are_rounded():
    assert comparable(0.333, 2) == comparable(1 / 3, 2) != comparable(0.34, 2)


@pytest.mark.parametrize("text", ["1e999999999", "1e-9_999_999", "9e99999/7"])
def test_a_number_with_a_huge_exponent_takes_no_time(text):
    assert comparable(text) == text


def test_a_digest_belongs_to_one_exercise():
    assert digest("a", 3) == digest("a", "3.0") != digest("b", 3)
    assert len(digest("a", "\ud800")) == 16


def test_only_trained_models_have_to_be_evaluated():
    trained = Trained("net", "introduction", "accuracy", 0.4, 0.8)
    assert Exercise("own", (), (SameGraph("net"), trained)).is_trained
    assert not Exercise("own", (), (SameGraph("net"),)).is_trained
