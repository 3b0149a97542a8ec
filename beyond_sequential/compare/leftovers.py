"""What a pairing leaves over: nodes without counterpart, and readers whose sources do not
correspond; and which of the two explains which.

A node that is missing explains why the next one reads something else, and a wire that goes astray
why a branch has vanished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from ..equivalence import ANY, Source, applies_activation
from .alignment import Side
from .pairing import Pairing, displaced, same


@dataclass(slots=True)
class Part:
    """Nodes without counterpart that hang together.  `told` says that a reader shows this part
    to be missing (or extra) in itself; `astray` that a wire simply goes elsewhere."""

    nodes: list[int]
    told: bool = False
    astray: bool = False
    join: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A reader whose operands do not correspond.  `reader` is a pair of nodes, or the label of an
    output; `mine` and `its` are the sources, None where there is no such operand."""

    reader: tuple[int, int] | None
    label: int
    slot: str
    mine: Source | None
    its: Source | None


@dataclass(slots=True)
class Leftovers:
    """The parts of both sides, and the part of each node."""

    mine: list[Part]
    its: list[Part]
    of_mine: dict[int, int]
    of_its: dict[int, int]
    links: list[tuple[int, int]] = field(default_factory=list)
    wires: list[Gap] = field(default_factory=list)


def _swallow_cut_off(pairing: Pairing, left: Leftovers) -> None:
    """What stands before a cut is gone because of the cut."""
    for mine, _ in pairing.cuts:
        for _, (source, _) in pairing.target.nodes[mine].reads:
            if source in left.of_mine:
                left.mine[left.of_mine[source]].astray = True


def leftovers(pairing: Pairing) -> Leftovers:
    """What is left over, with all that explains something else told."""
    left = _unexplained(pairing)
    for gap in _gaps(pairing, left):
        _explain(pairing, left, gap)
    _swallow_cut_off(pairing, left)
    _tell_upstream(pairing.target, left.mine, left.of_mine)
    _tell_upstream(pairing.found, left.its, left.of_its)
    return left


def _unexplained(pairing: Pairing) -> Leftovers:
    mine = _parts(pairing.target, pairing.match, pairing.found)
    its = _parts(pairing.found, pairing.back, pairing.target)
    return Leftovers(
        mine,
        its,
        {node: number for number, part in enumerate(mine) for node in part.nodes},
        {node: number for number, part in enumerate(its) for node in part.nodes},
    )


def _parts(here: Side, matched: Mapping[int, int], there: Side) -> list[Part]:
    """Unmatched nodes, in groups that touch.  An activation right behind a layer that could have
    had it as an argument is a part of its own: that is a setting, not a missing layer."""
    single = {
        number
        for number, node in enumerate(here.nodes)
        if number not in matched and _is_own_activation(here, matched, there, number)
    }
    parts: list[Part] = []
    seen: set[int] = set()
    for start in range(len(here.nodes)):
        if start in matched or start in seen:
            continue
        nodes, todo = [], [start]
        seen.add(start)
        while todo:
            node = todo.pop()
            nodes.append(node)
            if node in single:
                continue
            for other in _around(here, node):
                if other not in matched and other not in seen and other not in single:
                    seen.add(other)
                    todo.append(other)
        parts.append(Part(sorted(nodes)))
    return parts


def _around(here: Side, number: int) -> Iterator[int]:
    for _, (source, _) in here.nodes[number].reads:
        yield source
    for _, reader, _ in here.readers[number]:
        yield reader


def _is_own_activation(here: Side, matched: Mapping[int, int], there: Side, number: int) -> bool:
    node = here.nodes[number]
    if node.kind != "activation":
        return False
    source = node.reads[0][1][0]
    return (
        source in matched
        and applies_activation(here.nodes[source].kind)
        and applies_activation(there.nodes[matched[source]].kind)
    )


def _gaps(pairing: Pairing, left: Leftovers) -> Iterator[Gap]:
    for mine, its in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[mine], pairing.found.nodes[its]
        if a.kind == "input" or b.kind == "input":
            continue
        for slot, x, y in _unlike(pairing, left, a.reads, b.reads):
            yield Gap((mine, its), 0, slot, x, y)
    yield from _output_gaps(pairing)


def _output_gaps(pairing: Pairing) -> Iterator[Gap]:
    a, b = pairing.target.form.outputs, pairing.found.form.outputs
    to = dict(pairing.outputs.pairs)
    if displaced(pairing, a, b, pairing.outputs):
        return
    for label, port in enumerate(a):
        its = b[to[label]].source if label in to else None
        if its is None or not same(pairing, port.source, its):
            yield Gap(None, label, "", port.source, its)
    taken = set(to.values())
    for number, port in enumerate(b):
        if number not in taken:
            yield Gap(None, -1 - number, "", None, port.source)


Unlike = tuple[str, Source | None, Source | None]


def _unlike(
    pairing: Pairing,
    left: Leftovers,
    mine: Sequence[tuple[str, Source]],
    its: Sequence[tuple[str, Source]],
) -> list[Unlike]:
    """The operands of two nodes that do not correspond."""
    # Of joined operands in order, one that is lacking moves up those behind it.
    listed = len(mine) != len(its) and all(slot.isdigit() for slot, _ in (*mine, *its))
    if listed or any(slot == ANY for slot, _ in (*mine, *its)):
        return _unlike_operands(
            pairing, left, [source for _, source in mine], [source for _, source in its]
        )
    a, b = dict(mine), dict(its)
    slots = [slot for slot in {**a, **b} if not same(pairing, a.get(slot), b.get(slot))]
    return [(slot, a.get(slot), b.get(slot)) for slot in slots]


def _unlike_operands(
    pairing: Pairing, left: Leftovers, mine: list[Source], its: list[Source]
) -> list[Unlike]:
    mine, its = _without_common(pairing, mine, its)
    result: list[Unlike] = []
    for bypass in (True, False):
        for x in list(mine):
            for y in its:
                if _explains(pairing, left, x, y, bypass):
                    result.append((ANY, x, y))
                    mine.remove(x)
                    its.remove(y)
                    break
    return [*result, *((ANY, x, y) for x, y in zip_longest(mine, its))]


def _without_common(
    pairing: Pairing, mine: list[Source], its: list[Source]
) -> tuple[list[Source], list[Source]]:
    rest = list(its)
    kept = []
    for source in mine:
        twin = (pairing.match.get(source[0], -1), source[1])
        if twin in rest:
            rest.remove(twin)
        else:
            kept.append(source)
    return kept, rest


def _explains(pairing: Pairing, left: Leftovers, mine: Source, its: Source, bypass: bool) -> bool:
    """Whether a missing or extra part explains that one is read in place of the other."""
    missing, extra = mine[0] in left.of_mine, its[0] in left.of_its
    if bypass:
        return missing != extra and _bypassed(pairing, mine, its)
    return missing and extra


def _bypassed(pairing: Pairing, mine: Source | None, its: Source | None) -> bool:
    """Whether, leaving out nodes without counterpart, both go back to a common node."""
    if mine is None or its is None:
        return False
    above_mine = {pairing.match[n] for n in _tops(pairing.target, pairing.match, mine[0])}
    return bool(above_mine & _tops(pairing.found, pairing.back, its[0]))


def _tops(here: Side, matched: Mapping[int, int], number: int) -> set[int]:
    """The nearest matched nodes from which a node is made; itself if it is matched."""
    tops, seen, todo = set(), set(), [number]
    while todo:
        node = todo.pop()
        if node in matched:
            tops.add(node)
        elif node not in seen:
            seen.add(node)
            todo += [source for _, (source, _) in here.nodes[node].reads]
    return tops


def _explain(pairing: Pairing, left: Leftovers, gap: Gap) -> None:
    """Put a gap down to a missing or extra part, or else to the wire itself."""
    mine = None if gap.mine is None else left.of_mine.get(gap.mine[0])
    its = None if gap.its is None else left.of_its.get(gap.its[0])
    parts = [
        *([left.mine[mine]] if mine is not None else []),
        *([left.its[its]] if its is not None else []),
    ]
    if mine is not None and its is not None:
        left.links.append((mine, its))
    elif mine is not None and gap.its is None:
        left.mine[mine].join = gap.reader[0] if gap.reader else None
    elif its is not None and gap.mine is None:
        left.its[its].join = gap.reader[1] if gap.reader else None
    elif not (parts and _bypassed(pairing, gap.mine, gap.its)):
        left.wires.append(gap)
        for part in parts:
            part.astray = True
        return
    for part in parts:
        part.told = True


def _tell_upstream(here: Side, parts: list[Part], of: Mapping[int, int]) -> None:
    """A part is told, or astray, if one that reads it is."""
    for number in range(len(here.nodes) - 1, -1, -1):
        if number not in of:
            continue
        part = parts[of[number]]
        for _, (source, _) in here.nodes[number].reads:
            if source in of and of[source] != of[number]:
                above = parts[of[source]]
                above.told |= part.told
                above.astray |= part.astray
