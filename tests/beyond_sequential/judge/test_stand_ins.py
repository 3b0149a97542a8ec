"""What stands in for a layer gives what Keras gives."""

from __future__ import annotations

import numpy as np
import pytest

from beyond_sequential.judge.evaluate import EvaluateError
from beyond_sequential.judge.stand_ins import stand_in
from beyond_sequential.model.capture import capture_graph
from beyond_sequential.model.graph import Layer
from tests.helpers.handing_in import keras, layers


def captured(layer: keras.Layer, *shape: int, dtype: str = "float32") -> tuple[Layer, dict]:
    inputs = keras.Input(shape, dtype=dtype)
    graph, arrays = capture_graph(keras.Model(inputs, layer(inputs)))
    values = {id_: keras.ops.convert_to_numpy(array) for id_, array in arrays.items()}
    return graph.layers[graph.body.calls[-1].layer], values


@pytest.mark.parametrize("sequences", [False, True])
def test_an_lstm_gives_what_keras_gives(sequences: bool) -> None:
    layer = layers.LSTM(5, return_sequences=sequences)
    data, values = captured(layer, 7, 3)
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    made = stand_in(data, [keras.ops.convert_to_tensor(x)], values, False)
    assert np.allclose(made, layer(x), atol=1e-5)


@pytest.mark.parametrize("setting", ["return_state", "go_backwards", "stateful"])
def test_keras_runs_an_lstm_with_other_settings(setting: str) -> None:
    data = Layer("layer0", "LSTM", "lstm", {"units": 5, setting: True})
    assert stand_in(data, [np.zeros((1, 2, 3), "float32")], {}, False) is None


def test_an_embedding_gives_what_keras_gives() -> None:
    layer = layers.Embedding(9, 4)
    data, values = captured(layer, 5, dtype="int32")
    numbers = np.array([[0, 8, 3, 3, 1]])
    made = stand_in(data, [keras.ops.convert_to_tensor(numbers)], values, False)
    assert np.allclose(made, layer(numbers))
    with pytest.raises(EvaluateError, match="no row"):
        stand_in(data, [np.array([[9]])], values, False)


def test_dropout_drops_its_share_the_same_ones_each_time() -> None:
    data, _values = captured(layers.Dropout(0.25), 1000)
    ones = keras.ops.ones((4, 1000))
    first, second = (np.asarray(stand_in(data, [ones], {}, True)) for _ in range(2))
    assert np.array_equal(first, second)
    assert 0.2 < np.mean(first == 0) < 0.3
    assert np.mean(first) == pytest.approx(1, abs=0.05)
    assert stand_in(data, [ones], {}, False) is None


def test_a_noise_that_is_not_known_is_refused() -> None:
    data, _values = captured(layers.AlphaDropout(0.25), 10)
    with pytest.raises(EvaluateError, match="AlphaDropout"):
        stand_in(data, [keras.ops.ones((4, 10))], {}, True)
