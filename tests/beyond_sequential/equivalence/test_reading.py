"""Slices and splits as Keras itself writes them down."""

from __future__ import annotations

import pytest

from beyond_sequential.compare import compare
from beyond_sequential.model.capture import capture_graph
from tests.helpers.handing_in import keras, layers, ops


def two_ways(cut):
    """A model of two halves of a tensor (5, 12), each with a layer of its own."""
    x = keras.Input((5, 12))
    one, other = cut(x)
    model = keras.Model(x, [layers.Dense(2)(one), layers.Dense(3)(other)])
    return capture_graph(model)[0]


WAYS = {
    "ellipsis": lambda x: (x[..., :4], x[..., 4:]),
    "zero": lambda x: (x[:, :, 0:4], x[:, :, 4:12]),
    "negative": lambda x: (x[:, :, :-8], x[:, :, -8:]),
    "steps": lambda x: (x[:, :, :4:1], x[:, 0:5, 4::1]),
    "indices": lambda x: ops.split(x, [4], axis=-1),
    "axis": lambda x: ops.split(x, (4,), axis=2),
    "number": lambda x: (ops.split(x, 3, axis=-1)[0], ops.split(x, [4], axis=-1)[1]),
}


@pytest.mark.parametrize("way", WAYS)
def test_slices_and_splits_of_keras_are_one(way: str) -> None:
    expected = two_ways(lambda x: (x[:, :, :4], x[:, :, 4:]))
    assert compare(expected, two_ways(WAYS[way])) == []


def test_other_slices_of_keras_are_found() -> None:
    expected = two_ways(lambda x: ops.split(x, [4], axis=-1))
    (difference,) = compare(expected, two_ways(lambda x: ops.split(x, [5], axis=-1)))
    assert difference.detail["found"] == ["[:, :, :5]", "[:, :, 5:]"]
