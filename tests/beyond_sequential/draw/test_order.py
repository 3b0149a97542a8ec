"""Layers, order and bends of any graph: they are found, quickly, and lines lead down."""

import subprocess
import sys
from itertools import pairwise
from random import Random

import pytest

from beyond_sequential.draw.layout import layout
from beyond_sequential.draw.order import Edge, Vertex, order

Pairs = list[tuple[int, int]]
# Graphs on which an earlier version did not end or raised IndexError, with the nodes that belong
# in the first and in the last layer.
HARD: list[tuple[Pairs, tuple[int, ...], tuple[int, ...]]] = [
    (
        [
            *[(0, 2), (1, 2), (0, 4), (2, 5), (3, 6), (7, 0), (7, 1), (7, 3), (7, 0)],
            *[(7, 1), (7, 3), (4, 8), (5, 8), (6, 8), (4, 8), (5, 8), (6, 8)],
        ],
        (),
        (),
    ),
    ([(0, 1), (0, 2), (1, 3)], (0,), (2, 3)),
    ([(0, 1), (2, 3), (3, 4), (2, 4), (4, 5), (5, 6), (4, 6), (1, 7), (6, 8)], (0, 2), (7, 8)),
]
SECONDS = 300  # for all random graphs; they take about 10 of computing


def random_graph(seed: int) -> tuple[list[Vertex], list[Edge]]:
    """Return up to 30 boxes, and lines without a cycle, some of them double."""
    chance = Random(seed)
    count = chance.randint(1, 30)
    reach = chance.choice((2, 5, 30))
    edges = []
    for target in range(1, count):
        near = range(max(0, target - reach), target)
        reads = chance.choices(near, k=chance.choice((0, 1, 1, 1, 2, 2, 3)))
        edges += [Edge(source, target, port=port) for port, source in enumerate(reads)]
    read, reading = {e.source for e in edges}, {e.target for e in edges}
    nodes = [
        Vertex(
            width=chance.randint(40, 200),
            height=chance.choice((20, 48, 64)),
            top=v not in reading and chance.random() < 0.8,
            bottom=v not in read and chance.random() < 0.8,
        )
        for v in range(count)
    ]
    return nodes, edges


def check_order(nodes: list[Vertex], edges: list[Edge]) -> None:
    """Fail unless every line leads down, over one bend in each layer that it passes."""
    layers, chains = order(nodes, edges)
    every = [v for row in layers for v in row]
    assert len(set(every)) == len(every)
    assert set(every) >= set(range(len(nodes)))
    depth = {v: number for number, row in enumerate(layers) for v in row}
    for edge, chain in zip(edges, chains, strict=True):
        assert (chain[0], chain[-1]) == (edge.source, edge.target)
        assert all(v >= len(nodes) for v in chain[1:-1])
        assert all(depth[b] == depth[a] + 1 for a, b in pairwise(chain))


def check_layout(nodes: list[Vertex], edges: list[Edge]) -> None:
    """Fail unless every line is drawn downwards."""
    for route in layout(nodes, edges, 1e4, 1e9).routes:
        assert all(y1 >= y0 for (_x0, y0), (_x1, y1) in pairwise(route))


@pytest.mark.parametrize(("pairs", "top", "bottom"), HARD)
def test_hard_graphs_are_drawn(pairs: Pairs, top: tuple[int, ...], bottom: tuple[int, ...]) -> None:
    count = 1 + max(max(pair) for pair in pairs)
    nodes = [Vertex(100, 48, top=v in top, bottom=v in bottom) for v in range(count)]
    edges = [Edge(a, b) for a, b in pairs]
    check_order(nodes, edges)
    check_layout(nodes, edges)


def test_any_graph_is_drawn() -> None:
    """In a process of its own, which is killed if a drawing does not end."""
    subprocess.run([sys.executable, __file__], check=True, timeout=SECONDS)


def test_nodes_at_the_border_are_there() -> None:
    nodes = [Vertex(50, 20, top=v in (0, 3), bottom=v in (2, 4)) for v in range(5)]
    layers, _chains = order(nodes, [Edge(0, 1), Edge(1, 2), Edge(3, 4)])
    assert {0, 3} <= set(layers[0])
    assert {2, 4} <= set(layers[-1])


def test_arguments_stand_in_the_order_in_which_they_are_read() -> None:
    nodes = [Vertex(50, 20, top=v < 3) for v in range(4)]
    for ports in ((0, 1, 2), (2, 1, 0)):
        edges = [Edge(v, 3, port=port) for v, port in enumerate(ports)]
        layers, _chains = order(nodes, edges)
        assert [ports[v] for v in layers[0]] == [0, 1, 2]


def test_boxes_without_lines_stand_side_by_side() -> None:
    assert order([Vertex(50, 20)] * 3, []) == ([[0, 1, 2]], [])
    assert order([], []) == ([], [])


if __name__ == "__main__":
    for seed in range(3000):
        check_order(*random_graph(seed))
        if seed % 10 == 0:
            check_layout(*random_graph(seed))
