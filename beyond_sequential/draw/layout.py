"""Where boxes and lines go: a layered drawing, arguments above the calls that read them.

Knows nothing of models.  `fast_sugiyama` decides on layers and on the order within each; it has
no sizes for single vertices, so coordinates are computed here, from the real widths and heights.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from fast_sugiyama import from_edges

Point = tuple[float, float]

GAP_X = 30  # between two boxes of one layer
LANE = 16  # around a line that passes between boxes
STEM = 24  # straight piece under a box; the shape is written on it
SHORT = 6  # the same where nothing is written
BEND = 18  # the least height in which a line may move sideways
GUTTER = 40  # between two columns
PORT = 18  # between two arrow heads on one box
SWEEPS = 8
ROUNDS = 5
HEAVIER = 1.5


@dataclass(slots=True)
class Node:
    """A box to place.  `ins` and `outs` are where lines meet its upper and lower side, from the
    left edge; without `ins` they are spread over the upper side in the order they come in."""

    width: float
    height: float
    outs: tuple[float, ...] = ()
    ins: tuple[float, ...] | None = None
    top: bool = False  # belongs in the first layer
    bottom: bool = False  # belongs in the last


@dataclass(frozen=True, slots=True)
class Edge:
    source: int
    target: int
    out: int = 0
    port: int = 0
    label: bool = True  # something is written where it leaves its source


@dataclass(slots=True)
class Layout:
    width: float = 0.0
    height: float = 0.0
    places: list[Point] = field(default_factory=list)  # of each node's upper left corner
    routes: list[list[Point]] = field(default_factory=list)  # of each edge, straight corners


def layout(
    nodes: list[Node], edges: list[Edge], max_width: float, max_height: float
) -> Layout:
    """Place all nodes.  A drawing higher than `max_height` is broken into columns, as many as
    stand side by side in `max_width`."""
    if not nodes:
        return Layout()
    grid = _Grid(nodes, edges)
    grid.set_x()
    grid.straighten_order()
    grid.set_y()
    return _columns(grid, max_width, max_height)


# --- layers and order ---------------------------------------------------------------------------


def _layers(nodes: list[Node], edges: list[Edge]) -> tuple[list[list[int]], list[list[int]]]:
    """Node numbers by layer, in order, and for each edge the numbers along it.  Numbers from
    len(nodes) on stand for bends: an edge has one in every layer that it passes."""
    source, sink = len(nodes), len(nodes) + 1
    pairs = [(e.source, e.target) for e in edges]
    # Doubled edges to a common first and last vertex pull those nodes to the border.
    helpers = [(source, i) for i, n in enumerate(nodes) if n.top] * 2
    helpers += [(i, sink) for i, n in enumerate(nodes) if n.bottom] * 2
    layers: list[list[int]] = []
    chains: dict[tuple[int, int], list[list[int]]] = defaultdict(list)
    fresh = len(nodes)
    parts = from_edges(pairs + helpers, vertex_spacing=8, dummy_vertices=True) if pairs else []
    for positions, _width, _height, links in sorted(parts, key=_first_vertex):
        names = {}
        for vertex, _xy in sorted(positions):
            if vertex < len(nodes):
                names[vertex] = vertex
            elif vertex not in (source, sink):
                names[vertex] = fresh
                fresh += 1
        _add_layers(layers, positions, names)
        for chain in _chains(sorted(links), names, len(nodes)):
            chains[chain[0], chain[-1]].append(chain)
    placed = {v for row in layers for v in row}
    for number in range(len(nodes)):
        if number not in placed:
            _put(layers, 0, [number])
    return [row for row in layers if row], [chains[pair].pop(0) for pair in pairs]


def _first_vertex(part) -> int:
    return min(vertex for vertex, _xy in part[0])


def _add_layers(layers: list[list[int]], positions, names: dict[int, int]) -> None:
    rows = defaultdict(list)
    for vertex, (x, y) in positions:
        if vertex in names:
            rows[-y].append((x, names[vertex]))
    for depth, key in enumerate(sorted(rows)):
        _put(layers, depth, [name for _x, name in sorted(rows[key])])


def _put(layers: list[list[int]], depth: int, row: list[int]) -> None:
    while len(layers) <= depth:
        layers.append([])
    layers[depth].extend(row)


def _chains(links, names: dict[int, int], real: int):
    """Each edge as the numbers it leads over, from its real source to its real target."""
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


# --- coordinates ----------------------------------------------------------------------------------


class _Grid:
    """The drawing while its coordinates are found: centres in x, layer by layer."""

    def __init__(self, nodes: list[Node], edges: list[Edge]) -> None:
        self.nodes, self.edges = nodes, edges
        self.layers, self.chains = _layers(nodes, edges)
        self.order = {v: i for row in self.layers for i, v in enumerate(row)}
        self.x: dict[int, float] = {}
        self.above: dict[int, list] = defaultdict(list)
        self.below: dict[int, list] = defaultdict(list)
        for number, chain in enumerate(self.chains):
            for a, b in pairwise(chain):
                self.above[b].append((a, number))
                self.below[a].append((b, number))
        self.straight = self._straight_lines()
        for row in self.layers:
            self._pack(row)

    def width(self, v: int) -> float:
        return self.nodes[v].width if v < len(self.nodes) else 0.0

    def height(self, v: int) -> float:
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
        if v >= len(self.nodes):
            return 0.0
        outs = self.nodes[v].outs
        out = self.edges[number].out
        return outs[out] - self.nodes[v].width / 2 if out < len(outs) else 0.0

    def meet(self, v: int, number: int) -> float:
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
            kept: list[tuple] = []
            for line in lines:
                if all((line[3] - k[3]) * (line[4] - k[4]) > 0 for k in kept):
                    kept.append(line)
            straight.update((a, b, n) for a, b, n, _i, _j in kept)
        return straight

    def _main(self, lines: list[tuple[int, int]]) -> tuple[int, int] | None:
        """Of the lines on one side of a box the one that goes on straight, if any should: the
        middle one, or of two the one to a box that is clearly higher (a line past boxes is 0)."""
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

    def set_x(self) -> None:
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
        places = _project(wishes, [len(block) for block in blocks], gaps)
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
        return median(at) if at else median(self.x[v] - offset for v, offset in block)

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

    def straighten_order(self) -> None:
        """Mirror the drawing if most arguments then stand in the order in which they are read."""
        wrong = right = 0
        for v in range(len(self.nodes)):
            lines = sorted(self.above[v], key=lambda line: line[1])
            for (a, m), (b, n) in pairwise(lines):
                if self.edges[m].port != self.edges[n].port and a != b:
                    order = (self.x[b] - self.x[a]) * (self.edges[n].port - self.edges[m].port)
                    wrong, right = wrong + (order < 0), right + (order > 0)
        if not right and not wrong:
            row = [v for v in self.layers[-1] if v < len(self.nodes)]
            wrong, right = int(row == sorted(row, reverse=True) and len(row) > 1), 0
        if wrong > right:
            edge = max(self.x[v] + self.width(v) / 2 for v in self.x)
            self.x = {v: edge - x for v, x in self.x.items()}
            self.layers = [row[::-1] for row in self.layers]
            self.order = {v: i for row in self.layers for i, v in enumerate(row)}
            if any(node.ins is not None or len(node.outs) > 1 for node in self.nodes):
                self.set_x()  # ports are not mirrored with the boxes

    def set_y(self) -> None:
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
            self.edges[n].label for v in self.layers[depth] if v < len(self.nodes)
            for _b, n in self.below[v]
        )

    def depth(self) -> dict[int, int]:
        return {v: depth for depth, row in enumerate(self.layers) for v in row}


def _spread(wishes: list[float], weights: list[int], gaps: list[float]) -> list[float]:
    """The places nearest to the wishes (least squares) that keep the gaps: neighbours whose
    wishes are too close are merged into blocks, which move together."""
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    blocks: list[list[float]] = []  # sum of weighted places, weight, members
    for wish, weight, offset in zip(wishes, weights, offsets, strict=True):
        blocks.append([(wish - offset) * weight, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    places = []
    for total, weight, count in blocks:
        places += [total / weight] * int(count)
    return [place + offset for place, offset in zip(places, offsets, strict=True)]


def _project(
    wishes: list[float], weights: list[int], gaps: dict[tuple[int, int], float]
) -> list[float]:
    """The places nearest to the wishes (least squares) with each pair (a, b) at least its gap
    apart: Hildreth's method, then one pass from the left that leaves no gap too small."""
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


# --- columns --------------------------------------------------------------------------------------


def _columns(grid: _Grid, max_width: float, max_height: float) -> Layout:
    cuts = _cuts(grid, max_width, max_height)
    starts = [0, *cuts]
    ends = [*cuts, len(grid.layers)]
    column_of = {}
    shifts: list[Point] = []
    x = 0.0
    height = 0.0
    lanes = _lanes(grid, cuts)
    for column, (start, end) in enumerate(zip(starts, ends, strict=True)):
        members = [v for row in grid.layers[start:end] for v in row]
        left = min(grid.x[v] - grid.width(v) / 2 for v in members)
        right = max(grid.x[v] + grid.width(v) / 2 for v in members)
        for depth in range(start, end):
            column_of[depth] = column
        inset = 0.0 if column == 0 else _inset(lanes, starts[column])
        shifts.append((x - left, inset - grid.tops[start]))
        outset = _inset(lanes, end) if column + 1 < len(starts) else 0.0
        height = max(height, inset + grid.bottoms[end - 1] - grid.tops[start] + outset)
        x += right - left + GUTTER + (12 * (len(lanes.get(end, ())) - 1) if end in lanes else 0)
    x -= GUTTER
    depth_of = grid.depth()
    places = []
    for v in range(len(grid.nodes)):
        dx, dy = shifts[column_of[depth_of[v]]]
        places.append((grid.x[v] - grid.width(v) / 2 + dx, grid.y[v] + dy))
    routes = [
        _route(grid, number, chain, depth_of, column_of, shifts, lanes, height)
        for number, chain in enumerate(grid.chains)
    ]
    return Layout(x, height, places, routes)


def _inset(lanes: dict[int, list], cut: int) -> float:
    return STEM + 10.0 * len(lanes.get(cut, ()))


def _crossing(grid: _Grid, cut: int) -> list[tuple[int, int]]:
    """The tensors (source, output) whose lines lead from above a layer into it or below."""
    row = grid.layers[cut]
    return sorted(
        {(grid.edges[n].source, grid.edges[n].out) for v in row for _a, n in grid.above[v]}
    )


def _lanes(grid: _Grid, cuts: list[int]) -> dict[int, list[tuple[int, int]]]:
    return {cut: _crossing(grid, cut) for cut in cuts}


def _cuts(grid: _Grid, max_width: float, max_height: float) -> list[int]:
    """The layers that start a new column."""
    total = grid.bottoms[-1]
    if total <= max_height:
        return []
    width = max(
        max(grid.x[v] + grid.width(v) / 2 for v in row)
        - min(grid.x[v] - grid.width(v) / 2 for v in row)
        for row in grid.layers
    )
    fit = max(1, int((max_width + GUTTER) // (width + GUTTER)))
    wanted = min(fit, int(-(-total // max_height)))
    cost = [len(_crossing(grid, d)) for d in range(len(grid.layers))]
    cuts: list[int] = []
    for column in range(1, wanted):
        aim = total * column / wanted
        reach = total / wanted * 0.4
        near = [
            d for d in range((cuts[-1] if cuts else 0) + 1, len(grid.layers))
            if abs(grid.tops[d] - aim) <= reach and cost[d] <= 3
        ]
        if near:
            cuts.append(min(near, key=lambda d: (
                cost[d] * max_height * 0.25 + abs(grid.tops[d] - aim), d)))
    return cuts


def _route(grid, number, chain, depth_of, column_of, shifts, lanes, height) -> list[Point]:
    """The corners of a line: down, across below a layer, down; or round to the next column."""
    points: list[Point] = []
    edge = grid.edges[number]
    for a, b in pairwise(chain):
        upper, lower = depth_of[a], depth_of[b]
        x0, x1 = grid.x[a] + grid.leave(a, number), grid.x[b] + grid.meet(b, number)
        (dx0, dy0), (dx1, dy1) = shifts[column_of[upper]], shifts[column_of[lower]]
        if not points:
            points.append((x0 + dx0, grid.y[a] + grid.height(a) + dy0))
        if column_of[upper] == column_of[lower]:
            bottom, top = grid.bottoms[upper] + dy0, grid.tops[lower] + dy0
            points += [(x0 + dx0, bottom), (x1 + dx1, top)]
        else:
            lane = lanes[lower].index((edge.source, edge.out))
            left = min(
                grid.x[v] - grid.width(v) / 2
                for d, c in column_of.items() if c == column_of[lower]
                for v in grid.layers[d]
            ) + dx1
            bottom = grid.bottoms[upper] + dy0 + STEM + 10 * lane
            gutter = left - GUTTER / 2 - 12 * lane
            points += [
                (x0 + dx0, bottom), (gutter, bottom), (gutter, 4 + 10 * lane),
                (x1 + dx1, 4 + 10 * lane), (x1 + dx1, grid.tops[lower] + dy1),
            ]
        if lower == depth_of[chain[-1]]:
            points.append((x1 + dx1, grid.y[b] + dy1))
    return points
