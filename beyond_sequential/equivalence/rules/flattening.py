"""Flatten is a Reshape to one row for each sample.

Reshape((-1,)), Reshape((240,)) and ops.reshape(x, (-1, 240)) are one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..operation import Operation, Value, changed


def flattening(operation: Operation) -> Sequence[Value] | None:
    """Return a Flatten for what reshapes each sample to one row."""
    if operation.kind not in ("Reshape", "ops.Reshape") or len(operation.reads) != 1:
        return None
    read, tensors = operation.reads[0], operation.tensors
    before, after = read.tensor.shape, tensors[0].shape
    if before is None or after is None or len(after) != 2 or operation.constants:
        return None
    sizes = [size for size in before[1:] if size is not None]
    is_row = len(sizes) == len(before) - 1 and after[1] == math.prod(sizes)
    if not is_row and operation.layer.settings.get("target_shape") != [-1]:
        return None
    settings = {"data_format": "channels_last"}
    return changed(operation, kind="Flatten", settings=settings, key=None)
