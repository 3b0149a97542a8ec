"""From a student's objects to values and digests of arrays: what needs no Keras."""

from __future__ import annotations

import hashlib
import numbers
from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np

from ..model.capture import CaptureError
from ..model.types import Json
from .answer import ArrayFacts, ArrayTree

MAX_ITEMS = 100  # of a list, a dict or an array that answers a closed question
MAX_NESTED = 1000  # of those, in all lists of a nest together
MAX_DEPTH = 4  # of lists in lists
MAX_TEXT = 1000  # characters
MAX_BITS = 10_000  # of a whole number: Python writes no longer ones in decimal


def plain_value(value: object, depth: int = 0) -> Json:
    """Return a closed answer as plain data.

    Raises CaptureError for what is not a number, a text, a boolean, None or a short nest of them.
    """
    if depth == 0 and next(islice(_nested(value), MAX_NESTED, None), None):
        raise _refusal(value)
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        array = np.asarray(value)
        if array.size <= MAX_ITEMS:
            value = array.item() if array.size == 1 else array.tolist()
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise _refusal(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, (list, tuple)) and len(value) <= MAX_ITEMS and depth < MAX_DEPTH:
        return [plain_value(item, depth + 1) for item in value]
    if isinstance(value, Mapping) and len(value) <= MAX_ITEMS and depth < MAX_DEPTH:
        return {str(key): plain_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, numbers.Real):
        return float(value)
    raise _refusal(value)


def _refusal(value: object) -> CaptureError:
    return CaptureError("not_a_value", type(value).__name__)


def _nested(value: object) -> Iterator[bool]:
    """Yield once for each item of a nest: lists that hold a list many times have no end."""
    yield True
    if isinstance(value, (list, tuple, Mapping)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _nested(item)


def array_tree(value: object) -> ArrayTree:
    """Return shapes, dtypes and digests of the arrays in a list, a tuple, a dict or alone.

    Raises TypeError for what is not an array of numbers.
    """
    if isinstance(value, Mapping):
        return {str(key): array_tree(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and any(hasattr(item, "shape") for item in value):
        return [array_tree(item) for item in value]
    array = np.asarray(value)
    if array.dtype == object:
        raise TypeError(f"{type(value).__name__} is not an array of numbers")
    return ArrayFacts(
        tuple(array.shape), str(array.dtype), array_digest(array), bool(not array.any())
    )


def array_digest(array: np.ndarray) -> str:
    """Return one text for the same numbers in the same shape, whatever their dtype."""
    numbers = np.ascontiguousarray(np.asarray(array, dtype="float64") + 0.0)
    return hashlib.sha256(repr(numbers.shape).encode() + numbers.tobytes()).hexdigest()[:16]
