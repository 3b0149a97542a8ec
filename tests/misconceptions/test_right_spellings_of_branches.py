"""Right answers to sections 4 to 6 in spellings that nobody expects: all of the points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.handing_in import hand_in, keras, layers, ops, said

Block = Callable[..., Any]


# --- 4: branches that meet, and ways past ---------------------------------------------------------


def conv(n: int, size: int, strides: int = 1, **settings: Any) -> Any:
    settings = {"activation": "relu", "padding": "same", **settings}
    return layers.Conv2D(n, size, strides=strides, **settings)


def pooled(x: Any) -> Any:
    return layers.AveragePooling2D(3, strides=2, padding="same")(x)


def branches(x: Any, n: int, pool: Any = pooled, last: Any = conv) -> list[Any]:
    return [
        last(n, 1, 2)(x),
        last(n, 3, 2)(conv(n, 1)(x)),
        last(n, 3)(pool(x)),
        last(n, 3, 2)(conv(n, 3)(conv(n, 1)(x))),
    ]


def bare(n: int, size: int, strides: int = 1) -> Any:
    return conv(n, size, strides, activation=None)


def joined_by(join: Callable[[list[Any]], Any], **options: Any) -> Block:
    return lambda x, filters=128: join(branches(x, filters, **options))


def every_second(x: Any, n: int) -> Any:
    """The first branch: a convolution of size 1 on what strides of 2 keep."""
    return conv(n, 1)(x[:, ::2, ::2, :])


def first_branch_by_slices(x: Any, filters: int = 128) -> Any:
    return layers.concatenate([every_second(x, filters), *branches(x, filters)[1:]])


def dense_for_size_1(x: Any, filters: int = 128) -> Any:
    def dense() -> Any:
        return layers.Dense(filters, activation="relu")

    return layers.concatenate(
        [
            conv(filters, 1, 2)(x),
            conv(filters, 3, 2)(dense()(x)),
            conv(filters, 3)(pooled(x)),
            conv(filters, 3, 2)(conv(filters, 3)(dense()(x))),
        ]
    )


def two_and_two(parts: list[Any]) -> Any:
    a, b, c, d = parts
    return layers.concatenate([layers.concatenate([a, b]), ops.concatenate([c, d], axis=3)])


INCEPTION: dict[str, Block] = {
    "average_pool": joined_by(
        lambda parts: layers.concatenate(parts),
        pool=lambda x: ops.average_pool(x, 3, strides=2, padding="same"),
    ),
    "one relu behind the join": joined_by(
        lambda parts: layers.ReLU()(layers.concatenate(parts)), last=bare
    ),
    "a second relu behind the join": joined_by(
        lambda parts: layers.Activation("relu")(layers.concatenate(parts))
    ),
    "Dense for size 1": dense_for_size_1,
    "every second pixel": first_branch_by_slices,
    "two joins and one of them": joined_by(two_and_two),
    "append": joined_by(
        lambda p: ops.append(
            ops.append(p[0], p[1], axis=-1), ops.append(p[2], p[3], axis=3), axis=-1
        )
    ),
    "a Dropout of nothing": joined_by(lambda parts: layers.Dropout(0)(layers.concatenate(parts))),
}


def three(x: Any, n: int) -> Any:
    return conv(n, 3)(conv(n, 3)(conv(n, 3)(x)))


def past(join: Callable[[Any, Any], Any]) -> Block:
    return lambda x, filters=128: join(three(x, filters), x)


def padded(x: Any, n: int) -> Any:
    return conv(n, 3, padding="valid")(layers.ZeroPadding2D(1)(x))


def with_layers_of_padding(x: Any, filters: int = 128) -> Any:
    return layers.add([x, padded(padded(padded(x, filters), filters), filters)])


def by_ops_pad(x: Any, filters: int = 128) -> Any:
    y = x
    for _ in range(3):
        y = conv(filters, 3, padding="valid")(ops.pad(y, [[0, 0], [1, 1], [1, 1], [0, 0]]))
    return y + x


RESIDUAL: dict[str, Block] = {
    "sum of a list": past(lambda y, x: sum([y, x])),
    "twice the average": past(lambda y, x: layers.average([y, x]) * 2),
    "y - (-1) x": past(lambda y, x: y - (-1) * x),
    "y - (-x)": past(lambda y, x: y - (-x)),
    "subtracted twice": past(
        lambda y, x: layers.subtract([y, layers.subtract([ops.zeros_like(x), x])])
    ),
    "x + 0": past(lambda y, x: layers.add([y, x + 0])),
    "a sum of three": past(lambda y, x: layers.add([y, x / 2, x / 2])),
    "the sum over a stack": past(lambda y, x: ops.sum(ops.stack([y, x]), axis=0)),
    "the mean over a stack": past(lambda y, x: 2 * ops.mean(ops.stack([y, x], axis=-1), axis=-1)),
    "einsum": past(lambda y, x: ops.einsum("nabc->nabc", y) + x),
    "a Dropout of nothing": past(lambda y, x: layers.add([layers.Dropout(0.0)(y), x])),
    "an Identity past": past(lambda y, x: layers.add([y, layers.Identity()(x)])),
    "padding as layers": with_layers_of_padding,
    "padding as an operation": by_ops_pad,
    "x * 1.0": past(lambda y, x: y + x * 1.0),
    "Rescaling": past(lambda y, x: layers.add([y, layers.Rescaling(1.0)(x)])),
}


def shrunk(x: Any, n: int, pool: Any, short: Any) -> Any:
    return layers.add([pool(conv(n, 3)(conv(n, 3)(x))), short(x, n)])


def shortcut(x: Any, n: int) -> Any:
    return bare(n, 1, 2)(x)


SHRINKING: dict[str, Block] = {
    "max_pool": lambda x, filters=128: shrunk(
        x, filters, lambda y: ops.max_pool(y, 2, strides=2), shortcut
    ),
    "pooling of size 2 by slices": lambda x, filters=128: shrunk(
        x,
        filters,
        lambda y: layers.maximum([y[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]),
        shortcut,
    ),
    "a shortcut by Dense": lambda x, filters=128: shrunk(
        x, filters, layers.MaxPooling2D(2), lambda x, n: layers.Dense(n)(x[:, ::2, ::2])
    ),
    "padding same at the pooling": lambda x, filters=128: shrunk(
        x, filters, layers.MaxPooling2D(2, padding="same"), shortcut
    ),
    "a pooling of size 1": lambda x, filters=128: shrunk(
        x,
        filters,
        layers.MaxPooling2D(2),
        lambda x, n: bare(n, 1)(layers.MaxPooling2D(1, strides=2)(x)),
    ),
    "sum": lambda x, filters=128: sum(
        [layers.MaxPooling2D(2)(conv(filters, 3)(conv(filters, 3)(x))), shortcut(x, filters)]
    ),
}


# --- 5: one layer, several calls ------------------------------------------------------------------


def one(x: Any) -> Any:
    return layers.Dense(1, activation="sigmoid")(x)


def in_one_batch(left: Any, right: Any) -> Any:
    both = layers.LSTM(32)(ops.concatenate([left, right], axis=0))
    return one(ops.concatenate(ops.split(both, 2, axis=0), axis=-1))


def stacked(left: Any, right: Any) -> Any:
    codes = layers.TimeDistributed(layers.LSTM(32))(ops.stack([left, right], axis=1))
    return one(layers.Flatten()(codes))


def sides(make: Callable[[], Any], last: Callable[[Any], Any], join: Callable[..., Any]) -> Block:
    def side_by_side(left: Any, right: Any) -> Any:
        listen = make()
        return join(*(last(listen(side)) for side in (left, right)))

    return side_by_side


def concatenated(left: Any, right: Any) -> Any:
    return one(layers.concatenate([left, right]))


def lstm(**settings: Any) -> Callable[[], Any]:
    return lambda: layers.LSTM(32, **settings)


def same(x: Any) -> Any:
    return x


SIDES: dict[str, Block] = {
    "one batch": in_one_batch,
    "TimeDistributed on a stack": stacked,
    "TimeDistributed, a reshape": lambda left, right: one(
        layers.Reshape((64,))(
            layers.TimeDistributed(layers.LSTM(32))(ops.stack([left, right], axis=1))
        )
    ),
    "hstack": sides(lstm(), same, lambda a, b: one(ops.hstack([a, b]))),
    "a stack and Flatten": sides(
        lstm(), same, lambda a, b: one(layers.Flatten()(ops.stack([a, b], axis=1)))
    ),
    "the first of the state": sides(lstm(return_state=True), lambda x: x[0], concatenated),
    "the hidden state": sides(lstm(return_state=True), lambda x: x[1], concatenated),
    "the last step": sides(lstm(return_sequences=True), lambda x: x[:, -1], concatenated),
    "an RNN of a cell": sides(lambda: layers.RNN(layers.LSTMCell(32)), same, concatenated),
    "a model of it": sides(
        lambda: keras.Sequential([layers.LSTM(32), layers.Dropout(0)]),
        same,
        concatenated,
    ),
    "1 / (1 + exp(-x))": sides(
        lstm(),
        same,
        lambda a, b: 1 / (1 + ops.exp(-layers.Dense(1)(layers.concatenate([a, b])))),
    ),
    "softmax against 0": sides(
        lstm(),
        same,
        lambda a, b: (
            lambda y: ops.softmax(ops.concatenate([y, ops.zeros_like(y)], axis=-1))[:, :1]
        )(layers.Dense(1)(layers.concatenate([a, b]))),
    ),
}


def shared(left: Any, right: Any) -> Any:
    embed, read = layers.Embedding(1000, 16), layers.LSTM(16)
    both = read(embed(ops.concatenate([left, right], axis=0)))
    return one(ops.concatenate(ops.split(both, 2, axis=0), axis=-1))


def shared_reader(left: Any, right: Any) -> Any:
    read = keras.Sequential([layers.Embedding(1000, 16), layers.LSTM(16)])
    codes = layers.TimeDistributed(read)(ops.stack([left, right], axis=1))
    return one(layers.Flatten()(codes))


SHARED: dict[str, Block] = {
    "one batch": shared,
    "one table for a stack": lambda left, right: one(
        layers.Flatten()(
            layers.TimeDistributed(layers.LSTM(16))(
                layers.Embedding(1000, 16)(ops.stack([left, right], axis=1))
            )
        )
    ),
    "one table for both in a row": lambda left, right: (
        lambda words, read: concatenated(read(words[:, :20]), read(words[:, 20:]))
    )(layers.Embedding(1000, 16)(layers.concatenate([left, right])), layers.LSTM(16)),
}


# --- 6: models as layers --------------------------------------------------------------------------


def base() -> Any:
    inputs = keras.Input((24,))
    return keras.Model(inputs, layers.Dense(4, activation="relu")(inputs))


MENDED: dict[str, Block] = {
    "a Dropout of nothing": lambda numbers: layers.Dense(5, activation="softmax")(
        layers.Dropout(0)(base()(numbers))
    ),
    "a second relu": lambda numbers: layers.Dense(5, activation="softmax")(
        layers.ReLU()(base()(numbers))
    ),
    "softmax without the largest": lambda numbers: (
        lambda y: ops.softmax(y - ops.max(y, axis=-1, keepdims=True))
    )(layers.Dense(5)(base()(numbers))),
    "Flatten": lambda numbers: layers.Dense(5, activation="softmax")(
        layers.Flatten()(base()(layers.Flatten()(numbers)))
    ),
}


def eye_with(flat: Callable[[], Any]) -> Any:
    return keras.Sequential(
        [
            keras.Input((10, 20, 1)),
            conv(8, 3, 2),
            conv(16, 3, 2),
            flat(),
            layers.Dense(16, activation="relu"),
        ]
    )


def eyes(flat: Callable[[], Any], join: Callable[[Any, Any], Any]) -> dict[str, Any]:
    eye = eye_with(flat)
    left, right = (keras.Input((10, 20, 1), name=name) for name in ("left", "right"))
    hidden = layers.Dense(32, activation="relu")(join(eye(left), eye(right)))
    return {
        "build_eye": lambda: eye_with(flat),
        "eye": eye,
        "stereo": keras.Model([left, right], layers.Dense(1)(hidden)),
    }


def beside(a: Any, b: Any) -> Any:
    return layers.concatenate([a, b])


STEREO: dict[str, Callable[[], dict[str, Any]]] = {
    "Reshape of -1": lambda: eyes(lambda: layers.Reshape((-1,)), beside),
    "Reshape of 240": lambda: eyes(lambda: layers.Reshape((240,)), beside),
    "hstack": lambda: eyes(layers.Flatten, lambda a, b: ops.hstack([a, b])),
    "a stack and Flatten": lambda: eyes(
        layers.Flatten, lambda a, b: layers.Flatten()(ops.stack([a, b], axis=1))
    ),
    "a second relu": lambda: eyes(layers.Flatten, lambda a, b: ops.relu(beside(a, b))),
}


# --- the table ------------------------------------------------------------------------------------


def rows() -> dict[str, Callable[[], dict[str, Any]]]:
    """Return what a notebook holds, by exercise and spelling."""
    table: dict[str, Callable[[], dict[str, Any]]] = {}
    others: dict[str, Any]
    for exercise, name, spellings, others in (
        ("graphs-of-layers-inception", "inception", INCEPTION, {}),
        ("graphs-of-layers-residual", "residual", RESIDUAL, {}),
        ("graphs-of-layers-shrinking", "shrinking", SHRINKING, {}),
        ("shared-layers-twice", "side_by_side", SIDES, {}),
        ("shared-layers-partly", "all_shared", SHARED, {"saved": 2112}),
        ("models-as-layers-call", "mended", MENDED, {}),
    ):
        for spelling, function in spellings.items():
            table[f"{exercise}: {spelling}"] = lambda n=name, f=function, o=others: {n: f, **o}  # type: ignore[misc]
    for spelling, give in STEREO.items():
        table[f"models-as-layers-stereo: {spelling}"] = give
    return table


RIGHT = rows()


@pytest.mark.parametrize("row", RIGHT)
def test_a_right_answer_earns_all_points(row: str) -> None:
    verdict = hand_in(row.partition(":")[0], **RIGHT[row]())
    assert verdict.outcome == "right", said(verdict)
