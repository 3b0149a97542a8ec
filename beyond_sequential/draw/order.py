"""Which layer a box belongs to, and its place among its neighbours there.

The wheel `fast_sugiyama` decides both.  It knows no sizes: those come in later, in `grid`.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from fast_sugiyama import from_edges

Point = tuple[float, float]


@dataclass(slots=True)
class Vertex:
    """A box to place.

    `ins` and `outs` are where lines meet its upper and lower side, from the left edge; without
    `ins` they are spread over the upper side in the order they come in.
    """

    width: float
    height: float
    outs: tuple[float, ...] = ()
    ins: tuple[float, ...] | None = None
    top: bool = False  # belongs in the first layer
    bottom: bool = False  # belongs in the last


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from an output of the node `source` to a port of the node `target`."""

    source: int
    target: int
    out: int = 0
    port: int = 0
    label: bool = True  # something is written where it leaves its source


def order(nodes: list[Vertex], edges: list[Edge]) -> tuple[list[list[int]], list[list[int]]]:
    """Return the vertices by layer, in order, and for each edge the vertices along it.

    They are numbers; those from len(nodes) on are bends: an edge has one in every layer that it
    passes.
    """
    source, sink = len(nodes), len(nodes) + 1
    pairs = [(e.source, e.target) for e in edges]
    # Doubled edges to a common first and last vertex pull those nodes to the border.
    helpers = [(source, i) for i, node in enumerate(nodes) if node.top] * 2
    helpers += [(i, sink) for i, node in enumerate(nodes) if node.bottom] * 2
    alone = set(range(len(nodes))).difference(*pairs, *helpers)
    parts: list[tuple[int, list[list[int]]]] = [(v, [[v]]) for v in alone]
    chains: dict[tuple[int, int], list[list[int]]] = defaultdict(list)
    fresh = len(nodes)
    found = from_edges(pairs + helpers, vertex_spacing=8, dummy_vertices=True) if pairs else []
    for positions, _width, _height, links in found:
        names = {}
        for vertex, _xy in sorted(positions):
            if vertex < len(nodes):
                names[vertex] = vertex
            elif vertex not in (source, sink):
                names[vertex] = fresh
                fresh += 1
        mirrored = _mirrored(dict(positions), edges)
        parts.append((min(names.values()), _rows(positions, names, mirrored)))
        for chain in _chains(sorted(links), names, len(nodes)):
            chains[chain[0], chain[-1]].append(chain)
    layers: list[list[int]] = []
    for _first, rows in sorted(parts):
        for depth, row in enumerate(rows):
            if len(layers) == depth:
                layers.append([])
            layers[depth] += row
    return layers, [chains[pair].pop(0) for pair in pairs]


def _mirrored(place: dict[int, Point], edges: list[Edge]) -> bool:
    """Whether left and right are to be exchanged: arguments stand in the order in which they are
    read, and boxes that read one tensor in the order in which they are called.
    """
    balance = 0.0
    into, out = defaultdict(list), defaultdict(list)
    for edge in edges:
        if edge.source in place:
            into[edge.target].append((edge.port, place[edge.source][0]))
            out[edge.source].append((edge.target, place[edge.target][0]))
    for weight, groups in ((1.0, into), (0.1, out)):
        for group in groups.values():
            for (_a, x0), (_b, x1) in pairwise(sorted(group)):
                balance += weight * ((x1 > x0) - (x1 < x0))
    return balance < 0


def _rows(
    positions: Iterable[tuple[int, Point]], names: dict[int, int], mirrored: bool
) -> list[list[int]]:
    rows = defaultdict(list)
    for vertex, (x, y) in positions:
        if vertex in names:
            rows[-y].append((-x if mirrored else x, names[vertex]))
    return [[name for _x, name in sorted(rows[key])] for key in sorted(rows)]


def _chains(
    links: Iterable[tuple[int, int]], names: dict[int, int], real: int
) -> Iterator[list[int]]:
    """Yield each edge as the numbers it leads over, from its real source to its real target."""
    after = defaultdict(list)
    for a, b in links:
        if a in names and b in names:
            after[names[a]].append(names[b])
    for a in sorted(v for v in after if v < real):
        for b in after[a]:
            chain = [a, b]
            while chain[-1] >= real and after[chain[-1]]:
                chain.append(after[chain[-1]][0])
            if chain[-1] < real:  # else a helper's: it ends at the common last vertex
                yield chain
