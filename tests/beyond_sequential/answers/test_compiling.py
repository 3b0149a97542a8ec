"""How a model was compiled, as data."""

from __future__ import annotations

import numpy as np
import pytest

from beyond_sequential.answers.answer import Named
from beyond_sequential.answers.compiling import compile_settings
from tests.helpers.handing_in import keras, layers


def model():
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(2)(x))


@pytest.mark.parametrize(
    ("make", "loss"),
    [
        (lambda: "mse", "mse"),
        (lambda: keras.losses.MeanSquaredError(), "mean_squared_error"),
        (lambda: keras.losses.mean_squared_error, "mean_squared_error"),
    ],
)
def test_how_a_model_is_compiled(make, loss):
    net = model()
    net.compile(keras.optimizers.RMSprop(0.01), make(), metrics=["mae"])
    compiled = compile_settings(net)
    assert compiled.optimizer == "rmsprop"
    assert abs(compiled.optimizer_settings["learning_rate"] - 0.01) < 1e-6
    found = compiled.loss
    assert loss == (found.kind if isinstance(found, Named) else found)
    assert compiled.metrics == ["mae"] and compiled.steps == 0


def test_a_model_that_is_not_compiled():
    assert compile_settings(model()) is None


def test_settings_that_change_a_loss_are_kept():
    net = model()
    net.compile("adam", keras.losses.CategoricalCrossentropy(label_smoothing=0.1))
    kept = {"from_logits": False, "label_smoothing": 0.1}
    assert compile_settings(net).loss == Named("categorical_crossentropy", kept)


def test_numbers_of_numpy_are_numbers():
    net = model()
    net.compile("adam", "mse", loss_weights=[np.float32(0.25)])
    assert compile_settings(net).loss_weights == [0.25]
