"""An activation is one kind of node, however it is written: Activation("relu"), ReLU(),
ops.relu(x); "linear" is no node.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..operation import Operation, Value, changed
from ..spellings import activation_of_layer, activation_settings, is_activation


def activations(operation: Operation) -> Sequence[Value] | None:
    """Return an "activation" node for a layer or operation that is an activation function."""
    if not is_activation(operation.kind) or len(operation.reads) != 1 or operation.constants:
        return None
    read = operation.reads[0]
    activation = activation_of_layer(operation.kind, operation.layer.settings)
    if activation is None:
        return [read.value]
    return changed(
        operation,
        kind="activation",
        settings=activation_settings(activation, read.rank),
        reads=(read._replace(slot="0"),),
    )
