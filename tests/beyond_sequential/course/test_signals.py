"""Every section's data can be learnt, and only by way of the section's point."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("keras")

from benchmarks import signals
from beyond_sequential.course import sections

# What the first sample of training() holds.
INTRODUCTION = (0.993621, -2.714527, -2.111952)
TEXT = "the goat is in the street the goat is sad the goat is white"
QUESTION = "where is the goat"
ANSWER = "street"
RECORDING = (0.739965, 0.121817, 1.824661)
PICTURE = (0.050601, 0.079305, -0.230241)
DISPARITY, DEPTH = 5.23982, 3.05354
POSTS = "month that opera some school this opera people coffee tea at book opera good snow car"
PERSON = (25, 7, 1)  # age, class of income, gender
IMAGE = (0.017902, 0.080818, 0.077251)
IMAGE_CLASS = 7

NAMES = sorted({signal.section for signal in signals.SIGNALS})


@pytest.mark.parametrize("signal", signals.SIGNALS, ids=lambda s: f"{s.section}-{s.target}")
def test_the_solution_learns_and_the_section_s_point_is_needed(signal):
    assert signals.missed(signal, [signals.measure(signal, seed=77)]) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_names_one_data_set(name):
    section = sections.section(name)
    for make in (section.training, section.holdout):
        first, again, other = make(3), make(3), make(4)
        assert all(np.array_equal(first[key], again[key]) for key in first)
        assert any(not np.array_equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", NAMES)
def test_a_holdout_shares_no_sample_with_the_training_set_of_its_seed(name):
    section = sections.section(name)
    train, held = section.training(3), section.holdout(3)
    key = next(iter(held))
    count = len(held[key])
    assert not np.array_equal(train[key][:count], held[key])


@pytest.mark.parametrize("name", NAMES)
def test_shuffled_targets_are_the_same_targets_in_another_order(name):
    section = sections.section(name)
    plain, shuffled = section.training(), section.training(shuffled=True)
    changed = [key for key in plain if not np.array_equal(plain[key], shuffled[key])]
    assert changed
    for key in changed:
        assert np.array_equal(np.sort(plain[key], axis=0), np.sort(shuffled[key], axis=0))


def test_bars_are_missed_where_nothing_was_learnt():
    signal = signals.SIGNALS[0]
    row = signals.Row(signal.section, signal.target, 1, 0.1, 0.1, 0.1, 0.1, 1.0, 2.3, 0.0)
    assert len(signals.missed(signal, [row])) >= 3


def test_the_worlds_do_not_change():
    """A student's data and the grader's holdout are one world only if these numbers stay."""
    x = sections.section("introduction").training()["x"]
    assert np.allclose(x[0, :3], INTRODUCTION, atol=1e-5)
    train = sections.section("several_inputs").training()
    words, text, question = train["words"], train["text"][0], train["question"][0]
    assert " ".join(words[text]).strip() == TEXT
    assert " ".join(words[question]).strip() == QUESTION
    assert words[train["answers"][0]] == ANSWER
    left = sections.section("shared_layers").training()["left"]
    assert np.allclose(left[0, 0, :3], RECORDING, atol=1e-5)
    pair = sections.section("models_as_layers").training()
    assert np.allclose(pair["left"][0, 4, :3, 0], PICTURE, atol=1e-5)
    assert np.allclose([pair["y"][0], pair["y_depth"][0]], [[DISPARITY], [DEPTH]], atol=1e-4)
    people = sections.section("several_outputs").training()
    assert " ".join(people["words"][people["posts"][0, :16]]) == POSTS
    income = people["income"][0].argmax()
    assert (people["age"][0, 0], income, people["gender"][0, 0]) == PERSON
    images = sections.section("graphs_of_layers").training()
    assert np.allclose(images["images"][0, 0, :3, 0], IMAGE, atol=1e-5)
    assert images["y"][0].argmax() == IMAGE_CLASS
