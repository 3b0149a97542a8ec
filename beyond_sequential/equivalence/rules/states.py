"""A recurrent layer gives the same output whether or not it gives its states too.

LSTM(3, return_state=True)(x)[0] is LSTM(3)(x), and so is the hidden state.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...model.kinds import kind_of
from ..operation import Operation, Output, Value, changed
from ..spellings import is_random


def states(operation: Operation) -> Sequence[Value] | None:
    """Return the layer without its states for its output, and for a hidden state that is the same.

    The other states are outputs of the layer as it is.
    """
    settings = operation.settings
    if not kind_of(operation.kind).state_is_output or not settings.get("return_state"):
        return None
    if is_random(operation.kind, settings):
        return None  # two calls on one tensor would be two random values
    tensors = operation.tensors
    plain = {**settings, "return_state": False}
    outputs = changed(operation, settings=plain, tensors=tensors[:1])
    whole = [Output(operation, number) for number in range(len(tensors))]
    if settings.get("return_sequences"):
        return [*outputs, *whole[1:]]
    return [*outputs, *outputs, *whole[2:]]
