"""The layer of every box, and its place among its neighbours there.

No sizes are known yet: they come in later, in `grid`.

Tests: tests/beyond_sequential/draw/test_order.py
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .crossings import Rows, uncrossed
from .ranks import ranks

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


def order(nodes: list[Vertex], edges: list[Edge]) -> tuple[Rows, list[list[int]]]:
    """Return the vertices by layer, in order, and for each edge the vertices along it.

    They are numbers; those from len(nodes) on are bends: an edge has one in every layer that it
    passes.  The edges must make no cycle.
    """
    source, sink = len(nodes), len(nodes) + 1
    # Double edges to a common first and last vertex pull those nodes to the border.
    helpers = [(source, i) for i, node in enumerate(nodes) if node.top] * 2
    helpers += [(i, sink) for i, node in enumerate(nodes) if node.bottom] * 2
    graph = _Layered(len(nodes) + 2, [(e.source, e.target) for e in edges] + helpers)
    layers: Rows = []
    for rows in graph.components():
        if rows in ([[source]], [[sink]]):
            continue
        ordered = uncrossed(rows, graph.above, graph.below)
        if _mirrored(ordered, graph.chains, edges):
            ordered = [row[::-1] for row in ordered]
        shown = [[v - 2 * (v > sink) for v in row if v not in (source, sink)] for row in ordered]
        for depth, row in enumerate(row for row in shown if row):
            if len(layers) == depth:
                layers.append([])
            layers[depth] += row
    chains = [[v - 2 * (v > sink) for v in chain] for chain in graph.chains[: len(edges)]]
    return layers, chains


class _Layered:
    """A graph whose edges are divided by bends, so that each part leads to the next layer."""

    def __init__(self, count: int, pairs: list[tuple[int, int]]) -> None:
        self.rank = ranks(count, pairs)
        self.chains: list[list[int]] = []
        for a, b in pairs:
            passed = range(self.rank[a] + 1, self.rank[b])
            bends = range(len(self.rank), len(self.rank) + len(passed))
            self.rank += passed
            self.chains.append([a, *bends, b])
        self.above: list[list[int]] = [[] for _ in self.rank]
        self.below: list[list[int]] = [[] for _ in self.rank]
        for chain in sorted(self.chains, key=lambda chain: len(chain) > 2):
            for a, b in pairwise(chain):
                self.below[a].append(b)
                self.above[b].append(a)

    def components(self) -> Iterator[Rows]:
        """Yield the layers of each connected part; vertices stand in the order of a depth-first
        search, in which long lines come before short ones.
        """
        depths = self.rank
        seen = [False] * len(depths)
        for component in self._connected():
            rows: Rows = [[] for _ in range(1 + max(depths[v] for v in component))]
            for start in component:
                stack = [start]
                while stack:
                    v = stack.pop()
                    if not seen[v]:
                        seen[v] = True
                        rows[depths[v]].append(v)
                        stack += self.below[v]
            yield rows

    def _connected(self) -> Iterator[list[int]]:
        """Yield the vertices of each connected part, sorted."""
        seen = [False] * len(self.rank)
        for start in range(len(self.rank)):
            if not seen[start]:
                seen[start] = True
                found = [start]
                for v in found:
                    for w in (*self.above[v], *self.below[v]):
                        if not seen[w]:
                            seen[w] = True
                            found.append(w)
                yield sorted(found)


def _mirrored(rows: Rows, chains: list[list[int]], edges: list[Edge]) -> bool:
    """Return whether left and right are to be exchanged.

    Arguments stand in the order in which they are read, and boxes that read one tensor in the
    order in which they are called.
    """
    place = {v: i for row in rows for i, v in enumerate(row)}
    into, out = defaultdict(list), defaultdict(list)
    for edge, chain in zip(edges, chains, strict=False):
        if edge.source in place:
            into[edge.target].append((edge.port, place[chain[-2]], edge.source))
            out[edge.source].append((edge.target, place[chain[1]], edge.target))
    balance = 0.0
    for weight, groups in ((1.0, into), (0.1, out)):
        for group in groups.values():
            for (_a, x0, v), (_b, x1, w) in pairwise(sorted(group)):
                balance += weight * ((x1 > x0) - (x1 < x0)) * (v != w)
    return balance < 0
