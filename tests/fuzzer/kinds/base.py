"""What the fuzzer knows of each kind of layer: the types, initializers and activations.

Shapes are without the batch; None is an open size.  Arrays are of shape (samples, ...), float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Shape = tuple[int | None, ...]
Settings = Mapping[str, Any]
Weight = tuple[str, tuple[int, ...], bool]  # name, shape, trainable


class CannotBuild(ValueError):
    """Keras would refuse to build this."""


@dataclass
class Mode:
    """How a model is run: in training or not; `chance` gives the numbers that a call draws,
    `updates` gathers what training does to weights besides gradients."""

    training: bool = False
    chance: Callable[[tuple[int, ...]], np.ndarray] = np.zeros
    updates: list[tuple[int, np.ndarray]] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """One kind of layer.

    `config` is how Keras 3.15 writes its settings; `shape` is the output's shape; `weights` the
    variables; `run` maps settings, weights and inputs to the output.
    """

    config: Settings
    shape: Callable[[Settings, Sequence[Shape]], Shape]
    run: Callable[[Settings, Sequence[np.ndarray], Sequence[np.ndarray], Mode], np.ndarray]
    weights: Callable[[Settings, Shape], list[Weight]] = lambda settings, shape: []


KINDS: dict[str, Kind] = {}
"""Each kind of layer by its name; `table` fills it."""


def full_config(kind: str, **given: Any) -> dict[str, Any]:
    """The whole config of a layer, from the settings that are not Keras's defaults."""
    config = dict(KINDS[kind].config)
    unknown = given.keys() - config.keys()
    assert not unknown, f"{kind} has no {unknown}"
    return config | given


def initializer(name: str, **config: Any) -> dict[str, Any]:
    return {
        "module": "keras.initializers",
        "class_name": name,
        "config": config,
        "registered_name": None,
    }


GLOROT = initializer("GlorotUniform", seed=None, input_axes=None, output_axes=None)
ZEROS = initializer("Zeros")
ONES = initializer("Ones")
UNIFORM = initializer("RandomUniform", seed=None, minval=-0.05, maxval=0.05)
ORTHOGONAL = initializer("Orthogonal", seed=None, gain=1.0)


def l2(strength: float) -> dict[str, Any]:
    return {
        "module": "keras.regularizers",
        "class_name": "L2",
        "config": {"l2": strength},
        "registered_name": None,
    }


def weight_settings(*names: str, kinds: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that each named weight has."""
    config: dict[str, Any] = {f"{name}_initializer": kinds.get(name, GLOROT) for name in names}
    config |= {f"{name}_regularizer": None for name in names}
    config |= {f"{name}_constraint": None for name in names}
    return config


# --- Activations ------------------------------------------------------------------------------


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -700, 700)))


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "softmax": softmax,
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "softplus": lambda x: np.logaddexp(x, 0),
}


def activated(settings: Settings, x: np.ndarray, name: str = "activation") -> np.ndarray:
    """The activation in a setting: a name, or an object as Keras writes it."""
    value = settings.get(name) or "linear"
    if isinstance(value, Mapping):
        return KINDS[value["class_name"]].run(value["config"], [], [x], Mode())
    return ACTIVATIONS[value](x)


def run_relu(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
    assert not settings.get("threshold")
    x = inputs[0]
    top = settings.get("max_value")
    return np.minimum(np.where(x > 0, x, settings["negative_slope"] * x), top or np.inf)


def same_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return shapes[0]
