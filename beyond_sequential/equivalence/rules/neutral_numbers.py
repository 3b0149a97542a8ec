"""Adding 0, or multiplying by 1, changes nothing; the larger of x and 0 is relu."""

from __future__ import annotations

from collections.abc import Sequence

from ...model.kinds import kind_of
from ..operation import Operation, Value, changed

_NEUTRAL = {"add": 0, "subtract": 0, "multiply": 1, "divide": 1}
_ORDERED = ("subtract", "divide")


def neutral_numbers(operation: Operation) -> Sequence[Value] | None:
    """Return the tensor that a neutral number changes; relu for a maximum with 0."""
    merge = kind_of(operation.kind).merge
    if len(operation.reads) != 1 or len(operation.constants) != 1:
        return None
    read, (number,) = operation.reads[0], operation.constants.values()
    if type(number) not in (int, float) or operation.tensors != (read.tensor,):
        return None
    if merge in _ORDERED and read.slot not in ("0", "x1"):
        return None
    if merge in _NEUTRAL and number == _NEUTRAL[merge]:
        return [read.value]
    if merge == "maximum" and number == 0:
        return changed(
            operation,
            kind="activation",
            settings={"activation": "relu"},
            reads=(read._replace(slot="0"),),
            constants={},
        )
    return None
