"""The second look is not to be deceived: models of the same variables that differ out of sight."""

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
Shape = tuple[int | None, ...]


def graph(chain: Chain, shape: Shape, dtype: str = "float32") -> ModelGraph:
    inputs = keras.Input(shape, dtype=dtype)
    return capture_graph(keras.Model(inputs, chain(inputs)))[0]


def then(*steps: Chain) -> Chain:
    def chain(x: Any) -> Any:
        for step in steps:
            x = step(x)
        return x

    return chain


def dense(units: int = 3, **settings: Any) -> Chain:
    return lambda x: layers.Dense(units, **settings)(x)


def embedded(**settings: Any) -> Chain:
    return lambda x: layers.Embedding(1000, 8, **settings)(x)


def lstm(**settings: Any) -> Chain:
    return lambda x: layers.LSTM(6, **settings)(x)


def with_state(x: Any, state: Callable[[Any], Any]) -> Any:
    first = state(x)
    return layers.LSTM(6)(x, initial_state=[first, first])


def normalized(**settings: Any) -> Chain:
    return lambda x: layers.BatchNormalization(**settings)(x)


def wrapped(make: Callable[[], Any], cls: str = "TimeDistributed") -> Chain:
    return lambda x: getattr(layers, cls)(make())(x)


def regularized(first: str | None, second: str | None) -> Chain:
    return then(
        dense(6, kernel_regularizer=first, activation="tanh"),
        dense(6, kernel_regularizer=second, activation="tanh"),
    )


def frozen(first: bool, second: bool) -> Chain:
    def chain(x: Any) -> Any:
        for is_frozen in (first, second):
            layer = layers.Dense(6, activation="tanh")
            layer.trainable = not is_frozen
            x = layer(x)
        return x

    return chain


def pooled(size: int, padding: str) -> Chain:
    return lambda x: layers.GlobalAveragePooling1D()(layers.MaxPooling1D(size, padding=padding)(x))


WORDS: Shape = (None,)
STEPS: Shape = (None, 4)
OTHER: dict[str, tuple[Shape, Chain, Chain]] = {
    "a limit of 100": (
        (6,),
        dense(activation="relu"),
        then(dense(), lambda x: layers.ReLU(max_value=100.0)(x)),
    ),
    "relu6 behind a code": (
        (9, 4),
        then(lstm(), dense(activation="relu")),
        then(lstm(), dense(), lambda x: ops.relu6(x)),
    ),
    "clipped": ((6,), dense(), then(dense(), lambda x: ops.clip(x, -50, 50))),
    "a threshold": (
        (6,),
        dense(activation="relu"),
        then(dense(), lambda x: layers.ReLU(threshold=1.0)(x)),
    ),
    "tanh of a table": (
        (9,),
        then(embedded(), lstm()),
        then(embedded(), lambda x: ops.tanh(x), lstm()),
    ),
    "no more than 100 steps": (STEPS, lstm(), then(lambda x: x[:, :100], lstm())),
    "no more than 500 steps": (STEPS, lstm(), then(lambda x: x[:, :500], lstm())),
    "the padding of a pooling by 3": (STEPS, pooled(3, "valid"), pooled(3, "same")),
    "the padding of a pooling by 5": (STEPS, pooled(5, "valid"), pooled(5, "same")),
    "zeros are masked": (
        (9,),
        then(embedded(), lstm()),
        then(embedded(mask_zero=True), lstm()),
    ),
    "masked steps": ((9, 4), lstm(), then(lambda x: layers.Masking()(x), lstm())),
    "steps of another value masked": (
        (9, 4),
        then(lambda x: layers.Masking(0.0)(x), lstm()),
        then(lambda x: layers.Masking(3.0)(x), lstm()),
    ),
    "an initial state": ((9, 6), lstm(), lambda x: with_state(x, lambda x: x[:, 0])),
    "another initial state": (
        (9, 6),
        lambda x: with_state(x, lambda x: x[:, 0]),
        lambda x: with_state(x, lambda x: x[:, 1]),
    ),
    "a dropout inside": ((9, 4), lstm(), lstm(dropout=0.5)),
    "a recurrent dropout": ((9, 4), lstm(), then(lambda x: x + 0, lstm(recurrent_dropout=0.5))),
    "a dropout in a wrapper": ((9, 4), lambda x: x + 0, wrapped(lambda: layers.Dropout(0.5))),
    "a dropout in both directions": (
        (9, 4),
        wrapped(lambda: layers.LSTM(3), "Bidirectional"),
        wrapped(lambda: layers.LSTM(3, dropout=0.5), "Bidirectional"),
    ),
    "a dropout always": (
        (6,),
        then(lambda x: layers.Dropout(0.5)(x), dense()),
        then(lambda x: layers.Dropout(0.5)(x, training=True), dense()),
    ),
    "statistics as in training": (
        (6,),
        normalized(),
        lambda x: layers.BatchNormalization()(x, training=True),
    ),
    "a momentum": ((6,), normalized(), normalized(momentum=0.9)),
    "an epsilon": ((6,), normalized(), normalized(epsilon=1e-5)),
    "statistics of something else": (
        (6,),
        then(normalized(), lambda x: layers.Dropout(0.5)(x)),
        then(lambda x: layers.Dropout(0.5)(x), normalized()),
    ),
    "a regularizer elsewhere": ((6,), regularized("l2", None), regularized(None, "l2")),
    "another layer frozen": ((6,), frozen(True, False), frozen(False, True)),
    "a regularizer of the output": (
        (6,),
        dense(activation="relu"),
        then(dense(activity_regularizer="l2"), lambda x: ops.relu(x)),
    ),
    "a state that stays": ((9, 4), lstm(), then(lambda x: x * 1, lstm(go_backwards=True))),
    "no gradient": ((6,), dense(), then(dense(), lambda x: ops.stop_gradient(x))),
    "softmax twice": (
        (6,),
        dense(activation="softmax"),
        then(dense(activation="softmax"), lambda x: ops.softmax(x)),
    ),
    "a class number plus 1": ((9,), embedded(), then(lambda x: x + 1, embedded())),
    "rounded": ((6,), dense(), then(dense(), lambda x: ops.round(x, 3))),
    "a cast there and back": (
        (6,),
        dense(),
        then(dense(), lambda x: ops.cast(ops.cast(x, "float16"), "float32")),
    ),
}
INTEGERS = {"tanh of a table", "zeros are masked", "a class number plus 1"}


@pytest.mark.parametrize("name", OTHER)
def test_another_function_of_the_same_variables(name: str) -> None:
    shape, expected, found = OTHER[name]
    dtype = "int32" if name in INTEGERS else "float32"
    graphs = graph(expected, shape, dtype), graph(found, shape, dtype)
    assert not same_function(*graphs)
    assert not same_function(*reversed(graphs))
    assert not same_function(*graphs, concat_order=False)


def two(join: Callable[[Any, Any, list[Any]], Any], inputs: Any = None) -> ModelGraph:
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    made = [layers.Dense(6, activation="tanh") for _ in range(3)]
    outputs = layers.Dense(2)(join(left, right, made))
    given = {"left": left, "right": right} if inputs is None else inputs(left, right)
    return capture_graph(keras.Model(given, outputs))[0]


def joined(*operands: Any) -> Any:
    return layers.Concatenate()(list(operands))


def test_sharing_is_no_matter_of_how_many_variables() -> None:
    expected = two(lambda x, y, d: joined(d[0](x), d[0](y), d[1](x), d[2](y)))
    found = two(lambda x, y, d: joined(d[0](x), d[1](x), d[1](x), d[2](y)))
    assert not same_function(expected, found)
    assert not same_function(expected, found, concat_order=False)


def test_a_layer_called_again_is_no_second_layer() -> None:
    expected = two(lambda x, y, d: joined(d[0](x), d[1](y), d[2](x)))
    found = two(lambda x, y, d: joined(d[0](x), d[1](y), d[2](d[2](x))))
    assert not same_function(expected, found)


def test_inputs_that_are_exchanged_are_another_function() -> None:
    def listed(left: Any, right: Any) -> Any:
        return [left, right]

    def difference(x: Any, y: Any, d: list[Any]) -> Any:
        return d[2](d[1](d[0](x) - y))

    expected = two(difference, listed)
    assert not same_function(expected, two(lambda x, y, d: difference(y, x, d), listed))
    assert not same_function(expected, two(difference, lambda left, right: [right, left]))
    assert not same_function(two(difference), two(lambda x, y, d: difference(y, x, d)))
    assert same_function(expected, two(lambda x, y, d: difference(x + 0, y, d), listed))


def test_the_order_of_what_is_joined_counts_where_it_is_asked_for() -> None:
    def chain(x: Any, y: Any, d: list[Any]) -> Any:
        return joined(d[2](d[1](d[0](x))), y)

    expected = two(chain)
    found = two(lambda x, y, d: joined(y + 0, d[2](d[1](d[0](x)))))
    assert not same_function(expected, found)
    assert same_function(expected, found, concat_order=False)


@pytest.mark.parametrize("setting", ["kernel_regularizer", "dtype", "bias_initializer"])
def test_what_an_exercise_fixes_stays(setting: str) -> None:
    expected = graph(dense(), (6,))
    found = graph(then(lambda x: ops.abs(x) * ops.sign(x), dense()), (6,))
    kept = Difference("setting", detail={"setting": setting, "expected": 1, "found": 2})
    order = Difference("input_order", detail={"swapped": True})
    assert unexplained(expected, found, [kept, order, Difference("extra")]) == [kept, order]
