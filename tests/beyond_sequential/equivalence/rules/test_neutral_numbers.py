"""Adding 0 and multiplying by 1 change nothing; the larger of x and 0 is relu."""

from tests.helpers.graphs import Net, chain
from tests.helpers.rules import kinds_in, same

DENSE = ("Dense", {"units": 8})


def with_number(kind: str, *order: object):
    net = Net()
    x = net.input(8)
    y = net("Dense", units=8)(x)
    return net.model(x, net(kind)(*(y if item is None else item for item in order)))


def test_neutral_numbers_are_no_nodes() -> None:
    for kind, *order in (
        ("ops.Add", None, 0),
        ("ops.Add", 0.0, None),
        ("ops.Multiply", None, 1),
        ("ops.Subtract", None, 0),
        ("ops.TrueDivide", None, 1.0),
    ):
        assert kinds_in(with_number(kind, *order)) == ["Dense"]


def test_other_numbers_and_the_other_order_are_not_neutral() -> None:
    for kind, *order in (
        ("ops.Add", None, 1),
        ("ops.Multiply", None, 0),
        ("ops.Subtract", 0, None),
        ("ops.TrueDivide", 1, None),
        ("ops.Maximum", None, 1),
    ):
        assert not same(chain(DENSE), with_number(kind, *order))


def test_the_larger_of_it_and_0_is_relu() -> None:
    assert same(with_number("ops.Maximum", None, 0), chain(DENSE, ("ReLU", {})))
