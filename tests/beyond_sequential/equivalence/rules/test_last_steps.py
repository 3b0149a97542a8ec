"""The last step of all steps."""

from typing import Any

from tests.helpers.graphs import Net
from tests.helpers.rules import same


def lstm(steps: int | None, index: int | None = None, **settings: Any):
    net = Net()
    x = net.input(steps, 4)
    if index is None:
        return net.model(x, net("LSTM", units=3, return_sequences=False, **settings)(x))
    y = net("LSTM", units=3, return_sequences=True, **settings)(x)
    whole = {"slice": [None, None, None]}
    return net.model(x, net("ops.GetItem", out=(3,))(y, [whole, index]))


def test_the_last_of_all_steps_is_the_output() -> None:
    assert same(lstm(5), lstm(5, -1))
    assert same(lstm(5), lstm(5, 4))
    assert same(lstm(None), lstm(None, -1))


def test_another_step_is_another_value() -> None:
    assert not same(lstm(5), lstm(5, 0))
    assert not same(lstm(5), lstm(5, -2))
    assert not same(lstm(None), lstm(None, 4))
    assert not same(lstm(5, dropout=0.5), lstm(5, -1, dropout=0.4))
