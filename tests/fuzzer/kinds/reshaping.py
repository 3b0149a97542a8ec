"""Layers that only move, repeat or pad numbers: shapes and numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.fuzzer.kinds.base import CannotBuild, Mode, Settings, Shape
from tests.fuzzer.kinds.windows import check_rank, size


def flat_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return (None if None in shapes[0] else math.prod(map(size, shapes[0])),)


def reshape_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if math.prod(map(size, shapes[0])) != math.prod(settings["target_shape"]):
        raise CannotBuild("another count")
    return tuple(settings["target_shape"])


def repeat_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return (settings["n"], *check_rank(shapes[0], 1))


def permute_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    check_rank(shapes[0], len(settings["dims"]))
    return tuple(shapes[0][n - 1] for n in settings["dims"])


def upsampling_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    times = settings["size"]
    times = times if isinstance(times, (list, tuple)) else [times]
    check_rank(shapes[0], len(times) + 1)
    grown = [None if n is None else n * t for n, t in zip(shapes[0], times, strict=False)]
    return (*grown, shapes[0][-1])


def run_upsampling(
    settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode
) -> np.ndarray:
    times = settings["size"]
    x = inputs[0]
    for axis, n in enumerate(times if isinstance(times, (list, tuple)) else [times]):
        x = np.repeat(x, n, axis + 1)
    return x


def _pads(settings: Settings) -> list[tuple[int, ...]]:
    padding = settings["padding"]
    pairs = padding if isinstance(padding[0], (list, tuple)) else [padding]
    return [tuple(pair) for pair in pairs]


def padding_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    pads = _pads(settings)
    check_rank(shapes[0], len(pads) + 1)
    grown = [None if n is None else n + sum(p) for n, p in zip(shapes[0], pads, strict=False)]
    return (*grown, shapes[0][-1])


def run_padding(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
    pads = _pads(settings)
    return np.pad(inputs[0], [(0, 0), *pads, (0, 0)])
