"""An Identity layer gives the tensor that it reads."""

from __future__ import annotations

from collections.abc import Sequence

from ..operation import Operation, Value


def identity(operation: Operation) -> Sequence[Value] | None:
    """Return the tensor read by an Identity layer."""
    if operation.kind != "Identity" or not operation.reads:
        return None
    return [operation.reads[0].value]
