"""A merge is one kind of node, be it a layer, a function or an operator: Add()([a, b]),
layers.add([a, b]), ops.add(a, b), a + b.  The order of operands counts only where it matters.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from ...model.kinds import COMMUTATIVE, MERGE_LAYERS, kind_of
from ..form import ANY, frozen
from ..operation import Operation, Read, Value, changed
from ..spellings import from_end

_STACKS = {"ops.Hstack": 1, "ops.Vstack": 0}  # samples are axis 0, so that tensors have two axes


def merges(operation: Operation) -> Sequence[Value] | None:
    """Return an "add", "concatenate" ... node for a layer or operation that merges tensors.

    The tensor itself where there is only one.
    """
    merge, reads = kind_of(operation.kind).merge, operation.reads
    merge = "concatenate" if operation.kind in _STACKS else merge
    if not merge or not reads:
        return None
    if len(reads) == 1 and not operation.constants:
        return [reads[0].value]
    settings: dict[str, object] = {}
    if merge == "concatenate":
        axis = _STACKS.get(operation.kind, operation.layer.settings.get("axis", -1))
        settings["axis"] = from_end(axis, reads[0].rank)
    if merge not in COMMUTATIVE:
        settings.update(operation.constants)
    elif operation.constants:
        settings["constants"] = sorted(operation.constants.values(), key=repr)
    key: tuple[Hashable, ...] = (merge, frozen(settings))
    if operation.kind in MERGE_LAYERS and len({read.rank for read in reads} - {None}) > 1:
        # A merge layer aligns tensors of different ranks in its own way, the operations in theirs.
        key = (*key, "aligned by the layer")
    operands = _operands(merge, reads, operation.concat_order)
    return changed(operation, kind=merge, settings=settings, reads=operands, constants={}, key=key)


def _operands(merge: str, reads: tuple[Read, ...], concat_order: bool) -> tuple[Read, ...]:
    if merge in COMMUTATIVE or (merge == "concatenate" and not concat_order):
        return tuple(read._replace(slot=ANY) for read in reads)
    if merge == "concatenate":
        return tuple(read._replace(slot=str(number)) for number, read in enumerate(reads))
    return tuple(read._replace(slot=read.slot.removeprefix("0.") or "0") for read in reads)
