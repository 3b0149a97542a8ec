"""All nodes in pairs, where the forms are the same but for what a view disregards.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from ...equivalence import Form, expanded
from .isomorphism import Coloured, isomorphism
from .pairs import Pairing, paired
from .ports import pair_ports, port_labels, said


@dataclass(frozen=True, slots=True)
class _View:
    """What an isomorphism has to keep."""

    inputs: bool = True
    outputs: bool = True
    sharing: bool = True
    trainable: bool = True
    tensors: bool = True
    names: bool = False


_VIEWS = (
    _View(),
    _View(trainable=False),
    _View(inputs=False),
    _View(outputs=False),
    _View(sharing=False, trainable=False),
    _View(tensors=False),
    _View(inputs=False, outputs=False, trainable=False),
    _View(inputs=False, trainable=False, tensors=False),
    _View(False, False, False, False, False),
)


def relate(
    a: Form, b: Form, names: bool = False, views: Sequence[_View] = _VIEWS
) -> tuple[Pairing, bool] | None:
    """All nodes in pairs, if the forms are the same but for what a view disregards, and whether
    that is nothing; the view that disregards least is taken.  With `names` inputs and outputs
    that are as good as each other are paired by name.
    """
    inputs = pair_ports(a.inputs, b.inputs, a.inputs_listed and b.inputs_listed)
    outputs = pair_ports(a.outputs, b.outputs, a.outputs_listed and b.outputs_listed)
    if Counter(node.key for node in a.nodes) != Counter(node.key for node in b.nodes):
        return None
    labels = (
        port_labels(inputs, len(a.inputs), len(b.inputs)),
        port_labels(outputs, len(a.outputs), len(b.outputs)),
    )
    wanted = frozenset(
        said(port) for port in (*a.inputs, *a.outputs) if port.key is not None or not port.generated
    )
    for view in [_View(names=True), *views] if names and wanted else views:
        chosen = replace(
            view, inputs=view.inputs and inputs.fixed, outputs=view.outputs and outputs.fixed
        )
        known = wanted if view.names else frozenset()
        match = isomorphism(
            _coloured(a, chosen, labels[0][0], labels[1][0], known),
            _coloured(b, chosen, labels[0][1], labels[1][1], known),
        )
        if match is not None:
            same_model = replace(view, names=False) == _View()
            return paired(a, b, dict(enumerate(match)), inputs, outputs), same_model
    return None


def relate_sums(a: Form, b: Form, names: bool = False) -> tuple[Pairing, bool] | None:
    """Return the same for forms that differ only in which partial sums they keep."""
    full_a, full_b = expanded(a), expanded(b)
    if full_a is None or full_b is None or (full_a is a and full_b is b):
        return None
    return relate(full_a, full_b, names, views=_VIEWS[:1])


def _coloured(
    form: Form,
    view: _View,
    inputs: Sequence[int],
    outputs: Sequence[int],
    names: frozenset[str],
) -> Coloured:
    marks: dict[int, list[Hashable]] = defaultdict(list)
    if view.inputs:
        for label, port in zip(inputs, form.inputs, strict=True):
            marks[port.source[0]].append(("input", label))
    for label, port in zip(outputs, form.outputs, strict=True):
        mark = label if view.outputs else 0
        marks[port.source[0]].append(("output", mark, port.source[1]))
    for port in (*form.inputs, *form.outputs):
        if said(port) in names:
            marks[port.source[0]].append(("name", said(port)))
    if view.tensors:
        ends = {port.source[0] for port in form.outputs}
        for number, node in enumerate(form.nodes):
            if node.kind == "input":
                marks[number].append(("tensor", node.tensors))
            elif number in ends or node.weights is not None:
                marks[number].append(("dtype", tuple(t.dtype for t in node.tensors)))
    return Coloured(
        colours=[
            (node.key, *sorted(marks[number], key=repr)) if number in marks else node.key
            for number, node in enumerate(form.nodes)
        ],
        reads=[node.reads for node in form.nodes],
        layers=[node.weights if view.sharing else None for node in form.nodes],
        layer_colours=[
            (
                len(weights.ids),
                (weights.shapes, weights.dtypes) if view.tensors else None,
                weights.trainable if view.trainable else None,
            )
            for weights in form.weights
        ]
        if view.sharing
        else [],
        ties=_ties(form) if view.sharing else (),
    )


def _ties(form: Form) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return the variables that several layers hold."""
    holders: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, weights in enumerate(form.weights):
        for position, id_ in enumerate(weights.ids):
            holders[id_].append((number, position))
    return tuple(tuple(held) for held in holders.values() if len(held) > 1)
