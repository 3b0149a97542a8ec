"""A sum of sums is one sum, however it was grouped: (a + b) + c and a + (b + c); the same for
products, extremes and concatenations.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from ...model.kinds import ASSOCIATIVE
from ..form import ANY, Form, Node, Source, arranged, frozen, pruned, renumbered
from ..spellings import is_random

MAX_OPERANDS = 100_000


def sums(form: Form, merge: bool) -> Form:
    """Return the form with each sum taken into the sum that alone reads it.

    The same for products, extremes and concatenations.  With `merge`, sums that come out the same
    become one.
    """
    if not _nests_merges(form):
        return form
    if merge:
        form = _one_of_each_sum(form)
    inner = _inner_merges(form)
    if not inner:
        return form
    nodes = list(form.nodes)
    for number, node in enumerate(nodes):
        nodes[number] = _absorb(node, nodes, inner)
    kept = [number for number in range(len(nodes)) if number not in inner]
    return renumbered(replace(form, nodes=tuple(nodes)), kept, {})


def _nests_merges(form: Form) -> bool:
    """Return whether there are sums of sums at all."""
    nodes = form.nodes
    return any(
        node.kind in ASSOCIATIVE and any(_absorbs(node, nodes[s]) for _, (s, _) in node.reads)
        for node in nodes
    )


def expanded(form: Form) -> Form | None:
    """Return the form with every sum taken into the sums that use it, however many do.

    None if that would be too long.  Forms that differ only in which partial sums they keep are
    alike so.
    """
    if not _nests_merges(form):
        return form
    nodes = list(form.nodes)
    seen: dict[Hashable, int] = {}
    moved: dict[int, int] = {}
    length = 0
    for number, node in enumerate(nodes):
        reads = tuple((slot, (moved.get(s, s), output)) for slot, (s, output) in node.reads)
        node = replace(node, reads=reads)
        if node.kind in ASSOCIATIVE:
            inner = {s for _, (s, _) in reads if _absorbs(node, nodes[s])}
            node = _absorb(node, nodes, inner)
            length += len(node.reads)
        if length > MAX_OPERANDS:
            return None
        nodes[number] = node = replace(node, reads=arranged(node.reads))
        if not _is_apart(node):
            twin = seen.setdefault((node.key, node.reads, node.weights), number)
            if twin != number:
                moved[number] = twin
    kept = [number for number in range(len(nodes)) if number not in moved]
    return pruned(renumbered(replace(form, nodes=tuple(nodes)), kept, moved))


def _is_apart(node: Node) -> bool:
    """Return whether no other node is the same value."""
    return node.kind == "input" or is_random(node.kind, node.settings)


def _inner_merges(form: Form) -> set[int]:
    """Sums (products, joins ...) read once, and that by a sum."""
    uses = [0] * len(form.nodes)
    reader: dict[int, Node] = {}
    for node in form.nodes:
        for _, (source, _) in node.reads:
            uses[source] += 1
            reader[source] = node
    for port in form.outputs:
        uses[port.source[0]] += 2
    return {
        number
        for number, node in enumerate(form.nodes)
        if node.kind in ASSOCIATIVE and uses[number] == 1 and _absorbs(reader[number], node)
    }


def _absorbs(outer: Node, inner: Node) -> bool:
    if outer.kind != inner.kind or len(outer.key) > 2 or len(inner.key) > 2:
        return False
    return outer.kind != "concatenate" or outer.settings == inner.settings


def _absorb(node: Node, nodes: list[Node], inner: set[int]) -> Node:
    if not any(source in inner for _, (source, _) in node.reads):
        return node
    sources: list[Source] = []
    constants = list(node.settings.get("constants", ()))
    places = node.places
    for _, source in node.reads:
        taken = nodes[source[0]]
        if source[0] in inner:
            sources += [read for _, read in taken.reads]
            constants += taken.settings.get("constants", ())
            places += taken.places
        else:
            sources.append(source)
    settings = dict(node.settings)
    if constants:
        settings["constants"] = sorted(constants, key=repr)
    ordered = node.reads[0][0] != ANY
    slots = [str(n) if ordered else ANY for n in range(len(sources))]
    return replace(
        node,
        settings=settings,
        reads=tuple(zip(slots, sources, strict=True)),
        places=places,
        key=(node.kind, frozen(settings)),
    )


def _one_of_each_sum(form: Form) -> Form:
    """Make sums that add up the same in another grouping one node, before counting uses."""
    while True:
        inner = _inner_merges(form)
        flat = list(form.nodes)
        seen: dict[Hashable, int] = {}
        moved: dict[int, int] = {}
        for number, node in enumerate(flat):
            if node.kind not in ASSOCIATIVE:
                continue
            flat[number] = node = _absorb(node, flat, inner)
            twin = seen.setdefault((node.key, arranged(node.reads)), number)
            if twin != number:
                moved[number] = twin
        if not moved:
            return form
        kept = [number for number in range(len(flat)) if number not in moved]
        form = pruned(consed(renumbered(form, kept, moved)))


def consed(form: Form) -> Form:
    """Return the form with nodes that have become the same value merged."""
    seen: dict[Hashable, int] = {}
    moved: dict[int, int] = {}
    nodes = list(form.nodes)
    for number, node in enumerate(nodes):
        reads = tuple((slot, (moved.get(s, s), output)) for slot, (s, output) in node.reads)
        nodes[number] = node = replace(node, reads=arranged(reads))
        reads = node.reads
        if _is_apart(node):
            continue
        twin = seen.setdefault((node.key, reads, node.weights), number)
        if twin != number:
            moved[number] = twin
    kept = [number for number in range(len(nodes)) if number not in moved]
    form = replace(form, nodes=tuple(nodes), merged=form.merged + len(moved))
    return renumbered(form, kept, moved)
