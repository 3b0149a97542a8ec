"""Recurrent layers and wrappers: shapes, weights and numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.fuzzer.kinds.base import (
    KINDS,
    CannotBuild,
    Kind,
    Mode,
    Settings,
    Shape,
    Weight,
    activated,
    full_config,
)
from tests.fuzzer.kinds.windows import check_rank, size


def rnn_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    check_rank(shapes[0], 2)
    units = settings["units"]
    return (shapes[0][0], units) if settings["return_sequences"] else (units,)


def rnn_weights(gates: int) -> Callable[[Settings, Shape], list[Weight]]:
    def weights(settings: Settings, shape: Shape) -> list[Weight]:
        units, wide = settings["units"], settings["units"] * gates
        bias = (2, wide) if settings.get("reset_after") else (wide,)
        held = [
            ("kernel", (size(shape[-1]), wide), True),
            ("recurrent_kernel", (units, wide), True),
        ]
        return [*held, ("bias", bias, True)] if settings["use_bias"] else held

    return weights


def run_rnn(step: Any, states: int) -> Any:
    def run(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
        x = inputs[0]
        x = x[:, ::-1] if settings["go_backwards"] else x
        held = [np.zeros((len(x), settings["units"]))] * states
        outputs = []
        for moment in range(x.shape[1]):
            held = step(settings, w, x[:, moment], held)
            outputs.append(held[0])
        return np.stack(outputs, 1) if settings["return_sequences"] else outputs[-1]

    return run


def _bias_of(settings: Settings, w: Any) -> Any:
    return w[2] if settings["use_bias"] else np.zeros(1)


def simple_step(settings: Settings, w: Any, x: np.ndarray, held: list[Any]) -> list[Any]:
    return [activated(settings, x @ w[0] + held[0] @ w[1] + _bias_of(settings, w))]


def lstm_step(settings: Settings, w: Any, x: np.ndarray, held: list[Any]) -> list[Any]:
    h, c = held
    gates = np.split(x @ w[0] + h @ w[1] + _bias_of(settings, w), 4, -1)
    i, f, o = (activated(settings, gates[n], "recurrent_activation") for n in (0, 1, 3))
    c = f * c + i * activated(settings, gates[2])
    return [o * activated(settings, c), c]


def gru_step(settings: Settings, w: Any, x: np.ndarray, held: list[Any]) -> list[Any]:
    assert settings["reset_after"]
    h, bias = held[0], w[2] if settings["use_bias"] else np.zeros((2, 1))
    xz, xr, xh = np.split(x @ w[0] + bias[0], 3, -1)
    hz, hr, hh = np.split(h @ w[1] + bias[1], 3, -1)
    z = activated(settings, xz + hz, "recurrent_activation")
    r = activated(settings, xr + hr, "recurrent_activation")
    return [z * h + (1 - z) * activated(settings, xh + r * hh)]


# --- Wrappers ---------------------------------------------------------------------------------


def _inner(settings: Settings) -> tuple[Kind, Settings]:
    return KINDS[settings["layer"]["class_name"]], settings["layer"]["config"]


def each_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if len(shapes[0]) < 2:
        raise CannotBuild("no time")
    kind, config = _inner(settings)
    return (shapes[0][0], *kind.shape(config, [shapes[0][1:]]))


def each_weights(settings: Settings, shape: Shape) -> list[Weight]:
    kind, config = _inner(settings)
    return kind.weights(config, shape[1:])


def run_each(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
    kind, config = _inner(settings)
    moments = range(inputs[0].shape[1])
    return np.stack([kind.run(config, w, [inputs[0][:, m]], mode) for m in moments], 1)


def both_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    kind, config = _inner(settings)
    shape = kind.shape(config, shapes)
    return (*shape[:-1], 2 * size(shape[-1])) if settings["merge_mode"] == "concat" else shape


def both_weights(settings: Settings, shape: Shape) -> list[Weight]:
    kind, config = _inner(settings)
    return kind.weights(config, shape) * 2


def run_both(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
    kind, config = _inner(settings)
    half = len(w) // 2
    ahead = kind.run(config, w[:half], inputs, mode)
    back = kind.run({**config, "go_backwards": True}, w[half:], inputs, mode)
    back = back[:, ::-1] if config["return_sequences"] else back
    if settings["merge_mode"] == "concat":
        return np.concatenate([ahead, back], -1)
    return {"sum": ahead + back, "mul": ahead * back, "ave": (ahead + back) / 2}[
        settings["merge_mode"]
    ]


def wrapped(kind: str, config: Settings, **names: Any) -> dict[str, Any]:
    """A layer inside another, as Keras writes it."""
    policy = {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": "float32"},
        "registered_name": None,
    }
    head = {"name": kind.lower(), "trainable": True, "dtype": policy, **names}
    return {
        "module": "keras.layers",
        "class_name": kind,
        "config": {**head, **config},
        "registered_name": None,
    }


def bidirectional(kind: str, merge_mode: str = "concat", **given: Any) -> dict[str, Any]:
    # Keras sets the last itself.
    config = {**full_config(kind, **given), "zero_output_for_mask": given["return_sequences"]}
    ahead = wrapped(kind, config, name=f"forward_{kind.lower()}")
    back = wrapped(kind, {**config, "go_backwards": True}, name=f"backward_{kind.lower()}")
    return {"merge_mode": merge_mode, "layer": ahead, "backward_layer": back}
