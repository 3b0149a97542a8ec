"""Flatten and a Reshape to one row."""

from tests.helpers.graphs import Net
from tests.helpers.rules import same


def reshaped(kind: str, out: tuple[int, ...], **settings: object):
    net = Net()
    x = net.input(6, 4)
    return net.model(x, net(kind, out=out, **settings)(x))


def test_a_reshape_to_one_row_is_flatten() -> None:
    flatten = reshaped("Flatten", (24,), data_format="channels_last")
    assert same(flatten, reshaped("Reshape", (24,), target_shape=[-1]))
    assert same(flatten, reshaped("Reshape", (24,), target_shape=[24]))
    assert same(flatten, reshaped("ops.Reshape", (24,), newshape=[-1, 24]))


def test_another_shape_or_order_is_no_flatten() -> None:
    flatten = reshaped("Flatten", (24,), data_format="channels_last")
    assert not same(flatten, reshaped("Reshape", (4, 6), target_shape=[4, 6]))
    assert not same(flatten, reshaped("ops.Reshape", (12,), newshape=[-1, 12]))
    assert not same(flatten, reshaped("Flatten", (24,), data_format="channels_first"))
