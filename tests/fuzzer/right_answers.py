"""Right answers in spellings that students write: pairs of functions that make equal models.

Each kind has several members on models of different shapes, so that a rule for one input is not
enough.  A pair is (solution, answer); both are called on the Inputs of `cases`.

Tests: tests/fuzzer/test_known_faults.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.model.spec import Spec
from tests.helpers.handing_in import against, keras, layers, ops

VECTOR = (Spec((12,)),)
SEQUENCE = (Spec((8, 5)),)
IMAGE = (Spec((12, 12, 3)),)
TWO_VECTORS = (Spec((12,)), Spec((12,)))
TWO_SEQUENCES = (Spec((8, 5)), Spec((8, 5)))
THREE_VECTORS = (Spec((6,)), Spec((6,)), Spec((6,)))

Function = Callable[..., Any]


@dataclass(frozen=True)
class RightAnswer:
    """An answer that is equal to the solution: `id` is the kind and what is special about it."""

    id: str
    solution: Function
    answer: Function
    cases: tuple[tuple[Spec, ...], ...]

    def verdict(self) -> Verdict:
        return against(self.solution, self.answer, *self.cases)


def dense(units: int, activation: str | None = None) -> Any:
    return layers.Dense(units, activation=activation)


# --- layers that change nothing -----------------------------------------------------------------

NOTHING: dict[str, Function] = {
    "flatten_on_vector": lambda x: layers.Flatten()(x),
    "reshape_to_itself": lambda x: layers.Reshape((x.shape[-1],))(x),
    "dropout_of_nothing": lambda x: layers.Dropout(0)(x),
    "dropout_of_nothing_as_float": lambda x: layers.Dropout(0.0)(x),
    "plus_zero": lambda x: x + 0,
    "times_one": lambda x: x * 1,
    "minus_zero": lambda x: x - 0.0,
    "divided_by_one": lambda x: x / 1,
    "rescaling_by_one": lambda x: layers.Rescaling(1.0)(x),
    "second_relu_layer": lambda x: layers.ReLU()(x),
    "second_relu_operation": lambda x: ops.relu(x),
    "maximum_with_zero": lambda x: ops.maximum(x, 0),
}
"""What changes no number of a vector that a relu has made."""


def _inserted(change: Function) -> Iterator[tuple[str, Function, Function, Any]]:
    def plain(x: Any) -> Any:
        return dense(4)(dense(6, "relu")(x))

    def longer(x: Any) -> Any:
        return dense(4)(change(dense(6, "relu")(x)))

    yield "", plain, longer, VECTOR

    def join(x: Any, y: Any) -> Any:
        return layers.concatenate([dense(3, "relu")(x), dense(5, "relu")(y)])

    def longer_join(x: Any, y: Any) -> Any:
        return layers.concatenate([change(dense(3, "relu")(x)), dense(5, "relu")(y)])

    yield "_in_a_branch", join, longer_join, TWO_VECTORS


def _of_nothing() -> Iterator[RightAnswer]:
    for name, change in NOTHING.items():
        for where, solution, answer, inputs in _inserted(change):
            yield RightAnswer(f"{name}{where}", solution, answer, (inputs,))


# --- flat vectors -------------------------------------------------------------------------------


def _flat() -> Iterator[RightAnswer]:
    def solution(x: Any) -> Any:
        return dense(4)(layers.Flatten()(x))

    for name, flat in {
        "reshape_minus_one": lambda x: layers.Reshape((-1,))(x),
        "reshape_with_size": lambda x: layers.Reshape((40,))(x),
        "flatten_twice": lambda x: layers.Flatten()(layers.Flatten()(x)),
        "reshape_operation": lambda x: ops.reshape(x, (-1, 40)),
    }.items():
        yield RightAnswer(name, solution, lambda x, flat=flat: dense(4)(flat(x)), (SEQUENCE,))


# --- recurrent layers ---------------------------------------------------------------------------


def _recurrent() -> Iterator[RightAnswer]:
    def solution(x: Any) -> Any:
        return dense(2)(layers.LSTM(4)(x))

    answers: dict[str, Function] = {
        "return_state_output": lambda x: layers.LSTM(4, return_state=True)(x)[0],
        "return_state_h": lambda x: layers.LSTM(4, return_state=True)(x)[1],
        "last_of_sequences": lambda x: layers.LSTM(4, return_sequences=True)(x)[:, -1, :],
        "last_of_sequences_short": lambda x: layers.LSTM(4, return_sequences=True)(x)[:, -1],
        "rnn_of_cell": lambda x: layers.RNN(layers.LSTMCell(4))(x),
    }
    for name, code in answers.items():
        yield RightAnswer(name, solution, lambda x, code=code: dense(2)(code(x)), (SEQUENCE,))

    def gru(x: Any) -> Any:
        return layers.GRU(3)(x)

    yield RightAnswer(
        "gru_return_state", gru, lambda x: layers.GRU(3, return_state=True)(x)[0], (SEQUENCE,)
    )
    yield RightAnswer(
        "rnn_of_gru_cell", gru, lambda x: layers.RNN(layers.GRUCell(3))(x), (SEQUENCE,)
    )

    def shared(x: Any, y: Any) -> Any:
        read = layers.LSTM(4)
        return dense(1)(layers.concatenate([read(x), read(y)]))

    def distributed(x: Any, y: Any) -> Any:
        both = layers.TimeDistributed(layers.LSTM(4))(ops.stack([x, y], axis=1))
        return dense(1)(layers.Flatten()(both))

    yield RightAnswer("time_distributed_on_stack", shared, distributed, (TWO_SEQUENCES,))


# --- operations for layers ----------------------------------------------------------------------


def _operations() -> Iterator[RightAnswer]:
    def pooled(x: Any) -> Any:
        return dense(2)(layers.GlobalMaxPooling1D()(x))

    yield RightAnswer("max_over_time", pooled, lambda x: dense(2)(ops.max(x, axis=1)), (SEQUENCE,))
    yield RightAnswer(
        "max_over_time_from_behind", pooled, lambda x: dense(2)(ops.max(x, axis=-2)), (SEQUENCE,)
    )

    def averaged(x: Any) -> Any:
        return layers.GlobalAveragePooling2D()(x)

    yield RightAnswer("mean_over_image", averaged, lambda x: ops.mean(x, axis=(1, 2)), (IMAGE,))
    yield RightAnswer(
        "max_pool_operation",
        lambda x: layers.MaxPooling2D(2)(x),
        lambda x: ops.max_pool(x, 2),
        (IMAGE,),
    )
    yield RightAnswer(
        "relu_as_maximum",
        lambda x: dense(3, "relu")(x),
        lambda x: ops.maximum(dense(3)(x), 0),
        (VECTOR,),
    )

    def joined(x: Any, y: Any) -> Any:
        return layers.concatenate([dense(3)(x), dense(5)(y)])

    yield RightAnswer(
        "hstack", joined, lambda x, y: ops.hstack([dense(3)(x), dense(5)(y)]), (TWO_VECTORS,)
    )
    yield RightAnswer(
        "append", joined, lambda x, y: ops.append(dense(3)(x), dense(5)(y), axis=-1), (TWO_VECTORS,)
    )

    def same(x: Any) -> Any:
        return layers.Conv2D(4, 3, padding="same", activation="relu")(x)

    def padded(x: Any) -> Any:
        return layers.Conv2D(4, 3, activation="relu")(layers.ZeroPadding2D(1)(x))

    yield RightAnswer("padding_then_valid", same, padded, (IMAGE,))
    yield RightAnswer(
        "padding_then_valid_5",
        lambda x: layers.Conv1D(4, 5, padding="same")(x),
        lambda x: layers.Conv1D(4, 5)(layers.ZeroPadding1D(2)(x)),
        (SEQUENCE,),
    )


# --- activations and arithmetic -----------------------------------------------------------------


def _arithmetic() -> Iterator[RightAnswer]:
    def relus(x: Any, y: Any) -> Any:
        return layers.concatenate([dense(3, "relu")(x), dense(5, "relu")(y)])

    yield RightAnswer(
        "relu_after_the_join",
        relus,
        lambda x, y: layers.ReLU()(layers.concatenate([dense(3)(x), dense(5)(y)])),
        (TWO_VECTORS,),
    )

    def total(x: Any, y: Any, z: Any) -> Any:
        return dense(2)(layers.add([x, y, z]))

    sums: dict[str, Function] = {
        "sum_from_the_right": lambda x, y, z: x + (y + z),
        "sum_of_two_and_one": lambda x, y, z: layers.add([layers.add([x, z]), y]),
        "python_sum": lambda x, y, z: sum([x, y, z]),
        "sum_of_stack": lambda x, y, z: ops.sum(ops.stack([x, y, z]), axis=0),
        "average_times_three": lambda x, y, z: layers.average([x, y, z]) * 3,
    }
    for name, code in sums.items():
        yield RightAnswer(
            name, total, lambda x, y, z, code=code: dense(2)(code(x, y, z)), (THREE_VECTORS,)
        )

    def two(x: Any, y: Any) -> Any:
        return dense(2)(layers.add([x, y]))

    for name, code in {
        "average_times_two": lambda x, y: layers.average([x, y]) * 2,
        "minus_minus": lambda x, y: y - (-1) * x,
        "minus_negative": lambda x, y: x - (-y),
        "twice_the_half": lambda x, y: 2 * (x / 2 + y / 2),
    }.items():
        yield RightAnswer(name, two, lambda x, y, code=code: dense(2)(code(x, y)), (TWO_VECTORS,))

    def split(x: Any) -> Any:
        left, right = ops.split(x, 2, axis=-1)
        return layers.add([dense(3)(left), dense(3, "relu")(right)])

    def sliced(x: Any) -> Any:
        return layers.add([dense(3)(x[:, :6]), dense(3, "relu")(x[:, 6:])])

    yield RightAnswer("two_slices_for_a_split", split, sliced, (VECTOR,))
    yield RightAnswer("a_split_for_two_slices", sliced, split, (VECTOR,))


# --- own classes --------------------------------------------------------------------------------


def _classes() -> Iterator[RightAnswer]:
    def solution(x: Any, y: Any) -> Any:
        return layers.add([dense(4, "relu")(x), dense(4)(y)])

    def with_two_arguments(x: Any, y: Any) -> Any:
        class Both(keras.Model):
            def __init__(self) -> None:
                super().__init__()
                self.one, self.two = dense(4, "relu"), dense(4)

            def call(self, a: Any, b: Any) -> Any:
                return self.one(a) + self.two(b)

        return Both()(x, y)

    def with_a_list(x: Any, y: Any) -> Any:
        class Both(layers.Layer):
            def __init__(self) -> None:
                super().__init__()
                self.one, self.two = dense(4, "relu"), dense(4)

            def call(self, both: Any) -> Any:
                return self.one(both[0]) + self.two(both[1])

        return Both()([x, y])

    def empty_subclass(x: Any, y: Any) -> Any:
        class MyDense(layers.Dense):
            pass

        return layers.add([MyDense(4, activation="relu")(x), MyDense(4)(y)])

    yield RightAnswer("own_class_with_two_arguments", solution, with_two_arguments, (TWO_VECTORS,))
    yield RightAnswer("own_class_with_a_list", solution, with_a_list, (TWO_VECTORS,))
    yield RightAnswer("empty_subclass", solution, empty_subclass, (TWO_VECTORS,))


def right_answers() -> list[RightAnswer]:
    """All of them, in the order of their kinds."""
    return [
        *_of_nothing(),
        *_flat(),
        *_recurrent(),
        *_operations(),
        *_arithmetic(),
        *_classes(),
    ]
