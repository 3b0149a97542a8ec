"""Merges: shapes and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.fuzzer.kinds.base import CannotBuild, Mode, Settings, Shape
from tests.fuzzer.kinds.windows import size


def merge_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if len(shapes) < 2:
        raise CannotBuild("a merge takes two tensors")
    if len({len(shape) for shape in shapes}) > 1:
        raise CannotBuild("ranks differ")
    merged: list[int | None] = []
    for sizes in zip(*shapes, strict=True):
        known = {n for n in sizes if n is not None} - {1}
        if len(known) > 1:
            raise CannotBuild("sizes differ")
        merged.append(None if None in sizes else max(map(size, sizes)))
    return tuple(merged)


def pair_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if len(shapes) != 2:
        raise CannotBuild("two tensors")
    return merge_shape(settings, shapes)


def joined_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if len(shapes) < 2:
        raise CannotBuild("a merge takes two tensors")
    rank, axis = len(shapes[0]), settings["axis"]
    axis = axis if axis < 0 else axis - rank - 1
    if not -rank <= axis < 0:
        raise CannotBuild("the samples, or no axis at all")
    joined: list[int | None] = []
    for place in range(-rank, 0):
        sizes = [shape[place] for shape in shapes if len(shape) == rank]
        if len(sizes) < len(shapes):
            raise CannotBuild("ranks differ")
        if place == axis:
            joined.append(None if None in sizes else sum(map(size, sizes)))
        elif len(set(sizes)) > 1:
            raise CannotBuild("sizes differ")
        else:
            joined.append(sizes[0])
    return tuple(joined)


def run_folded(operation: Any) -> Any:
    def run(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
        total = inputs[0]
        for other in inputs[1:]:
            total = operation(total, other)
        return total

    return run


def run_average(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
    return sum(inputs[1:], inputs[0]) / len(inputs)


def run_concatenate(
    settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode
) -> np.ndarray:
    return np.concatenate(inputs, settings["axis"])
