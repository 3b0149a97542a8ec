"""The canonical form of a model: plain data.

Tests: tests/beyond_sequential/equivalence/test_equivalence.py
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..model.graph import Tensor

Source = tuple[int, int]
"""A tensor of a form: the number of a node, and which of its outputs."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a ModelGraph: the number of a call in the outermost body, then of a call inside
    the nested model that it calls, and so on; with the name and the kind of the layer called.
    """

    path: tuple[int, ...]
    name: str
    kind: str

    def to_json(self) -> dict[str, object]:
        """Return the place as plain data."""
        return {"path": list(self.path), "name": self.name, "kind": self.kind}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Place:
        """Read what `to_json` wrote."""
        return cls(tuple(data["path"]), data["name"], data["kind"])


@dataclass(frozen=True, slots=True)
class Node:
    """One operation.

    `kind` is a layer's kind, or one of the names for what has several spellings: "input",
    "activation", "add", "concatenate" and so on.

    `reads` names the slot of each tensor read; where the order does not matter, all slots are
    `ANY`.  `weights` is the number of the layer's entry in `Form.weights`.  `idle_padding` says
    that the padding was written "same", but pads nothing and stands as "valid" in the settings.
    """

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[tuple[str, Source], ...] = ()
    weights: int | None = None
    places: tuple[Place, ...] = ()
    tensors: tuple[Tensor, ...] = ()
    key: tuple[Hashable, ...] = ()
    idle_padding: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """The variables of a layer, however many layers hold exactly these."""

    ids: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[str, ...]
    trainable: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of the model: the layer's name, the key in a dict if it is in one, and
    whether both are only what Keras called it.
    """

    source: Source
    name: str
    key: str | None
    generated: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A model in canonical form.  Nodes come after the nodes that they read.

    `inputs_listed` and `outputs_listed` tell whether the model has them in an order (a list, a
    tuple, a single tensor) or by key (a dict).  `merged` counts the calls that turned out to
    compute what another call computes.
    """

    nodes: tuple[Node, ...]
    weights: tuple[Weights, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    inputs_listed: bool
    outputs_listed: bool
    merged: int = 0


ANY = "*"


def frozen(value: object) -> Any:
    """Return the value as something that can be a key; lists and tuples, 1 and 1.0 are alike."""
    if isinstance(value, Mapping):
        return tuple(sorted((str(key), frozen(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return ("list", *(frozen(item) for item in value))
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, (int, float)):
        return ("number", value)
    return (type(value).__name__, str(value))


def pruned(form: Form) -> Form:
    """Without what no output needs; the model's own inputs stay."""
    needed = [False] * len(form.nodes)
    for port in (*form.inputs, *form.outputs):
        needed[port.source[0]] = True
    for number in range(len(form.nodes) - 1, -1, -1):
        if needed[number]:
            for _, (source, _) in form.nodes[number].reads:
                needed[source] = True
    return renumbered(form, [number for number, keep in enumerate(needed) if keep], {})


def renumbered(form: Form, order: Iterable[int], moved: Mapping[int, int]) -> Form:
    """Return the form with the nodes named, in this order; `moved` sends a node to its stand-in."""
    order = list(order)
    position = {old: new for new, old in enumerate(order)}
    position |= {old: position[stand_in] for old, stand_in in moved.items()}
    used = sorted({w for n in order if (w := form.nodes[n].weights) is not None})
    weights = {old: new for new, old in enumerate(used)}

    def node(old: Node) -> Node:
        reads = tuple((slot, (position[s], output)) for slot, (s, output) in old.reads)
        kept = None if old.weights is None else weights[old.weights]
        return replace(old, reads=arranged(reads), weights=kept)

    def ports(old: tuple[Port, ...]) -> tuple[Port, ...]:
        return tuple(replace(p, source=(position[p.source[0]], p.source[1])) for p in old)

    return replace(
        form,
        nodes=tuple(node(form.nodes[number]) for number in order),
        weights=tuple(form.weights[number] for number in used),
        inputs=ports(form.inputs),
        outputs=ports(form.outputs),
    )


def arranged(reads: tuple[tuple[str, Source], ...]) -> tuple[tuple[str, Source], ...]:
    """Return the reads in an order of their own where the order does not matter."""
    return tuple(sorted(reads)) if reads and reads[0][0] == ANY else reads
