"""An axis is counted from the last one."""

from beyond_sequential.model.graph import ModelGraph
from tests.helpers.graphs import Net, chain
from tests.helpers.rules import same


def test_axes_counted_from_both_ends_are_one() -> None:
    assert same(
        chain(("BatchNormalization", {"axis": 1})), chain(("BatchNormalization", {"axis": -1}))
    )
    assert same(
        chain(("LayerNormalization", {"axis": [1]})), chain(("LayerNormalization", {"axis": -1}))
    )


def test_other_axes_differ() -> None:
    assert not same(chain(("ops.Softmax", {"axis": 0})), chain(("ops.Softmax", {"axis": -1})))


def test_an_axis_of_the_output_is_counted_there() -> None:
    def widened(axis: int) -> ModelGraph:
        net = Net()
        x = net.input(4)
        return net.model(x, net("ops.ExpandDims", axis=axis, out=(4, 1))(x))

    assert same(widened(2), widened(-1))
    assert not same(widened(1), widened(-1))
