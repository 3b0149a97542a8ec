"""The one table of Keras kinds: layers, operations and activation functions, with what the rest
of this package must know of each.  Pure data: imports no Keras.

    kind         what a row says
    layers       the rows of keras.layers
    operations   the rows of Keras's operations
    activations  the activation functions

A new kind of a newer Keras is one name in `layers` or `operations`.  Tests compare the table with
the installed Keras and name what either lacks.

Tests: tests/beyond_sequential/model/test_kinds.py
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from .activations import ACTIVATIONS, NO_FUNCTIONS, Function
from .kind import Family, Kind, Merge
from .layers import LAYERS
from .layers import NO_CALLS as _NO_LAYER_CALLS
from .operations import NO_CALLS as _NO_OPERATION_CALLS
from .operations import OPERATIONS

__all__ = [
    "ACTIVATIONS",
    "ASSOCIATIVE",
    "COMMUTATIVE",
    "FAMILIES",
    "FIRST_ARGUMENTS",
    "KINDS",
    "LABEL_SETTINGS",
    "MERGE_FUNCTIONS",
    "MERGE_LAYERS",
    "NO_CALLS",
    "NO_FUNCTIONS",
    "Family",
    "Function",
    "Kind",
    "Merge",
    "is_custom",
    "is_operation",
    "kind_family",
    "kind_of",
    "short_name",
]

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (*LAYERS, *OPERATIONS)}

NO_CALLS = {**_NO_LAYER_CALLS, **_NO_OPERATION_CALLS}
"""Public layer classes, and operation classes, that are not in the table, with the reason."""

FAMILIES = get_args(Family)

COMMUTATIVE = frozenset({"add", "multiply", "average", "maximum", "minimum"})
"""Merges in which the order of the operands does not matter."""

ASSOCIATIVE = frozenset({"add", "multiply", "maximum", "minimum", "concatenate"})
"""Merges in which the grouping of the operands does not matter."""

MERGE_LAYERS = frozenset(kind.name for kind in LAYERS if kind.merge)
"""The layers that merge by one of the `Merge`s."""

MERGE_FUNCTIONS = tuple(sorted(kind.name.lower() for kind in LAYERS if kind.family == "merge"))
"""The functions in keras.layers that call a merge layer: layers.add([a, b])."""

FIRST_ARGUMENTS = frozenset({"inputs", "x", "sequence", "sequences", "query"})
"""What Keras layers call their first argument."""

LABEL_SETTINGS = ("units", "filters", "kernel_size", "input_dim", "output_dim", "pool_size", "rate")
"""The settings that tell two layers of one kind apart in a label, in the order of the code."""

_CUSTOM = "custom."
_OPERATION = "ops."
_UNKNOWN = Kind("")

# What names of the student's own classes hint at, in this order.
_NORM_ENDINGS = (
    "Normalization",
    "Dropout",
    "GaussianNoise",
    "ActivityRegularization",
    "LayerScale",
)
_SHAPE_PARTS = (
    "Pooling",
    "Pool1D",
    "Pool2D",
    "Pool3D",
    "Flatten",
    "Reshape",
    "Permute",
    "RepeatVector",
    "Padding",
    "Cropping",
    "UpSampling",
    "Resizing",
    "Transpose",
    "ExpandDims",
    "Squeeze",
    "GetItem",
)


def kind_of(name: str) -> Kind:
    """Return the row of a kind; a row that says nothing for a class that is not Keras's."""
    return KINDS.get(name, _UNKNOWN)


def is_operation(name: str) -> bool:
    """Return whether the kind is an operation, as ops.Add is."""
    return name.startswith(_OPERATION)


def is_custom(name: str) -> bool:
    """Return whether the kind is a class that is not Keras's own."""
    return name.startswith(_CUSTOM)


def short_name(name: str) -> str:
    """Return a kind as it is read: "Dense", "ops.Add" as "Add"."""
    return name.removeprefix(_OPERATION).removeprefix(_CUSTOM)


def kind_family(name: str, has_variables: bool) -> Family:
    """Return the group of a kind: that of the table, or of a class of the student's the one that
    its name hints at.  A layer that turns out to have no variables is "other".
    """
    kind = KINDS.get(name)
    if kind is not None and kind.family != "core":
        return kind.family
    if kind is None and name.endswith(_NORM_ENDINGS):
        return "norm"
    if kind is None and any(part in name for part in _SHAPE_PARTS):
        return "shape"
    if is_operation(name):
        return "operation"
    return "core" if has_variables and not is_custom(name) else "other"
