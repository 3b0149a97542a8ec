"""What is missing in one place and extra in another: one thing that stands elsewhere.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from .difference import Difference
from .pairing import Pairing, WiredForm, nodes_at, same, sources_of


def joined_moves(pairing: Pairing, differences: list[Difference]) -> list[Difference]:
    """Join what is missing at one place and extra at another: one layer that has moved."""
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
        return _moved_layer(pairing, lost, new) or _moved_join(pairing, lost, new)
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
    """Return whether an activation is lost and found behind one and the same layer."""
    sides = (pairing.target, lost.expected), (pairing.found, new.found)
    in_target, in_found = (
        _before_activation(graph, nodes_at(graph, places[0])[0]) for graph, places in sides
    )
    return pairing.match.get(in_target) == in_found


def _before_activation(graph: WiredForm, number: int) -> int:
    node = graph.nodes[number]
    return node.reads[0][1][0] if node.kind == "activation" else number


def _moved_layer(pairing: Pairing, lost: Difference, new: Difference) -> Difference | None:
    if len(lost.expected) != 1 or len(new.found) != 1:
        return None
    in_target, in_found = (
        nodes_at(pairing.target, lost.expected[0]),
        nodes_at(pairing.found, new.found[0]),
    )
    a, b = [pairing.target.nodes[n] for n in in_target], [pairing.found.nodes[n] for n in in_found]
    if [node.key for node in a] != [node.key for node in b]:
        return None
    if len(a[0].reads) != 1 or len(b[0].reads) != 1:
        return None
    if same(pairing, a[0].reads[0][1], b[0].reads[0][1]):
        return None
    sources = sources_of(pairing, a[0].reads[0][1], b[0].reads[0][1])
    detail = {"argument": a[0].reads[0][0], **sources, "moved": True}
    return Difference("wiring", lost.expected, new.found, detail)


def _moved_join(pairing: Pairing, lost: Difference, new: Difference) -> Difference | None:
    """Return the one difference for a merge that stands before or behind where it should.

    What is made once instead of in each branch, or the reverse, follows from that.
    """
    in_target, in_found = (
        [
            number
            for place in places
            for number in nodes_at(graph, place)
            if len(graph.nodes[number].reads) > 1
        ]
        for graph, places in ((pairing.target, lost.expected), (pairing.found, new.found))
    )
    if len(in_target) != 1 or len(in_found) != 1:
        return None
    a, b = pairing.target.nodes[in_target[0]], pairing.found.nodes[in_found[0]]
    if a.kind != b.kind:
        return None
    read = {
        end: [graph.nodes[source].places[0].to_json() for _, (source, _) in node.reads]
        for end, graph, node in (("expected", pairing.target, a), ("found", pairing.found, b))
    }
    return Difference("join_moved", a.places, b.places, read)


def _activation_of(graph: WiredForm, difference: Difference, value: str, other: str) -> str | None:
    """Return the activation that is all that is lacking, or new, in this difference.

    In its detail that stands under `value` where "linear" stands under `other`.
    """
    detail = difference.detail
    if difference.kind == "setting" and detail["setting"] == "activation":
        return detail[value] if detail[other] == "linear" and "moved" not in detail else None
    places = difference.expected or difference.found
    if difference.kind not in ("missing", "extra") or len(places) != 1:
        return None
    nodes = [graph.nodes[number] for number in nodes_at(graph, places[0])]
    alone = len(nodes) == 1 and nodes[0].kind == "activation"
    return nodes[0].settings["activation"] if alone else None
