"""Padding "same" is "valid" where it pads nothing: a window of one never needs padding, others do
not where strides and size divide evenly.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...model.kinds import kind_of
from ..operation import Operation, Value, changed


def idle_padding(operation: Operation) -> Sequence[Value] | None:
    """Return the layer with padding "valid" where "same" pads nothing."""
    settings, reads = operation.settings, operation.reads
    window = settings.get("kernel_size") or settings.get("pool_size")
    if not kind_of(operation.kind).window or not isinstance(window, list | tuple):
        return None
    if settings.get("padding") != "same" or not reads:
        return None
    count = len(window)
    shape = reads[0].tensor.shape
    sizes: Sequence[int | None] = [None] * count
    if shape is not None and len(shape) == count + 2:
        sizes = shape[2:] if settings.get("data_format") == "channels_first" else shape[1:-1]
    strides = settings.get("strides") or window
    dilation = settings.get("dilation_rate") or [1] * count
    along = zip(window, strides, dilation, sizes, strict=False)
    if not all(_pads_nothing((k - 1) * d + 1, s, n) for k, s, d, n in along):
        return None
    return changed(operation, settings={**settings, "padding": "valid"}, idle_padding=True)


def _pads_nothing(window: int, stride: int, size: int | None) -> bool:
    if window == 1:
        return True
    if size is None or size < window:
        return False
    same = -(-size // stride)
    return (same - 1) * stride + window <= size and (size - window) // stride + 1 == same
