"""What a pairing leaves over: nodes without counterpart, and readers whose sources do not
correspond; and which of the two explains which.

A node that is missing explains why the next one reads something else, and a misplaced wire
why a branch has vanished.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from ..equivalence import ANY, Source, applies_activation
from .pairing import (
    Pairing,
    WiredForm,
    displaced,
    same,
)


@dataclass(slots=True)
class Fragment:
    """Nodes without counterpart that hang together.

    `reported` says that a reader shows this fragment to be missing (or extra) in itself; `miswired`
    that a wire goes elsewhere.
    """

    nodes: list[int]
    reported: bool = False
    miswired: bool = False
    join: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A reader whose operands do not correspond.

    `reader` is a pair of nodes, or the label of an output; `in_target` and `in_found` are the
    sources, None where there is no such operand.
    """

    reader: tuple[int, int] | None
    label: int
    slot: str
    in_target: Source | None
    in_found: Source | None


@dataclass(slots=True)
class Leftovers:
    """The fragments of both forms, and the fragment of each node."""

    in_target: list[Fragment]
    in_found: list[Fragment]
    of_target: dict[int, int]
    of_found: dict[int, int]
    links: list[tuple[int, int]] = field(default_factory=list)
    wires: list[Gap] = field(default_factory=list)


def _mark_cut_off(pairing: Pairing, left: Leftovers) -> None:
    """Mark what is before a cut: it is gone because of the cut."""
    for in_target, _ in pairing.cuts:
        for _, (source, _) in pairing.target.nodes[in_target].reads:
            if source in left.of_target:
                left.in_target[left.of_target[source]].miswired = True


def leftovers(pairing: Pairing) -> Leftovers:
    """Return what is left over, with all that explains something else marked."""
    left = _unexplained(pairing)
    for gap in _gaps(pairing, left):
        _explain(pairing, left, gap)
    _mark_cut_off(pairing, left)
    _mark_upstream(pairing.target, left.in_target, left.of_target)
    _mark_upstream(pairing.found, left.in_found, left.of_found)
    return left


def _unexplained(pairing: Pairing) -> Leftovers:
    in_target = _fragments(pairing.target, pairing.match, pairing.found)
    in_found = _fragments(pairing.found, pairing.back, pairing.target)
    return Leftovers(
        in_target,
        in_found,
        {node: number for number, fragment in enumerate(in_target) for node in fragment.nodes},
        {node: number for number, fragment in enumerate(in_found) for node in fragment.nodes},
    )


def _fragments(
    graph: WiredForm, matched: Mapping[int, int], counterpart: WiredForm
) -> list[Fragment]:
    """Unmatched nodes, in groups that touch.

    An activation right behind a layer that could have had it as an argument is a fragment of its
    own: that is a setting, not a missing layer.
    """
    single = {
        number
        for number, node in enumerate(graph.nodes)
        if number not in matched and _is_own_activation(graph, matched, counterpart, number)
    }
    fragments: list[Fragment] = []
    seen: set[int] = set()
    for start in range(len(graph.nodes)):
        if start in matched or start in seen:
            continue
        nodes, todo = [], [start]
        seen.add(start)
        while todo:
            node = todo.pop()
            nodes.append(node)
            if node in single:
                continue
            for other in _around(graph, node):
                if other not in matched and other not in seen and other not in single:
                    seen.add(other)
                    todo.append(other)
        fragments.append(Fragment(sorted(nodes)))
    return fragments


def _around(graph: WiredForm, number: int) -> Iterator[int]:
    for _, (source, _) in graph.nodes[number].reads:
        yield source
    for _, reader, _ in graph.readers[number]:
        yield reader


def _is_own_activation(
    graph: WiredForm, matched: Mapping[int, int], counterpart: WiredForm, number: int
) -> bool:
    node = graph.nodes[number]
    if node.kind != "activation":
        return False
    source = node.reads[0][1][0]
    return (
        source in matched
        and applies_activation(graph.nodes[source].kind)
        and applies_activation(counterpart.nodes[matched[source]].kind)
    )


def _gaps(pairing: Pairing, left: Leftovers) -> Iterator[Gap]:
    for in_target, in_found in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[in_target], pairing.found.nodes[in_found]
        if a.kind == "input" or b.kind == "input":
            continue
        for slot, x, y in _unlike(pairing, left, a.reads, b.reads):
            yield Gap((in_target, in_found), 0, slot, x, y)
    yield from _output_gaps(pairing)


def _output_gaps(pairing: Pairing) -> Iterator[Gap]:
    a, b = pairing.target.form.outputs, pairing.found.form.outputs
    to = dict(pairing.outputs.pairs)
    if displaced(pairing, a, b, pairing.outputs):
        return
    for label, port in enumerate(a):
        in_found = b[to[label]].source if label in to else None
        if in_found is None or not same(pairing, port.source, in_found):
            yield Gap(None, label, "", port.source, in_found)
    taken = set(to.values())
    for number, port in enumerate(b):
        if number not in taken:
            yield Gap(None, -1 - number, "", None, port.source)


Unlike = tuple[str, Source | None, Source | None]


def _unlike(
    pairing: Pairing,
    left: Leftovers,
    in_target: Sequence[tuple[str, Source]],
    in_found: Sequence[tuple[str, Source]],
) -> list[Unlike]:
    """Return the operands of two nodes that do not correspond."""
    # Of joined operands in order, one that is lacking moves up those behind it.
    listed = len(in_target) != len(in_found) and all(
        slot.isdigit() for slot, _ in (*in_target, *in_found)
    )
    if listed or any(slot == ANY for slot, _ in (*in_target, *in_found)):
        return _unlike_operands(
            pairing, left, [source for _, source in in_target], [source for _, source in in_found]
        )
    a, b = dict(in_target), dict(in_found)
    slots = [slot for slot in {**a, **b} if not same(pairing, a.get(slot), b.get(slot))]
    return [(slot, a.get(slot), b.get(slot)) for slot in slots]


def _unlike_operands(
    pairing: Pairing, left: Leftovers, in_target: list[Source], in_found: list[Source]
) -> list[Unlike]:
    in_target, in_found = _without_common(pairing, in_target, in_found)
    result: list[Unlike] = []
    for bypass in (True, False):
        for x in list(in_target):
            for y in in_found:
                if _explains(pairing, left, x, y, bypass):
                    result.append((ANY, x, y))
                    in_target.remove(x)
                    in_found.remove(y)
                    break
    return [*result, *((ANY, x, y) for x, y in zip_longest(in_target, in_found))]


def _without_common(
    pairing: Pairing, in_target: list[Source], in_found: list[Source]
) -> tuple[list[Source], list[Source]]:
    rest = list(in_found)
    kept = []
    for source in in_target:
        twin = (pairing.match.get(source[0], -1), source[1])
        if twin in rest:
            rest.remove(twin)
        else:
            kept.append(source)
    return kept, rest


def _explains(
    pairing: Pairing, left: Leftovers, in_target: Source, in_found: Source, bypass: bool
) -> bool:
    """Whether a missing or extra fragment explains that one is read in place of the other."""
    missing, extra = in_target[0] in left.of_target, in_found[0] in left.of_found
    if bypass:
        return missing != extra and _bypassed(pairing, in_target, in_found)
    return missing and extra


def _bypassed(pairing: Pairing, in_target: Source | None, in_found: Source | None) -> bool:
    """Return whether, leaving out nodes without counterpart, both go back to a common node."""
    if in_target is None or in_found is None:
        return False
    above_target = {pairing.match[n] for n in _tops(pairing.target, pairing.match, in_target[0])}
    return bool(above_target & _tops(pairing.found, pairing.back, in_found[0]))


def _tops(graph: WiredForm, matched: Mapping[int, int], number: int) -> set[int]:
    """Return the nearest matched nodes from which a node is made; itself if it is matched."""
    tops, seen, todo = set(), set(), [number]
    while todo:
        node = todo.pop()
        if node in matched:
            tops.add(node)
        elif node not in seen:
            seen.add(node)
            todo += [source for _, (source, _) in graph.nodes[node].reads]
    return tops


def _explain(pairing: Pairing, left: Leftovers, gap: Gap) -> None:
    """Put a gap down to a missing or extra fragment, or else to the wire itself."""
    in_target = None if gap.in_target is None else left.of_target.get(gap.in_target[0])
    in_found = None if gap.in_found is None else left.of_found.get(gap.in_found[0])
    fragments = [
        *([left.in_target[in_target]] if in_target is not None else []),
        *([left.in_found[in_found]] if in_found is not None else []),
    ]
    if in_target is not None and in_found is not None:
        left.links.append((in_target, in_found))
    elif in_target is not None and gap.in_found is None:
        left.in_target[in_target].join = gap.reader[0] if gap.reader else None
    elif in_found is not None and gap.in_target is None:
        left.in_found[in_found].join = gap.reader[1] if gap.reader else None
    elif not (fragments and _bypassed(pairing, gap.in_target, gap.in_found)):
        left.wires.append(gap)
        for fragment in fragments:
            fragment.miswired = True
        return
    for fragment in fragments:
        fragment.reported = True


def _mark_upstream(graph: WiredForm, fragments: list[Fragment], of: Mapping[int, int]) -> None:
    """Mark a fragment as reported, or miswired, if one that reads it is."""
    for number in range(len(graph.nodes) - 1, -1, -1):
        if number not in of:
            continue
        fragment = fragments[of[number]]
        for _, (source, _) in graph.nodes[number].reads:
            if source in of and of[source] != of[number]:
                above = fragments[of[source]]
                above.reported |= fragment.reported
                above.miswired |= fragment.miswired
