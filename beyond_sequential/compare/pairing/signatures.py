"""What a node is recognised by: all that it is made from, all that is made of it, or what is near.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from ...equivalence import Form
from .search import KnownPairs, Search, Signatures
from .wiring import WiredForm


def with_layers(search: Search, signature: Signatures) -> Signatures:
    """Return the signatures, each with those of all calls of the same layer."""

    def signatures(graph: WiredForm, alone: list[Hashable]) -> list[Hashable]:
        together = {
            weights: tuple(sorted(alone[call] for call in calls))  # type: ignore[type-var]
            for weights, calls in graph.calls.items()
        }
        return [
            (alone[number], () if node.weights is None else together[node.weights])
            for number, node in enumerate(graph.nodes)
        ]

    return signatures(search.target, signature[0]), signatures(search.found, signature[1])


def zipped(one: Signatures, other: Signatures) -> Signatures:
    """Return both signatures of each node together."""
    return [*zip(one[0], other[0], strict=True)], [*zip(one[1], other[1], strict=True)]


def from_above(search: Search) -> Signatures:
    """Return for each node what stands for all that it is made from."""
    return made_alike(search.target.form, search.found.form, search.match)


def made_alike(target: Form, found: Form, known_pairs: KnownPairs) -> Signatures:
    """Return for each node what stands for all that it is made from.

    Inputs in known pairs are alike.
    """
    names: dict[Hashable, int] = {}

    def signatures(form: Form, known: Mapping[int, int]) -> list[Hashable]:
        result: list[Hashable] = []
        for number, node in enumerate(form.nodes):
            read = sorted((slot, output, result[s]) for slot, (s, output) in node.reads)
            alone = known.get(number, id(node)) if node.kind == "input" else None
            result.append(names.setdefault((node.key, alone, *read), len(names)))
        return result

    back = {in_found: in_target for in_target, in_found in known_pairs.items()}
    return signatures(target, {in_target: in_target for in_target in known_pairs}), signatures(
        found, back
    )


def from_below(search: Search) -> Signatures:
    """Return for each node what stands for all that is made of it."""
    names: dict[Hashable, int] = {}

    def signatures(graph: WiredForm) -> list[Hashable]:
        result: list[Hashable] = [None] * len(graph.nodes)
        for number in range(len(graph.nodes) - 1, -1, -1):
            read = sorted((slot, output, result[r]) for slot, r, output in graph.readers[number])
            key = (graph.kinds[number], tuple(sorted(graph.exits[number])), *read)
            result[number] = names.setdefault(key, len(names))
        return result

    return signatures(search.target), signatures(search.found)


def from_around(search: Search, radius: int) -> Signatures:
    """Return what a node and those around it are, as far as `radius` steps."""

    def step(graph: WiredForm, old: list[Hashable], names: dict[Hashable, int]) -> list[Hashable]:
        result: list[Hashable] = []
        for number, node in enumerate(graph.nodes):
            above = sorted((slot, output, old[s]) for slot, (s, output) in node.reads)
            below = sorted((slot, output, old[r]) for slot, r, output in graph.readers[number])
            result.append(names.setdefault((old[number], *above, "", *below), len(names)))
        return result

    in_target: list[Hashable] = list(search.target.kinds)
    in_found: list[Hashable] = list(search.found.kinds)
    for _ in range(radius):
        names: dict[Hashable, int] = {}
        in_target, in_found = (
            step(search.target, in_target, names),
            step(search.found, in_found, names),
        )
    return in_target, in_found
