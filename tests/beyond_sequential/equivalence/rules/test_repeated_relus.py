"""relu of what is not negative."""

from tests.helpers.graphs import Net, chain
from tests.helpers.rules import kinds_in, same

DENSE, RELU = ("Dense", {"units": 3, "activation": "relu"}), ("ReLU", {})
POOL = ("MaxPooling1D", {"pool_size": [2]})


def test_a_second_relu_is_no_node() -> None:
    assert kinds_in(chain(DENSE, RELU)) == ["Dense", "activation"]
    assert same(chain(DENSE, POOL), chain(DENSE, POOL, RELU))


def test_relu_of_what_may_be_negative_stays() -> None:
    linear = ("Dense", {"units": 3})
    assert not same(chain(linear), chain(linear, RELU))
    assert not same(chain(DENSE), chain(DENSE, ("ReLU", {"max_value": 6.0})))


def test_relu_of_a_sum_with_an_input_stays() -> None:
    def block(again: bool):
        net = Net()
        x = net.input(3)
        y = net("Add")([net("Dense", units=3, activation="relu")(x), x])
        return net.model(x, net("ReLU")(y) if again else y)

    assert not same(block(again=False), block(again=True))
