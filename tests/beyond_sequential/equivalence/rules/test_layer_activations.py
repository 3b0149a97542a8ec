"""The activation of a layer is a node of its own behind it."""

from tests.helpers.graphs import chain
from tests.helpers.rules import kinds_in, same

RELU = ("ReLU", {})


def test_an_activation_as_argument_is_an_activation_behind_the_layer() -> None:
    inside = chain(("Dense", {"units": 3, "activation": "relu"}))
    assert kinds_in(inside) == ["Dense", "activation"]
    assert same(inside, chain(("Dense", {"units": 3, "activation": "linear"}), RELU))
    assert same(inside, chain(("Dense", {"units": 3}), RELU))


def test_a_layer_that_uses_its_activation_inside_keeps_it() -> None:
    assert kinds_in(chain(("GRU", {"units": 3, "activation": "relu"}))) == ["GRU"]


def test_a_layer_whose_output_is_regularized_keeps_its_activation() -> None:
    settings = {"units": 3, "activity_regularizer": {"class_name": "L2", "config": {"l2": 0.1}}}
    inside = chain(("Dense", {**settings, "activation": "relu"}))
    assert not same(inside, chain(("Dense", {**settings, "activation": "linear"}), RELU))
