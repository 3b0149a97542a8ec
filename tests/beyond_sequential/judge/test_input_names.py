"""What a model's Inputs are called."""

from __future__ import annotations

import pytest

from beyond_sequential.course.exercise import AskModel, Exercise, InputNames
from tests.helpers.handing_in import codes, hand_in, keras, layers

EXERCISE = Exercise("own-net", (AskModel("net"),), (InputNames("net", ("a", "b")),))


def net(*names, by_key=False):
    tensors = [keras.Input((4,), name=name) for name in names]
    inputs = dict(zip("ab", tensors, strict=True)) if by_key else tensors
    return keras.Model(inputs, layers.add(tensors))


@pytest.mark.parametrize(("names", "by_key"), [("ab", False), ("ba", False), ("xy", True)])
def test_names_in_any_order_or_as_keys_are_right(names, by_key):
    assert hand_in(EXERCISE, net=net(*names, by_key=by_key)).outcome == "right"


@pytest.mark.parametrize("names", [("a", None), ("a", "c"), ("A", "B"), ("a", "b", "c")])
def test_other_names_are_wrong(names):
    verdict = hand_in(EXERCISE, net=net(*names))
    assert (verdict.fraction, codes(verdict)) == (0.0, ["input_names"])
