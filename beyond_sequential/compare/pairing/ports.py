"""Which inputs and outputs of two forms correspond.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...equivalence import Form, Port
from .search import KnownPairs
from .signatures import made_alike


@dataclass(frozen=True, slots=True)
class Ports:
    """Which inputs (or outputs) correspond.

    `pairs` lists (position in the target, position found); `named` says that their names decided,
    `fixed` that the pairs are certain.
    """

    pairs: tuple[tuple[int, int], ...]
    named: bool
    fixed: bool


def pair_ports(in_target: Sequence[Port], in_found: Sequence[Port], listed: bool) -> Ports:
    """By name where both use the same names, or else by order.

    A dict with other keys has no order that counts.
    """
    for left in _namings(in_target):
        for right in _namings(in_found):
            if set(left) == set(right):
                pairs = tuple((left.index(name), n) for n, name in enumerate(right))
                return Ports(pairs, named=True, fixed=True)
    count = min(len(in_target), len(in_found))
    return Ports(tuple((n, n) for n in range(count)), named=False, fixed=listed)


def _namings(ports: Sequence[Port]) -> Iterator[list[str]]:
    names = [port.name for port in ports]
    keys = [port.key for port in ports]
    if len(set(keys)) == len(keys) and None not in keys:
        yield keys  # type: ignore[misc]
    if len(set(names)) == len(names) and not any(port.generated for port in ports):
        yield names


def port_labels(ports: Ports, target_count: int, found_count: int) -> tuple[list[int], list[int]]:
    """A number for each input (or output), the same on both sides for those that correspond."""
    labels = [-1 - n for n in range(found_count)]
    for in_target, in_found in ports.pairs:
        labels[in_found] = in_target
    return list(range(target_count)), labels


def said(port: Port) -> str:
    """Return what an input or output goes by: its key in a dict, or its layer's name."""
    return port.name if port.key is None else port.key


def is_cut(port: Port) -> bool:
    """Return whether this input is what Keras makes of an intermediate tensor given as an input."""
    return port.generated and port.name.endswith("CLONE")


def pair_outputs(a: Form, b: Form, known_pairs: KnownPairs) -> list[Ports]:
    """Pair outputs by name or by order as far as none is missing, and by what makes them."""
    listed = a.outputs_listed and b.outputs_listed
    ports = pair_ports(a.outputs, b.outputs, listed)
    if ports.named:
        return [ports]
    pairs = sorted(_pairs_made_alike(a, b, known_pairs))
    made = replace(ports, pairs=tuple(pairs))
    same_number = len(a.outputs) == len(b.outputs)
    return [made, ports] if same_number and pairs != list(ports.pairs) else [made]


def _pairs_made_alike(a: Form, b: Form, known_pairs: KnownPairs) -> list[tuple[int, int]]:
    """Outputs made in the same way.

    Of the others those of the same position, if none is missing, or else of the same name or kind.
    """
    in_target, in_found = made_alike(a, b, known_pairs)
    pairs = _matching(
        [(in_target[p.source[0]], p.source[1]) for p in a.outputs],
        [(in_found[p.source[0]], p.source[1]) for p in b.outputs],
        [],
    )
    if len(a.outputs) == len(b.outputs):
        pairs = _matching(range(len(a.outputs)), range(len(b.outputs)), pairs)
    pairs = _matching([p.name for p in a.outputs], [p.name for p in b.outputs], pairs)
    left = [a.nodes[port.source[0]] for port in a.outputs]
    right = [b.nodes[port.source[0]] for port in b.outputs]
    pairs = _matching([node.key for node in left], [node.key for node in right], pairs)
    return _matching([node.kind for node in left], [node.kind for node in right], pairs)


def _matching(
    in_target: Sequence[Hashable], in_found: Sequence[Hashable], pairs: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the pairs, and those that equal keys add to them."""
    left, right = {a for a, _ in pairs}, {b for _, b in pairs}
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for b, key in enumerate(in_found):
        if b not in right:
            waiting[key].append(b)
    result = list(pairs)
    for a, key in enumerate(in_target):
        if a not in left and waiting[key]:
            result.append((a, waiting[key].popleft()))
    return result


def pair_inputs(a: Form, b: Form) -> Ports:
    """Pair inputs of the same name.

    Of the others, pair those of the same position, if none is missing.
    """
    listed = a.inputs_listed and b.inputs_listed
    ports = pair_ports(a.inputs, b.inputs, listed)
    if ports.named:
        return ports
    names = {port.name: n for n, port in enumerate(a.inputs) if not port.generated}
    pairs = [
        (names[port.name], n)
        for n, port in enumerate(b.inputs)
        if port.name in names and not port.generated
    ]
    left, right = {m for m, _ in pairs}, {i for _, i in pairs}
    in_target = [n for n in range(len(a.inputs)) if n not in left]
    in_found = [n for n in range(len(b.inputs)) if n not in right]
    if not any(is_cut(b.inputs[n]) for n in in_found):
        if not listed or len(in_target) != len(in_found):  # a dict has no order that counts
            uses = _uses(a), _uses(b)
            pairs = _matching(uses[0], uses[1], pairs)
            pairs = _matching([t for t, _ in uses[0]], [t for t, _ in uses[1]], pairs)
        if len(in_target) == len(in_found):
            pairs = _matching_in_order(a, b, pairs)
    return Ports(tuple(pairs), named=False, fixed=listed)


def _uses(form: Form) -> list[tuple[Hashable, Hashable]]:
    """Of each input the shape and dtype, and what reads it."""
    readers: dict[int, list[str]] = defaultdict(list)
    for node in form.nodes:
        for slot, (source, _) in node.reads:
            readers[source].append(repr((slot, node.key)))
    nodes = [port.source[0] for port in form.inputs]
    return [(form.nodes[n].tensors, tuple(sorted(readers[n]))) for n in nodes]


def _matching_in_order(a: Form, b: Form, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    known = {m for m, _ in pairs}, {i for _, i in pairs}
    left = (n for n in range(len(a.inputs)) if n not in known[0])
    right = (n for n in range(len(b.inputs)) if n not in known[1])
    return [*pairs, *zip(left, right, strict=False)]
