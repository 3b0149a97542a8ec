"""How a model is compiled, in any spelling."""

from __future__ import annotations

import pytest

from beyond_sequential.course.exercise import (
    AskModel,
    Compiled,
    Exercise,
)
from tests.helpers.handing_in import codes, hand_in, keras, layers, said
from tests.helpers.models import dense_model

COMPILED = Exercise(
    "own-compiled",
    (AskModel("net"),),
    (Compiled("net", optimizer="rmsprop", loss="categorical_crossentropy", metrics=("accuracy",)),),
)


def compiled(optimizer="rmsprop", loss="categorical_crossentropy", metrics=("accuracy",)):
    net = dense_model((3, "softmax"), inputs=4)
    net.compile(optimizer, loss, metrics=list(metrics))
    return hand_in(COMPILED, net=net)


@pytest.mark.parametrize(
    "options",
    [
        lambda: {},
        lambda: {"optimizer": keras.optimizers.RMSprop()},
        lambda: {"optimizer": "RMSprop"},
        lambda: {"loss": keras.losses.CategoricalCrossentropy()},
        lambda: {"loss": keras.losses.categorical_crossentropy},
        lambda: {"loss": ["categorical_crossentropy"]},
        lambda: {"loss": "CategoricalCrossentropy"},
        lambda: {"metrics": ["acc"]},
        lambda: {"metrics": [keras.metrics.CategoricalAccuracy()]},
        lambda: {"metrics": ["mae", "accuracy"]},
    ],
)
def test_compiled_in_any_spelling(options):
    verdict = compiled(**options())
    assert verdict.fraction == 1, said(verdict)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (lambda: {"optimizer": "adam"}, "compile"),
        (lambda: {"loss": "binary_crossentropy"}, "compile"),
        (lambda: {"loss": "sparse_categorical_crossentropy"}, "compile"),
        (lambda: {"loss": keras.losses.CategoricalCrossentropy(from_logits=True)}, "compile"),
        (lambda: {"loss": lambda y, p: keras.ops.mean(y - p)}, "compile"),
        (lambda: {"metrics": ["mae"]}, "compile_metric"),
        (lambda: {"metrics": []}, "compile_metric"),
    ],
)
def test_compiled_otherwise(options, code):
    verdict = compiled(**options())
    assert codes(verdict) == [code] and abs(verdict.fraction - 2 / 3) < 0.001


HEADS = {"a": "mean_squared_error", "b": "binary_crossentropy"}


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"loss": {"a": "mse"}}, "compile_head_missing", "never trains"),
        ({"loss_weights": {"a": 1}}, "compile_head_missing", "the weight 1"),
    ],
)
def test_compiled_without_a_word_for_one_head(given, code, words):
    x = keras.Input((4,))
    net = keras.Model(x, [layers.Dense(1, name=name)(x) for name in HEADS])
    net.compile("sgd", **{"loss": HEADS, "loss_weights": {"a": 1, "b": 2}, **given})
    exercise = Exercise(
        "own-heads",
        asks=(AskModel("net"),),
        parts=(Compiled("net", loss=HEADS, loss_weights={"a": 1, "b": 2}, outputs=tuple(HEADS)),),
    )
    verdict = hand_in(exercise, net=net)
    assert codes(verdict) == [code] and verdict.fraction == 0.75
    assert words in said(verdict)


def test_not_compiled():
    verdict = hand_in(COMPILED, net=dense_model((3, "softmax"), inputs=4))
    assert (verdict.fraction, codes(verdict)) == (0.0, ["not_compiled"])
