"""What is missing, extra, in another's place or wired wrongly, each said once.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..equivalence import Place, Source, applies_activation
from .difference import Difference
from .leftovers import Fragment, Gap, Leftovers, leftovers
from .moved import joined_moves
from .pairing import (
    Pairing,
    WiredForm,
    is_cut,
    nodes_at,
    place_of,
    places_of,
    same,
    shared_layer,
    sources_of,
)


def structural_differences(pairing: Pairing) -> list[Difference]:
    """Return what is missing, extra, replaced or wired wrongly."""
    left = leftovers(pairing)
    differences = [
        *_cut_differences(pairing),
        *_replaced(pairing),
        *_fragment_differences(pairing, left),
        *_wires(pairing, left),
    ]
    return joined_moves(pairing, _joined_activations(pairing, differences))


def _joined_activations(pairing: Pairing, differences: list[Difference]) -> list[Difference]:
    """Join what is said of one activation.

    The activation of a layer is one setting, however often the layer is called.
    """
    result: dict[Hashable, Difference] = {}
    for number, difference in enumerate(differences):
        key: object = number
        if difference.kind == "setting":
            first = nodes_at(pairing.target, difference.expected[0])[0]
            layer = shared_layer(pairing.target, first)
            if layer is None:
                layer = difference.expected[0].name, difference.found[0].name
            key = (layer, tuple(difference.detail.items()))
        known = result.get(key)
        if known is not None:
            expected, found = known.expected + difference.expected, known.found + difference.found
            difference = replace(known, expected=expected, found=found)
        result[key] = difference
    return list(result.values())


# --- Parts as differences -------------------------------------------------------------------


def _fragment_differences(pairing: Pairing, left: Leftovers) -> Iterator[Difference]:
    clusters = _clusters(left)
    for in_target, in_found in clusters:
        if in_target and in_found:
            yield from _exchanged(pairing, left, in_target, in_found)
        elif in_target:
            yield _lacking(pairing, left.in_target[in_target[0]])
        else:
            yield _added(pairing, left.in_found[in_found[0]])


def _clusters(left: Leftovers) -> list[tuple[list[int], list[int]]]:
    """Fragments that stand in each other's place together.

    One that only a misplaced wire cut off is described with the wire.
    """
    group: dict[tuple[int, int], int] = {}
    members: dict[int, list[tuple[int, int]]] = {}
    for end, fragments in enumerate((left.in_target, left.in_found)):
        for number, fragment in enumerate(fragments):
            if fragment.reported or not fragment.miswired:
                key = (end, number)
                group[key] = len(members)
                members[group[key]] = [key]
    for in_target, in_found in left.links:
        a, b = group[0, in_target], group[1, in_found]
        if a != b:
            members[a] += members[b]
            for key in members.pop(b):
                group[key] = a
    return [
        (
            sorted(n for s, n in cluster if s == 0),
            sorted(n for s, n in cluster if s == 1),
        )
        for cluster in members.values()
    ]


def _exchanged(
    pairing: Pairing, left: Leftovers, in_target: list[int], in_found: list[int]
) -> Iterator[Difference]:
    target, found = pairing.target, pairing.found
    a = [node for number in in_target for node in left.in_target[number].nodes]
    b = [node for number in in_found for node in left.in_found[number].nodes]
    kinds_a = {target.nodes[node].kind for node in a}
    kinds_b = {found.nodes[node].kind for node in b}
    cut = [n for n in b if found.nodes[n].kind == "input" and _is_cut_input(pairing, (n, 0))]
    if cut:
        places = place_of(target.nodes, a[-1]), found.nodes[cut[0]].places
        yield Difference("input_cut", *places, {})
        return
    unlike = kinds_a == kinds_b
    if ("activation" in kinds_a) != ("activation" in kinds_b) and 1 in (len(a), len(b)):
        # A lost activation and a new layer have nothing to do with each other
        lone = kinds_a if "activation" in kinds_a else kinds_b
        unlike |= lone == {"activation"}
    if unlike:
        yield from (_lacking(pairing, left.in_target[number]) for number in in_target)
        yield from (_added(pairing, left.in_found[number]) for number in in_found)
        return
    yield Difference(
        "replaced",
        places_of(target.nodes, a),
        places_of(found.nodes, b),
        {"expected": _kinds(target, a), "found": _kinds(found, b)},
    )


def _kinds(graph: WiredForm, numbers: Iterable[int]) -> str:
    places = places_of(graph.nodes, numbers)
    return ", ".join(place.kind for place in places)


def _lacking(pairing: Pairing, fragment: Fragment) -> Difference:
    nodes = pairing.target.nodes
    places = places_of(nodes, fragment.nodes)
    inputs = [n for n in fragment.nodes if nodes[n].kind == "input"]
    if inputs:
        return Difference("input_missing", _first(places, nodes[inputs[0]].places), (), {})
    activation = _activation_fragment(pairing.target, pairing.match, fragment)
    if activation is not None:
        in_found = place_of(pairing.found.nodes, activation)
        name = nodes[fragment.nodes[0]].settings["activation"]
        return _activation_setting(places, in_found, name, "linear")
    if _lost_outputs(pairing, fragment):
        return Difference("output_missing", places, (), {})
    detail = {} if fragment.join is None else {"join": nodes[fragment.join].places[0].to_json()}
    return Difference("missing", places, (), detail)


def _added(pairing: Pairing, fragment: Fragment) -> Difference:
    nodes = pairing.found.nodes
    places = places_of(nodes, fragment.nodes)
    inputs = [n for n in fragment.nodes if nodes[n].kind == "input"]
    if inputs:
        return Difference("input_extra", (), _first(places, nodes[inputs[0]].places), {})
    activation = _activation_fragment(pairing.found, pairing.back, fragment)
    if activation is not None:
        in_target = place_of(pairing.target.nodes, activation)
        name = nodes[fragment.nodes[0]].settings["activation"]
        return _activation_setting(in_target, places, "linear", name)
    exits = [label for n in fragment.nodes for label, _ in pairing.found.exits[n]]
    if exits and all(label < 0 for label in exits):
        return Difference("output_extra", (), places, {})
    detail = {} if fragment.join is None else {"join": nodes[fragment.join].places[0].to_json()}
    return Difference("extra", (), places, detail)


def _first(places: tuple[Place, ...], chief: tuple[Place, ...]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys((*chief, *places)))


def _activation_fragment(
    graph: WiredForm, matched: Mapping[int, int], fragment: Fragment
) -> int | None:
    """For an activation alone behind a layer that takes one: that layer's counterpart."""
    node = graph.nodes[fragment.nodes[0]]
    if len(fragment.nodes) != 1 or node.kind != "activation":
        return None
    source = node.reads[0][1][0]
    if source in matched and applies_activation(graph.nodes[source].kind):
        return matched[source]
    return None


def _activation_setting(
    in_target: tuple[Place, ...], in_found: tuple[Place, ...], expected: str, found: str
) -> Difference:
    detail = {"setting": "activation", "expected": expected, "found": found}
    return Difference("setting", in_target, in_found, detail)


def _lost_outputs(pairing: Pairing, fragment: Fragment) -> bool:
    """Return whether the fragment gives outputs of the model which are lacking altogether."""
    kept = {label for label, _ in pairing.outputs.pairs}
    exits = [label for n in fragment.nodes for label, _ in pairing.target.exits[n]]
    return any(label not in kept for label in exits)


def _replaced(pairing: Pairing) -> Iterator[Difference]:
    """Paired nodes of another kind."""
    for in_target, in_found in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[in_target], pairing.found.nodes[in_found]
        if a.kind != b.kind and b.kind != "input":
            kinds = {"expected": a.places[0].kind, "found": b.places[0].kind}
            yield Difference("replaced", a.places, b.places, kinds)


# --- Wires ----------------------------------------------------------------------------------


def _wires(pairing: Pairing, left: Leftovers) -> Iterator[Difference]:
    """One difference for all that read the same wrong source, and for two that are exchanged."""
    lost = [
        node
        for fragment in left.in_target
        if fragment.miswired and not fragment.reported
        for node in fragment.nodes
    ]
    groups: dict[Hashable, list[Gap]] = {}
    for gap in left.wires:
        groups.setdefault((gap.in_target, gap.in_found), []).append(gap)
    done: set[Hashable] = set()
    for key, gaps in groups.items():
        if key not in done:
            opposite = _opposite(pairing, groups, key)
            done |= {key, opposite}
            yield _wire(pairing, gaps, groups.get(opposite, []), lost)


def _opposite(pairing: Pairing, groups: Mapping[Any, Any], key: Any) -> Any:
    """Return the wires that are exchanged with these, if there are such."""
    in_target, in_found = key
    for other in groups:
        x, y = other
        if other != key and None not in (in_target, in_found, x, y):
            if same(pairing, x, in_found) and same(pairing, in_target, y):
                return other
    return None


def _wire(pairing: Pairing, gaps: list[Gap], exchanged: list[Gap], lost: list[int]) -> Difference:
    in_target, in_found = gaps[0].in_target, gaps[0].in_found
    if in_found is not None and in_target is not None and _is_cut_input(pairing, in_found):
        places = (
            place_of(pairing.target.nodes, in_target[0]),
            place_of(pairing.found.nodes, in_found[0]),
        )
        return Difference("input_cut", *places, {})
    if gaps[0].reader is None:
        return _output_wire(pairing, gaps[0], lost)
    readers = [gap.reader for gap in (*gaps, *exchanged) if gap.reader]
    expected = (p for a, _ in readers for p in place_of(pairing.target.nodes, a))
    found = (p for _, b in readers for p in place_of(pairing.found.nodes, b))
    detail = {"argument": gaps[0].slot, **sources_of(pairing, in_target, in_found)}
    if exchanged:
        detail["swapped"] = True
    detail |= _vanished(pairing.target, lost, in_target)
    return Difference("wiring", tuple(dict.fromkeys(expected)), tuple(dict.fromkeys(found)), detail)


def _output_wire(pairing: Pairing, gap: Gap, lost: list[int]) -> Difference:
    in_target = place_of(pairing.target.nodes, gap.in_target[0]) if gap.in_target else ()
    in_found = place_of(pairing.found.nodes, gap.in_found[0]) if gap.in_found else ()
    if not in_target or not in_found:
        return Difference(
            "output_missing" if in_target else "output_extra", in_target, in_found, {}
        )
    detail = {
        "output": pairing.target.form.outputs[gap.label].name,
        **sources_of(pairing, gap.in_target, gap.in_found),
        **_vanished(pairing.target, lost, gap.in_target),
    }
    return Difference("wiring", in_target, in_found, detail)


def _is_cut_input(pairing: Pairing, source: Source) -> bool:
    return any(is_cut(port) and port.source == source for port in pairing.found.form.inputs)


def _vanished(graph: WiredForm, lost: list[int], wanted: Source | None) -> dict[str, object]:
    """The places that a misplaced wire took with it: what only goes into the source to be read."""
    gone = [] if wanted is None else [n for n in lost if _goes_into(graph, n, wanted[0])]
    places = places_of(graph.nodes, gone)
    return {"vanished": [place.to_json() for place in places]} if places else {}


def _goes_into(graph: WiredForm, number: int, wanted: int) -> bool:
    seen, todo = set(), [number]
    while todo:
        node = todo.pop()
        if node == wanted:
            return True
        if node not in seen and node < wanted:
            seen.add(node)
            todo += [reader for _, reader, _ in graph.readers[node]]
    return False


# --- An intermediate tensor taken for an input ----------------------------------------------


def _cut_differences(pairing: Pairing) -> Iterator[Difference]:
    for in_target, in_found in pairing.cuts:
        places = place_of(pairing.target.nodes, in_target), place_of(pairing.found.nodes, in_found)
        yield Difference("input_cut", *places, {})
