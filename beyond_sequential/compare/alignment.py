"""Which node of one form stands for which node of another, when the two are not the same.

A node is recognised by everything that it is made from (`up`), or by everything that is made of
it (`down`): a single change spoils `up` only for what comes after it and `down` only for what
comes before it, so all else is recognised by one of the two.  Between several changes nodes are
recognised by what is near them, then by their neighbours, the most similar pair first, and at
last by their place in the order of calls (E. Myers, "An O(ND) difference algorithm and its
variations", 1986).  What finds no counterpart is missing, or extra.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..equivalence import Form, Node

Pins = Mapping[int, int]
"""Pairs that are known from the start, from a node of the target to one of what was found."""

MAX_EDITS = 300
MAX_CROWD = 40


@dataclass(frozen=True, slots=True)
class Side:
    """A form with its edges in both directions.  `exits` names the outputs that a node gives,
    `calls` the nodes that use the same weights."""

    form: Form
    kinds: Sequence[int]
    readers: Sequence[Sequence[tuple[str, int, int]]]
    exits: Sequence[Sequence[tuple[int, int]]]
    calls: Mapping[int, Sequence[int]]

    @property
    def nodes(self) -> Sequence[Node]:
        return self.form.nodes


def side(form: Form, labels: Sequence[int], names: dict[Hashable, int]) -> Side:
    """`labels` says of each output which one it is; `names` numbers what nodes are."""
    readers: list[list[tuple[str, int, int]]] = [[] for _ in form.nodes]
    for number, node in enumerate(form.nodes):
        for slot, (source, output) in node.reads:
            readers[source].append((slot, number, output))
    exits: list[list[tuple[int, int]]] = [[] for _ in form.nodes]
    for label, port in zip(labels, form.outputs, strict=True):
        exits[port.source[0]].append((label, port.source[1]))
    kinds = [names.setdefault(node.key, len(names)) for node in form.nodes]
    calls: dict[int, list[int]] = defaultdict(list)
    for number, node in enumerate(form.nodes):
        if node.weights is not None:
            calls[node.weights].append(number)
    return Side(form, kinds, readers, exits, calls)


@dataclass(slots=True)
class _Search:
    target: Side
    found: Side
    match: dict[int, int] = field(default_factory=dict)
    back: dict[int, int] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    waiting: list[tuple[int, int]] = field(default_factory=list)

    def pair(self, mine: int, its: int) -> None:
        self.match[mine], self.back[its] = its, mine
        self.waiting.append((mine, its))
        a, b = self.target.nodes[mine].weights, self.found.nodes[its].weights
        if a is not None and b is not None:
            self.weights.setdefault(a, b)

    def free(self) -> tuple[list[int], list[int]]:
        return (
            [n for n in range(len(self.target.nodes)) if n not in self.match],
            [n for n in range(len(self.found.nodes)) if n not in self.back],
        )


STRATEGIES = ("from the inputs", "from the outputs", "in order")


def align(target: Side, found: Side, pins: Pins, strategy: str = STRATEGIES[0]) -> dict[int, int]:
    """For nodes of the target their counterparts, no node twice.  The strategy tells what decides
    first where two ways of recognising a node do not agree."""
    search = _Search(target, found)
    for mine, its in pins.items():
        search.pair(mine, its)
    up, down = _ups(search), _downs(search)
    both = _zipped(up, down)
    looks = (down, up) if strategy == "from the outputs" else (up, down)
    _pair_unique(search, both)
    while any(_pair_unique(search, look) for look in looks):
        pass
    _spread(search)
    for radius in (4, 2, 1):
        _pair_unique(search, _nearby(search, radius))
        _spread(search)
    for look in (_with_layers(search, both), both, *looks):
        _pair_crowds(search, look, both)
    if strategy == "in order":
        _pair_in_order(search)
    _pair_similar(search, _same_kind)
    _pair_in_order(search)
    _pair_similar(search, _same_kind)
    _pair_similar(search, _same_position)
    return search.match


# --- What a node looks like -----------------------------------------------------------------

Look = tuple[list[Hashable], list[Hashable]]


def _with_layers(search: _Search, look: Look) -> Look:
    """A look, and that of all calls of the same layer."""

    def looks(side: Side, alone: list[Hashable]) -> list[Hashable]:
        together = {
            weights: tuple(sorted(alone[call] for call in calls))  # type: ignore[type-var]
            for weights, calls in side.calls.items()
        }
        return [
            (alone[number], () if node.weights is None else together[node.weights])
            for number, node in enumerate(side.nodes)
        ]

    return looks(search.target, look[0]), looks(search.found, look[1])


def _zipped(one: Look, other: Look) -> Look:
    return [*zip(one[0], other[0], strict=True)], [*zip(one[1], other[1], strict=True)]


def _ups(search: _Search) -> Look:
    return made_alike(search.target.form, search.found.form, search.match)


def made_alike(target: Form, found: Form, pins: Pins) -> Look:
    """For each node what stands for all that it is made from; pinned inputs are alike."""
    names: dict[Hashable, int] = {}

    def looks(form: Form, known: Mapping[int, int]) -> list[Hashable]:
        result: list[Hashable] = []
        for number, node in enumerate(form.nodes):
            read = sorted((slot, output, result[s]) for slot, (s, output) in node.reads)
            alone = known.get(number, id(node)) if node.kind == "input" else None
            result.append(names.setdefault((node.key, alone, *read), len(names)))
        return result

    back = {its: mine for mine, its in pins.items()}
    return looks(target, {mine: mine for mine in pins}), looks(found, back)


def _downs(search: _Search) -> Look:
    names: dict[Hashable, int] = {}

    def looks(side: Side) -> list[Hashable]:
        result: list[Hashable] = [None] * len(side.nodes)
        for number in range(len(side.nodes) - 1, -1, -1):
            read = sorted((slot, output, result[r]) for slot, r, output in side.readers[number])
            key = (side.kinds[number], tuple(sorted(side.exits[number])), *read)
            result[number] = names.setdefault(key, len(names))
        return result

    return looks(search.target), looks(search.found)


def _nearby(search: _Search, radius: int) -> Look:
    """What a node and those around it are, as far as `radius` steps."""

    def step(side: Side, old: list[Hashable], names: dict[Hashable, int]) -> list[Hashable]:
        result: list[Hashable] = []
        for number, node in enumerate(side.nodes):
            above = sorted((slot, output, old[s]) for slot, (s, output) in node.reads)
            below = sorted((slot, output, old[r]) for slot, r, output in side.readers[number])
            result.append(names.setdefault((old[number], *above, "", *below), len(names)))
        return result

    mine: list[Hashable] = list(search.target.kinds)
    its: list[Hashable] = list(search.found.kinds)
    for _ in range(radius):
        names: dict[Hashable, int] = {}
        mine, its = step(search.target, mine, names), step(search.found, its, names)
    return mine, its


# --- Pairing by looks -----------------------------------------------------------------------


def _groups(search: _Search, look: Look) -> Iterator[tuple[list[int], list[int]]]:
    """Nodes without a counterpart that look alike, where both sides have some."""
    by_look: dict[Hashable, tuple[list[int], list[int]]] = {}
    for side, free in enumerate(search.free()):
        for number in free:
            by_look.setdefault(look[side][number], ([], []))[side].append(number)
    return ((mine, its) for mine, its in by_look.values() if mine and its)


def _pair_unique(search: _Search, look: Look) -> bool:
    paired = False
    for mine, its in list(_groups(search, look)):
        if len(mine) == len(its) == 1:
            search.pair(mine[0], its[0])
            paired = True
    return paired


def _pair_crowds(search: _Search, look: Look, both: Look) -> None:
    """Nodes that look alike are as good as each other: pair any two, and what hangs on them, be it
    by a wire or as calls of the same layer."""
    for mine, its in list(_groups(search, look)):
        left = its[::-1]
        for number in mine:
            while left and left[-1] in search.back:
                left.pop()
            if left and number not in search.match:
                search.pair(number, _of_same_layer(search, number, left))
                _spread(search, both)


def _of_same_layer(search: _Search, number: int, candidates: list[int]) -> int:
    """The last candidate, or one near the end that is called of a layer known to correspond."""
    own = search.target.nodes[number].weights
    weights = None if own is None else search.weights.get(own)
    free = (n for n in candidates[-MAX_CROWD:] if n not in search.back)
    same = (n for n in free if weights is not None and search.found.nodes[n].weights == weights)
    return next(same, candidates[-1])


def _spread(search: _Search, look: Look | None = None) -> list[tuple[int, int]]:
    """From each new pair on to the neighbours that can only be each other's counterparts; with a
    look, also to other calls of the layer that look alike.  All pairs that are new."""
    target, found = search.target, search.found
    new = []
    while search.waiting:
        mine, its = search.waiting.pop()
        new.append((mine, its))
        _pair_neighbours(search, _operands(target, mine), _operands(found, its))
        _pair_neighbours(search, _readers(target, mine), _readers(found, its))
        if look is not None:
            _pair_neighbours(
                search, _siblings(target, mine, look[0]), _siblings(found, its, look[1])
            )
    return new


def _siblings(side: Side, number: int, looks: list[Hashable]) -> Iterator[tuple[Hashable, int]]:
    weights = side.nodes[number].weights
    if weights is not None and len(side.calls[weights]) <= MAX_CROWD:
        for other in side.calls[weights]:
            yield looks[other], other


def _operands(side: Side, number: int) -> Iterator[tuple[Hashable, int]]:
    for slot, (source, output) in side.nodes[number].reads:
        yield (slot, output, side.kinds[source]), source


def _readers(side: Side, number: int) -> Iterator[tuple[Hashable, int]]:
    for slot, reader, output in side.readers[number]:
        yield (slot, output, side.kinds[reader]), reader


def _pair_neighbours(
    search: _Search,
    mine: Iterable[tuple[Hashable, int]],
    its: Iterable[tuple[Hashable, int]],
) -> None:
    left, right = defaultdict(set), defaultdict(set)
    for key, number in mine:
        if number not in search.match:
            left[key].add(number)
    for key, number in its:
        if number not in search.back:
            right[key].add(number)
    for key, numbers in left.items():
        if len(numbers) == 1 and len(right[key]) == 1:
            (number,), (other,) = numbers, right[key]
            if number not in search.match and other not in search.back:
                search.pair(number, other)


# --- Pairing what is similar ----------------------------------------------------------------

Score = Callable[[_Search, int, int], float]


def _pair_similar(search: _Search, score: Score) -> None:
    """Pair neighbours of pairs, the most similar first."""
    heap: list[tuple[float, int, int]] = []

    def offer(mine: Iterable[int], its: Iterable[int]) -> None:
        left = [n for n in mine if n not in search.match][:MAX_CROWD]
        right = [n for n in its if n not in search.back][:MAX_CROWD]
        for a in left:
            for b in right:
                value = score(search, a, b)
                if value > 0:
                    heapq.heappush(heap, (-value, a, b))

    def offer_around(mine: int, its: int) -> None:
        target, found = search.target, search.found
        offer((s for _, s in _operands(target, mine)), (s for _, s in _operands(found, its)))
        offer((r for _, r in _readers(target, mine)), (r for _, r in _readers(found, its)))

    for mine, its in list(search.match.items()):
        offer_around(mine, its)
    offer(*_givers(search))
    while heap:
        _, mine, its = heapq.heappop(heap)
        if mine in search.match or its in search.back:
            continue
        search.pair(mine, its)
        for pair in _spread(search):
            offer_around(*pair)


def _givers(search: _Search) -> tuple[list[int], list[int]]:
    """The nodes without counterpart that give an output."""
    mine, its = search.free()
    return (
        [n for n in mine if search.target.exits[n]],
        [n for n in its if search.found.exits[n]],
    )


def _same_kind(search: _Search, mine: int, its: int) -> float:
    a, b = search.target.nodes[mine], search.found.nodes[its]
    if a.kind != b.kind or a.kind == "input":
        return 0.0
    names = a.settings.keys() | b.settings.keys()
    alike = sum(a.settings.get(name) == b.settings.get(name) for name in names)
    share = alike / len(names) if names else 1.0
    same_layer = a.weights is not None and search.weights.get(a.weights) == b.weights
    return 1.0 + share + 2 * sum(_agreement(search, mine, its)) + same_layer


def _same_position(search: _Search, mine: int, its: int) -> float:
    """Another kind of node between the same neighbours."""
    a, b = search.target.nodes[mine], search.found.nodes[its]
    if "input" in (a.kind, b.kind) or (a.kind == "activation") != (b.kind == "activation"):
        return 0.0
    above, below = _agreement(search, mine, its)
    if not above or not below:
        return 0.0
    return above + below + ((a.weights is None) == (b.weights is None))


def _agreement(search: _Search, mine: int, its: int) -> tuple[float, float]:
    """Which part of what is read, and of what reads, agrees."""
    target, found = search.target, search.found
    above = _overlap(
        [search.match.get(s) for _, (s, _) in target.nodes[mine].reads],
        [s for _, (s, _) in found.nodes[its].reads],
    )
    outlets = [("", search.match.get(r)) for _, r, _ in target.readers[mine]]
    others = [("", r) for _, r, _ in found.readers[its]]
    below = _overlap(
        outlets + [("exit", label) for label, _ in target.exits[mine]],
        others + [("exit", label) for label, _ in found.exits[its]],
    )
    return above, below


def _overlap(mine: list, its: list) -> float:
    a, b = set(mine), set(its)
    return len(a & b) / max(len(a | b), 1)


# --- Pairing in order -----------------------------------------------------------------------


def _pair_in_order(search: _Search) -> None:
    """Pair what is left by the longest common run of calls, alike first, then of one kind."""
    for look in (
        (search.target.kinds, search.found.kinds),
        ([n.kind for n in search.target.nodes], [n.kind for n in search.found.nodes]),
    ):
        mine, its = search.free()
        mine = [n for n in mine if search.target.nodes[n].kind != "input"]
        its = [n for n in its if search.found.nodes[n].kind != "input"]
        for a, b in _common([look[0][n] for n in mine], [look[1][n] for n in its]):
            if mine[a] not in search.match and its[b] not in search.back:
                search.pair(mine[a], its[b])
                _spread(search)


def _common(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    """A longest common subsequence, as pairs of positions; none if it takes too many edits."""
    ends = {1: 0}
    history = []
    for edits in range(min(len(a) + len(b), MAX_EDITS) + 1):
        history.append(dict(ends))
        for diagonal in range(-edits, edits + 1, 2):
            x = _furthest(ends, diagonal, edits)
            y = x - diagonal
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x, y = x + 1, y + 1
            ends[diagonal] = x
            if x >= len(a) and y >= len(b):
                return _traced(history, len(a), len(b))
    return []


def _furthest(ends: Mapping[int, int], diagonal: int, edits: int) -> int:
    below, above = ends.get(diagonal - 1, -1), ends.get(diagonal + 1, -1)
    if diagonal == -edits or (diagonal != edits and below < above):
        return above
    return below + 1


def _traced(history: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    pairs = []
    for edits in range(len(history) - 1, -1, -1):
        ends = history[edits]
        diagonal = x - y
        start = _furthest(ends, diagonal, edits)
        while x > start and y > 0 and x > 0:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        if edits == 0:
            break
        below, above = ends.get(diagonal - 1, -1), ends.get(diagonal + 1, -1)
        if diagonal == -edits or (diagonal != edits and below < above):
            x, y = above, above - diagonal - 1
        else:
            x, y = below, below - diagonal + 1
    return pairs[::-1]
