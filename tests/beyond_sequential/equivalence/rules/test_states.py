"""The output of a recurrent layer, with its states and without."""

from tests.helpers.graphs import Net
from tests.helpers.rules import same


def lstm(which: int | None, **settings: object):
    net = Net()
    x = net.input(5, 4)
    steps = (5, 3) if settings.get("return_sequences") else (3,)
    if which is None:
        return net.model(x, net("LSTM", units=3, out=steps, return_state=False, **settings)(x))
    outputs = net("LSTM", units=3, out=[steps, (3,), (3,)], return_state=True, **settings)(x)
    return net.model(x, outputs[which])


def test_the_output_and_the_hidden_state_are_what_the_layer_gives() -> None:
    assert same(lstm(None), lstm(0))
    assert same(lstm(None), lstm(1))
    assert same(lstm(None, return_sequences=True), lstm(0, return_sequences=True))


def test_the_cell_state_is_another_value() -> None:
    assert not same(lstm(None), lstm(2))
    assert not same(lstm(None, return_sequences=True), lstm(1, return_sequences=True))
