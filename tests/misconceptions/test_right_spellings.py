"""Right answers to sections 1 to 3 in spellings that nobody expects: all of the points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.handing_in import hand_in, keras, layers, ops, said

Chain = Callable[[Any], Any]


def chained(*steps: Any) -> Chain:
    def chain(x: Any) -> Any:
        for step in steps:
            x = step(x)
        return x

    return chain


# --- 1: a layer is a function ---------------------------------------------------------------------


def relu32() -> Any:
    return layers.Dense(32, activation="relu")


ONE_LAYER: dict[str, Chain] = {
    "a second relu": lambda x: ops.relu(relu32()(x)),
    "the larger of it and 0": lambda x: ops.maximum(layers.Dense(32)(x), 0),
    "maximum, other order": lambda x: ops.maximum(0.0, layers.Dense(32)(x)),
    "clip from below": lambda x: ops.clip(layers.Dense(32)(x), 0, float("inf")),
    "LeakyReLU without slope": lambda x: layers.LeakyReLU(negative_slope=0.0)(layers.Dense(32)(x)),
    "a Dropout of nothing": lambda x: layers.Dropout(0)(relu32()(x)),
    "x + 0": lambda x: relu32()(x + 0),
    "x * 1": lambda x: relu32()(x) * 1.0,
    "x / 1": lambda x: relu32()(x / 1),
    "Flatten of vectors": lambda x: relu32()(layers.Flatten()(x)),
    "a reshape to the same shape": lambda x: relu32()(layers.Reshape((-1,))(x)),
    "a convolution of size 1": lambda x: layers.Reshape((32,))(
        layers.Conv1D(32, 1, activation="relu")(layers.Reshape((1, -1))(x))
    ),
    "EinsumDense": lambda x: layers.EinsumDense("ab,bc->ac", 32, bias_axes="c", activation="relu")(
        x
    ),
    "half of (x + |x|)": lambda x: (lambda y: (y + ops.abs(y)) / 2)(layers.Dense(32)(x)),
    "where": lambda x: (lambda y: ops.where(y > 0, y, 0.0))(layers.Dense(32)(x)),
    "no scaling": lambda x: layers.Rescaling(1.0)(relu32()(x)),
    "a slope of 0": lambda x: ops.leaky_relu(layers.Dense(32)(x), 0.0),
    "expand and squeeze": lambda x: ops.squeeze(ops.expand_dims(relu32()(x), 1), 1),
    "ActivityRegularization of nothing": lambda x: layers.ActivityRegularization()(relu32()(x)),
}


def twin(*steps: Any) -> Callable[[], Any]:
    def build() -> Any:
        inputs = keras.Input((64,))
        return keras.Model(inputs, chained(*steps)(inputs))

    return build


def twins() -> dict[str, Callable[[], Any]]:
    soft = {"activation": "softmax"}
    return {
        "softmax by hand": twin(
            relu32(),
            relu32(),
            layers.Dense(10),
            lambda y: ops.exp(y) / ops.sum(ops.exp(y), axis=-1, keepdims=True),
        ),
        "Dropout(0) and Flatten": twin(
            relu32(), layers.Dropout(0.0), layers.Flatten(), relu32(), layers.Dense(10, **soft)
        ),
        "TimeDistributed over one": twin(
            layers.Reshape((1, 64)),
            layers.TimeDistributed(relu32()),
            relu32(),
            layers.Dense(10),
            layers.Flatten(),
            layers.Softmax(),
        ),
        "nested twice": twin(
            twin(relu32())(), keras.Sequential([relu32(), layers.Dense(10, **soft)])
        ),
    }


# --- 2: several inputs ----------------------------------------------------------------------------


def of_rnn(cell: str, units: int) -> Any:
    return layers.RNN(getattr(layers, cell)(units))


def both_states(x: Any, units: int, which: int) -> Any:
    return layers.LSTM(units, return_state=True)(x)[which]


def word_codes(last: Callable[[Any, int], Any]) -> dict[str, Chain]:
    return {
        "text_branch": lambda x: last(layers.Embedding(10000, 64)(x), 32),
        "question_branch": lambda x: last(layers.Embedding(10000, 32)(x), 16),
    }


def whole(x: Any, units: int) -> Any:
    return layers.LSTM(units, return_sequences=True)(x)


LAST: dict[str, Callable[[Any, int], Any]] = {
    "the output of three": lambda x, n: both_states(x, n, 0),
    "the hidden state": lambda x, n: both_states(x, n, 1),
    "the last step": lambda x, n: whole(x, n)[:, -1, :],
    "the last step without a column": lambda x, n: whole(x, n)[:, -1],
    "the last step by take": lambda x, n: ops.take(whole(x, n), -1, axis=1),
    "the last step by cropping": lambda x, n: layers.Flatten()(
        layers.Cropping1D((99, 0))(whole(x, n))
    ),
    "the last step by split": lambda x, n: ops.squeeze(ops.split(whole(x, n), 100, axis=1)[-1], 1),
    "an RNN of a cell": lambda x, n: layers.RNN(layers.LSTMCell(n))(x),
    "an RNN of a cell, last step": lambda x, n: layers.RNN(
        layers.LSTMCell(n), return_sequences=True
    )(x)[:, -1],
    "unrolled": lambda x, n: layers.LSTM(n, unroll=True)(x),
    "zeros as the first state": lambda x, n: layers.LSTM(n)(
        x, initial_state=[ops.zeros_like(x[:, 0, :n]), ops.zeros_like(x[:, 0, :n])]
    ),
    "turned round twice": lambda x, n: layers.LSTM(n, go_backwards=True)(ops.flip(x, axis=1)),
}


def qa(join: Callable[[Any, Any], Any], last: Callable[[Any], Any]) -> Callable[[], Any]:
    def build() -> Any:
        text = keras.Input((100,), dtype="int32", name="text")
        question = keras.Input((100,), dtype="int32", name="question")
        codes = [
            layers.LSTM(n)(layers.Embedding(10000, 2 * n)(x))
            for n, x in ((32, text), (16, question))
        ]
        return keras.Model([text, question], last(join(*codes)))

    return build


def answer(x: Any) -> Any:
    return layers.Dense(500, activation="softmax")(x)


QA: dict[str, Callable[[], Any]] = {
    "hstack": qa(lambda a, b: ops.hstack([a, b]), answer),
    "append": qa(lambda a, b: ops.append(a, b, axis=-1), answer),
    "log_softmax and exp": qa(
        lambda a, b: layers.concatenate([a, b]),
        lambda x: ops.exp(ops.log_softmax(layers.Dense(500)(x))),
    ),
    "zeros beside each other": qa(
        lambda a, b: ops.pad(a, [[0, 0], [0, 16]]) + ops.pad(b, [[0, 0], [32, 0]]), answer
    ),
    "transposed": qa(
        lambda a, b: ops.transpose(ops.vstack([ops.transpose(a), ops.transpose(b)])), answer
    ),
    "Flatten behind the join": qa(
        lambda a, b: layers.Flatten()(layers.concatenate([a, b])), answer
    ),
}
EMBEDDED: dict[str, Chain] = {
    "x + 0": lambda x: layers.Embedding(10000, 64)(x + 0),
    "times 1": lambda x: layers.Embedding(10000, 64)(x) * 1,
    "a reshape": lambda x: layers.Reshape((100, 64))(layers.Embedding(10000, 64)(x)),
    "turned twice": lambda x: layers.Permute((2, 1))(
        layers.Permute((2, 1))(layers.Embedding(10000, 64)(x))
    ),
    "cast to its own dtype": lambda x: ops.cast(layers.Embedding(10000, 64)(x), "float32"),
    "TimeDistributed": lambda x: layers.Reshape((100, 64))(
        layers.Embedding(10000, 64)(layers.Reshape((100, 1))(x))
    ),
}


# --- 3: several outputs ---------------------------------------------------------------------------


def conv(filters: int) -> Any:
    return layers.Conv1D(filters, 5, activation="relu")


def largest(x: Any) -> Any:
    return ops.max(x, axis=1)


def heads(x: Any) -> list[Any]:
    return [
        layers.Dense(1, name="age", bias_initializer=keras.initializers.Constant(25))(x),
        layers.Dense(10, activation="softmax", name="income")(x),
        layers.Dense(1, activation="sigmoid", name="gender")(x),
    ]


def reader(*steps: Any) -> Callable[[], Any]:
    def build() -> Any:
        posts = keras.Input((None,), dtype="int32", name="posts")
        return keras.Model(posts, heads(chained(*(step() for step in steps))(posts)))

    return build


def words() -> Any:
    return layers.Embedding(100, 64)


def profiler(one: Chain, two: Chain, last: Chain) -> Callable[[], Any]:
    def build() -> Any:
        posts = keras.Input((None,), dtype="int32", name="posts")
        x = layers.Embedding(50000, 256)(posts)
        x = one(conv(128)(x))
        x = two(conv(256)(conv(256)(x)))
        x = last(conv(256)(conv(256)(x)))
        return keras.Model(posts, heads(layers.Dense(128, activation="relu")(x)))

    return build


def pool5(x: Any) -> Any:
    return layers.MaxPooling1D(5)(x)


PROFILER: dict[str, Callable[[], Any]] = {
    "max over the words": profiler(pool5, pool5, largest),
    "max_pool": profiler(lambda x: ops.max_pool(x, 5), pool5, largest),
    "amax": profiler(pool5, pool5, lambda x: ops.amax(x, axis=-2)),
    "a Flatten behind": profiler(
        pool5, pool5, lambda x: layers.Flatten()(layers.GlobalMaxPooling1D()(x))
    ),
    "GlobalMaxPooling2D": profiler(
        pool5, pool5, lambda x: layers.GlobalMaxPooling2D()(ops.expand_dims(x, 1))
    ),
    "keepdims and squeeze": profiler(
        pool5, pool5, lambda x: ops.squeeze(ops.max(x, axis=1, keepdims=True), 1)
    ),
}
READER: dict[str, Callable[[], Any]] = {
    "max over the words": reader(words, lambda: conv(128), lambda: largest),
    "relu behind the max": reader(
        words, lambda: layers.Conv1D(128, 5), lambda: largest, lambda: ops.relu
    ),
    "the best of topk": reader(
        words,
        lambda: conv(128),
        lambda: lambda x: ops.max(ops.transpose(x, (0, 2, 1)), axis=-1),
    ),
}


# --- the table ------------------------------------------------------------------------------------


def rows() -> dict[str, Callable[[], dict[str, Any]]]:
    """Return what a notebook holds, by exercise and spelling."""
    table: dict[str, Callable[[], dict[str, Any]]] = {}
    for exercise, name, spellings in (
        ("introduction-layer", "one_layer", ONE_LAYER),
        ("several-inputs-model", "build_qa_model", QA),
        ("several-outputs-model", "build_profiler", PROFILER),
        ("several-outputs-reader", "build_reader", READER),
    ):
        for spelling, function in spellings.items():
            table[f"{exercise}: {spelling}"] = lambda n=name, f=function: {n: f}  # type: ignore[misc]
    for spelling in TWINS:
        table[f"introduction-twin: {spelling}"] = lambda s=spelling: {"build_twin": twins()[s]}  # type: ignore[misc]
    for spelling, last in LAST.items():
        table[f"several-inputs-branches: {spelling}"] = lambda last=last: word_codes(last)  # type: ignore[misc]
    for spelling, chain in EMBEDDED.items():
        table[f"several-inputs-embedding: {spelling}"] = lambda c=chain: {  # type: ignore[misc]
            "embedded": c,
            "clue": "b",
            "numbers_in_batch": 128 * 100 * 10000,
        }
    return table


TWINS = ("softmax by hand", "Dropout(0) and Flatten", "TimeDistributed over one", "nested twice")
RIGHT = rows()


@pytest.mark.parametrize("row", RIGHT)
def test_a_right_answer_earns_all_points(row: str) -> None:
    verdict = hand_in(row.partition(":")[0], **RIGHT[row]())
    assert verdict.outcome == "right", said(verdict)
