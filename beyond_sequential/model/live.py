"""Keras's live objects as capture reads them: the attributes that it relies on.

Tests: tests/beyond_sequential/model/test_capture.py
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeGuard


class LiveTensor(Protocol):
    """A Keras tensor; `_keras_history` names the call that made it."""

    shape: tuple[int | None, ...] | None
    dtype: str
    _keras_history: History


class History(Protocol):
    """Which call of which operation made a tensor."""

    operation: LiveOperation
    node_index: int


class Arguments(Protocol):
    """What a call was given, and the tensors among it."""

    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    keras_tensors: Sequence[LiveTensor]


class LiveNode(Protocol):
    """One call of an operation."""

    operation: LiveOperation
    arguments: Arguments
    is_input: bool
    input_tensors: Sequence[LiveTensor]
    output_tensors: Sequence[LiveTensor]


class LiveVariable(Protocol):
    """A weight."""

    name: str
    shape: tuple[int, ...]
    dtype: object
    trainable: bool


class LiveOperation(Protocol):
    """An operation, a layer or a model.  An operation that is no layer has no weights."""

    name: str
    call: Callable[..., object]
    trainable: bool
    weights: Sequence[LiveVariable]
    _inbound_nodes: Sequence[LiveNode]

    def get_config(self) -> Mapping[str, object]:
        """Return the settings."""


class LiveModel(LiveOperation, Protocol):
    """A model; one made of inputs and outputs knows both."""

    compute_dtype: str
    _functional: LiveModel | None
    _inputs_struct: object
    _outputs_struct: object


def flat(tree: object) -> list[LiveTensor]:
    """Return the leaves of a nest of lists, tuples and dicts of Keras tensors, without None."""
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in flat(item)]
    if isinstance(tree, Mapping):
        return [leaf for item in tree.values() for leaf in flat(item)]
    return [] if tree is None else [tree]  # type: ignore[list-item]  # whoever calls it knows


def node_of(tensor: LiveTensor) -> LiveNode:
    """Return the call that made a tensor."""
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def layer_class() -> type:
    """Return `keras.Layer`."""
    import keras

    layer: type = keras.Layer
    return layer


def is_model(thing: object) -> TypeGuard[LiveModel]:
    """Whether a thing is a Keras model."""
    import keras

    return isinstance(thing, keras.Model)


def is_tensor(value: object) -> TypeGuard[LiveTensor]:
    """Whether a value is a Keras tensor."""
    import keras

    return isinstance(value, keras.KerasTensor)


def is_tensor_tree(value: object) -> bool:
    """Whether a value is a Keras tensor that a call made, or a nest of such."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(is_tensor_tree(item) for item in value)
    if isinstance(value, Mapping):
        return bool(value) and all(is_tensor_tree(item) for item in value.values())
    return is_tensor(value) and hasattr(value, "_keras_history")


def exchanged(tree: Any, tensors: Mapping[int, LiveTensor]) -> Any:
    """Return a nest with other tensors in the place of those that it holds."""
    if isinstance(tree, (list, tuple)):
        return type(tree)(exchanged(item, tensors) for item in tree)
    if isinstance(tree, Mapping):
        return {key: exchanged(item, tensors) for key, item in tree.items()}
    return tensors.get(id(tree), tree)


def ordered_nodes(outputs: list[LiveTensor], ends: set[int]) -> list[LiveNode]:
    """Return the nodes behind `outputs`, arguments before the calls that read them."""
    ordered: list[LiveNode] = []
    seen: set[int] = set()
    stack = [(node_of(t), False) for t in reversed(outputs)]
    while stack:
        node, expanded = stack.pop()
        if expanded:
            ordered.append(node)
            continue
        if id(node) in seen:
            continue
        seen.add(id(node))
        stack.append((node, True))
        if node.is_input or any(id(t) in ends for t in node.output_tensors):
            continue
        parents = [node_of(t) for t in node.arguments.keras_tensors]
        stack.extend((parent, False) for parent in reversed(parents) if id(parent) not in seen)
    return ordered
