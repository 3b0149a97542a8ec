"""ops.split gives slices: of equal size where it is given their number, or between the indices
that it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..operation import Operation, Value
from .slices import sliced


def splits(operation: Operation) -> Sequence[Value] | None:
    """Return a slice for each output of an ops.split."""
    if operation.kind != "ops.Split" or len(operation.reads) != 1 or operation.constants:
        return None
    shape = operation.reads[0].tensor.shape
    axis = operation.layer.settings.get("axis", 0)
    if shape is None or not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        return None
    axis %= len(shape)
    sections = operation.layer.settings.get("indices_or_sections")
    bounds = _bounds(sections, shape[axis], len(operation.tensors))
    if bounds is None or len(bounds) != len(operation.tensors) + 1:
        return None
    pieces: list[Value] = []
    for (start, stop), tensor in zip(pairwise(bounds), operation.tensors, strict=True):
        index = [{"slice": [None, None, None]}] * axis + [{"slice": [start, stop, None]}]
        piece = sliced(operation, index, tensor)
        if piece is None:
            return None
        pieces += piece
    return pieces


def _bounds(sections: object, size: int | None, count: int) -> list[int | None] | None:
    """Return where the pieces start and end; None for the ends of the axis."""
    if isinstance(sections, int) and not isinstance(sections, bool):
        if size is None or sections != count or size % count:
            return None
        step = size // sections
        return [None, *range(step, size, step), None] if step else None
    if isinstance(sections, (list, tuple)) and all(isinstance(at, int) for at in sections):
        return [None, *sections, None]
    return None
