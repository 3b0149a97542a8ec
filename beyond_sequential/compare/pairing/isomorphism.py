"""Whether two graphs of calls that share layers are one graph, and how they map.

The algorithm is colour refinement with individualisation, as graph isomorphism programs use it
(one-dimensional Weisfeiler-Leman; B. McKay, "Practical graph isomorphism", 1981; B. McKay and
A. Piperno, "Practical graph isomorphism, II", 2014), fitted to what models look like:

    refine        colour each call by what it is, what it reads and what reads it, and each layer
                  by its calls.  Calls are visited in order and then in reverse, so that a chain
                  of any length takes one round.
    take apart    what has a colour of its own is matched, calls as well as layers.  The rest falls
                  into parts that touch only through what is matched, and parts can be matched one
                  by one: equal branches cost no more than their number, be it that they share
                  their layers.
    individualise in a part that stays symmetric, pick one call, try each counterpart.

The mapping found is verified call by call and layer by layer before it is given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

Read = tuple[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Coloured:
    """A graph of calls.

    `colours` says what each call is in itself, `reads` what it reads (slot, (call, output)),
    `layers` which layer it is a call of, if that matters.  `layer_colours` says what each layer is
    in itself; a tie lists the places (layer, position) of one weight that several layers hold.
    """

    colours: Sequence[Hashable]
    reads: Sequence[Sequence[Read]]
    layers: Sequence[int | None]
    layer_colours: Sequence[Hashable]
    ties: Sequence[tuple[tuple[int, int], ...]] = ()


class _GaveUp(Exception):
    pass


MAX_WORK = 5_000_000
"""Visits to calls after which a search that only an adversary can make this long is given up."""


def isomorphism(a: Coloured, b: Coloured) -> list[int] | None:
    """For each call of `a` its counterpart in `b`, or None if they are different graphs."""
    if len(a.colours) != len(b.colours) or Counter(a.colours) != Counter(b.colours):
        return None
    both = _Both(a, b)
    try:
        mapping = _match(both, range(both.split), range(both.split, both.size), set(both.calls_of))
    except (_GaveUp, RecursionError):
        return None
    if mapping is None:
        return None
    result = [mapping[call] - both.split for call in range(both.split)]
    return result if is_isomorphism(a, b, result) else None


def is_isomorphism(a: Coloured, b: Coloured, mapping: Sequence[int]) -> bool:
    """Return whether the mapping keeps everything that a graph of calls says."""
    if sorted(mapping) != list(range(len(b.colours))):
        return False
    layers: dict[int, int] = {}
    for call, other in enumerate(mapping):
        if a.colours[call] != b.colours[other]:
            return False
        moved = sorted((slot, (mapping[s], output)) for slot, (s, output) in a.reads[call])
        if moved != sorted(b.reads[other]):
            return False
        in_a, in_b = a.layers[call], b.layers[other]
        if in_a is None or in_b is None:
            if in_a is not in_b:
                return False
        elif layers.setdefault(in_a, in_b) != in_b:
            return False
    return _same_layers(a, b, layers)


def _same_layers(a: Coloured, b: Coloured, layers: dict[int, int]) -> bool:
    if len(set(layers.values())) != len(layers):
        return False
    if any(a.layer_colours[in_a] != b.layer_colours[in_b] for in_a, in_b in layers.items()):
        return False
    moved = [sorted((layers[in_a], p) for in_a, p in tie if in_a in layers) for tie in a.ties]
    return sorted(moved) == sorted(sorted(tie) for tie in b.ties)


class _Both:
    """Both graphs side by side, calls and layers of the second numbered on, with what is looked
    up again and again: readers of a call, calls of a layer, and the colours so far.
    """

    def __init__(self, a: Coloured, b: Coloured) -> None:
        self.split = len(a.colours)
        self.size = self.split + len(b.colours)
        self.layer_split = len(a.layer_colours)
        self.work = 0
        slots: dict[Hashable, int] = {}
        colours: dict[Hashable, int] = {}
        self.colour = [colours.setdefault(c, len(colours)) for c in (*a.colours, *b.colours)]
        self.layer_colour = [
            colours.setdefault(("layer", c), len(colours))
            for c in (*a.layer_colours, *b.layer_colours)
        ]
        self.fresh = len(colours)
        self.layer: list[int | None] = [
            *a.layers,
            *(None if layer is None else layer + self.layer_split for layer in b.layers),
        ]
        self.reads: list[list[tuple[int, int]]] = []
        self.readers: list[list[tuple[int, int]]] = [[] for _ in range(self.size)]
        for shift, graph in ((0, a), (self.split, b)):
            for reads in graph.reads:
                call = len(self.reads)
                in_a = []
                for slot, (source, output) in reads:
                    edge = slots.setdefault((slot, output), len(slots))
                    in_a.append((edge, source + shift))
                    self.readers[source + shift].append((edge, call))
                self.reads.append(in_a)
        self.calls_of: dict[int, list[int]] = defaultdict(list)
        for call, layer in enumerate(self.layer):
            if layer is not None:
                self.calls_of[layer].append(call)
        self.ties: list[list[tuple[int, int]]] = [
            [(layer + shift, position) for layer, position in tie]
            for shift, graph in ((0, a), (self.layer_split, b))
            for tie in graph.ties
        ]
        self.ties_of: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, tie in enumerate(self.ties):
            for layer, position in tie:
                self.ties_of[layer].append((position, number))


def _match(
    both: _Both, in_a: Sequence[int], in_b: Sequence[int], layers: set[int]
) -> dict[int, int] | None:
    """Return a mapping of the calls `in_a` to the calls `in_b`.

    All others are matched already, and so are all layers but `layers`.
    """
    if not _refine(both, in_a, in_b, layers):
        return None
    colour = both.colour
    counts = Counter(colour[call] for call in in_a)
    alone = {colour[call]: call for call in in_b if counts[colour[call]] == 1}
    mapping = {call: alone[colour[call]] for call in in_a if counts[colour[call]] == 1}
    rest_a = [call for call in in_a if counts[colour[call]] > 1]
    rest_b = [call for call in in_b if counts[colour[call]] > 1]
    twins = Counter(both.layer_colour[layer] for layer in layers)
    open_ = {layer for layer in layers if twins[both.layer_colour[layer]] > 2}
    waiting = defaultdict(list)
    for part in _parts(both, rest_b, open_):
        waiting[_colours_of(both, part)].append(part)
    for part in _parts(both, rest_a, open_):
        candidates = waiting[_colours_of(both, part)]
        for number, candidate in enumerate(candidates):
            found = _individualise(both, part, candidate, open_)
            if found is not None:
                mapping |= found
                del candidates[number]
                break
        else:
            return None
    return mapping


def _colours_of(both: _Both, part: list[int]) -> tuple[int, ...]:
    return tuple(sorted(both.colour[call] for call in part))


def _individualise(
    both: _Both, in_a: list[int], in_b: list[int], open_: set[int]
) -> dict[int, int] | None:
    """Match two parts whose colours say no more: give one call a colour of its own, and try each
    call that may be its counterpart.
    """
    colour, layer_colour = both.colour, both.layer_colour
    layers = open_ & _layers_of(both, [*in_a, *in_b])
    before = {call: colour[call] for call in (*in_a, *in_b)}
    layers_before = {layer: layer_colour[layer] for layer in layers}
    counts = Counter(colour[call] for call in in_a)
    chosen = min(in_a, key=lambda call: (counts[colour[call]], call))
    for candidate in in_b:
        if before[candidate] != before[chosen]:
            continue
        both.fresh += 1
        colour[chosen] = colour[candidate] = both.fresh
        found = _match(both, in_a, in_b, layers)
        if found is not None:
            return found
        for call, old in before.items():
            colour[call] = old
        for layer, old in layers_before.items():
            layer_colour[layer] = old
    return None


def _refine(both: _Both, in_a: Sequence[int], in_b: Sequence[int], open_: set[int]) -> bool:
    """Split colours until they stay; False as soon as the two sides differ."""
    calls = [*in_a, *in_b]
    layers = sorted(open_)
    classes = len({both.colour[call] for call in calls})
    while True:
        both.work += len(calls)
        if both.work > MAX_WORK:
            raise _GaveUp
        _sweep(both, calls, both.reads)
        if not _balanced(both, in_a, in_b):
            return False
        _sweep(both, calls[::-1], both.readers)
        if layers:
            _colour_layers(both, layers)
            _take_layer_colours(both, calls)
        if not _balanced(both, in_a, in_b):
            return False
        now = len({both.colour[call] for call in calls})
        if now == classes:
            return True
        classes = now


def _layers_of(both: _Both, calls: Sequence[int]) -> set[int]:
    return {layer for call in calls if (layer := both.layer[call]) is not None}


def _balanced(both: _Both, in_a: Sequence[int], in_b: Sequence[int]) -> bool:
    return Counter(both.colour[c] for c in in_a) == Counter(both.colour[c] for c in in_b)


def _sweep(both: _Both, calls: Sequence[int], neighbours: list[list[tuple[int, int]]]) -> None:
    colour = both.colour
    names: dict[Hashable, int] = {}
    fresh = both.fresh
    for call in calls:
        around = sorted((edge, colour[other]) for edge, other in neighbours[call])
        key = (colour[call], *around)
        name = names.get(key)
        if name is None:
            fresh += 1
            name = names[key] = fresh
        colour[call] = name
    both.fresh = fresh


def _colour_layers(both: _Both, layers: list[int]) -> None:
    names: dict[Hashable, int] = {}
    ties = {
        number: tuple(sorted((place, both.layer_colour[tied]) for tied, place in both.ties[number]))
        for layer in layers
        for _, number in both.ties_of.get(layer, ())
    }
    keys = []
    for layer in layers:
        calls = tuple(sorted(both.colour[call] for call in both.calls_of[layer]))
        tied = tuple(sorted((p, ties[number]) for p, number in both.ties_of.get(layer, ())))
        keys.append((both.layer_colour[layer], calls, tied))
    for layer, key in zip(layers, keys, strict=True):
        if key not in names:
            both.fresh += 1
            names[key] = both.fresh
        both.layer_colour[layer] = names[key]


def _take_layer_colours(both: _Both, calls: Sequence[int]) -> None:
    names: dict[Hashable, int] = {}
    for call in calls:
        layer = both.layer[call]
        if layer is None:
            continue
        key = (both.colour[call], both.layer_colour[layer])
        if key not in names:
            both.fresh += 1
            names[key] = both.fresh
        both.colour[call] = names[key]


def _parts(both: _Both, calls: list[int], open_: set[int]) -> list[list[int]]:
    """The calls in groups that do not touch: no call reads across, no open layer is in two."""
    inside = set(calls)
    parts, seen = [], set()
    for start in calls:
        if start in seen:
            continue
        part, stack = [], [start]
        seen.add(start)
        while stack:
            call = stack.pop()
            part.append(call)
            for other in _touching(both, call, open_):
                if other in inside and other not in seen:
                    seen.add(other)
                    stack.append(other)
        parts.append(sorted(part))
    return parts


def _touching(both: _Both, call: int, open_: set[int]) -> list[int]:
    others = [other for _, other in both.reads[call]] + [other for _, other in both.readers[call]]
    layer = both.layer[call]
    if layer not in open_:
        return others
    others += both.calls_of[layer]
    for _, number in both.ties_of.get(layer, ()):
        for tied, _ in both.ties[number]:
            others += both.calls_of[tied] if tied in open_ else []
    return others
