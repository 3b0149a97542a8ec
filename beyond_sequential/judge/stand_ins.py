"""Layers that the second look computes in a way of its own: random ones, and those that are slow.

A random layer gets the same noise in both models.  Outside of a compiled model Keras takes a second
for an LSTM of 100 steps, and a table of 50,000 rows would become a tensor for each run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..model.graph import Layer
from ..model.kinds import kind_of
from .evaluate import EvaluateError

Values = Mapping[str, np.ndarray]


def stand_in(
    layer: Layer,
    args: Sequence[Any],
    weights: Values,
    training: bool,
    free_joins: bool = False,
) -> object | None:
    """Return the output of a layer for which this module has a way of its own, or None.

    With `free_joins` the operands of a Concatenate are put into an order of their own, the same
    whichever order they are written in.
    """
    if training and kind_of(layer.kind).random:
        return _noisy(layer, args[0])
    if layer.kind == "Embedding" and not layer.settings.get("mask_zero"):
        return _rows(weights[layer.variables[0].id], args[0])
    if layer.kind == "LSTM" and len(args) == 1 and _is_plain(layer, args[0]):
        return _lstm(layer, args[0], [weights[v.id] for v in layer.variables])
    if free_joins and kind_of(layer.kind).merge == "concatenate":
        return _joined(layer, args[0])
    return None


def _joined(layer: Layer, tensors: Any) -> object | None:
    """Return the operands joined in the order of what they hold; None if one is masked."""
    import keras

    tensors = list(tensors)
    if any(getattr(tensor, "_keras_mask", None) is not None for tensor in tensors):
        return None
    numbers = [np.asarray(tensor, dtype="float64").ravel() for tensor in tensors]
    keys = [float(n @ np.random.default_rng(len(n)).normal(size=len(n))) for n in numbers]
    ordered = [tensors[place] for place in sorted(range(len(keys)), key=keys.__getitem__)]
    return keras.ops.concatenate(ordered, axis=int(str(layer.settings.get("axis", -1))))


def _rows(table: np.ndarray, numbers: Any) -> Any:
    """Return the rows of an Embedding's table: a table of 50,000 rows need not become a tensor."""
    import keras

    chosen = np.asarray(numbers).astype("int64")
    if chosen.min(initial=0) < 0 or chosen.max(initial=0) >= len(table):
        raise EvaluateError("a number that the Embedding has no row for")
    return keras.ops.convert_to_tensor(table[chosen])


def _noisy(layer: Layer, tensor: Any) -> Any:
    """Return what a random layer makes of a tensor, with the same noise in both models."""
    import keras

    shape = [int(n) for n in tensor.shape]
    rate = layer.settings.get("rate")
    if layer.kind == "GaussianNoise":
        stddev = float(str(layer.settings["stddev"]))
        noise = np.random.default_rng(shape).normal(size=shape) * stddev
        return tensor + keras.ops.cast(noise, tensor.dtype)
    if not kind_of(layer.kind).drops or layer.settings.get("noise_shape") is not None:
        raise EvaluateError(f"the noise of {layer.kind} is not known")
    if not isinstance(rate, (int, float)):
        raise EvaluateError("a rate that is no number")
    if layer.kind.startswith("Spatial"):
        shape[1:-1] = [1] * (len(shape) - 2)
    kept = np.random.default_rng([*shape, 1]).random(shape) >= rate
    return tensor * keras.ops.cast(kept / (1 - rate), tensor.dtype)


def _is_plain(layer: Layer, tensor: Any) -> bool:
    """Return whether an LSTM has Keras's usual settings, and nothing is masked."""
    usual = {"activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True}
    other = ("stateful", "time_major", "zero_output_for_mask")
    return (
        all(layer.settings.get(name) == value for name, value in usual.items())
        and not any(layer.settings.get(name) for name in other)
        and getattr(tensor, "_keras_mask", None) is None
    )


def _lstm(layer: Layer, tensor: Any, weights: Sequence[np.ndarray]) -> Any:
    """Return an LSTM's output for a tensor of shape (samples, steps, features).

    Keras takes a second for 100 steps outside of a compiled model, numpy some milliseconds. Source:
    Hochreiter and Schmidhuber, Long Short-Term Memory, 1997; the gates in Keras's order.
    """
    import keras

    kernel, recurrent, bias = weights
    settings = layer.settings
    sequence = np.asarray(tensor) @ kernel + bias
    hidden = cell = np.zeros((len(sequence), len(recurrent)), sequence.dtype)
    steps = range(sequence.shape[1])
    states = []
    for step in reversed(steps) if settings.get("go_backwards") else steps:
        gates = np.split(sequence[:, step] + hidden @ recurrent, 4, axis=1)
        put, forget, give = (0.5 * (1 + np.tanh(0.5 * gates[n])) for n in (0, 1, 3))
        cell = forget * cell + put * np.tanh(gates[2])
        hidden = give * np.tanh(cell)
        states.append(hidden)
    whole = np.stack(states, axis=1) if settings.get("return_sequences") else hidden
    results = [whole, hidden, cell] if settings.get("return_state") else [whole]
    tensors = [keras.ops.convert_to_tensor(x.astype(sequence.dtype)) for x in results]
    return tensors if settings.get("return_state") else tensors[0]
