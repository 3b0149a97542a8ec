"""Pooling is a layer or an operation.

ops.max(x, axis=1) is GlobalMaxPooling1D()(x), and ops.max_pool(x, 2) is MaxPooling2D(2)(x).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..operation import Operation, Settings, Value, changed
from ..spellings import from_end

_WINDOWS = {"ops.MaxPool": "MaxPooling", "ops.AveragePool": "AveragePooling"}
_GLOBAL = {"ops.Max": "GlobalMaxPooling", "ops.Amax": "GlobalMaxPooling"}
_MEAN = {"ops.Mean": "GlobalAveragePooling"}  # of sequences the layer leaves masked steps out


def pooling_operations(operation: Operation) -> Sequence[Value] | None:
    """Return the pooling layer that an operation is."""
    if len(operation.reads) != 1 or operation.constants:
        return None
    read, captured = operation.reads[0], operation.layer.settings
    axes = (read.rank or 0) - 2
    if axes not in (1, 2, 3):
        return None
    names = _GLOBAL if axes == 1 else {**_GLOBAL, **_MEAN}
    settings: Settings
    if operation.kind in _WINDOWS:
        name = _WINDOWS[operation.kind]
        size = _for_each(captured.get("pool_size"), axes)
        strides = captured.get("strides")
        settings = {
            "pool_size": size,
            "padding": captured.get("padding", "valid"),
            "strides": size if strides is None else _for_each(strides, axes),
            "data_format": captured.get("data_format") or "channels_last",
        }
    elif operation.kind in names and _is_over_all(captured, axes):
        name = names[operation.kind]
        settings = {"data_format": "channels_last", "keepdims": bool(captured.get("keepdims"))}
    else:
        return None
    reads = (read._replace(slot="0"),)
    return changed(operation, kind=f"{name}{axes}D", settings=settings, reads=reads)


def _for_each(value: object, axes: int) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value] * axes


def _is_over_all(settings: object, axes: int) -> bool:
    """Return whether an operation is over all axes but the samples' and the last one."""
    assert isinstance(settings, dict)
    if settings.get("initial") is not None:
        return False
    axis = from_end(settings.get("axis"), axes + 2)
    found = axis if isinstance(axis, list) else [axis]
    return sorted(found, key=repr) == sorted(range(-axes - 1, -1), key=repr)
