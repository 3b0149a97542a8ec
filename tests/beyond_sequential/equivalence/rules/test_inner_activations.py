"""The activations inside a layer in one spelling."""

import pytest

from tests.helpers.graphs import chain
from tests.helpers.rules import same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("swish", "silu"),
        (None, "linear"),
        ("relu", {"class_name": "ReLU", "config": {"negative_slope": 0.0, "name": "r"}}),
        ("leaky_relu", {"class_name": "LeakyReLU", "config": {"negative_slope": 0.2}}),
    ],
)
def test_two_spellings_of_an_inner_activation_are_one(one: object, other: object) -> None:
    def recurrent(activation: object) -> tuple[str, dict]:
        return "GRU", {"units": 3, "activation": "tanh", "recurrent_activation": activation}

    assert same(chain(recurrent(one)), chain(recurrent(other)))
    assert not same(chain(recurrent(one)), chain(recurrent("sigmoid")))
