"""Padding "same" is "valid" where it pads nothing."""

import pytest

from beyond_sequential.model.graph import ModelGraph
from tests.helpers.graphs import Net
from tests.helpers.rules import same


def pooled(padding: str, window: int, strides: int, size: int | None = 12) -> ModelGraph:
    net = Net()
    x = net.input(size, 4)
    settings = {"pool_size": [window], "strides": [strides], "padding": padding}
    return net.model(x, net("MaxPooling1D", **settings)(x))


@pytest.mark.parametrize(
    ("window", "strides", "size", "idle"),
    [
        (1, 1, 12, True),
        (1, 3, None, True),
        (2, 2, 12, True),
        (2, 2, 11, False),
        (2, 2, None, False),
        (3, 1, 12, False),
        (3, 3, 12, True),
        (2, 3, 12, True),
        (2, 3, 13, False),
        (5, 5, 4, False),
    ],
)
def test_padding_matters_only_where_it_pads(
    window: int, strides: int, size: int | None, idle: bool
) -> None:
    one, other = (pooled(padding, window, strides, size) for padding in ("same", "valid"))
    assert same(one, other) is idle


def test_the_window_of_a_convolution_grows_with_its_dilation() -> None:
    def convolved(padding: str, dilation: int) -> ModelGraph:
        net = Net()
        x = net.input(12, 4)
        settings = {"kernel_size": [2], "strides": [2], "dilation_rate": [dilation]}
        return net.model(x, net("Conv1D", filters=4, padding=padding, **settings)(x))

    assert same(convolved("same", 1), convolved("valid", 1))
    assert not same(convolved("same", 2), convolved("valid", 2))


def test_a_transposed_convolution_has_no_idle_padding() -> None:
    def transposed(padding: str) -> ModelGraph:
        net = Net()
        x = net.input(12, 4)
        settings = {"filters": 4, "kernel_size": [1], "strides": [1], "padding": padding}
        return net.model(x, net("Conv1DTranspose", **settings)(x))

    assert not same(transposed("same"), transposed("valid"))
