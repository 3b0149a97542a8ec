"""The pairs of nodes found so far, and their spreading from a pair to its neighbours.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .wiring import WiredForm

Signatures = tuple[list[Hashable], list[Hashable]]
"""For each node of the target, and of the other form, what it is recognised by."""

KnownPairs = Mapping[int, int]
"""Pairs that are known from the start, from a node of the target to one of what was found."""


MAX_ALIKE = 40


@dataclass(slots=True)
class Search:
    """The pairs of nodes found so far in both directions, and those to spread from."""

    target: WiredForm
    found: WiredForm
    match: dict[int, int] = field(default_factory=dict)
    back: dict[int, int] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    waiting: list[tuple[int, int]] = field(default_factory=list)

    def pair(self, in_target: int, in_found: int) -> None:
        """Record a pair."""
        self.match[in_target], self.back[in_found] = in_found, in_target
        self.waiting.append((in_target, in_found))
        a, b = self.target.nodes[in_target].weights, self.found.nodes[in_found].weights
        if a is not None and b is not None:
            self.weights.setdefault(a, b)

    def free(self) -> tuple[list[int], list[int]]:
        """Return the nodes of both forms that have no counterpart yet."""
        return (
            [n for n in range(len(self.target.nodes)) if n not in self.match],
            [n for n in range(len(self.found.nodes)) if n not in self.back],
        )


def spread(search: Search, signature: Signatures | None = None) -> list[tuple[int, int]]:
    """From each new pair on to the neighbours that can only be each other's counterparts.

    With signatures, also to other calls of the same layer that have equal ones.  All new pairs.
    """
    target, found = search.target, search.found
    new = []
    while search.waiting:
        in_target, in_found = search.waiting.pop()
        new.append((in_target, in_found))
        _pair_neighbours(search, operands(target, in_target), operands(found, in_found))
        _pair_neighbours(search, readers_of(target, in_target), readers_of(found, in_found))
        if signature is not None:
            _pair_neighbours(
                search,
                _siblings(target, in_target, signature[0]),
                _siblings(found, in_found, signature[1]),
            )
    return new


def _siblings(
    graph: WiredForm, number: int, signatures: list[Hashable]
) -> Iterator[tuple[Hashable, int]]:
    weights = graph.nodes[number].weights
    if weights is not None and len(graph.calls[weights]) <= MAX_ALIKE:
        for other in graph.calls[weights]:
            yield signatures[other], other


def operands(graph: WiredForm, number: int) -> Iterator[tuple[Hashable, int]]:
    """Yield the nodes that a node reads, each with how it is read."""
    for slot, (source, output) in graph.nodes[number].reads:
        yield (slot, output, graph.kinds[source]), source


def readers_of(graph: WiredForm, number: int) -> Iterator[tuple[Hashable, int]]:
    """Yield the nodes that read a node, each with how it is read."""
    for slot, reader, output in graph.readers[number]:
        yield (slot, output, graph.kinds[reader]), reader


def _pair_neighbours(
    search: Search,
    in_target: Iterable[tuple[Hashable, int]],
    in_found: Iterable[tuple[Hashable, int]],
) -> None:
    left, right = defaultdict(set), defaultdict(set)
    for key, number in in_target:
        if number not in search.match:
            left[key].add(number)
    for key, number in in_found:
        if number not in search.back:
            right[key].add(number)
    for key, numbers in left.items():
        if len(numbers) == 1 and len(right[key]) == 1:
            (number,), (other,) = numbers, right[key]
            if number not in search.match and other not in search.back:
                search.pair(number, other)
