"""Which node of one form stands for which node of another, when the two are not the same.

A node is recognised by everything that it is made from, or by everything that is made of it: a
single change spoils the first only for what comes after it and the second only for what comes
before it, so everything else is recognised by one of the two.  Between several changes nodes are
recognised by what is near them, then by their neighbours, the most similar pair first, and at last
by their place in the order of calls.  What finds no counterpart is missing, or extra.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from .search import MAX_ALIKE, KnownPairs, Search, Signatures, spread
from .signatures import from_above, from_around, from_below, with_layers, zipped
from .similarity import pair_similar, same_kind, same_position
from .subsequence import common_subsequence
from .wiring import WiredForm

STRATEGIES = ("from the inputs", "from the outputs", "in order")


def align(
    target: WiredForm, found: WiredForm, known_pairs: KnownPairs, strategy: str = STRATEGIES[0]
) -> dict[int, int]:
    """For nodes of the target their counterparts, no node twice.

    The strategy says what decides first where two ways of recognising a node do not agree.
    """
    search = Search(target, found)
    for in_target, in_found in known_pairs.items():
        search.pair(in_target, in_found)
    up, down = from_above(search), from_below(search)
    both = zipped(up, down)
    signatures = (down, up) if strategy == "from the outputs" else (up, down)
    _pair_unique(search, both)
    while any(_pair_unique(search, signature) for signature in signatures):
        pass
    spread(search)
    for radius in (4, 2, 1):
        _pair_unique(search, from_around(search, radius))
        spread(search)
    for signature in (with_layers(search, both), both, *signatures):
        _pair_alike(search, signature, both)
    if strategy == "in order":
        _pair_in_order(search)
    pair_similar(search, same_kind)
    _pair_in_order(search)
    pair_similar(search, same_kind)
    pair_similar(search, same_position)
    return search.match


def _groups(search: Search, signature: Signatures) -> Iterator[tuple[list[int], list[int]]]:
    """Return the nodes without a counterpart that have equal signatures, where both forms have
    some.
    """
    by_signature: dict[Hashable, tuple[list[int], list[int]]] = {}
    for end, free in enumerate(search.free()):
        for number in free:
            by_signature.setdefault(signature[end][number], ([], []))[end].append(number)
    return (
        (in_target, in_found)
        for in_target, in_found in by_signature.values()
        if in_target and in_found
    )


def _pair_unique(search: Search, signature: Signatures) -> bool:
    paired = False
    for in_target, in_found in list(_groups(search, signature)):
        if len(in_target) == len(in_found) == 1:
            search.pair(in_target[0], in_found[0])
            paired = True
    return paired


def _pair_alike(search: Search, signature: Signatures, both: Signatures) -> None:
    """Of nodes with equal signatures one is as good as another: pair any two, and then what is
    connected with them, be it by a wire or as calls of the same layer.
    """
    for in_target, in_found in list(_groups(search, signature)):
        left = in_found[::-1]
        for number in in_target:
            while left and left[-1] in search.back:
                left.pop()
            if left and number not in search.match:
                search.pair(number, _of_same_layer(search, number, left))
                spread(search, both)


def _of_same_layer(search: Search, number: int, candidates: list[int]) -> int:
    """The last candidate, or one near the end that is called of a layer known to correspond."""
    own = search.target.nodes[number].weights
    weights = None if own is None else search.weights.get(own)
    free = (n for n in candidates[-MAX_ALIKE:] if n not in search.back)
    same = (n for n in free if weights is not None and search.found.nodes[n].weights == weights)
    return next(same, candidates[-1])


def _pair_in_order(search: Search) -> None:
    """Pair what is left by the longest common run of calls, alike first, then of one kind."""
    for signature in (
        (search.target.kinds, search.found.kinds),
        ([n.kind for n in search.target.nodes], [n.kind for n in search.found.nodes]),
    ):
        in_target, in_found = search.free()
        in_target = [n for n in in_target if search.target.nodes[n].kind != "input"]
        in_found = [n for n in in_found if search.found.nodes[n].kind != "input"]
        for a, b in common_subsequence(
            [signature[0][n] for n in in_target], [signature[1][n] for n in in_found]
        ):
            if in_target[a] not in search.match and in_found[b] not in search.back:
                search.pair(in_target[a], in_found[b])
                spread(search)
