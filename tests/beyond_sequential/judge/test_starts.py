"""At which value a variable starts, however it came to it."""

from __future__ import annotations

import numpy as np
import pytest

from beyond_sequential.course.exercise import AskModel, Exercise, Starts
from tests.helpers.handing_in import codes, hand_in, keras, layers

EXERCISE = Exercise("own-net", (AskModel("net", weights=True),), (Starts("net", "p", 7.0),))


def net(outputs=("p", "q"), **initializers):
    x = keras.Input((4,))
    heads = {
        name: layers.Dense(2, name=name, **(initializers if name == "p" else {}))(x)
        for name in outputs
    }
    return keras.Model(x, list(heads.values()))


def at(value):
    return keras.initializers.Constant(value)


def assigned(variable, value, head="p"):
    model = net()
    getattr(model.get_layer(head), variable).assign(np.full((4, 2)[-1:], value))
    return model


@pytest.mark.parametrize(
    "right",
    [
        lambda: net(bias_initializer=at(7)),
        lambda: net(bias_initializer=at(7.0), outputs=("q", "p")),
        lambda: net(bias_initializer=lambda shape, dtype=None: 7 * keras.ops.ones(shape, dtype)),
        lambda: assigned("bias", 7.0),
    ],
)
def test_any_spelling_of_the_value_is_right(right):
    assert hand_in(EXERCISE, net=right()).outcome == "right"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda: net(), "starts"),
        (lambda: net(bias_initializer=at(0.7)), "starts"),
        (lambda: net(kernel_initializer=at(7)), "starts_elsewhere"),
        (lambda: net(kernel_initializer=at(7), bias_initializer=at(7)), "starts_elsewhere"),
        (lambda: assigned("bias", 7.0, head="q"), "starts_elsewhere"),
        (lambda: net(use_bias=False), "no_head"),
        (lambda: net(outputs=("a", "b")), "no_head"),
    ],
)
def test_another_value_or_place_is_wrong(wrong, code):
    verdict = hand_in(EXERCISE, net=wrong())
    assert (verdict.fraction, codes(verdict)) == (0.0, [code])
