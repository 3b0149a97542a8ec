"""Dense, Embedding, convolutions and pools: shapes, weights and numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from tests.fuzzer.kinds.base import CannotBuild, Mode, Settings, Shape, Weight, activated


def size(n: int | None) -> int:
    if n is None:
        raise CannotBuild("an open size where a weight needs one")
    return n


def check_rank(shape: Shape, rank: int) -> Shape:
    if len(shape) != rank:
        raise CannotBuild(f"rank {rank} is needed, {shape} found")
    return shape


def dense_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if not shapes[0]:
        raise CannotBuild("no axis")
    return (*shapes[0][:-1], settings["units"])


def _bias(settings: Settings, n: int) -> list[Weight]:
    return [("bias", (n,), True)] if settings["use_bias"] else []


def dense_weights(settings: Settings, shape: Shape) -> list[Weight]:
    units = settings["units"]
    return [("kernel", (size(shape[-1]), units), True), *_bias(settings, units)]


def run_dense(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
    x = inputs[0] @ w[0]
    return activated(settings, x + w[1] if settings["use_bias"] else x)


def run_embedding(
    settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode
) -> np.ndarray:
    return w[0][inputs[0].astype(int) % len(w[0])]


# --- Convolutions and pools -------------------------------------------------------------------


def _window(n: int | None, window: int, stride: int, padding: str) -> int | None:
    if n is None:
        return None
    out = -(-n // stride) if padding == "same" else (n - window) // stride + 1
    if out < 1:
        raise CannotBuild("nothing is left")
    return out


def _slid(settings: Settings, shape: Shape, window: Sequence[int]) -> Shape:
    check_rank(shape, len(window) + 1)
    dilation = settings.get("dilation_rate") or [1] * len(window)
    if max(dilation) > 1 and max(settings["strides"]) > 1:
        raise CannotBuild("both strides and dilation")
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    return tuple(
        _window(n, span, stride, settings["padding"])
        for n, span, stride in zip(shape, spans, settings["strides"], strict=False)
    )


def conv_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return (*_slid(settings, shapes[0], settings["kernel_size"]), settings["filters"])


def conv_weights(settings: Settings, shape: Shape) -> list[Weight]:
    kernel = (*settings["kernel_size"], size(shape[-1]), settings["filters"])
    return [("kernel", kernel, True), *_bias(settings, settings["filters"])]


def _windows(
    settings: Settings, x: np.ndarray, window: Sequence[int], fill: float
) -> list[tuple[tuple[int, ...], np.ndarray]]:
    """For each position in the window, what of x stands under it."""
    strides = settings["strides"]
    dilation = settings.get("dilation_rate") or [1] * len(window)
    pads, outs = [(0, 0)], []
    for n, k, s, d in zip(x.shape[1:-1], window, strides, dilation, strict=True):
        out = _window(n, (k - 1) * d + 1, s, settings["padding"])
        assert out is not None
        total = max((out - 1) * s + (k - 1) * d + 1 - n, 0)
        total = total if settings["padding"] == "same" else 0
        pads.append((total // 2, total - total // 2))
        outs.append(out)
    padded = np.pad(x, [*pads, (0, 0)], constant_values=fill)
    found = []
    for place in product(*map(range, window)):
        cut = tuple(
            slice(p * d, p * d + (o - 1) * s + 1, s)
            for p, d, o, s in zip(place, dilation, outs, strides, strict=True)
        )
        found.append((place, padded[(slice(None), *cut)]))
    return found


def run_conv(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
    parts = _windows(settings, inputs[0], settings["kernel_size"], 0.0)
    x = sum(part @ w[0][place] for place, part in parts)
    return activated(settings, x + w[1] if settings["use_bias"] else x)


def depthwise_weights(settings: Settings, shape: Shape) -> list[Weight]:
    multiplier, channels = settings["depth_multiplier"], size(shape[-1])
    kernel = (*settings["kernel_size"], channels, multiplier)
    return [("kernel", kernel, True), *_bias(settings, channels * multiplier)]


def depthwise_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    channels = size(shapes[0][-1]) * settings["depth_multiplier"]
    return (*_slid(settings, shapes[0], settings["kernel_size"]), channels)


def _by_channel(settings: Settings, kernel: np.ndarray, x: np.ndarray) -> np.ndarray:
    parts = _windows(settings, x, settings["kernel_size"], 0.0)
    total: Any = sum(part[..., None] * kernel[place] for place, part in parts)
    return total.reshape(*total.shape[:-2], -1)


def run_depthwise(
    settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode
) -> np.ndarray:
    x = _by_channel(settings, w[0], inputs[0])
    return activated(settings, x + w[1] if settings["use_bias"] else x)


def separable_weights(settings: Settings, shape: Shape) -> list[Weight]:
    multiplier, channels = settings["depth_multiplier"], size(shape[-1])
    window, filters = settings["kernel_size"], settings["filters"]
    return [
        ("depthwise_kernel", (*window, channels, multiplier), True),
        ("pointwise_kernel", (*[1] * len(window), channels * multiplier, filters), True),
        *_bias(settings, filters),
    ]


def run_separable(
    settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode
) -> np.ndarray:
    x = _by_channel(settings, w[0], inputs[0]) @ w[1].reshape(w[1].shape[-2:])
    return activated(settings, x + w[2] if settings["use_bias"] else x)


def pool_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return (*_slid(settings, shapes[0], settings["pool_size"]), shapes[0][-1])


def run_max_pool(
    settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode
) -> np.ndarray:
    parts = _windows(settings, inputs[0], settings["pool_size"], -np.inf)
    return np.max([part for _, part in parts], axis=0)


def run_mean_pool(
    settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode
) -> np.ndarray:
    x = inputs[0]
    parts = _windows(settings, x, settings["pool_size"], 0.0)
    counts = _windows(settings, np.ones_like(x), settings["pool_size"], 0.0)
    total: Any = sum(part for _, part in parts)
    return total / sum(part for _, part in counts)


def global_shape(rank: int) -> Callable[[Settings, Sequence[Shape]], Shape]:
    def shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
        check_rank(shapes[0], rank + 1)
        ones = (1,) * rank if settings["keepdims"] else ()
        return (*ones, shapes[0][-1])

    return shape


def spatial_shape(rank: int) -> Callable[[Settings, Sequence[Shape]], Shape]:
    def shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
        check_rank(shapes[0], rank + 1)
        return shapes[0]

    return shape


def run_global(reduce: Any) -> Any:
    def run(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
        axes = tuple(range(1, inputs[0].ndim - 1))
        return reduce(inputs[0], axis=axes, keepdims=settings["keepdims"])

    return run
