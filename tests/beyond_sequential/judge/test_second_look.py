"""The second look: models in spellings that no rule knows, and models that only look alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from beyond_sequential.compare import Difference
from beyond_sequential.judge.second_look import same_function, unexplained
from beyond_sequential.model.capture import capture_graph
from beyond_sequential.model.graph import ModelGraph
from tests.helpers.handing_in import keras, layers, ops

Chain = Callable[[Any], Any]


def graph(chain: Chain, *shape: int | None, dtype: str = "float32") -> ModelGraph:
    inputs = keras.Input(shape, dtype=dtype)
    return capture_graph(keras.Model(inputs, chain(inputs)))[0]


def head(chain: Chain) -> Chain:
    return lambda x: layers.Dense(3)(chain(x))


def residual(join: Callable[[Any, Any], Any]) -> Chain:
    def chain(x: Any) -> Any:
        y = x
        for _ in range(3):
            y = layers.Conv2D(8, 3, activation="relu", padding="same")(y)
        return join(x, y)

    return chain


def inception(relu_in_branches: bool) -> Chain:
    last = {"activation": "relu"} if relu_in_branches else {}

    def chain(x: Any) -> Any:
        short = layers.Conv2D(6, 1, padding="same", **last)(x)
        middle = layers.Conv2D(6, 3, padding="same", **last)(layers.Conv2D(6, 1)(x))
        long = layers.Conv2D(6, 3, padding="same", activation="relu")(layers.Conv2D(6, 1)(x))
        long = layers.Conv2D(6, 3, padding="same", **last)(long)
        joined = layers.Concatenate()([short, middle, long])
        return joined if relu_in_branches else layers.ReLU()(joined)

    return chain


def last_step(x: Any) -> Any:
    return layers.LSTM(8, return_sequences=True)(x)[:, -1, :]


SAME = {
    "the last step of all": ((20, 4), head(layers.LSTM(8)), head(last_step)),
    "the state of an LSTM": (
        (20, 4),
        head(layers.LSTM(8)),
        head(lambda x: layers.LSTM(8, return_state=True)(x)[1]),
    ),
    "Reshape for Flatten": ((6, 4), head(layers.Flatten()), head(layers.Reshape((24,)))),
    "a Dropout of nothing": ((6,), head(lambda x: x), head(layers.Dropout(0))),
    "the largest by an operation": (
        (20, 4),
        head(layers.GlobalMaxPooling1D()),
        head(lambda x: ops.max(x, axis=1)),
    ),
    "padding as a layer": (
        (9, 9, 3),
        layers.Conv2D(5, 3, padding="same"),
        lambda x: layers.Conv2D(5, 3)(layers.ZeroPadding2D(1)(x)),
    ),
    "Dense for a 1x1 convolution": ((9, 9, 3), layers.Conv2D(5, 1), layers.Dense(5)),
    "one relu behind the join": ((9, 9, 6), inception(True), inception(False)),
    "y - (-1) x": (
        (8, 8, 8),
        residual(lambda x, y: x + y),
        residual(lambda x, y: y - (-1) * x),
    ),
    "twice the average": (
        (8, 8, 8),
        residual(lambda x, y: x + y),
        residual(lambda x, y: layers.Average()([x, y]) * 2),
    ),
    "a Dropout on each side of a reshape": (
        (6, 4),
        head(lambda x: layers.Flatten()(layers.Dropout(0.5)(layers.Identity()(x)))),
        head(lambda x: layers.Reshape((-1,))(layers.Dropout(0.5)(x))),
    ),
}
OTHER = {
    "the first step": (
        (20, 4),
        head(layers.LSTM(8)),
        head(lambda x: layers.LSTM(8, return_sequences=True)(x)[:, 0, :]),
    ),
    "the cell's state": (
        (20, 4),
        head(layers.LSTM(8)),
        head(lambda x: layers.LSTM(8, return_state=True)(x)[2]),
    ),
    "no Dropout": ((6,), head(layers.Dropout(0.5)), head(lambda x: x)),
    "another rate": ((6,), head(layers.Dropout(0.5)), head(layers.Dropout(0.4))),
    "a Dropout elsewhere": (
        (6,),
        lambda x: layers.Dense(6)(layers.Dropout(0.5)(x)),
        lambda x: layers.Dropout(0.5)(layers.Dense(6)(x)),
    ),
    "relu6": (
        (6,),
        lambda x: layers.Dense(3, activation="relu")(x),
        lambda x: layers.ReLU(max_value=6)(layers.Dense(3)(x)),
    ),
    "without a shortcut": (
        (8, 8, 8),
        residual(lambda x, y: x + y),
        residual(lambda x, y: y + y),
    ),
    "layers in another order": (
        (6,),
        lambda x: layers.Dense(6, activation="tanh")(layers.Dense(6)(x)),
        lambda x: layers.Dense(6)(layers.Dense(6, activation="tanh")(x)),
    ),
    "the steps reversed": (
        (20, 4),
        head(layers.LSTM(8)),
        head(lambda x: layers.LSTM(8)(ops.flip(x, axis=1))),
    ),
    "another size": ((6,), layers.Dense(3), layers.Dense(4)),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_function_in_another_spelling(name: str) -> None:
    shape, expected, found = SAME[name]
    assert same_function(graph(expected, *shape), graph(found, *shape))


@pytest.mark.parametrize("name", OTHER)
def test_another_function_of_the_same_variables(name: str) -> None:
    shape, expected, found = OTHER[name]
    assert not same_function(graph(expected, *shape), graph(found, *shape))


def siamese(join: Callable[[Any, Any, Any], Any], shared: bool = True) -> ModelGraph:
    left, right = keras.Input((10, 4)), keras.Input((10, 4))
    codes = [layers.LSTM(6), layers.LSTM(6)]
    joined = join(left, right, codes[0] if shared else codes)
    return capture_graph(keras.Model([left, right], layers.Dense(1)(joined)))[0]


def concatenated(left: Any, right: Any, code: Any) -> Any:
    return layers.Concatenate()([code(left), code(right)])


def stacked(left: Any, right: Any, code: Any) -> Any:
    return layers.Flatten()(layers.TimeDistributed(code)(ops.stack([left, right], axis=1)))


def test_one_layer_on_a_stack_is_a_shared_layer() -> None:
    assert same_function(siamese(concatenated), siamese(stacked))


def test_inputs_in_the_other_order_are_another_function() -> None:
    other = siamese(lambda left, right, code: concatenated(right, left, code))
    assert not same_function(siamese(stacked), other)


def test_two_layers_are_no_shared_layer() -> None:
    def apart(left: Any, right: Any, codes: Any) -> Any:
        return layers.Concatenate()([codes[0](left), codes[1](right)])

    assert not same_function(siamese(concatenated), siamese(apart, shared=False))


def test_a_regularizer_is_not_seen_in_the_outputs_and_still_asked_for() -> None:
    expected = graph(lambda x: layers.Dense(3, kernel_regularizer="l2")(layers.Flatten()(x)), 6, 4)
    found = graph(lambda x: layers.Dense(3)(layers.Reshape((24,))(x)), 6, 4)
    assert not same_function(expected, found)


def test_frozen_variables_do_not_stand_for_trainable_ones() -> None:
    def frozen(x: Any) -> Any:
        layer = layers.Dense(3)
        layer.trainable = False
        return layer(layers.Reshape((24,))(x))

    assert not same_function(graph(head(layers.Flatten()), 6, 4), graph(frozen, 6, 4))


def test_names_stay_wrong_where_the_function_is_right() -> None:
    expected, found = graph(head(layers.Flatten()), 6, 4), graph(head(layers.Reshape((24,))), 6, 4)
    name, other = Difference("input_name"), Difference("replaced")
    assert unexplained(expected, found, [name, other]) == [name]
    assert unexplained(expected, found, [name]) == [name]


def test_batch_statistics_are_compared_as_in_training() -> None:
    def normalized(axis: int) -> Chain:
        return lambda x: layers.BatchNormalization(axis=axis)(layers.Reshape((5, 5))(x))

    assert same_function(graph(normalized(-1), 25), graph(normalized(2), 25))
    assert not same_function(graph(normalized(-1), 25), graph(normalized(1), 25))


def test_a_layer_that_the_judge_does_not_run_is_not_accepted() -> None:
    def with_lambda(x: Any) -> Any:
        return layers.Lambda(lambda tensor: tensor, output_shape=(24,))(layers.Reshape((24,))(x))

    assert not same_function(graph(head(layers.Flatten()), 6, 4), graph(head(with_lambda), 6, 4))


def test_a_mask_is_not_seen_in_the_outputs_and_still_asked_for() -> None:
    def embedded(mask_zero: bool, shape: tuple[int, ...]) -> Chain:
        return lambda x: layers.Reshape(shape)(layers.Embedding(9, 4, mask_zero=mask_zero)(x))

    expected = graph(embedded(False, (20,)), 5, dtype="int32")
    assert not same_function(expected, graph(embedded(True, (-1,)), 5, dtype="int32"))


def test_other_settings_of_the_same_layers_are_no_other_spelling() -> None:
    inputs = graph(layers.Embedding(9, 4), 5, dtype="int32")
    masked = graph(layers.Embedding(9, 4, mask_zero=True), 5, dtype="int32")
    differences = [Difference("setting", detail={"setting": "mask_zero"})]
    assert unexplained(inputs, masked, differences) == differences
