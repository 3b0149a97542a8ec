"""Pooling as a layer and as an operation."""

from tests.helpers.graphs import Net
from tests.helpers.rules import same


def pooled(kind: str, *shape: int, out: tuple[int, ...], **settings: object):
    net = Net()
    x = net.input(*shape)
    return net.model(x, net(kind, out=out, **settings)(x))


WHOLE = {"data_format": "channels_last", "keepdims": False}


def test_the_largest_of_all_places_is_global_pooling() -> None:
    layer = pooled("GlobalMaxPooling1D", 7, 3, out=(3,), **WHOLE)
    assert same(layer, pooled("ops.Max", 7, 3, out=(3,), axis=1, keepdims=False, initial=None))
    assert same(layer, pooled("ops.Amax", 7, 3, out=(3,), axis=-2, keepdims=False))
    assert not same(layer, pooled("ops.Mean", 7, 3, out=(3,), axis=1, keepdims=False))


def test_another_axis_is_another_pooling() -> None:
    layer = pooled("GlobalAveragePooling2D", 3, 3, 3, out=(3,), **WHOLE)
    for axis, equal in (([1, 2], True), ([-2, -3], True), ([2, 3], False)):
        found = pooled("ops.Mean", 3, 3, 3, out=(3,), axis=axis, keepdims=False)
        assert same(layer, found) is equal


def test_windows() -> None:
    settings = {"padding": "valid", "data_format": "channels_last"}
    layer = pooled(
        "MaxPooling2D", 8, 8, 3, out=(4, 4, 3), pool_size=[2, 2], strides=[2, 2], **settings
    )
    for strides, equal in ((None, True), (2, True), (1, False)):
        found = pooled(
            "ops.MaxPool", 8, 8, 3, out=(4, 4, 3), pool_size=2, strides=strides, **settings
        )
        assert same(layer, found) is equal
