"""A slice is one kind of node, however its index is written: x[:, :4], x[..., :4], x[:, 0:4],
x[:, :-8] and x[:, 0:4:1] of a tensor of shape (None, 12).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...model.graph import Tensor
from ...model.labels import index_text
from ..form import frozen
from ..operation import Operation, Shape, Value, changed

ALL = (0, None, 1)
"""A part of an index that takes a whole axis: start, stop, step."""

_Part = int | str | tuple[int | None, int | None, int]


def slices(operation: Operation) -> Sequence[Value] | None:
    """Return a "slice" node for an index of whole numbers and slices.

    The tensor itself where nothing is cut off.
    """
    if operation.kind != "ops.GetItem" or len(operation.reads) != 1:
        return None
    if len(operation.constants) != 1:
        return None
    (index,) = operation.constants.values()
    return sliced(operation, index, operation.tensors[0])


def sliced(operation: Operation, index: object, tensor: Tensor) -> Sequence[Value] | None:
    """Return the tensor that an index cuts out of what the operation reads, None for an index that
    is no slice.  `tensor` is the shape and dtype of what is cut out.
    """
    read = operation.reads[0]
    parts = index if isinstance(index, (list, tuple)) else [index]
    canonical = _canonical(parts, read.tensor.shape)
    if canonical is None:
        return None
    if not canonical:
        return [read.value]
    return changed(
        operation,
        kind="slice",
        settings={"index": index_text(index)},  # as it is written: a finding quotes it
        reads=(read._replace(slot="0"),),
        constants={},
        tensors=(tensor,),
        key=("slice", frozen(canonical)),
    )


def _canonical(parts: Sequence[Any], shape: Shape | None) -> list[_Part] | None:
    """Return a part for each axis, without the whole axes at the end."""
    result: list[_Part] = []
    axis = 0
    for part in _without_ellipsis(parts, shape):
        size = shape[axis] if shape is not None and axis < len(shape) else None
        if part is None:
            result.append("new axis")
            continue
        axis += 1
        if isinstance(part, int) and not isinstance(part, bool):
            result.append(part + size if part < 0 and size is not None else part)
        elif isinstance(part, Mapping) and set(part) == {"slice"}:
            bounds = _bounds(part["slice"], size)
            if bounds is None:
                return None
            result.append(bounds)
        else:
            return None
    while result and result[-1] == ALL:
        result.pop()
    return result


def _without_ellipsis(parts: Sequence[Any], shape: Shape | None) -> Iterator[Any]:
    """Yield the parts with the whole axes that "..." stands for."""
    axes = sum(part is not None and part != "..." for part in parts)
    for part in parts:
        if part == "..." and shape is not None:
            yield from [{"slice": [None, None, None]}] * (len(shape) - axes)
        else:
            yield part


def _bounds(written: Sequence[Any], size: int | None) -> tuple[int | None, int | None, int] | None:
    """Return start, stop and step, counted from the front where the size of the axis is known.

    No stop where everything up to the end is taken.  None if they are no whole numbers.
    """
    if len(written) != 3 or any(type(value) not in (int, type(None)) for value in written):
        return None
    start, stop, step = written
    if step is not None and step < 1:
        return start, stop, step
    start = start or 0
    if size is not None:
        start = max(start + size, 0) if start < 0 else start
        if stop is not None:
            stop = max(stop + size, 0) if stop < 0 else stop
            stop = None if stop >= size else stop
    return start, stop, step or 1
