"""An activation is one kind of node, however it is written."""

import pytest

from tests.helpers.graphs import chain
from tests.helpers.rules import kinds_in, same

SLOPE = {"negative_slope": 0.2}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Activation", {"activation": "relu"}), ("ReLU", {"negative_slope": 0.0})),
        (("Activation", {"activation": "relu"}), ("ops.Relu", {})),
        (("Activation", {"activation": "swish"}), ("ops.Silu", {})),
        (("Activation", {"activation": "leaky_relu"}), ("LeakyReLU", SLOPE)),
        (("Activation", {"activation": "leaky_relu"}), ("ops.ReLU", SLOPE)),
        (("Activation", {"activation": "softmax"}), ("Softmax", {"axis": 1})),
        (("Activation", {"activation": "exponential"}), ("ops.Exp", {})),
        (("Activation", {"activation": "mish"}), ("ops.Mish", {})),
    ],
)
def test_two_spellings_of_an_activation_are_one(one: tuple, other: tuple) -> None:
    assert kinds_in(chain(one)) == kinds_in(chain(other)) == ["activation"]
    assert same(chain(one), chain(other))


def test_linear_is_no_node() -> None:
    assert kinds_in(chain(("Activation", {"activation": "linear"}))) == []


def test_activations_with_other_settings_differ() -> None:
    assert not same(chain(("LeakyReLU", SLOPE)), chain(("LeakyReLU", {"negative_slope": 0.3})))
    assert not same(chain(("ops.Relu", {})), chain(("ops.Relu6", {})))
