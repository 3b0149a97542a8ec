"""Coordinates: as straight as can be, with the real widths and heights.

Boxes that follow one another straight down form blocks.  A block goes where its other lines want
it, as near as its neighbours in every layer allow.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from statistics import median

from .order import Edge, Vertex, order

GAP_X = 30  # between two boxes of one layer
LANE = 16  # around a line that passes between boxes
STEM = 24  # straight piece under a box; the shape is written on it
SHORT = 6  # the same where nothing is written
BEND = 18  # the least height in which a line may move sideways
PORT = 18  # between two arrow heads on one box
SWEEPS = 8
ROUNDS = 5
LOOSE = 0.05  # the weight of a box that nothing ties
HEAVIER = 2.0  # of two branches the one so many times higher goes straight down

Line = tuple[int, int]  # the box or bend at the other end, and the number of the edge


class Grid:
    """The drawing while its coordinates are found: centres in x, layer by layer."""

    def __init__(self, nodes: list[Vertex], edges: list[Edge]) -> None:
        self.nodes, self.edges = nodes, edges
        self.layers, self.chains = order(nodes, edges)
        self.order = {v: i for row in self.layers for i, v in enumerate(row)}
        self.x: dict[int, float] = {}
        self.above: dict[int, list] = defaultdict(list)
        self.below: dict[int, list] = defaultdict(list)
        for number, chain in enumerate(self.chains):
            for a, b in pairwise(chain):
                self.above[b].append((a, number))
                self.below[a].append((b, number))
        self.straight: set[tuple[int, int, int]] = set()
        self.depth = {v: depth for depth, row in enumerate(self.layers) for v in row}
        self.uncross()
        self.set_x()
        self.set_y()

    def width(self, v: int) -> float:
        """Return the width of a node in pixels; a bend has none."""
        return self.nodes[v].width if v < len(self.nodes) else 0.0

    def height(self, v: int) -> float:
        """Return the height of a node in pixels; a bend has none."""
        return self.nodes[v].height if v < len(self.nodes) else 0.0

    def _gap(self, a: int, b: int) -> float:
        real = (a < len(self.nodes)) + (b < len(self.nodes))
        return (LANE, LANE + 4, GAP_X)[real] + (self.width(a) + self.width(b)) / 2

    def _pack(self, row: list[int]) -> None:
        x = 0.0
        for before, v in zip([None, *row], row, strict=False):
            x += self._gap(before, v) if before is not None else 0.0
            self.x[v] = x
        middle = x / 2
        for v in row:
            self.x[v] -= middle

    # Where the line of edge `number` leaves and meets a node, from the node's centre.

    def leave(self, v: int, number: int) -> float:
        """Return where an edge leaves a node, in pixels from its centre."""
        if v >= len(self.nodes):
            return 0.0
        outs = self.nodes[v].outs
        out = self.edges[number].out
        return outs[out] - self.nodes[v].width / 2 if out < len(outs) else 0.0

    def meet(self, v: int, number: int) -> float:
        """Return where an edge meets a node, in pixels from its centre."""
        if v >= len(self.nodes):
            return 0.0
        node, port = self.nodes[v], self.edges[number].port
        if node.ins is not None:
            return node.ins[port] - node.width / 2 if port < len(node.ins) else 0.0
        lines = sorted(
            self.above[v], key=lambda line: (self.x[line[0]] + self.leave(*line), line[1])
        )
        numbers = [n for _a, n in lines]
        main = [i for i, (a, n) in enumerate(lines) if (a, v, n) in self.straight]
        middle = main[0] if main else (len(lines) - 1) / 2
        reach = max(middle, len(lines) - 1 - middle, 0.5)
        step = min(PORT, (node.width / 2 - 8) / reach)
        return (numbers.index(number) - middle) * step

    # Lines that are drawn straight tie boxes into blocks, which move as one.

    def _straight_lines(self) -> set[tuple[int, int, int]]:
        """Lines (from, to, edge) that run straight down; no two of them cross."""
        straight: set[tuple[int, int, int]] = set()
        for row, after in pairwise(self.layers):
            place = {v: i for i, v in enumerate(after)}
            lines = []
            for i, v in enumerate(row):
                line = self._main(self.below[v])
                if line is not None and self._main(self.above[line[0]]) == (v, line[1]):
                    lines.append((v, line[0], line[1], i, place[line[0]]))
            lines.sort(key=lambda it: (it[0] < len(self.nodes)) + (it[1] < len(self.nodes)))
            kept: list[tuple[int, int, int, int, int]] = []
            for it in lines:
                if all((it[3] - k[3]) * (it[4] - k[4]) > 0 for k in kept):
                    kept.append(it)
            straight.update((a, b, n) for a, b, n, _i, _j in kept)
        return straight

    def _main(self, lines: list[tuple[int, int]]) -> tuple[int, int] | None:
        """Of the lines on one side of a box the one that goes on straight, if any should: the
        middle one, or of two the one to a box that is clearly higher (a line past boxes is 0).
        """
        if len(lines) == 2:
            low, high = sorted(lines, key=lambda line: self.height(line[0]))
            return high if self.height(high[0]) > HEAVIER * self.height(low[0]) else None
        if len(lines) % 2 == 0:
            return None
        return sorted(lines, key=lambda line: self.order[line[0]])[len(lines) // 2]

    def _blocks(self) -> list[list[tuple[int, float]]]:
        """Members of each block with their distance from its first one."""
        down = {a: (b, n) for a, b, n in self.straight}
        heads = [v for row in self.layers for v in row]
        lower = {b for _a, b, _n in self.straight}
        blocks = []
        for v in heads:
            if v in lower:
                continue
            block = [(v, 0.0)]
            while block[-1][0] in down:
                a, offset = block[-1]
                b, n = down[a]
                block.append((b, offset + self.leave(a, n) - self.meet(b, n)))
            blocks.append(block)
        return blocks

    def uncross(self) -> None:
        """Exchange neighbours while that leaves fewer crossings: the order within the layers is
        made for vertices, and lines here leave and meet boxes at several points.
        """
        for _pass in range(4):
            changed = [self._exchange(row) for row in self.layers]
            if not any(changed):
                break
        self.straight = self._straight_lines()

    def _exchange(self, row: list[int]) -> bool:
        changed = False
        for i in range(len(row) - 1):
            v, w = row[i], row[i + 1]
            if self._crossings(w, v) < self._crossings(v, w):
                row[i], row[i + 1] = w, v
                self.order[v], self.order[w] = i + 1, i
                changed = True
        return changed

    def _crossings(self, v: int, w: int) -> int:
        """Of the lines of two neighbours, with v on the left of w."""
        count = 0
        for lines_of_v, lines_of_w, far in (
            (self.above[v], self.above[w], self._out_order),
            (self.below[v], self.below[w], self._in_order),
        ):
            ends = [far(*line) for line in lines_of_w]
            count += sum(far(*line) > end for line in lines_of_v for end in ends)
        return count

    def _out_order(self, v: int, number: int) -> tuple[int, float]:
        return self.order[v], self.leave(v, number)

    def _in_order(self, v: int, number: int) -> tuple[int, float]:
        node = self.nodes[v] if v < len(self.nodes) else None
        fixed = node is not None and node.ins is not None
        return self.order[v], self.meet(v, number) if fixed else 0.0

    def set_x(self) -> None:
        """Find the centre of every node in x."""
        for row in self.layers:
            self._pack(row)
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            for row in self.layers if down else self.layers[::-1]:
                self._sweep(row, up=down, down=not down)
        for _round in range(ROUNDS):
            self._align()
        left = min(self.x[v] - self.width(v) / 2 for row in self.layers for v in row)
        for v in self.x:
            self.x[v] = round(self.x[v] - left, 1)

    def _align(self) -> None:
        """Move whole blocks to where their other lines want them, as near as the gaps allow."""
        blocks = self._blocks()
        block_of = {v: (b, offset) for b, block in enumerate(blocks) for v, offset in block}
        wishes = [self._block_wish(b, block, block_of) for b, block in enumerate(blocks)]
        gaps: dict[tuple[int, int], float] = {}
        for row in self.layers:
            for v, w in pairwise(row):
                (a, da), (b, db) = block_of[v], block_of[w]
                if a != b:
                    gap = self._gap(v, w) + da - db
                    gaps[a, b] = max(gap, gaps.get((a, b), gap))
        tied = [any(self.above[v] or self.below[v] for v, _offset in block) for block in blocks]
        weights = [len(block) if held else LOOSE for block, held in zip(blocks, tied, strict=True)]
        places = _project(wishes, weights, gaps)
        for place, block in zip(places, blocks, strict=True):
            for v, offset in block:
                self.x[v] = place + offset

    def _block_wish(self, number: int, block: list, block_of: dict) -> float:
        at = []
        for v, offset in block:
            for a, n in self.above[v]:
                if block_of[a][0] != number:
                    at.append(self.x[a] + self.leave(a, n) - self.meet(v, n) - offset)
            for b, n in self.below[v]:
                if block_of[b][0] != number:
                    at.append(self.x[b] + self.meet(b, n) - self.leave(v, n) - offset)
        box_number = block[0][0]
        return median(at) if at else self._beside(box_number, self.x[box_number])

    def _beside(self, v: int, otherwise: float) -> float:
        """A box without lines stays by the one on its left, or else on its right."""
        row, i = self.layers[self.depth[v]], self.order[v]
        if i:
            return self.x[row[i - 1]] + self._gap(row[i - 1], v)
        return self.x[row[1]] - self._gap(v, row[1]) if len(row) > 1 else otherwise

    def _sweep(self, row: list[int], up: bool, down: bool) -> None:
        wishes = [self._wish(v, up, down) for v in row]
        gaps = [self._gap(a, b) for a, b in pairwise(row)]
        weights = [8 if v >= len(self.nodes) else 1 for v in row]
        for v, x in zip(row, _spread(wishes, weights, gaps), strict=True):
            self.x[v] = x

    def _wish(self, v: int, up: bool, down: bool) -> float:
        at: list[float] = []
        if up:
            at += [self.x[a] + self.leave(a, n) - self.meet(v, n) for a, n in self.above[v]]
        if down:
            at += [self.x[b] + self.meet(b, n) - self.leave(v, n) for b, n in self.below[v]]
        if not at:
            return self.x[v]
        return median(at)

    def set_y(self) -> None:
        """Find the upper and the lower border of every layer in y."""
        self.tops: list[float] = []
        self.bottoms: list[float] = []
        y = 0.0
        for depth, row in enumerate(self.layers):
            self.tops.append(y)
            self.bottoms.append(y + max(self.height(v) for v in row))
            y = self.bottoms[-1] + (self._space(depth) if depth + 1 < len(self.layers) else 0)
        self.y = {}
        for depth, row in enumerate(self.layers):
            for v in row:
                first = not self.above[v] and v < len(self.nodes)
                self.y[v] = self.bottoms[depth] - self.height(v) if first else self.tops[depth]

    def _space(self, depth: int) -> float:
        """Below a layer: more where lines go far sideways, less where nothing moves."""
        travel = 0.0
        for v in self.layers[depth]:
            for b, n in self.below[v]:
                start, end = self.x[v] + self.leave(v, n), self.x[b] + self.meet(b, n)
                travel = max(travel, abs(start - end))
        stem = STEM if self._written(depth) else SHORT
        return stem + (BEND if travel < 2 else BEND + min(34.0, 8 + travel * 0.07))

    def _written(self, depth: int) -> bool:
        return any(
            self.edges[n].label
            for v in self.layers[depth]
            if v < len(self.nodes)
            for _b, n in self.below[v]
        )

    def extent(self, depths: range) -> tuple[float, float]:
        """Return the left and the right border of some layers."""
        members = [v for depth in depths for v in self.layers[depth]]
        left = min(self.x[v] - self.width(v) / 2 for v in members)
        return left, max(self.x[v] + self.width(v) / 2 for v in members)


def _spread(wishes: list[float], weights: list[int], gaps: list[float]) -> list[float]:
    """The places nearest to the wishes (least squares) that keep the gaps: neighbours whose
    wishes are too close are merged into groups, which move together.
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    groups: list[tuple[float, int, int]] = []  # sum of weighted places, weight, members
    for wish, weight, offset in zip(wishes, weights, offsets, strict=True):
        groups.append(((wish - offset) * weight, weight, 1))
        while len(groups) > 1 and _mean(groups[-2]) >= _mean(groups[-1]):
            (total, heavy, many), (a, b, c) = groups[-2:]
            groups[-2:] = [(total + a, heavy + b, many + c)]
    places = [_mean(group) for group in groups for _member in range(group[2])]
    return [place + offset for place, offset in zip(places, offsets, strict=True)]


def _mean(group: tuple[float, int, int]) -> float:
    return group[0] / group[1]


def _project(
    wishes: list[float], weights: list[float], gaps: dict[tuple[int, int], float]
) -> list[float]:
    """The places nearest to the wishes (least squares) with each pair (a, b) at least its gap
    apart: Hildreth's method, then one pass from the left that leaves no gap too small.
    """
    places = list(wishes)
    pull = dict.fromkeys(gaps, 0.0)
    for _round in range(200):
        moved = 0.0
        for (a, b), gap in gaps.items():
            lack = gap - (places[b] - places[a])
            change = max(-pull[a, b], lack / (1 / weights[a] + 1 / weights[b]))
            if change:
                pull[a, b] += change
                places[a] -= change / weights[a]
                places[b] += change / weights[b]
                moved = max(moved, abs(change))
        if moved < 0.05:
            break
    return _pushed(places, gaps)


def _pushed(places: list[float], gaps: dict[tuple[int, int], float]) -> list[float]:
    after = defaultdict(list)
    waits = [0] * len(places)
    for (a, b), gap in gaps.items():
        after[a].append((b, gap))
        waits[b] += 1
    ready = [a for a, count in enumerate(waits) if not count]
    while ready:
        a = ready.pop()
        for b, gap in after[a]:
            places[b] = max(places[b], places[a] + gap)
            waits[b] -= 1
            if not waits[b]:
                ready.append(b)
    return places
