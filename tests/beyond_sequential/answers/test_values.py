"""Closed answers and arrays as data."""

from __future__ import annotations

import numpy as np
import pytest

from beyond_sequential.answers.answer import ArrayFacts
from beyond_sequential.answers.values import array_digest, array_tree, plain_value
from beyond_sequential.model.capture import CaptureError
from tests.helpers.handing_in import keras


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (5, 5),
        (True, True),
        (0.5, 0.5),
        ("c", "c"),
        (np.float32(0.5), 0.5),
        (np.array([3]), 3),
        (np.array([16, 15]), [16, 15]),
        (np.array([[0.5], [1]]), [[0.5], [1.0]]),
        ((1, [2, "x"]), [1, [2, "x"]]),
        ({"a": 1, 2: None}, {"a": 1, "2": None}),
        ("x" * 5000, "x" * 1000),
    ],
)
def test_values_that_can_be_kept(value, kept):
    assert repr(plain_value(value)) == repr(kept)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        b"x",
        1j,
        np.zeros(101),
        np.array([1j, 2]),
        list(range(200)),
        [[[[[[1]]]]]],
        [[[[0] * 100] * 100] * 100] * 100,
        lambda: 3,
        print,
        10**4000,
    ],
)
def test_values_that_can_not_be_kept(value):
    with pytest.raises(CaptureError) as caught:
        plain_value(value)
    assert caught.value.code == "not_a_value"


def test_a_tensor_is_a_value():
    assert plain_value(keras.ops.convert_to_tensor(2.5)) == 2.5


@pytest.mark.parametrize("value", [np.array([None]), [object()], {"a": object()}])
def test_arrays_of_no_numbers(value):
    with pytest.raises(TypeError, match="array of numbers"):
        array_tree(value)


def test_arrays_are_digests_of_numbers():
    x = np.arange(6).reshape(2, 3)
    first, second = array_tree([x, x.T])
    keyed = array_tree({"a": x.astype("float32")})
    assert first == ArrayFacts((2, 3), str(x.dtype), first.digest, zero=False)
    assert first.digest == keyed["a"].digest != second.digest
    assert array_tree(np.zeros(3)).zero
    assert array_digest(x) == array_digest(x.tolist()) != array_digest(x.ravel())
