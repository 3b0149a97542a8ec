"""The layers of nodes: valid, as short as can be, and found in a bounded number of steps."""

from itertools import product
from random import Random

import pytest

from beyond_sequential.draw import ranks as module
from beyond_sequential.draw.ranks import longest_paths, ranks

Pair = tuple[int, int]


def random_edges(chance: Random, count: int, most: int) -> list[Pair]:
    """Edges of a random graph without cycles; some occur twice."""
    edges = []
    for b in range(1, count):
        edges += [(chance.randrange(b), b) for _ in range(chance.randint(0, most))]
    return edges


def length(layers: list[int] | tuple[int, ...], edges: list[Pair]) -> int:
    return sum(layers[b] - layers[a] for a, b in edges)


def test_the_longest_path_counts() -> None:
    assert longest_paths(5, [(0, 1), (1, 2), (0, 2), (2, 4), (3, 4)]) == [0, 1, 2, 0, 3]


def test_a_node_with_one_reader_comes_right_before_it() -> None:
    assert ranks(5, [(0, 1), (1, 2), (0, 2), (2, 4), (3, 4)]) == [0, 1, 2, 2, 3]


def test_every_component_begins_with_the_first_layer() -> None:
    assert ranks(6, [(0, 1), (4, 5), (3, 4)]) == [0, 1, 0, 0, 1, 2]
    assert ranks(0, []) == []


@pytest.mark.parametrize("seed", range(40))
def test_no_layers_make_the_edges_shorter(seed: int) -> None:
    chance = Random(seed)
    count = chance.randint(2, 6)
    edges = random_edges(chance, count, 3)
    found = ranks(count, edges)
    assert all(found[a] < found[b] for a, b in edges)
    every = product(range(count), repeat=count)
    valid = [layers for layers in every if all(layers[a] < layers[b] for a, b in edges)]
    assert length(found, edges) == min(length(layers, edges) for layers in valid)


def test_layers_are_valid_wherever_the_search_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    edges = random_edges(Random(0), 60, 3)
    lengths = []
    for work in (0, 500, 1000, 2000, module.WORK):
        monkeypatch.setattr(module, "WORK", work)
        found = ranks(60, edges)
        assert all(found[a] < found[b] for a, b in edges)
        lengths.append(length(found, edges))
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > lengths[-1]
