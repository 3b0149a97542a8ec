"""A sum of sums is one sum, however it was grouped."""

import pytest

from beyond_sequential.model.graph import ModelGraph
from tests.helpers.graphs import Net
from tests.helpers.rules import kinds_in, same


def grouped(kind: str, to_the_left: bool) -> ModelGraph:
    net = Net()
    a, b, c = inputs = [net.input(4, name=name) for name in "abc"]
    if to_the_left:
        merged = net(kind)([net(kind)([a, b]), c])
    else:
        merged = net(kind)([a, net(kind)([b, c])])
    return net.model(inputs, merged)


@pytest.mark.parametrize("kind", ["Add", "Multiply", "Maximum", "Minimum", "Concatenate"])
def test_the_grouping_does_not_matter(kind: str) -> None:
    assert same(grouped(kind, True), grouped(kind, False))
    assert kinds_in(grouped(kind, True)) == [kind.lower()]


@pytest.mark.parametrize("kind", ["Average", "Subtract"])
def test_the_grouping_of_these_does_matter(kind: str) -> None:
    assert not same(grouped(kind, True), grouped(kind, False))


def test_a_sum_that_is_used_twice_stays() -> None:
    net = Net()
    a, b = inputs = [net.input(4, name=name) for name in "ab"]
    both = net("Add")([a, b])
    graph = net.model(inputs, [net("Add")([both, a]), net("Dense", units=2)(both)])
    assert kinds_in(graph).count("add") == 2
