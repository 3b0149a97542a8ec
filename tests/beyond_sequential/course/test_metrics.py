"""Metrics on numbers that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from beyond_sequential.course.metrics import accuracy, cross_entropy, mean_absolute_error, r2

SURE = np.array([[0.8, 0.2], [0.4, 0.6], [0.9, 0.1], [0.3, 0.7]])


@pytest.mark.parametrize("true", [[0, 1, 1, 1], [[1, 0], [0, 1], [0, 1], [0, 1]]])
def test_the_likeliest_class_counts(true):
    assert accuracy(SURE, np.array(true)) == 0.75
    wanted = -np.mean(np.log([0.8, 0.6, 0.1, 0.7]))
    assert cross_entropy(SURE, np.array(true)) == pytest.approx(wanted)


def test_a_single_output_is_the_probability_of_one():
    predicted, true = np.array([[0.9], [0.4], [0.6]]), np.array([[1], [0], [0]])
    assert accuracy(predicted, true) == pytest.approx(2 / 3)
    wanted = -np.mean(np.log([0.9, 0.6, 0.4]))
    assert cross_entropy(predicted, true) == pytest.approx(wanted)


def test_what_was_ruled_out_costs_a_finite_amount():
    assert np.isfinite(cross_entropy(np.array([[0.0, 1.0]]), np.array([0])))


def test_errors_in_the_unit_of_the_target():
    assert mean_absolute_error(np.array([[1.0], [4.0]]), np.array([2, 2])) == 1.5


def test_r2_of_the_mean_is_zero_and_of_the_truth_one():
    true = np.array([1.0, 2.0, 6.0])
    assert r2(np.full((3, 1), 3.0), true) == pytest.approx(0)
    assert r2(true[:, None], true) == 1.0
    assert r2(-true, true) < 0
