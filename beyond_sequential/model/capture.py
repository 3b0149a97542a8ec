"""From a live Keras model to a `ModelGraph`: a walk over its nodes, from the outputs back.

The live nodes are read because a config is not enough: it repeats a layer that two nested
models share, it is empty for a Model subclass, and it lacks the last output's shape.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .graph import Body, Call, Layer, ModelGraph, Ref, Tensor, Variable
from .kinds import is_custom
from .spec import Spec

_Shape = tuple[tuple[int | None, ...], str, str | None]  # with the batch, dtype, name
SMALL = 16  # constants up to so many numbers are kept as they are


class CaptureError(TypeError):
    """The object is not something whose graph can be read; `code` says in which way."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def capture_graph(
    thing: object, inputs: object = None, specs: Iterable[Spec] = ()
) -> tuple[ModelGraph, dict[str, np.ndarray]]:
    """The graph of a model or of the calls behind Keras tensors, and its weights by variable id.

    `inputs` are the tensors at which the walk from loose tensors ends (by default it ends at every
    Input that is met); `specs` describe the inputs of a subclass that has a `call` method and was
    not built.  The arrays are the live ones, not copies.

    Raises CaptureError (a TypeError) for anything else, with `code` "not_a_model", "not_called" (a
    layer object where a tensor is meant), "unbuilt" (a Sequential without input), "opaque" (a
    subclass whose calls can't be followed) or "other_keras".
    """
    capture = _Capture()
    name, kind, body = capture.top(thing, inputs, tuple(specs))
    graph = ModelGraph(name, kind, capture.layers, body)
    return graph, capture.arrays


class _Capture:
    """The state of one walk: layers and variables met so far, by identity."""

    def __init__(self) -> None:
        self.layers: dict[str, Layer] = {}
        self.arrays: dict[str, np.ndarray] = {}
        self.layer_ids: dict[int, str] = {}
        self.variable_ids: dict[int, str] = {}
        self.alive: list[Any] = []  # keeps ids unique while the walk goes on

    def top(self, thing: Any, inputs: Any, specs: tuple[Spec, ...]) -> tuple[str, str, Body]:
        import keras

        if _is_tensor_tree(thing):
            return "tensor", "Tensor", self.body(inputs, thing)
        if not isinstance(thing, keras.Model):
            raise _refusal(thing)
        functional = _functional_of(thing)
        if functional is not None:
            body = self.body(functional._inputs_struct, functional._outputs_struct)
            return thing.name, _model_kind(thing), body
        return thing.name, _model_kind(thing), self.called(thing, _input_shapes(thing, specs))

    # --- bodies ---------------------------------------------------------------------------

    def body(self, inputs: Any, outputs: Any) -> Body:
        """Return the calls between inputs and outputs; without inputs, back to every Input met."""
        ends = {id(t) for t in _flat(inputs)} if inputs is not None else set()
        nodes = _ordered_nodes(_flat(outputs), ends)
        numbers = {id(node): number for number, node in enumerate(nodes)}
        refs: dict[int, Ref] = {}
        calls: list[Call] = []
        for node in nodes:
            end = any(id(tensor) in ends for tensor in node.output_tensors)
            calls.append(self.call(node, refs, leaf=end))
            for index, tensor in enumerate(node.output_tensors):
                refs[id(tensor)] = Ref(numbers[id(node)], index)
        for tensor in _flat(inputs):  # an input that nothing reads is an input all the same
            if id(tensor) not in refs:
                refs[id(tensor)] = Ref(len(calls))
                calls.append(self.call(_node_of(tensor), refs, leaf=True))
        if inputs is None:
            inputs = [t for n in nodes if n.is_input for t in n.output_tensors]
        return Body(tuple(calls), _to_refs(inputs, refs), _to_refs(outputs, refs))

    def call(self, node: Any, refs: Mapping[int, Ref], leaf: bool = False) -> Call:
        """Return one call; a leaf is where the walk ends, whatever comes before it."""
        operation = node.operation
        layer = self.layer(operation, node)
        if node.is_input or leaf:
            return Call(layer, outputs=tuple(map(_tensor, node.output_tensors)))
        kwargs = {key: value for key, value in node.arguments.kwargs.items() if value is not None}
        if not kwargs.get("training", True):
            del kwargs["training"]  # False is the default that some layers write down
        return Call(
            layer,
            args=tuple(_plain(item, refs) for item in node.arguments.args),
            kwargs={key: _plain(item, refs) for key, item in kwargs.items()},
            outputs=tuple(map(_tensor, node.output_tensors)),
        )

    def called(self, model: Any, shapes: list[_Shape]) -> Body:
        """Return the calls that a subclass's own `call` method makes on fresh Inputs."""
        import keras

        tensors = [keras.Input(batch_shape=s, dtype=d, name=n) for s, d, n in shapes]
        self.alive.append(tensors)
        argument = tensors[0] if len(tensors) == 1 else tensors
        return self.body(tensors, model.call(argument))

    # --- layers -----------------------------------------------------------------------------

    def layer(self, operation: Any, node: Any = None) -> str:
        import keras

        known = self.layer_ids.get(id(operation))
        if known is not None:
            return known
        id_ = f"layer{len(self.layer_ids)}"
        self.layer_ids[id(operation)] = id_
        self.alive.append(operation)
        self.layers[id_] = Layer(id_, _kind(operation), operation.name)  # keeps its place
        is_layer = isinstance(operation, keras.Layer)
        body = self.layer_body(operation, node) if is_layer else None
        self.layers[id_] = Layer(
            id=id_,
            kind=_kind(operation),
            name=operation.name,
            settings={} if body is not None else _settings(operation),
            trainable=bool(operation.trainable) if is_layer else True,
            variables=self.variables(operation) if is_layer and body is None else (),
            body=body,
        )
        return id_

    def layer_body(self, operation: Any, node: Any) -> Body | None:
        """The body of a nested model, or of a class of the student's that only composes layers."""
        import keras

        functional = _functional_of(operation) if isinstance(operation, keras.Model) else None
        if functional is not None:
            return self.body(functional._inputs_struct, functional._outputs_struct)
        if not is_custom(_kind(operation)) or node is None:
            return None
        shapes: list[_Shape] = [
            (t.shape, t.dtype, None) for t in _flat((node.arguments.args,)) if _is_tensor(t)
        ]
        before = dict(self.layers), dict(self.layer_ids)
        try:
            body = self.called(operation, shapes)
        except Exception:
            self.layers, self.layer_ids = before  # opaque: it stays one box
            return None
        own = {id(w) for w in operation.weights}
        if own - self.variable_ids.keys():
            self.layers, self.layer_ids = before
            return None
        return body

    def variables(self, layer: Any) -> tuple[Variable, ...]:
        found = []
        for weight in layer.weights:
            id_ = self.variable_ids.get(id(weight))
            if id_ is None:
                id_ = f"weight{len(self.variable_ids)}"
                self.variable_ids[id(weight)] = id_
                self.alive.append(weight)
                self.arrays[id_] = weight
            found.append(
                Variable(
                    id_, weight.name, tuple(weight.shape), str(weight.dtype), bool(weight.trainable)
                )
            )
        return tuple(found)


# --- reading Keras's objects --------------------------------------------------------------------


def _is_tensor(value: object) -> bool:
    import keras

    return isinstance(value, keras.KerasTensor)


def _is_tensor_tree(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(_is_tensor_tree(item) for item in value)
    if isinstance(value, Mapping):
        return bool(value) and all(_is_tensor_tree(item) for item in value.values())
    return _is_tensor(value) and hasattr(value, "_keras_history")


def _flat(tree: object) -> list[Any]:
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in _flat(item)]
    if isinstance(tree, Mapping):
        return [leaf for item in tree.values() for leaf in _flat(item)]
    return [] if tree is None else [tree]


def _to_refs(tree: object, refs: Mapping[int, Ref]) -> object:
    if isinstance(tree, (list, tuple)):
        return [_to_refs(item, refs) for item in tree]
    if isinstance(tree, Mapping):
        return {str(key): _to_refs(item, refs) for key, item in tree.items()}
    return refs[id(tree)]


def _functional_of(model: object) -> Any:
    """Return the functional model that `model` is, wraps or was built as; None if there is none."""
    import keras
    from keras.src.models.functional import Functional

    if isinstance(model, keras.Sequential):
        return model._functional
    return model if isinstance(model, Functional) and type(model).call is Functional.call else None


def _model_kind(model: object) -> str:
    module = type(model).__module__
    return type(model).__name__ if module.split(".")[0] == "keras" else "Subclass"


def _refusal(thing: object) -> CaptureError:
    import keras

    name = type(thing).__name__
    if type(thing).__module__.split(".")[0] in ("tf_keras", "keras_core"):
        module = type(thing).__module__.split(".")[0]
        return CaptureError("other_keras", f"{module}.{name}")
    if isinstance(thing, keras.Layer):
        return CaptureError("not_called", name)
    return CaptureError("not_a_model", name)


def _input_shapes(model: Any, specs: tuple[Spec, ...]) -> list[_Shape]:
    import keras

    if specs:
        return [((None, *spec.shape), spec.dtype, spec.name) for spec in specs]
    if isinstance(model, keras.Sequential):
        raise CaptureError("unbuilt", model.name)
    shapes = getattr(model, "_build_shapes_dict", None) or {}
    found = [shape for shape in shapes.values() if isinstance(shape, tuple)]
    if not found:
        raise CaptureError("opaque", type(model).__name__)
    return [((None, *shape[1:]), model.compute_dtype, None) for shape in found]


def _node_of(tensor: Any) -> Any:
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def _ordered_nodes(outputs: list[Any], ends: set[int]) -> list[Any]:
    """The nodes behind `outputs`, arguments before the calls that read them (depth first)."""
    ordered: list[object] = []
    seen: set[int] = set()
    stack = [(_node_of(t), False) for t in reversed(outputs)]
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
        parents = [_node_of(t) for t in node.arguments.keras_tensors]
        stack.extend((parent, False) for parent in reversed(parents) if id(parent) not in seen)
    return ordered


def _kind(operation: object) -> str:
    import keras

    module, name = type(operation).__module__, type(operation).__name__
    if module.split(".")[0] != "keras":
        return f"custom.{name}"
    return name if isinstance(operation, keras.Layer) else f"ops.{name}"


def _tensor(tensor: Any) -> Tensor:
    shape = None if tensor.shape is None else tuple(tensor.shape)
    return Tensor(shape, str(tensor.dtype))


def _settings(operation: Any) -> dict[str, Any]:
    try:
        config = dict(operation.get_config())
    except Exception:  # a class of the student's, or an operation that keeps no config
        return {}
    for key in ("name", "trainable", "dtype", "batch_shape", "sparse", "ragged"):
        config.pop(key, None)
    return {str(key): _json(value) for key, value in config.items()}


def _json(value: object) -> object:
    if isinstance(value, Mapping) and (
        value.get("class_name") in ("function", "__lambda__")
        or (value.keys() == {"value"} and isinstance(value["value"], (list, tuple)))
    ):
        return "custom function"  # its bytecode would say nothing, at length
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return getattr(value, "__name__", None) or type(value).__name__


def _plain(value: object, refs: Mapping[int, Ref]) -> object:
    """Return an argument of a call as data: tensors as Refs, constants as numbers or a digest."""
    if _is_tensor(value):
        return refs[id(value)]
    if isinstance(value, (list, tuple)):
        return [_plain(item, refs) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item, refs) for key, item in value.items()}
    if isinstance(value, slice):
        return {"slice": [_json(value.start), _json(value.stop), _json(value.step)]}
    if value is Ellipsis:
        return "..."
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return _constant(value)
    return _json(value)


def _constant(value: object) -> object:
    array = np.asarray(value)
    if array.size <= SMALL:
        return array.tolist()
    text = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]
    return {"array": list(array.shape), "digest": text}
