"""What is missing, extra, in another's place or wired wrongly, each told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..equivalence import Place, Source, applies_activation
from .alignment import Side
from .difference import Difference
from .leftovers import Gap, Leftovers, Part, leftovers
from .pairing import Pairing, is_cut, nodes_at, place_of, places_of, same, shared_layer, sources_of


def structural_differences(pairing: Pairing) -> list[Difference]:
    left = leftovers(pairing)
    differences = [
        *_cut_differences(pairing),
        *_replaced(pairing),
        *_part_differences(pairing, left),
        *_wires(pairing, left),
    ]
    return _joined_moves(pairing, _joined_activations(pairing, differences))


def _joined_activations(pairing: Pairing, differences: list[Difference]) -> list[Difference]:
    """The activation of a layer is one setting, however often the layer is called."""
    result: dict[Any, Difference] = {}
    for number, difference in enumerate(differences):
        key: Any = number
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


def _part_differences(pairing: Pairing, left: Leftovers) -> Iterator[Difference]:
    clusters = _clusters(left)
    for mine, its in clusters:
        if mine and its:
            yield from _exchanged(pairing, left, mine, its)
        elif mine:
            yield _lacking(pairing, left.mine[mine[0]])
        else:
            yield _added(pairing, left.its[its[0]])


def _clusters(left: Leftovers) -> list[tuple[list[int], list[int]]]:
    """Parts that stand in each other's place together; a part that only a stray wire cut off is
    told with the wire."""
    group: dict[tuple[int, int], int] = {}
    members: dict[int, list[tuple[int, int]]] = {}
    for side_number, parts in enumerate((left.mine, left.its)):
        for number, part in enumerate(parts):
            if part.told or not part.astray:
                key = (side_number, number)
                group[key] = len(members)
                members[group[key]] = [key]
    for mine, its in left.links:
        a, b = group[0, mine], group[1, its]
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
    pairing: Pairing, left: Leftovers, mine: list[int], its: list[int]
) -> Iterator[Difference]:
    target, found = pairing.target, pairing.found
    a = [node for number in mine for node in left.mine[number].nodes]
    b = [node for number in its for node in left.its[number].nodes]
    kinds_a = {target.nodes[node].kind for node in a}
    kinds_b = {found.nodes[node].kind for node in b}
    unlike = kinds_a == kinds_b
    if ("activation" in kinds_a) != ("activation" in kinds_b) and 1 in (len(a), len(b)):
        # A lost activation and a new layer have nothing to do with each other
        lone = kinds_a if "activation" in kinds_a else kinds_b
        unlike |= lone == {"activation"}
    if unlike:
        yield from (_lacking(pairing, left.mine[number]) for number in mine)
        yield from (_added(pairing, left.its[number]) for number in its)
        return
    yield Difference(
        "replaced",
        places_of(target.nodes, a),
        places_of(found.nodes, b),
        {"expected": _kinds(target, a), "found": _kinds(found, b)},
    )


def _kinds(here: Side, numbers: Iterable[int]) -> str:
    places = places_of(here.nodes, numbers)
    return ", ".join(place.kind for place in places)


def _lacking(pairing: Pairing, part: Part) -> Difference:
    nodes = pairing.target.nodes
    places = places_of(nodes, part.nodes)
    inputs = [n for n in part.nodes if nodes[n].kind == "input"]
    if inputs:
        return Difference("input_missing", _first(places, nodes[inputs[0]].places), (), {})
    activation = _activation_part(pairing.target, pairing.match, part)
    if activation is not None:
        its = place_of(pairing.found.nodes, activation)
        name = nodes[part.nodes[0]].settings["activation"]
        return _activation_setting(places, its, name, "linear")
    if _lost_outputs(pairing, part):
        return Difference("output_missing", places, (), {})
    detail = {} if part.join is None else {"join": nodes[part.join].places[0].to_json()}
    return Difference("missing", places, (), detail)


def _added(pairing: Pairing, part: Part) -> Difference:
    nodes = pairing.found.nodes
    places = places_of(nodes, part.nodes)
    inputs = [n for n in part.nodes if nodes[n].kind == "input"]
    if inputs:
        return Difference("input_extra", (), _first(places, nodes[inputs[0]].places), {})
    activation = _activation_part(pairing.found, pairing.back, part)
    if activation is not None:
        mine = place_of(pairing.target.nodes, activation)
        name = nodes[part.nodes[0]].settings["activation"]
        return _activation_setting(mine, places, "linear", name)
    exits = [label for n in part.nodes for label, _ in pairing.found.exits[n]]
    if exits and all(label < 0 for label in exits):
        return Difference("output_extra", (), places, {})
    detail = {} if part.join is None else {"join": nodes[part.join].places[0].to_json()}
    return Difference("extra", (), places, detail)


def _first(places: tuple[Place, ...], chief: tuple[Place, ...]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys((*chief, *places)))


def _activation_part(here: Side, matched: Mapping[int, int], part: Part) -> int | None:
    """For an activation alone behind a layer that takes one: that layer's counterpart."""
    node = here.nodes[part.nodes[0]]
    if len(part.nodes) != 1 or node.kind != "activation":
        return None
    source = node.reads[0][1][0]
    if source in matched and applies_activation(here.nodes[source].kind):
        return matched[source]
    return None


def _activation_setting(
    mine: tuple[Place, ...], its: tuple[Place, ...], expected: str, found: str
) -> Difference:
    detail = {"setting": "activation", "expected": expected, "found": found}
    return Difference("setting", mine, its, detail)


def _lost_outputs(pairing: Pairing, part: Part) -> bool:
    """Whether the part gives outputs of the model which are lacking altogether."""
    kept = {label for label, _ in pairing.outputs.pairs}
    exits = [label for n in part.nodes for label, _ in pairing.target.exits[n]]
    return any(label not in kept for label in exits)


def _replaced(pairing: Pairing) -> Iterator[Difference]:
    """Paired nodes of another kind."""
    for mine, its in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[mine], pairing.found.nodes[its]
        if a.kind != b.kind and b.kind != "input":
            kinds = {"expected": a.places[0].kind, "found": b.places[0].kind}
            yield Difference("replaced", a.places, b.places, kinds)


# --- Wires ----------------------------------------------------------------------------------


def _wires(pairing: Pairing, left: Leftovers) -> Iterator[Difference]:
    """One difference for all that read the same wrong source, and for two that are exchanged."""
    lost = [node for part in left.mine if part.astray and not part.told for node in part.nodes]
    groups: dict[Any, list[Gap]] = {}
    for gap in left.wires:
        groups.setdefault((gap.mine, gap.its), []).append(gap)
    done: set[Any] = set()
    for key, gaps in groups.items():
        if key not in done:
            opposite = _opposite(pairing, groups, key)
            done |= {key, opposite}
            yield _wire(pairing, gaps, groups.get(opposite, []), lost)


def _opposite(pairing: Pairing, groups: Mapping[Any, Any], key: Any) -> Any:
    """The wires that are exchanged with these, if there are such."""
    mine, its = key
    for other in groups:
        x, y = other
        if other != key and None not in (mine, its, x, y):
            if same(pairing, x, its) and same(pairing, mine, y):
                return other
    return None


def _wire(pairing: Pairing, gaps: list[Gap], exchanged: list[Gap], lost: list[int]) -> Difference:
    mine, its = gaps[0].mine, gaps[0].its
    if its is not None and mine is not None and _is_cut_input(pairing, its):
        places = place_of(pairing.target.nodes, mine[0]), place_of(pairing.found.nodes, its[0])
        return Difference("input_cut", *places, {})
    if gaps[0].reader is None:
        return _output_wire(pairing, gaps[0], lost)
    readers = [gap.reader for gap in (*gaps, *exchanged) if gap.reader]
    expected = (p for a, _ in readers for p in place_of(pairing.target.nodes, a))
    found = (p for _, b in readers for p in place_of(pairing.found.nodes, b))
    detail = {"argument": gaps[0].slot, **sources_of(pairing, mine, its)}
    if exchanged:
        detail["swapped"] = True
    detail |= _vanished(pairing.target, lost, mine)
    return Difference("wiring", tuple(dict.fromkeys(expected)), tuple(dict.fromkeys(found)), detail)


def _output_wire(pairing: Pairing, gap: Gap, lost: list[int]) -> Difference:
    mine = place_of(pairing.target.nodes, gap.mine[0]) if gap.mine else ()
    its = place_of(pairing.found.nodes, gap.its[0]) if gap.its else ()
    if not mine or not its:
        return Difference("output_missing" if mine else "output_extra", mine, its, {})
    detail = {
        "output": pairing.target.form.outputs[gap.label].name,
        **sources_of(pairing, gap.mine, gap.its),
        **_vanished(pairing.target, lost, gap.mine),
    }
    return Difference("wiring", mine, its, detail)


def _is_cut_input(pairing: Pairing, source: Source) -> bool:
    return any(is_cut(port) and port.source == source for port in pairing.found.form.inputs)


def _vanished(here: Side, lost: list[int], wanted: Source | None) -> dict[str, Any]:
    """The places that a stray wire took with it: what only goes into the source it should read."""
    gone = [] if wanted is None else [n for n in lost if _goes_into(here, n, wanted[0])]
    places = places_of(here.nodes, gone)
    return {"vanished": [place.to_json() for place in places]} if places else {}


def _goes_into(here: Side, number: int, wanted: int) -> bool:
    seen, todo = set(), [number]
    while todo:
        node = todo.pop()
        if node == wanted:
            return True
        if node not in seen and node < wanted:
            seen.add(node)
            todo += [reader for _, reader, _ in here.readers[node]]
    return False


# --- An intermediate tensor taken for an input ----------------------------------------------


def _cut_differences(pairing: Pairing) -> Iterator[Difference]:
    for mine, its in pairing.cuts:
        places = place_of(pairing.target.nodes, mine), place_of(pairing.found.nodes, its)
        yield Difference("input_cut", *places, {})


# --- Layers that stand elsewhere ------------------------------------------------------------


def _joined_moves(pairing: Pairing, differences: list[Difference]) -> list[Difference]:
    """What is missing here and extra there is one layer that has moved."""
    result = list(differences)
    for lost in differences:
        for new in differences:
            moved = _moved(pairing, lost, new)
            if moved and lost is not new and lost in result and new in result:
                result[result.index(lost)] = moved
                result.remove(new)
    return result


def _moved(pairing: Pairing, lost: Difference, new: Difference) -> Difference | None:
    if (lost.kind, new.kind) == ("missing", "extra"):
        return _moved_layer(pairing, lost, new)
    if not lost.expected or not new.found:
        return None
    a = _activation_of(pairing.target, lost, "expected", "found")
    b = _activation_of(pairing.found, new, "found", "expected")
    if "setting" in (lost.kind, new.kind) and a is not None and a == b:
        if _is_same_layer(pairing, lost, new):
            return None
        places = lost.expected + new.expected, lost.found + new.found
        detail = {"setting": "activation", "expected": a, "found": "linear", "moved": True}
        return Difference("setting", *places, detail)
    return None


def _is_same_layer(pairing: Pairing, lost: Difference, new: Difference) -> bool:
    """Whether an activation is lost and found behind one and the same layer."""
    sides = (pairing.target, lost.expected), (pairing.found, new.found)
    mine, its = (_before_activation(here, nodes_at(here, places[0])[0]) for here, places in sides)
    return pairing.match.get(mine) == its


def _before_activation(here: Side, number: int) -> int:
    node = here.nodes[number]
    return node.reads[0][1][0] if node.kind == "activation" else number


def _moved_layer(pairing: Pairing, lost: Difference, new: Difference) -> Difference | None:
    if len(lost.expected) != 1 or len(new.found) != 1:
        return None
    mine, its = nodes_at(pairing.target, lost.expected[0]), nodes_at(pairing.found, new.found[0])
    a, b = [pairing.target.nodes[n] for n in mine], [pairing.found.nodes[n] for n in its]
    if [node.key for node in a] != [node.key for node in b]:
        return None
    if len(a[0].reads) != 1 or len(b[0].reads) != 1:
        return None
    if same(pairing, a[0].reads[0][1], b[0].reads[0][1]):
        return None
    sources = sources_of(pairing, a[0].reads[0][1], b[0].reads[0][1])
    detail = {"argument": a[0].reads[0][0], **sources, "moved": True}
    return Difference("wiring", lost.expected, new.found, detail)


def _activation_of(here: Side, difference: Difference, value: str, other: str) -> str | None:
    """The activation that is all that is lacking, or new, in this difference: what stands under
    `value` in its detail where "linear" stands under `other`."""
    detail = difference.detail
    if difference.kind == "setting" and detail["setting"] == "activation":
        return detail[value] if detail[other] == "linear" and "moved" not in detail else None
    places = difference.expected or difference.found
    if difference.kind not in ("missing", "extra") or len(places) != 1:
        return None
    nodes = [here.nodes[number] for number in nodes_at(here, places[0])]
    alone = len(nodes) == 1 and nodes[0].kind == "activation"
    return nodes[0].settings["activation"] if alone else None
