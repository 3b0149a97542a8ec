"""Pairs of nodes that are similar, and next to pairs that are known.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable

from .search import MAX_ALIKE, Search, operands, readers_of, spread

Score = Callable[[Search, int, int], float]


def pair_similar(search: Search, score: Score) -> None:
    """Pair neighbours of pairs, the most similar first."""
    heap: list[tuple[float, int, int]] = []

    def offer(in_target: Iterable[int], in_found: Iterable[int]) -> None:
        left = [n for n in in_target if n not in search.match][:MAX_ALIKE]
        right = [n for n in in_found if n not in search.back][:MAX_ALIKE]
        for a in left:
            for b in right:
                value = score(search, a, b)
                if value > 0:
                    heapq.heappush(heap, (-value, a, b))

    def offer_around(in_target: int, in_found: int) -> None:
        target, found = search.target, search.found
        offer(
            (s for _, s in operands(target, in_target)), (s for _, s in operands(found, in_found))
        )
        offer(
            (r for _, r in readers_of(target, in_target)),
            (r for _, r in readers_of(found, in_found)),
        )

    for in_target, in_found in list(search.match.items()):
        offer_around(in_target, in_found)
    offer(*_output_nodes(search))
    while heap:
        _, in_target, in_found = heapq.heappop(heap)
        if in_target in search.match or in_found in search.back:
            continue
        search.pair(in_target, in_found)
        for pair in spread(search):
            offer_around(*pair)


def _output_nodes(search: Search) -> tuple[list[int], list[int]]:
    """Return the nodes without counterpart that give an output."""
    in_target, in_found = search.free()
    return (
        [n for n in in_target if search.target.exits[n]],
        [n for n in in_found if search.found.exits[n]],
    )


def same_kind(search: Search, in_target: int, in_found: int) -> float:
    """Return how similar two nodes of one kind are; 0 for nodes of two kinds."""
    a, b = search.target.nodes[in_target], search.found.nodes[in_found]
    if a.kind != b.kind or a.kind == "input":
        return 0.0
    names = a.settings.keys() | b.settings.keys()
    alike = sum(a.settings.get(name) == b.settings.get(name) for name in names)
    share = alike / len(names) if names else 1.0
    same_layer = a.weights is not None and search.weights.get(a.weights) == b.weights
    return 1.0 + share + 2 * sum(_agreement(search, in_target, in_found)) + same_layer


def same_position(search: Search, in_target: int, in_found: int) -> float:
    """Return how similar two nodes of other kinds between the same neighbours are."""
    a, b = search.target.nodes[in_target], search.found.nodes[in_found]
    if "input" in (a.kind, b.kind) or (a.kind == "activation") != (b.kind == "activation"):
        return 0.0
    above, below = _agreement(search, in_target, in_found)
    if not above or not below:
        return 0.0
    return above + below + ((a.weights is None) == (b.weights is None))


def _agreement(search: Search, in_target: int, in_found: int) -> tuple[float, float]:
    """Return the shares of what is read, and of what reads, that agree."""
    target, found = search.target, search.found
    above = _overlap(
        [search.match.get(s) for _, (s, _) in target.nodes[in_target].reads],
        [s for _, (s, _) in found.nodes[in_found].reads],
    )
    outlets = [("", search.match.get(r)) for _, r, _ in target.readers[in_target]]
    others = [("", r) for _, r, _ in found.readers[in_found]]
    below = _overlap(
        outlets + [("exit", label) for label, _ in target.exits[in_target]],
        others + [("exit", label) for label, _ in found.exits[in_found]],
    )
    return above, below


def _overlap(in_target: list, in_found: list) -> float:
    a, b = set(in_target), set(in_found)
    return len(a & b) / max(len(a | b), 1)
