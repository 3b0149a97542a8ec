"""Some layers give the tensor that they read.

Identity(), Dropout(0), Flatten() of vectors, Reshape to the same shape, ZeroPadding2D(0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...model.graph import Tensor
from ...model.kinds import kind_of
from ..operation import Operation, Value

# The settings with which a layer changes nothing, by kind; one of them where there are several.
_IDLE: Mapping[str, Mapping[str, tuple[object, ...]]] = {
    "GaussianNoise": {"stddev": (0,)},
    "ActivityRegularization": {"l1": (0,), "l2": (0,)},
    "Rescaling": {"scale": (1,), "offset": (0,)},
}
_SAME_SIZE = ("ZeroPadding", "Cropping")


def identity(operation: Operation) -> Sequence[Value] | None:
    """Return the tensor read by a layer that changes nothing."""
    if len(operation.reads) != 1 or operation.constants:
        return None
    read = operation.reads[0]
    if len(operation.tensors) != 1 or operation.tensors[0] != read.tensor:
        return None
    return [read.value] if _is_idle(operation, read.tensor) else None


def _is_idle(operation: Operation, tensor: Tensor) -> bool:
    kind, settings = operation.kind, operation.settings
    if kind == "Identity" or kind == "ops.Cast":
        return True
    if kind_of(kind).random and "rate" in settings:
        return bool(settings["rate"] == 0)
    if kind in _IDLE:
        return all(settings.get(name) in values for name, values in _IDLE[kind].items())
    if kind in ("Permute", "ops.Transpose"):
        order = settings.get("dims") or settings.get("axes")
        return isinstance(order, list) and order == sorted(order)
    if kind_of(kind).keeps_numbers:
        return _is_known(tensor)
    return kind.startswith(_SAME_SIZE) and _is_known(tensor)


def _is_known(tensor: Tensor) -> bool:
    """Return whether equal shapes are equal sizes: at most one size, besides the samples', is open.

    What has the same numbers in all of its samples has the same size in the one that is open.
    """
    return tensor.shape is not None and list(tensor.shape[1:]).count(None) <= 1
