"""The activation of a layer is a node of its own behind the layer: Dense(3, activation="relu") is
ReLU()(Dense(3)(x)).
"""

from __future__ import annotations

from collections.abc import Sequence

from ...model.kinds import kind_of
from ..operation import Operation, Output, Read, Value, changed
from ..spellings import activation_of_value, activation_settings


def layer_activations(operation: Operation) -> Sequence[Value] | None:
    """Return the activation node behind a layer that applies its activation last."""
    if not operation.is_as_captured or not kind_of(operation.kind).activation_last:
        return None
    if "activity_regularizer" in operation.settings:
        return None  # it looks at the output, so what is applied before it matters
    if "activation" not in operation.settings:
        return None
    settings = {key: value for key, value in operation.settings.items() if key != "activation"}
    bare = changed(operation, settings=settings)
    activation = activation_of_value(operation.layer.settings.get("activation"))
    if activation is None:
        return bare
    tensor = operation.tensors[0]
    rank = None if tensor.shape is None else len(tensor.shape)
    return [
        Output(
            Operation(
                kind="activation",
                layer=operation.layer,
                settings=activation_settings(activation, rank),
                reads=(Read("0", bare[0], tensor),),
                constants={},
                tensors=operation.tensors,
                concat_order=operation.concat_order,
            )
        )
    ]
