"""Normalization, dropout and noise: weights and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.fuzzer.kinds.base import Mode, Settings, Shape, Weight
from tests.fuzzer.kinds.windows import size


def norm_weights(settings: Settings, shape: Shape) -> list[Weight]:
    n = (size(shape[-1]),)
    names = (("gamma", settings["scale"]), ("beta", settings["center"]))
    return [(name, n, True) for name, present in names if present]


def batch_weights(settings: Settings, shape: Shape) -> list[Weight]:
    n = (size(shape[-1]),)
    moving = [("moving_mean", n, False), ("moving_variance", n, False)]
    return [*norm_weights(settings, shape), *moving]


def _normed(settings: Settings, w: Any, x: np.ndarray) -> np.ndarray:
    x = x * w[0] if settings["scale"] else x
    return x + w[1 if settings["scale"] else 0] if settings["center"] else x


def run_batch_norm(
    settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode
) -> np.ndarray:
    x, mean, variance = inputs[0], w[-2], np.abs(w[-1])
    if mode.training:
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axes), x.var(axes)
        pace = 1 - settings["momentum"]
        mode.updates += [(len(w) - 2, pace * mean), (len(w) - 1, pace * variance)]
    return _normed(settings, w, (x - mean) / np.sqrt(variance + settings["epsilon"]))


def run_layer_norm(
    settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode
) -> np.ndarray:
    x = inputs[0]
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return _normed(settings, w, (x - mean) / np.sqrt(variance + settings["epsilon"]))


def run_dropout(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
    x, rate = inputs[0], settings["rate"]
    if not mode.training or not rate:
        return x
    return np.where(mode.chance(x.shape) >= rate, x / (1 - rate), 0.0)


def run_spatial(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
    x, rate = inputs[0], settings["rate"]
    if not mode.training or not rate:
        return x
    drawn = mode.chance((len(x), *[1] * (x.ndim - 2), x.shape[-1]))
    return np.where(drawn >= rate, x / (1 - rate), 0.0)


def run_noise(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
    x = inputs[0]
    return x + settings["stddev"] * (mode.chance(x.shape) - 0.5) if mode.training else x
