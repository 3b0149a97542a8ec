"""From a ModelGraph to a form: nested models taken apart, each call in its one spelling."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..model.graph import Body, Call, GraphError, Layer, ModelGraph, Ref, Tensor, refs
from ..model.kinds import FIRST_ARGUMENTS, kind_of
from ..model.labels import is_generated
from .form import Form, Node, Place, Port, Source, Weights, arranged, frozen, pruned
from .operation import Operation, Output, Read, Settings, Value
from .rules import CALL_RULES, FORM_RULES
from .settings import plain_settings
from .spellings import differs_in_training, is_random, layer_of_cell

MAX_NODES = 200_000
"""More than this is no model but an attempt to keep the judge busy: nesting can double a
model's size with every level."""


@dataclass(slots=True)
class _Draft:
    """A form in the making."""

    graph: ModelGraph
    concat_order: bool
    merge: bool
    ignore: Mapping[str, frozenset[str]]
    automatic_masks: bool
    nodes: list[Node] = field(default_factory=list)
    weights: dict[tuple[str, ...], int] = field(default_factory=dict)
    known: dict[Hashable, int] = field(default_factory=dict)
    settings: dict[Hashable, dict[str, object]] = field(default_factory=dict)
    merged: int = 0


def canonical(
    graph: ModelGraph,
    *,
    concat_order: bool = False,
    ignore: Mapping[str, frozenset[str]] | None = None,
) -> Form:
    """Return the canonical form of a graph.

    With `concat_order` the order of what is concatenated is kept.  `ignore` names settings to leave
    out, by kind (see `one_sided`).
    """
    return flattened(written(graph, concat_order=concat_order, ignore=ignore))


def flattened(form: Form, merge: bool = True) -> Form:
    """Return the form rewritten by the rules for whole forms.

    With `merge`, nodes that come to compute the same value become one node.
    """
    for rewrite in FORM_RULES:
        form = rewrite(form, merge)
    return form


def written(
    graph: ModelGraph,
    *,
    concat_order: bool = False,
    merge: bool = True,
    ignore: Mapping[str, frozenset[str]] | None = None,
) -> Form:
    """The form of a graph with its sums as they are written, and without `merge` with calls apart
    that compute the same value: not canonical, but closer to what somebody did.
    """
    draft = _Draft(graph, concat_order, merge, ignore or {}, _makes_masks(graph))
    try:
        values = _inline(draft, graph.body, {}, (), training=False)
    except RecursionError as error:
        raise GraphError("a model nested too deeply") from error
    return pruned(
        Form(
            nodes=tuple(draft.nodes),
            weights=_weights(draft),
            inputs=_ports(graph, graph.body.inputs, values),
            outputs=_ports(graph, graph.body.outputs, values),
            inputs_listed=not isinstance(graph.body.inputs, Mapping),
            outputs_listed=not isinstance(graph.body.outputs, Mapping),
            merged=draft.merged,
        )
    )


def _inline(
    draft: _Draft,
    body: Body,
    given: Mapping[int, Source],
    path: tuple[int, ...],
    training: object,
) -> list[list[Source]]:
    """Add the calls of a body; the outputs of each of its calls.

    `given` are the tensors that stand for the calls of a nested body's own Input layers.
    """
    values: list[list[Source]] = []
    for number, call in enumerate(body.calls):
        layer = draft.graph.layers[call.layer]
        place = Place((*path, number), layer.name, layer.kind)
        layer = layer_of_cell(layer)
        if number in given:
            values.append([given[number]])
        elif layer.kind == "InputLayer":
            values.append(_add_input(draft, call, place))
        elif layer.body is not None:
            values.append(_inline_model(draft, layer, call, values, place, training))
        else:
            values.append(_add_call(draft, layer, call, values, place, training))
        if len(values[-1]) != len(call.outputs):
            raise GraphError(f"call of {layer.name!r} gives another number of outputs")
    return values


def _inline_model(
    draft: _Draft,
    layer: Layer,
    call: Call,
    values: list[list[Source]],
    place: Place,
    training: object,
) -> list[Source]:
    body = layer.body
    assert body is not None
    argument = call.args[0] if call.args else next(iter(call.kwargs.values()), None)
    given = {
        inner.call: values[outer.call][outer.output]
        for inner, outer in _paired_inputs(draft.graph, body, argument)
    }
    training = call.kwargs.get("training") or training
    inside = _inline(draft, body, given, place.path, training)
    results = [inside[ref.call][ref.output] for ref in ordered_refs(body.outputs)]
    _sharpen(draft, results, call.outputs)
    return results


def _paired_inputs(graph: ModelGraph, body: Body, argument: object) -> Iterator[tuple[Ref, Ref]]:
    """Yield each input of a nested model with the tensor that it is called on."""
    wanted = ordered_refs(body.inputs)
    if isinstance(argument, Mapping):
        if isinstance(body.inputs, Mapping):
            names = sorted(body.inputs)
        else:
            names = [graph.layers[body.calls[ref.call].layer].name for ref in wanted]
        if set(names) <= set(argument):
            given = [ref for name in names for ref in ordered_refs(argument[name])]
            yield from zip(wanted, given, strict=False)
            return
    yield from zip(wanted, ordered_refs(argument), strict=False)


def ordered_refs(tree: object) -> list[Ref]:
    """Return the tensors of a nest in Keras's order, which sorts a dict by key."""
    return [ref for _, ref in _leaves(tree, None)]


def _leaves(tree: object, key: str | None) -> Iterator[tuple[str | None, Ref]]:
    if isinstance(tree, Ref):
        yield key, tree
    elif isinstance(tree, Mapping):
        for name in sorted(tree):
            yield from _leaves(tree[name], str(name))
    elif isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _leaves(item, key)


def _sharpen(draft: _Draft, sources: list[Source], tensors: tuple[Tensor, ...]) -> None:
    """Sizes that a nested model left open may be known where it is called."""
    for (number, output), tensor in zip(sources, tensors, strict=False):
        node = draft.nodes[number]
        if node.kind == "input":
            continue
        sharper = list(node.tensors)
        sharper[output] = tensor
        draft.nodes[number] = replace(node, tensors=tuple(sharper))


def _add_input(draft: _Draft, call: Call, place: Place) -> list[Source]:
    node = Node("input", places=(place,), tensors=call.outputs, key=("input",))
    return _append(draft, node, alone=True)


def _add_call(
    draft: _Draft,
    layer: Layer,
    call: Call,
    values: list[list[Source]],
    place: Place,
    training: object,
) -> list[Source]:
    """Add the nodes of a call, rewritten by the rules; its outputs."""
    if layer.kind == "InputLayer" or not call.outputs:
        raise GraphError(f"call of {layer.name!r} gives nothing")
    reads, constants = _arguments(draft, layer, call, values, training)
    operation = Operation(
        kind=layer.kind,
        layer=layer,
        settings=_settings(draft, layer, reads, call.outputs),
        reads=tuple(Read(slot, source, _tensor(draft, source)) for slot, source in reads),
        constants=constants,
        tensors=call.outputs,
        concat_order=draft.concat_order,
    )
    return _rewritten(draft, operation, place, 0, {})


_Made = dict[int, tuple[Operation, list[Source]]]
"""By identity, the operations that rules have made for a call, and their outputs."""


def _rewritten(
    draft: _Draft, operation: Operation, place: Place, first: int, made: _Made
) -> list[Source]:
    """Apply the rules from number `first` on, and add the nodes that come out; the outputs."""
    for number in range(first, len(CALL_RULES)):
        outputs = CALL_RULES[number](operation)
        if outputs is not None:
            return [_source(draft, value, place, number + 1, made) for value in outputs]
    reads = tuple(
        (read.slot, _source(draft, read.value, place, first, made)) for read in operation.reads
    )
    return _add_node(draft, operation, reads, place)


def _source(draft: _Draft, value: Value, place: Place, first: int, made: _Made) -> Source:
    """Return the tensor in the form that a value is, after adding what it is made by."""
    if not isinstance(value, Output):
        return value
    operation, output = value
    if id(operation) not in made:
        made[id(operation)] = operation, _rewritten(draft, operation, place, first, made)
    return made[id(operation)][1][output]


def _add_node(
    draft: _Draft, operation: Operation, reads: tuple[tuple[str, Source], ...], place: Place
) -> list[Source]:
    layer, captured = operation.layer, operation.is_as_captured
    settings = {**operation.settings, **operation.constants}
    node = Node(
        operation.kind,
        settings,
        arranged(reads),
        weights=_weights_number(draft, layer) if captured else None,
        places=(place,),
        tensors=operation.tensors,
        key=operation.key or (operation.kind, frozen(settings)),
        idle_padding=operation.idle_padding,
    )
    return _append(draft, node, alone=captured and is_random(layer.kind, layer.settings))


def _arguments(
    draft: _Draft,
    layer: Layer,
    call: Call,
    values: list[list[Source]],
    training: object,
) -> tuple[list[tuple[str, Source]], dict[str, object]]:
    """Return what a call reads, by slot, and its plain arguments."""
    named = dict(_named_arguments(layer.kind, call))
    # training=False is what Keras writes by itself; True and NEVER matter to some layers only.
    asked = named.get("training") or training
    matters = asked and differs_in_training(layer.kind, layer.settings)
    named["training"] = asked if matters else None
    reads: list[tuple[str, Source]] = []
    constants: dict[str, object] = {}
    for name, value in named.items():
        if name == "mask" and draft.automatic_masks:
            continue
        for slot, leaf in _slots(name, value):
            if isinstance(leaf, Ref):
                reads.append((slot, values[leaf.call][leaf.output]))
            elif leaf is not None:
                constants[f"argument {slot}"] = leaf
    return reads, constants


def _named_arguments(kind: str, call: Call) -> Iterator[tuple[str, Any]]:
    positions = kind_of(kind).arguments
    for number, value in enumerate(call.args):
        yield (positions[number] if number < len(positions) else str(number)), value
    for name, value in call.kwargs.items():
        yield ("0" if not call.args and name in FIRST_ARGUMENTS else name), value


def _slots(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield a name for each tensor in an argument; what holds no tensor stays whole."""
    if isinstance(value, Ref) or next(refs(value), None) is None:
        yield name, value
        return
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    single = len(value) == 1
    for key, item in items:
        yield from _slots(name if single else f"{name}.{key}", item)


def _settings(
    draft: _Draft,
    layer: Layer,
    reads: list[tuple[str, Source]],
    outputs: tuple[Tensor, ...],
) -> Settings:
    """Return the settings of a layer as the rules leave them; computed once for each rank."""
    tensor = _tensor(draft, reads[0][1]) if reads else None
    if kind_of(layer.kind).axis_of_output:
        tensor = outputs[0]
    rank = None if tensor is None or tensor.shape is None else len(tensor.shape)
    key = (layer.id, rank)
    if key not in draft.settings:
        settings = dict(layer.settings)
        draft.settings[key] = plain_settings(layer.kind, settings, draft.ignore, rank)
    return draft.settings[key]


def _tensor(draft: _Draft, source: Source) -> Tensor:
    return draft.nodes[source[0]].tensors[source[1]]


def _held(layer: Layer) -> list[Any]:
    """Return the layer's weights, without the state of its random numbers."""
    return [v for v in layer.variables if v.name.rpartition("/")[2] != "seed_generator_state"]


def _weights_number(draft: _Draft, layer: Layer) -> int | None:
    ids = tuple(variable.id for variable in _held(layer))
    return draft.weights.setdefault(ids, len(draft.weights)) if ids else None


def _append(draft: _Draft, node: Node, alone: bool = False) -> list[Source]:
    """Add a node, unless the same value is there already."""
    if len(draft.nodes) >= MAX_NODES:
        raise GraphError(f"a model of more than {MAX_NODES} calls")
    key = (node.key, node.reads, node.weights)
    number = draft.known.get(key) if draft.merge and not alone else None
    if number is None:
        number = len(draft.nodes)
        draft.nodes.append(node)
        if not alone:
            draft.known[key] = number
    else:
        known = draft.nodes[number]
        draft.merged += 1
        draft.nodes[number] = replace(known, places=known.places + node.places)
    return [(number, output) for output in range(len(node.tensors))]


def _weights(draft: _Draft) -> tuple[Weights, ...]:
    variables = {v.id: v for layer in draft.graph.layers.values() for v in layer.variables}
    return tuple(
        Weights(
            ids,
            tuple(variables[id_].shape for id_ in ids),
            tuple(variables[id_].dtype for id_ in ids),
            tuple(variables[id_].trainable for id_ in ids),
        )
        for ids in draft.weights
    )


def _makes_masks(graph: ModelGraph) -> bool:
    return any(
        layer.kind == "Masking" or layer.settings.get("mask_zero")
        for layer in graph.layers.values()
    )


# --- Inputs and outputs ---------------------------------------------------------------------


def _ports(graph: ModelGraph, tree: object, values: list[list[Source]]) -> tuple[Port, ...]:
    ports = []
    for key, ref in _leaves(tree, None):
        layer = graph.layer_of(ref)
        source = values[ref.call][ref.output]
        ports.append(Port(source, layer.name, key, is_generated(layer.kind, layer.name)))
    return tuple(ports)
