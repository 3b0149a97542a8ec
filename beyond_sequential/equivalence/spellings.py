"""What rewrite rules share: which settings do not matter, how an activation is written in one
way, and what chance or training changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeGuard

from ..model.graph import Layer, ModelGraph
from ..model.kinds import ACTIVATIONS, Function, is_custom, kind_of

# --- Settings -------------------------------------------------------------------------------

IMMATERIAL = frozenset(
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
"""Settings that never change what a layer computes."""

OFF = {
    "activity_regularizer": None,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,
    "use_gate": False,
    "sliding_window": None,
}
"""Settings that some Keras versions write down only when they are used, or do not have."""

Values = dict[str, dict[str, list[Any]]]
"""By kind and name, the values that a setting has in a graph."""


def _setting_values(graph: ModelGraph) -> Values:
    values: Values = {}
    for layer in map(layer_of_cell, graph.layers.values()):
        _collect_values(layer.kind, layer.settings, values)
    return values


def _collect_values(kind: str, settings: Mapping[str, Any], values: Values) -> None:
    of_kind = values.setdefault(kind, {})
    for name, value in settings.items():
        of_kind.setdefault(name, []).append(value)
        if is_object(value):
            _collect_values(value["class_name"], value["config"], values)


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether this is how Keras writes down an object (a layer in a wrapper, a regularizer)."""
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("class_name"), str)
        and isinstance(value.get("config"), Mapping)
    )


def one_sided(target: ModelGraph, found: ModelGraph) -> dict[str, frozenset[str]]:
    """Return the settings to ignore between two graphs, by kind: only one of them has them.

    The graphs may come from different Keras versions, and each version adds settings.
    """
    wanted, given = _setting_values(target), _setting_values(found)
    return {
        kind: frozenset(
            {name for name in given[kind] if name not in wanted[kind]}
            | {name for name, values in wanted[kind].items() if not any(values)}
            - given[kind].keys()
        )
        - OFF.keys()
        - {"activation"}
        for kind in wanted.keys() & given.keys()
    }


def from_end(axis: object, rank: int | None) -> Any:
    """Return an axis, or several, counted from the last."""
    if isinstance(axis, (list, tuple)):
        counted = [from_end(item, rank) for item in axis]
        return counted[0] if len(counted) == 1 else counted
    if isinstance(axis, int) and rank is not None and axis >= 0:
        return axis - rank
    return axis


# --- Activations ----------------------------------------------------------------------------

Activation = tuple[str, dict[str, object]]


def applies_activation(kind: str) -> bool:
    """Whether layers of this kind take an activation that could as well stand behind them."""
    return kind_of(kind).activation_last


def _activation(name: str, settings: Mapping[str, object]) -> Activation | None:
    """Return an activation in its one spelling: the function's name and its settings.

    None for linear.
    """
    if name == "linear":
        return None
    function = ACTIVATIONS.get(name, Function(name))
    alias = function.same_as or name
    given = {key: value for key, value in settings.items() if key not in IMMATERIAL}
    chosen = {**_defaults(alias), **function.implied, **given}
    return alias, {key: value for key, value in chosen.items() if value is not None}


def _defaults(name: str) -> Mapping[str, object]:
    return ACTIVATIONS[name].defaults if name in ACTIVATIONS else {}


def activation_of_value(value: Any) -> Activation | None:
    """From what stands for an activation in a layer's settings: a name, an object or nothing."""
    if value is None or isinstance(value, str):
        return _activation(value or "linear", {})
    if is_object(value):
        return activation_of_layer(value["class_name"], value["config"]) or (
            "custom",
            {"function": value},
        )
    if isinstance(value, Mapping) and value.get("class_name") == "function":
        name = value.get("registered_name") or value.get("config")
        return ("custom", {"function": name})
    return ("custom", {"function": value})


def activation_of_layer(kind: str, settings: Mapping[str, object]) -> Activation | None:
    """Return the activation that a layer or operation is, None if it is none or linear."""
    if kind == "Activation":
        return activation_of_value(settings.get("activation"))
    name = kind_of(kind).activation
    return _activation(name, settings) if name else None


def is_activation(kind: str) -> bool:
    """Return whether the kind is an activation function."""
    return kind == "Activation" or bool(kind_of(kind).activation)


def activation_settings(activation: Activation, rank: int | None) -> dict[str, object]:
    """Return the function's name, and what of its settings is not the default."""
    name, settings = activation
    usual = _defaults(name)
    chosen = {
        key: from_end(value, rank) if key == "axis" else value for key, value in settings.items()
    }
    unusual = {key: value for key, value in chosen.items() if value != usual.get(key)}
    return {"activation": name, **unusual}


# --- Recurrent layers -----------------------------------------------------------------------

_CELLS = {"LSTMCell": "LSTM", "GRUCell": "GRU", "SimpleRNNCell": "SimpleRNN"}


def layer_of_cell(layer: Layer) -> Layer:
    """Return the recurrent layer that an RNN of one of Keras's cells is; any other layer as it is.

    They have the same variables, in the same order.
    """
    cell = layer.settings.get("cell")
    if layer.kind != "RNN" or not is_object(cell) or cell["class_name"] not in _CELLS:
        return layer
    own = {key: item for key, item in layer.settings.items() if key != "cell"}
    inner = {key: item for key, item in cell["config"].items() if key not in IMMATERIAL}
    return replace(layer, kind=_CELLS[cell["class_name"]], settings={**own, **inner})


# --- Chance ---------------------------------------------------------------------------------

_RATES = ("dropout", "recurrent_dropout", "dropout_rate", "stateful")


def is_random(kind: str, settings: Mapping[str, Any]) -> bool:
    """Return whether two calls on the same tensors may give different values in training."""
    if kind_of(kind).random or is_custom(kind):
        return True
    if any(settings.get(rate) for rate in _RATES):
        return True
    return any(
        is_random(value["class_name"], value["config"])
        for value in settings.values()
        if is_object(value)
    )


def differs_in_training(kind: str, settings: Mapping[str, Any]) -> bool:
    """Return whether the layer does something else in training."""
    if kind_of(kind).differs_in_training or is_random(kind, settings):
        return True
    return any(
        differs_in_training(value["class_name"], value["config"])
        for value in settings.values()
        if is_object(value)
    )
