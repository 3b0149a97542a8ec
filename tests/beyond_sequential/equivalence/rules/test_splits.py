"""ops.split gives slices."""

from typing import Any

import pytest

from beyond_sequential.compare import compare
from beyond_sequential.model.graph import ModelGraph, Ref
from tests.helpers.graphs import Net
from tests.helpers.rules import kinds_in, same


def added(net: Net, x: Ref, pieces: list[Ref]) -> ModelGraph:
    """Each piece through a layer of its own, so that none can stand for another."""
    return net.model(x, [net("Dense", units=n + 1)(piece) for n, piece in enumerate(pieces)])


def split(sections: Any, count: int, axis: int = -1) -> ModelGraph:
    net = Net()
    x = net.input(12)
    layer = net("ops.Split", indices_or_sections=sections, axis=axis, out=[(12 // count,)] * count)
    return added(net, x, layer(x))


def sliced(*bounds: tuple[int | None, int | None]) -> ModelGraph:
    net = Net()
    x = net.input(12)
    rows = {"slice": [None, None, None]}
    return added(net, x, [net("ops.GetItem")(x, [rows, {"slice": [*b, None]}]) for b in bounds])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (split(3, 3), split([4, 8], 3)),
        (split(3, 3), split(3, 3, axis=1)),
        (split(3, 3), sliced((None, 4), (4, 8), (8, None))),
        (split(3, 3), sliced((0, 4), (4, -4), (-4, 12))),
        (split([5], 2), sliced((None, 5), (5, None))),
        (split(2, 2), sliced((None, 6), (6, None))),
    ],
)
def test_a_split_by_number_and_one_by_indices_are_slices(
    one: ModelGraph, other: ModelGraph
) -> None:
    assert same(one, other)


def test_the_nodes_are_slices() -> None:
    assert kinds_in(split(3, 3)).count("slice") == 3


def test_pieces_of_other_sizes_differ() -> None:
    assert not same(split([4, 8], 3), split([4, 9], 3))
    assert not same(split([5], 2), split(2, 2))
    assert not same(split(2, 2), sliced((6, None), (None, 6)))


def test_one_wrong_size_is_one_difference() -> None:
    (difference,) = compare(split([5], 2), split([6], 2))
    assert (difference.kind, difference.detail["setting"]) == ("setting", "index")
    assert difference.detail["expected"] == ["[:, :5]", "[:, 5:]"]
    assert difference.detail["found"] == ["[:, :6]", "[:, 6:]"]


@pytest.mark.parametrize(
    ("sections", "axis"), [(5, -1), (0, -1), (True, -1), ("3", -1), (3, 7), ([4], -1), (3, None)]
)
def test_a_split_that_is_no_split_stays_as_it_is(sections: Any, axis: Any) -> None:
    assert "ops.Split" in kinds_in(split(sections, 3, axis))


def test_a_number_of_pieces_that_is_not_there_costs_nothing() -> None:
    net = Net()
    x = net.input(10**12)
    layer = net("ops.Split", indices_or_sections=10**12, axis=-1, out=[(1,), (1,)])
    assert "ops.Split" in kinds_in(added(net, x, layer(x)))
