"""A form with its edges in both directions, and what is looked up in it.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...equivalence import Form, Node, Place, Port, Source, applies_activation


@dataclass(frozen=True, slots=True)
class WiredForm:
    """A form with its edges in both directions.

    `exits` names the outputs that a node gives, `calls` the nodes that use the same weights.
    """

    form: Form
    kinds: Sequence[int]
    readers: Sequence[Sequence[tuple[str, int, int]]]
    exits: Sequence[Sequence[tuple[int, int]]]
    calls: Mapping[int, Sequence[int]]

    @property
    def nodes(self) -> Sequence[Node]:
        """The nodes of the form."""
        return self.form.nodes


def wired(form: Form, labels: Sequence[int], names: dict[Hashable, int]) -> WiredForm:
    """`labels` says of each output which one it is; `names` numbers what nodes are."""
    readers: list[list[tuple[str, int, int]]] = [[] for _ in form.nodes]
    for number, node in enumerate(form.nodes):
        for slot, (source, output) in node.reads:
            readers[source].append((slot, number, output))
    exits: list[list[tuple[int, int]]] = [[] for _ in form.nodes]
    for label, port in zip(labels, form.outputs, strict=True):
        exits[port.source[0]].append((label, port.source[1]))
    kinds = [names.setdefault(node.key, len(names)) for node in form.nodes]
    calls: dict[int, list[int]] = defaultdict(list)
    for number, node in enumerate(form.nodes):
        if node.weights is not None:
            calls[node.weights].append(number)
    return WiredForm(form, kinds, readers, exits, calls)


def last_calls(graph: WiredForm, port: Port) -> list[int]:
    """Return the node that makes an output.

    Where that is a layer's activation, the layer before it.
    """
    number = port.source[0]
    node = graph.nodes[number]
    if node.kind == "activation" and applies_activation(graph.nodes[node.reads[0][1][0]].kind):
        return [node.reads[0][1][0], number]
    return [number]


def shared_layer(graph: WiredForm, number: int) -> Any:
    """The layer that a node is a call of, or the activation of, if it is called several times."""
    node = graph.nodes[number]
    if node.kind == "activation":
        node = graph.nodes[node.reads[0][1][0]]
        if not applies_activation(node.kind):
            return None
    several = node.weights is not None and len(graph.calls[node.weights]) > 1
    return ("layer", node.weights) if several else None


def places_of(nodes: Sequence[Node], numbers: Iterable[int]) -> tuple[Place, ...]:
    """Return the places of several nodes, each once."""
    return tuple(dict.fromkeys(place for n in numbers for place in nodes[n].places))


def place_of(nodes: Sequence[Node], number: int) -> tuple[Place, ...]:
    """Return where a node is; of a sum written as several calls, where it is finished."""
    return nodes[number].places[:1]


def nodes_at(graph: WiredForm, place: Place) -> list[int]:
    """Return the nodes that come from a place."""
    return [number for number, node in enumerate(graph.nodes) if place in node.places]


def source_of(graph: WiredForm, source: Source | None) -> dict[str, object] | None:
    """Return the place of a tensor in JSON form."""
    return None if source is None else graph.nodes[source[0]].places[0].to_json()
