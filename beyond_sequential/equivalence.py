"""One canonical form for the different spellings of a graph.

`canonical` turns a ModelGraph into a `Form`: one flat list of nodes, in which

    nested models are replaced by their calls, and their Input layers are gone
    an activation is a node of its own, however it was written; "linear" is no node at all
    sums, products, maxima, minima and joins are one node each, whoever added up how
    settings that change nothing (names, initializers, seeds ...) are left out
    the same layer on the same tensors is one node
    a layer counts as shared only where it has weights

Two models are the same model in another spelling if and only if their forms are isomorphic.
Each node remembers its `Place`s, so that whatever is found out about a form can be said, and
drawn, about the graph that the student wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from beyond_sequential.graph import (
    Body,
    Call,
    GraphError,
    Layer,
    ModelGraph,
    Ref,
    Tensor,
    refs,
)

Source = tuple[int, int]
"""A tensor of a form: the number of a node, and which of its outputs."""

MAX_NODES = 200_000
"""More than this is no model but an attempt to keep the judge busy: nesting can double a
model's size with every level."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a ModelGraph: the number of a call in the outermost body, then of a call inside
    the nested model that it calls, and so on; with the name and the kind of the layer called."""

    path: tuple[int, ...]
    name: str
    kind: str

    def to_json(self) -> dict[str, Any]:
        return {"path": list(self.path), "name": self.name, "kind": self.kind}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Place:
        return cls(tuple(data["path"]), data["name"], data["kind"])


@dataclass(frozen=True, slots=True)
class Node:
    """One operation.  `kind` is a layer's kind, or one of the names for what has several
    spellings: "input", "activation", "add", "concatenate" and so on.

    `reads` names the slot of each tensor read; where the order does not matter, all slots are
    `ANY`.  `weights` is the number of the layer's entry in `Form.weights`.
    """

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[tuple[str, Source], ...] = ()
    weights: int | None = None
    places: tuple[Place, ...] = ()
    tensors: tuple[Tensor, ...] = ()
    key: tuple[Any, ...] = ()


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
    whether both are only what Keras called it."""

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

_CUSTOM = "custom."
_RNN = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
_POSITIONAL = {
    **dict.fromkeys(_RNN | {"Bidirectional"}, ("0", "initial_state", "mask", "training")),
    "MultiHeadAttention": ("0", "value", "key"),
    "GroupedQueryAttention": ("0", "value", "key"),
}
_FIRST = frozenset({"inputs", "x", "sequence", "sequences", "query"})
"""What Keras layers call their first argument."""


# --- Settings -------------------------------------------------------------------------------

_IMMATERIAL = frozenset(
    {
        "name",
        "dtype",
        "trainable",
        "seed",
        "quantization_config",
        "build_config",
        "compile_config",
        "module",
        "registered_name",
        "shared_object_id",
        "unroll",
        "implementation",
    }
)
_OFF = {
    "activity_regularizer": None,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,
    "use_gate": False,
    "sliding_window": None,
}
"""Settings that some Keras versions write down only when they are used, or do not have."""

_AXIS_OF_OUTPUT = frozenset({"ops.Stack", "ops.ExpandDims"})


def setting_names(graph: ModelGraph) -> dict[str, set[str]]:
    """Which settings the layers of each kind have, also those inside wrappers."""
    names: dict[str, set[str]] = {}
    for layer in graph.layers.values():
        _collect_names(layer.kind, layer.settings, names)
    return names


def _collect_names(kind: str, settings: Mapping[str, Any], names: dict[str, set[str]]) -> None:
    names.setdefault(kind, set()).update(settings)
    for value in settings.values():
        if _is_object(value):
            _collect_names(value["class_name"], value["config"], names)


def _is_object(value: Any) -> bool:
    """Whether this is how Keras writes down an object (a layer in a wrapper, a regularizer)."""
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("class_name"), str)
        and isinstance(value.get("config"), Mapping)
    )


def one_sided(a: ModelGraph, b: ModelGraph) -> dict[str, frozenset[str]]:
    """Settings to ignore between two graphs, by kind: those that only one of them knows.

    The graphs may come from different Keras versions, and each version adds settings.
    """
    in_a, in_b = setting_names(a), setting_names(b)
    return {
        kind: frozenset((in_a[kind] ^ in_b[kind]) - _OFF.keys() - {"activation"})
        for kind in in_a.keys() & in_b.keys()
    }


def _material(
    kind: str, settings: Mapping[str, Any], ignore: Mapping[str, frozenset[str]], rank: int | None
) -> dict[str, Any]:
    """The settings that make a difference, each in one spelling."""
    unknown = ignore.get(kind, frozenset())
    result = {}
    for name, value in settings.items():
        if name in _IMMATERIAL or name in unknown or name.endswith("_initializer"):
            continue
        if name in _OFF and value == _OFF[name]:
            continue
        value = _plain(name, value, ignore, rank)
        if value is not None:
            result[name] = value
    if kind == "Bidirectional":
        _drop_mirror(result)
    return result


def _plain(name: str, value: Any, ignore: Mapping[str, frozenset[str]], rank: int | None) -> Any:
    if name == "axis":
        return _from_end(value, rank)
    if name.endswith("activation"):
        return _spelled_activation(value)
    if _is_object(value):
        inner = _material(value["class_name"], value["config"], ignore, None)
        return {"class_name": value["class_name"], "config": inner}
    if isinstance(value, (list, tuple)):
        return [_plain("", item, ignore, None) for item in value]
    return value


def _from_end(axis: Any, rank: int | None) -> Any:
    """An axis, or several, counted from the last."""
    if isinstance(axis, (list, tuple)):
        counted = [_from_end(item, rank) for item in axis]
        return counted[0] if len(counted) == 1 else counted
    if isinstance(axis, int) and rank is not None and axis >= 0:
        return axis - rank
    return axis


def _drop_mirror(settings: dict[str, Any]) -> None:
    """Forget the backward layer of a Bidirectional if it is the forward layer turned round."""
    forward, backward = settings.get("layer"), settings.get("backward_layer")
    if not (_is_object(forward) and _is_object(backward)):
        return
    turned = dict(forward["config"])
    turned["go_backwards"] = not turned.get("go_backwards", False)
    if forward["class_name"] == backward["class_name"] and turned == backward["config"]:
        del settings["backward_layer"]


def frozen(value: Any) -> Any:
    """The value as something that can be a key; lists and tuples, 1 and 1.0 are alike."""
    if isinstance(value, Mapping):
        return tuple(sorted((str(key), frozen(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return ("list", *(frozen(item) for item in value))
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, (int, float)):
        return ("number", value)
    return (type(value).__name__, str(value))


# --- Activations ----------------------------------------------------------------------------

_ACTIVATION_ALIASES = {
    "swish": ("silu", {}),
    "hard_swish": ("hard_silu", {}),
    "exp": ("exponential", {}),
    "leaky_relu": ("relu", {"negative_slope": 0.2}),
    "relu6": ("relu", {"max_value": 6.0}),
}
_ACTIVATION_DEFAULTS = {
    "relu": {"negative_slope": 0.0, "max_value": None, "threshold": 0.0},
    "softmax": {"axis": -1},
    "log_softmax": {"axis": -1},
    "glu": {"axis": -1},
    "elu": {"alpha": 1.0},
    "celu": {"alpha": 1.0},
    "gelu": {"approximate": False},
    "soft_shrink": {"threshold": 0.5},
    "hard_shrink": {"threshold": 0.5},
    "squareplus": {"b": 4},
}
_ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "Softmax": "softmax",
}
_ACTIVATION_OPS = {
    f"ops.{name}": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    for name in (
        "Relu Relu6 LeakyRelu Elu Selu Celu Gelu Glu Silu Sigmoid Tanh Softmax LogSoftmax "
        "Softplus Softsign Exp HardSigmoid HardSilu HardTanh HardShrink SoftShrink TanhShrink "
        "LogSigmoid SparseSigmoid SparsePlus Sparsemax Squareplus Threshold"
    ).split()
} | {"ops.ReLU": "relu"}
_APPLIED_LAST = frozenset(
    {
        "Dense",
        "EinsumDense",
        *(f"Conv{n}D" for n in (1, 2, 3)),
        *(f"Conv{n}DTranspose" for n in (1, 2, 3)),
        *(f"SeparableConv{n}D" for n in (1, 2)),
        *(f"DepthwiseConv{n}D" for n in (1, 2)),
    }
)
"""Layers whose activation is the last thing that happens to their output."""

Activation = tuple[str, dict[str, Any]]


def applies_activation(kind: str) -> bool:
    """Whether layers of this kind take an activation that could as well stand behind them."""
    return kind in _APPLIED_LAST


def _activation(name: str, settings: Mapping[str, Any]) -> Activation | None:
    """An activation in its one spelling: the function's name and its settings; None for linear."""
    if name == "linear":
        return None
    alias, implied = _ACTIVATION_ALIASES.get(name, (name, {}))
    defaults = _ACTIVATION_DEFAULTS.get(alias, {})
    given = {key: value for key, value in settings.items() if key not in _IMMATERIAL}
    chosen = {**defaults, **implied, **given}
    return alias, {key: value for key, value in chosen.items() if value is not None}


def _activation_of_value(value: Any) -> Activation | None:
    """From what stands for an activation in a layer's settings: a name, an object or nothing."""
    if value is None or isinstance(value, str):
        return _activation(value or "linear", {})
    if _is_object(value):
        return _activation_of_layer(value["class_name"], value["config"]) or (
            "custom",
            {"function": value},
        )
    if isinstance(value, Mapping) and value.get("class_name") == "function":
        name = value.get("registered_name") or value.get("config")
        return ("custom", {"function": name})
    return ("custom", {"function": value})


def _activation_of_layer(kind: str, settings: Mapping[str, Any]) -> Activation | None:
    """The activation that a layer or operation is, None if it is none or linear."""
    if kind == "Activation":
        return _activation_of_value(settings.get("activation"))
    name = _ACTIVATION_LAYERS.get(kind) or _ACTIVATION_OPS.get(kind)
    return _activation(name, settings) if name else None


def _is_activation(kind: str) -> bool:
    return kind == "Activation" or kind in _ACTIVATION_LAYERS or kind in _ACTIVATION_OPS


def _activation_settings(activation: Activation, rank: int | None) -> dict[str, Any]:
    """The function's name, and what of its settings is not the default."""
    name, settings = activation
    usual = _ACTIVATION_DEFAULTS.get(name, {})
    chosen = {
        key: _from_end(value, rank) if key == "axis" else value for key, value in settings.items()
    }
    unusual = {key: value for key, value in chosen.items() if value != usual.get(key)}
    return {"activation": name, **unusual}


def _spelled_activation(value: Any) -> Any:
    """An inner activation as one plain value: its name alone if nothing about it is unusual."""
    found = _activation_of_value(value)
    if found is None:
        return "linear"
    settings = _activation_settings(found, None)
    return settings["activation"] if len(settings) == 1 else settings


# --- Merges ---------------------------------------------------------------------------------

_MERGES = {
    "Add": "add",
    "Multiply": "multiply",
    "Average": "average",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "Subtract": "subtract",
    "Concatenate": "concatenate",
}
_MERGE_OPS = {
    "ops.Add": "add",
    "ops.Multiply": "multiply",
    "ops.Maximum": "maximum",
    "ops.Minimum": "minimum",
    "ops.Subtract": "subtract",
    "ops.Divide": "divide",
    "ops.TrueDivide": "divide",
    "ops.Concatenate": "concatenate",
}
_COMMUTATIVE = frozenset({"add", "multiply", "average", "maximum", "minimum"})
_ASSOCIATIVE = frozenset({"add", "multiply", "maximum", "minimum", "concatenate"})


def is_join(kind: str) -> bool:
    """Whether nodes of this kind take any number of branches together."""
    return kind in _COMMUTATIVE or kind in ("concatenate", "subtract", "divide")


# --- Chance ---------------------------------------------------------------------------------

_RANDOM = frozenset(
    {
        "Dropout",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "AlphaDropout",
        "GaussianDropout",
        "GaussianNoise",
        "Lambda",
        "TorchModuleWrapper",
        "JaxLayer",
        "FlaxLayer",
        "TFSMLayer",
        "MixUp",
        "CutMix",
        "AugMix",
        "RandAugment",
    }
)
_RATES = ("dropout", "recurrent_dropout", "dropout_rate", "stateful")


def _is_random(kind: str, settings: Mapping[str, Any]) -> bool:
    """Whether two calls on the same tensors may give different values in training."""
    if kind in _RANDOM or kind.startswith(("Random", _CUSTOM)):
        return True
    if any(settings.get(rate) for rate in _RATES):
        return True
    return any(
        _is_random(value["class_name"], value["config"])
        for value in settings.values()
        if _is_object(value)
    )


def _minds_training(kind: str, settings: Mapping[str, Any]) -> bool:
    """Whether the layer does something else in training."""
    if kind in ("BatchNormalization", "SpectralNormalization") or _is_random(kind, settings):
        return True
    return any(
        _minds_training(value["class_name"], value["config"])
        for value in settings.values()
        if _is_object(value)
    )


def _makes_masks(graph: ModelGraph) -> bool:
    return any(
        layer.kind == "Masking" or layer.settings.get("mask_zero")
        for layer in graph.layers.values()
    )


# --- Building a form ------------------------------------------------------------------------


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
    known: dict[Any, int] = field(default_factory=dict)
    settings: dict[Any, dict[str, Any]] = field(default_factory=dict)
    merged: int = 0


def canonical(
    graph: ModelGraph,
    *,
    concat_order: bool = False,
    ignore: Mapping[str, frozenset[str]] | None = None,
) -> Form:
    """The canonical form of a graph.

    With `concat_order` the order of what is concatenated is kept.  `ignore` names settings to
    leave out, by kind (see `one_sided`).
    """
    return flattened(written(graph, concat_order=concat_order, ignore=ignore))


def written(
    graph: ModelGraph,
    *,
    concat_order: bool = False,
    merge: bool = True,
    ignore: Mapping[str, frozenset[str]] | None = None,
) -> Form:
    """The form of a graph with its sums as they are written, and without `merge` with calls apart
    that compute the same value: not canonical, but closer to what somebody did."""
    draft = _Draft(graph, concat_order, merge, ignore or {}, _makes_masks(graph))
    values = _inline(draft, graph.body, {}, (), training=False)
    return _pruned(
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
    training: bool,
) -> list[list[Source]]:
    """Add the calls of a body; the outputs of each of its calls.  `given` are the tensors that
    stand for the calls of a nested body's own Input layers."""
    values: list[list[Source]] = []
    for number, call in enumerate(body.calls):
        layer = draft.graph.layers[call.layer]
        place = Place((*path, number), layer.name, layer.kind)
        if number in given:
            values.append([given[number]])
        elif layer.kind == "InputLayer":
            values.append(_add_input(draft, call, place))
        elif layer.body is not None:
            values.append(_inline_model(draft, layer, call, values, place, training))
        else:
            values.append(_add_call(draft, layer, call, values, place, training))
    return values


def _inline_model(
    draft: _Draft,
    layer: Layer,
    call: Call,
    values: list[list[Source]],
    place: Place,
    training: bool,
) -> list[Source]:
    body = layer.body
    assert body is not None
    argument = call.args[0] if call.args else next(iter(call.kwargs.values()), None)
    given = {
        inner.call: values[outer.call][outer.output]
        for inner, outer in _paired_inputs(draft.graph, body, argument)
    }
    training = training or call.kwargs.get("training") is True
    inside = _inline(draft, body, given, place.path, training)
    results = [inside[ref.call][ref.output] for ref in ordered_refs(body.outputs)]
    _sharpen(draft, results, call.outputs)
    return results


def _paired_inputs(graph: ModelGraph, body: Body, argument: Any) -> Iterator[tuple[Ref, Ref]]:
    """Each input of a nested model with the tensor that it is called on."""
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


def ordered_refs(tree: Any) -> list[Ref]:
    """The tensors of a nest in Keras's order, which sorts a dict by key."""
    return [ref for _, ref in _leaves(tree, None)]


def _leaves(tree: Any, key: str | None) -> Iterator[tuple[str | None, Ref]]:
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
    training: bool,
) -> list[Source]:
    reads, constants = _arguments(draft, layer, call, values, training)
    if layer.kind == "Identity" and reads:
        return [reads[0][1]]
    if layer.kind == "InputLayer" or not call.outputs:
        raise GraphError(f"call of {layer.name!r} gives nothing")
    if _is_activation(layer.kind) and len(reads) == 1 and not constants:
        return _add_activation(draft, layer, reads, place, call.outputs)
    merge = _merge_kind(layer, reads)
    if merge:
        return _add_merge(draft, merge, layer, reads, constants, place, call.outputs)
    return _add_layer(draft, layer, reads, constants, place, call.outputs)


def _arguments(
    draft: _Draft,
    layer: Layer,
    call: Call,
    values: list[list[Source]],
    training: bool,
) -> tuple[list[tuple[str, Source]], dict[str, Any]]:
    """What a call reads, by slot, and its plain arguments."""
    named = dict(_named_arguments(layer.kind, call))
    asked = training or named.get("training") is True
    # training=False is what Keras writes by itself, and True matters to some layers only.
    minds = asked and _minds_training(layer.kind, layer.settings)
    named["training"] = True if minds else None
    reads: list[tuple[str, Source]] = []
    constants: dict[str, Any] = {}
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
    positions = _POSITIONAL.get(kind, ())
    for number, value in enumerate(call.args):
        yield (positions[number] if number < len(positions) else str(number)), value
    for name, value in call.kwargs.items():
        yield ("0" if not call.args and name in _FIRST else name), value


def _slots(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A name for each tensor in an argument; what holds no tensor stays whole."""
    if isinstance(value, Ref) or next(refs(value), None) is None:
        yield name, value
        return
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    single = len(value) == 1
    for key, item in items:
        yield from _slots(name if single else f"{name}.{key}", item)


def _add_activation(
    draft: _Draft,
    layer: Layer,
    reads: list[tuple[str, Source]],
    place: Place,
    tensors: tuple[Tensor, ...],
) -> list[Source]:
    activation = _activation_of_layer(layer.kind, layer.settings)
    return _apply(draft, activation, reads[0][1], place, tensors)


def _apply(
    draft: _Draft,
    activation: Activation | None,
    source: Source,
    place: Place,
    tensors: tuple[Tensor, ...],
) -> list[Source]:
    if activation is None:
        return [source]
    settings = _activation_settings(activation, _rank(draft, source))
    node = Node(
        "activation",
        settings,
        (("0", source),),
        places=(place,),
        tensors=tensors,
        key=("activation", frozen(settings)),
    )
    return _append(draft, node)


def _merge_kind(layer: Layer, reads: list[tuple[str, Source]]) -> str | None:
    kind = _MERGES.get(layer.kind) or _MERGE_OPS.get(layer.kind)
    return kind if reads else None


def _add_merge(
    draft: _Draft,
    kind: str,
    layer: Layer,
    reads: list[tuple[str, Source]],
    constants: dict[str, Any],
    place: Place,
    tensors: tuple[Tensor, ...],
) -> list[Source]:
    if len(reads) == 1 and not constants:
        return [reads[0][1]]
    settings: dict[str, Any] = {}
    if kind == "concatenate":
        axis = layer.settings.get("axis", -1)
        settings["axis"] = _from_end(axis, _rank(draft, reads[0][1]))
    if kind in _COMMUTATIVE:
        if constants:
            settings["constants"] = sorted(constants.values(), key=repr)
    else:
        settings.update(constants)
    reads = _operands(kind, reads, draft.concat_order)
    key: tuple[Any, ...] = (kind, frozen(settings))
    if layer.kind in _MERGES and _ranks_differ(draft, reads):
        # A merging layer lines up tensors of unlike rank in its own way, the operations in theirs.
        key = (*key, "lined up by the layer")
    node = Node(kind, settings, tuple(reads), places=(place,), tensors=tensors, key=key)
    return _append(draft, node)


def _ranks_differ(draft: _Draft, reads: list[tuple[str, Source]]) -> bool:
    return len({_rank(draft, source) for _, source in reads} - {None}) > 1


def _operands(
    kind: str, reads: list[tuple[str, Source]], concat_order: bool
) -> list[tuple[str, Source]]:
    if kind in _COMMUTATIVE or (kind == "concatenate" and not concat_order):
        return [(ANY, source) for source in sorted(source for _, source in reads)]
    if kind == "concatenate":
        return [(str(number), source) for number, (_, source) in enumerate(reads)]
    return [(slot.removeprefix("0.") or "0", source) for slot, source in reads]


def _add_layer(
    draft: _Draft,
    layer: Layer,
    reads: list[tuple[str, Source]],
    constants: dict[str, Any],
    place: Place,
    tensors: tuple[Tensor, ...],
) -> list[Source]:
    rank = _rank(draft, reads[0][1]) if reads else None
    if layer.kind in _AXIS_OF_OUTPUT:
        rank = None if tensors[0].shape is None else len(tensors[0].shape)
    settings = _layer_settings(draft, layer, rank)
    activation = None
    if layer.kind in _APPLIED_LAST and "activity_regularizer" not in settings:
        activation = _activation_of_value(layer.settings.get("activation"))
        settings = {name: value for name, value in settings.items() if name != "activation"}
    settings = {**settings, **constants}
    node = Node(
        layer.kind,
        settings,
        tuple(reads),
        weights=_weights_number(draft, layer),
        places=(place,),
        tensors=tensors,
        key=(layer.kind, frozen(settings)),
    )
    sources = _append(draft, node, alone=_is_random(layer.kind, layer.settings))
    if activation is None:
        return sources
    return _apply(draft, activation, sources[0], place, tensors)


def _layer_settings(draft: _Draft, layer: Layer, rank: int | None) -> dict[str, Any]:
    key = (layer.id, rank)
    if key not in draft.settings:
        draft.settings[key] = _material(layer.kind, layer.settings, draft.ignore, rank)
    return draft.settings[key]


def _rank(draft: _Draft, source: Source) -> int | None:
    shape = draft.nodes[source[0]].tensors[source[1]].shape
    return None if shape is None else len(shape)


def _held(layer: Layer) -> list[Any]:
    """The layer's weights, without the state of its random numbers."""
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


# --- Inputs and outputs ---------------------------------------------------------------------


def _ports(graph: ModelGraph, tree: Any, values: list[list[Source]]) -> tuple[Port, ...]:
    ports = []
    for key, ref in _leaves(tree, None):
        layer = graph.layer_of(ref)
        source = values[ref.call][ref.output]
        ports.append(Port(source, layer.name, key, _is_generated(layer)))
    return tuple(ports)


def _is_generated(layer: Layer) -> bool:
    """Whether the name is one that Keras makes up when none is given."""
    kind = layer.kind.rpartition(".")[2]
    snake = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", snake).lower()
    pattern = rf"({re.escape(snake)}|input_layer|input|keras_tensor)(_\d+)?(CLONE)?"
    return re.fullmatch(pattern, layer.name) is not None


# --- Tidying --------------------------------------------------------------------------------


def _pruned(form: Form) -> Form:
    """Without what no output needs; the model's own inputs stay."""
    needed = [False] * len(form.nodes)
    for port in (*form.inputs, *form.outputs):
        needed[port.source[0]] = True
    for number in range(len(form.nodes) - 1, -1, -1):
        if needed[number]:
            for _, (source, _) in form.nodes[number].reads:
                needed[source] = True
    return _renumbered(form, [number for number, keep in enumerate(needed) if keep], {})


def _renumbered(form: Form, order: Iterable[int], moved: Mapping[int, int]) -> Form:
    """The form with the nodes named, in this order; `moved` sends a node to its stand-in."""
    order = list(order)
    position = {old: new for new, old in enumerate(order)}
    position |= {old: position[stand_in] for old, stand_in in moved.items()}
    used = sorted({form.nodes[n].weights for n in order} - {None})
    weights = {old: new for new, old in enumerate(used)}

    def node(old: Node) -> Node:
        reads = tuple((slot, (position[s], output)) for slot, (s, output) in old.reads)
        return replace(old, reads=_arranged(reads), weights=weights.get(old.weights))

    def ports(old: tuple[Port, ...]) -> tuple[Port, ...]:
        return tuple(replace(p, source=(position[p.source[0]], p.source[1])) for p in old)

    return replace(
        form,
        nodes=tuple(node(form.nodes[number]) for number in order),
        weights=tuple(form.weights[number] for number in used),
        inputs=ports(form.inputs),
        outputs=ports(form.outputs),
    )


def flattened(form: Form) -> Form:
    """Take sums into the sums that alone use them; the same for products and joins."""
    if not _nests_merges(form):
        return form
    form = _one_of_each_sum(form)
    inner = _inner_merges(form)
    if not inner:
        return form
    nodes = list(form.nodes)
    for number, node in enumerate(nodes):
        nodes[number] = _absorb(node, nodes, inner)
    kept = [number for number in range(len(nodes)) if number not in inner]
    return _renumbered(replace(form, nodes=tuple(nodes)), kept, {})


def _nests_merges(form: Form) -> bool:
    """Whether there are sums of sums at all."""
    nodes = form.nodes
    return any(
        node.kind in _ASSOCIATIVE and any(_absorbs(node, nodes[s]) for _, (s, _) in node.reads)
        for node in nodes
    )


def expanded(form: Form) -> Form | None:
    """The form with every sum taken into the sums that use it, however many do; None if that
    would be too long.  Forms that differ only in which partial sums they keep are alike so."""
    if not _nests_merges(form):
        return form
    nodes = list(form.nodes)
    seen: dict[Any, int] = {}
    moved: dict[int, int] = {}
    length = 0
    for number, node in enumerate(nodes):
        reads = tuple((slot, (moved.get(s, s), output)) for slot, (s, output) in node.reads)
        node = replace(node, reads=reads)
        if node.kind in _ASSOCIATIVE:
            inner = {s for _, (s, _) in reads if _absorbs(node, nodes[s])}
            node = _absorb(node, nodes, inner)
            length += len(node.reads)
        if length > MAX_NODES:
            return None
        nodes[number] = node = replace(node, reads=_arranged(node.reads))
        if not _is_apart(node):
            twin = seen.setdefault((node.key, node.reads, node.weights), number)
            if twin != number:
                moved[number] = twin
    kept = [number for number in range(len(nodes)) if number not in moved]
    return _pruned(_renumbered(replace(form, nodes=tuple(nodes)), kept, moved))


def _arranged(reads: tuple[tuple[str, Source], ...]) -> tuple[tuple[str, Source], ...]:
    return tuple(sorted(reads)) if reads and reads[0][0] == ANY else reads


def _is_apart(node: Node) -> bool:
    """Whether no other node is the same value."""
    return node.kind == "input" or _is_random(node.kind, node.settings)


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
        if node.kind in _ASSOCIATIVE and uses[number] == 1 and _absorbs(reader[number], node)
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
        seen: dict[Any, int] = {}
        moved: dict[int, int] = {}
        for number, node in enumerate(flat):
            if node.kind not in _ASSOCIATIVE:
                continue
            flat[number] = node = _absorb(node, flat, inner)
            twin = seen.setdefault((node.key, _arranged(node.reads)), number)
            if twin != number:
                moved[number] = twin
        if not moved:
            return form
        kept = [number for number in range(len(flat)) if number not in moved]
        form = _pruned(_consed(_renumbered(form, kept, moved)))


def _consed(form: Form) -> Form:
    """Merge nodes that have become the same value; see `_append`."""
    seen: dict[Any, int] = {}
    moved: dict[int, int] = {}
    nodes = list(form.nodes)
    for number, node in enumerate(nodes):
        reads = tuple((slot, (moved.get(s, s), output)) for slot, (s, output) in node.reads)
        nodes[number] = node = replace(node, reads=_arranged(reads))
        reads = node.reads
        if _is_apart(node):
            continue
        twin = seen.setdefault((node.key, reads, node.weights), number)
        if twin != number:
            moved[number] = twin
    kept = [number for number in range(len(nodes)) if number not in moved]
    form = replace(form, nodes=tuple(nodes), merged=form.merged + len(moved))
    return _renumbered(form, kept, moved)
