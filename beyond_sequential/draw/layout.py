"""Where boxes and lines go: a layered drawing, arguments above the calls that read them.

Knows nothing of models.  A drawing that is too high goes on in a second column.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from .grid import STEM, Grid
from .order import Edge, Point, Vertex

__all__ = ["Edge", "Layout", "Point", "Vertex", "layout"]

GUTTER = 40.0  # between two columns
TRACK = 10.0  # between two lines that lead to the next column

Made = tuple[int, int]  # a tensor: source and output


@dataclass(slots=True)
class Layout:
    """Where the nodes and edges are: all in pixels, from the upper left corner."""

    width: float = 0.0
    height: float = 0.0
    places: list[Point] = field(default_factory=list)  # of each node's upper left corner
    routes: list[list[Point]] = field(default_factory=list)  # of each edge, straight corners


def layout(nodes: list[Vertex], edges: list[Edge], max_width: float, max_height: float) -> Layout:
    """Place all nodes.

    A drawing higher than `max_height` is broken into columns, as many as stand side by side in
    `max_width`.
    """
    if not nodes:
        return Layout()
    grid = Grid(nodes, edges)
    return _Columns(grid, _cuts(grid, max_width, max_height)).layout()


def _crossing(grid: Grid, depth: int) -> list[Made]:
    """Return the tensors whose lines lead from above a layer into it."""
    row = grid.layers[depth]
    return sorted(
        {(grid.edges[n].source, grid.edges[n].out) for v in row for _a, n in grid.above[v]}
    )


def _cuts(grid: Grid, max_width: float, max_height: float) -> list[int]:
    """Return the layers that start a new column: where few lines cross, and about evenly."""
    total = grid.bottoms[-1]
    left, right = grid.extent(range(len(grid.layers)))
    fit = max(1, int((max_width + GUTTER) // (right - left + GUTTER)))
    wanted = min(fit, int(-(-total // max_height)))
    cost = [len(_crossing(grid, depth)) for depth in range(len(grid.layers))]
    cuts: list[int] = []
    for column in range(1, wanted):
        aim, reach = total * column / wanted, total / wanted * 0.4
        start = cuts[-1] + 1 if cuts else 1
        near = [
            (cost[depth] * max_height / 4 + abs(grid.tops[depth] - aim), depth)
            for depth in range(start, len(grid.layers))
            if abs(grid.tops[depth] - aim) <= reach and cost[depth] <= 3
        ]
        if near:
            cuts.append(min(near)[1])
    return cuts


class _Columns:
    """The grid, cut into columns that stand side by side."""

    def __init__(self, grid: Grid, cuts: list[int]) -> None:
        self.grid = grid
        self.tracks = {cut: _crossing(grid, cut) for cut in cuts}
        self.column = [sum(cut <= depth for cut in cuts) for depth in range(len(grid.layers))]
        self.shifts: list[Point] = []
        self.lefts: list[float] = []
        self.width = self.height = 0.0
        for start, end in pairwise([0, *cuts, len(grid.layers)]):
            self._add(start, end)

    def _add(self, start: int, end: int) -> None:
        """Add the layers from `start` to `end` as the next column."""
        grid = self.grid
        left, right = grid.extent(range(start, end))
        tracks = len(self.tracks.get(start, ()))
        above = STEM + TRACK * tracks if start else 0.0
        below = STEM + TRACK * len(self.tracks[end]) if end in self.tracks else 0.0
        if start:
            self.width += GUTTER + TRACK * (tracks - 1)
        self.lefts.append(self.width)
        self.shifts.append((self.width - left, above - grid.tops[start]))
        self.width += right - left
        self.height = max(self.height, above + grid.bottoms[end - 1] - grid.tops[start] + below)

    def layout(self) -> Layout:
        grid = self.grid
        places = []
        for v, node in enumerate(grid.nodes):
            dx, dy = self.shifts[self.column[grid.depth[v]]]
            places.append((grid.x[v] - node.width / 2 + dx, grid.y[v] + dy))
        routes = [self._route(number, chain) for number, chain in enumerate(grid.chains)]
        return Layout(self.width, self.height, places, routes)

    def _route(self, number: int, chain: list[int]) -> list[Point]:
        """Return the corners of a line: down, across below a layer, down.

        Or round to the next column.
        """
        grid = self.grid
        points: list[Point] = []
        for a, b in pairwise(chain):
            column, next_ = self.column[grid.depth[a]], self.column[grid.depth[b]]
            (dx0, dy0), (dx1, dy1) = self.shifts[column], self.shifts[next_]
            x0, x1 = grid.x[a] + grid.leave(a, number) + dx0, grid.x[b] + grid.meet(b, number) + dx1
            if not points:
                points.append((x0, grid.y[a] + grid.height(a) + dy0))
            bottom, top = grid.bottoms[grid.depth[a]] + dy0, grid.tops[grid.depth[b]] + dy1
            if column == next_:
                points += [(x0, bottom), (x1, top)]
            else:
                points += self._around(number, b, (x0, bottom), (x1, top))
            if b == chain[-1]:
                points.append((x1, grid.y[b] + dy1))
        return points

    def _around(self, number: int, b: int, start: Point, end: Point) -> list[Point]:
        """Below a column, up beside the next one and into it."""
        depth, edge = self.grid.depth[b], self.grid.edges[number]
        track = TRACK * self.tracks[depth].index((edge.source, edge.out))
        low, high = start[1] + STEM + track, 4 + track
        beside = self.lefts[self.column[depth]] - GUTTER / 2 - track
        return [(start[0], low), (beside, low), (beside, high), (end[0], high), end]
