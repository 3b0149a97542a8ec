"""A merge is one kind of node, be it a layer or an operation."""

from typing import Any

import pytest

from beyond_sequential.model.graph import ModelGraph
from tests.helpers.graphs import Net
from tests.helpers.rules import kinds_in, same


def merged(kind: str, *order: int, spread: bool = False, **settings: Any) -> ModelGraph:
    """A model of two inputs, merged in this order; with `spread` as two arguments."""
    net = Net()
    inputs = [net.input(4, name="a"), net.input(4, name="b")]
    operands = [inputs[n] for n in order]
    layer = net(kind, **settings)
    return net.model(inputs, layer(*operands) if spread else layer(operands))


@pytest.mark.parametrize("name", ["Add", "Multiply", "Maximum", "Minimum", "Subtract"])
def test_a_layer_is_the_operation_of_its_name(name: str) -> None:
    layer, operation = merged(name, 0, 1), merged(f"ops.{name}", 0, 1, spread=True)
    assert kinds_in(layer) == kinds_in(operation) == [name.lower()]
    assert same(layer, operation)


def test_order_counts_only_where_it_matters() -> None:
    assert same(merged("Add", 0, 1), merged("Add", 1, 0))
    assert not same(merged("Subtract", 0, 1), merged("Subtract", 1, 0))


def test_order_of_what_is_concatenated_counts_if_asked_for() -> None:
    one, other = merged("Concatenate", 0, 1, axis=-1), merged("ops.Concatenate", 1, 0, axis=1)
    assert same(one, other)
    assert not same(one, other, concat_order=True)


def test_a_merge_of_one_tensor_is_that_tensor() -> None:
    assert kinds_in(merged("Concatenate", 0)) == []


def test_a_merge_with_a_number_keeps_it() -> None:
    def plus(number: float) -> ModelGraph:
        net = Net()
        x = net.input(4)
        return net.model(x, net("ops.Add")(x, number))

    assert same(plus(1.0), plus(1)) and not same(plus(1.0), plus(2.0))
