"""From a live Keras model to a `ModelGraph`: a walk over its nodes, from the outputs back.

The live nodes are read because a config is not enough: it repeats a layer that two nested
models share, it is empty for a Model subclass, and it lacks the last output's shape.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from .graph import NEVER, Body, Call, Layer, ModelGraph, Ref, Tensor, Variable, to_json
from .kinds import is_custom
from .live import (
    LiveModel,
    LiveNode,
    LiveOperation,
    LiveTensor,
    LiveVariable,
    exchanged,
    flat,
    is_model,
    is_tensor,
    is_tensor_tree,
    layer_class,
    node_of,
    ordered_nodes,
)
from .own_objects import is_library, library_class
from .settings import json_value, settings_of
from .spec import Spec

_Shape = tuple[tuple[int | None, ...] | None, str, str | None]  # with the batch, dtype, name
SMALL = 16  # constants up to so many numbers are kept as they are


class CaptureError(TypeError):
    """The object is not something whose graph can be read; `code` says in which way."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def capture_graph(
    thing: object, inputs: object = None, specs: Iterable[Spec] = (), training: bool = False
) -> tuple[ModelGraph, dict[str, LiveVariable]]:
    """Return the graph of a model or of the calls behind Keras tensors, and its live weights by id.

    `inputs` are the tensors at which the walk from loose tensors ends (by default it ends at
    every Input that is met); `specs` describe the inputs of a subclass that has a `call` method
    and was not built.  A class of the student's own is called as in inference, or with `training`
    as in training.

    Raises CaptureError (a TypeError) for anything else, with `code` "not_a_model",
    "not_called" (a layer object where a tensor is meant), "unbuilt" (a Sequential without input),
    "opaque" (a subclass whose calls can't be followed) or "other_keras".
    """
    capture = _Capture(training)
    name, kind, body = capture.top(thing, inputs, tuple(specs))
    graph = ModelGraph(name, kind, capture.layers, body)
    return graph, capture.arrays


def capture_in_training(
    graph: ModelGraph, thing: object, inputs: object = None, specs: Iterable[Spec] = ()
) -> ModelGraph | None:
    """Return the graph of what a thing computes in training; None if that is `graph`, too.

    Only a class of the student's own may be made of other calls in training.  The arguments, and
    what is raised, are those of `capture_graph`.
    """
    own = any(layer.body and is_custom(layer.kind) for layer in graph.layers.values())
    if not own and graph.kind != "Subclass":
        return None
    other, _weights = capture_graph(thing, inputs, specs, training=True)
    return None if _nameless(other) == _nameless(graph) else other


def _nameless(graph: ModelGraph) -> str:
    """Return a graph as text without names: Keras counts up those of what a call makes."""
    data = to_json(graph)
    for layer in data["layers"]:
        del layer["name"]
    return json.dumps(data, sort_keys=True)


class _Capture:
    """The state of one walk: layers and variables met so far, by identity."""

    def __init__(self, training: bool) -> None:
        self.training = training
        self.traced: bool | None = None  # how the body walked now was called; None: it is drawn
        self.layers: dict[str, Layer] = {}
        self.arrays: dict[str, LiveVariable] = {}
        self.layer_ids: dict[int, str] = {}
        self.variable_ids: dict[int, str] = {}
        self.alive: list[object] = []  # keeps ids unique while the walk goes on

    def top(self, thing: object, inputs: object, specs: tuple[Spec, ...]) -> tuple[str, str, Body]:
        if is_tensor_tree(thing):
            return "tensor", "Tensor", self.body(inputs, thing)
        if not is_model(thing):
            raise _refusal(thing)
        functional = _functional_of(thing)
        if functional is not None:
            body = self.body(functional._inputs_struct, functional._outputs_struct)
            return thing.name, _model_kind(thing), body
        tensors = _fresh(_input_shapes(thing, specs))
        several = len(tensors) > 1 and _takes_several(thing)
        args = tuple(tensors) if several or len(tensors) == 1 else (tensors,)
        return thing.name, _model_kind(thing), self.called(thing, args, {}, self.training)

    # --- bodies ---------------------------------------------------------------------------

    def body(self, inputs: object, outputs: object) -> Body:
        """Return the calls between inputs and outputs; without inputs, back to every Input met."""
        ends = {id(t) for t in flat(inputs)} if inputs is not None else set()
        nodes = ordered_nodes(flat(outputs), ends)
        numbers = {id(node): number for number, node in enumerate(nodes)}
        refs: dict[int, Ref] = {}
        calls: list[Call] = []
        for node in nodes:
            end = any(id(tensor) in ends for tensor in node.output_tensors)
            calls.append(self.call(node, refs, leaf=end))
            for index, tensor in enumerate(node.output_tensors):
                refs[id(tensor)] = Ref(numbers[id(node)], index)
        for tensor in flat(inputs):  # an input that nothing reads is an input all the same
            if id(tensor) not in refs:
                refs[id(tensor)] = Ref(len(calls))
                calls.append(self.call(node_of(tensor), refs, leaf=True))
        if inputs is None:
            inputs = [t for n in nodes if n.is_input for t in n.output_tensors]
        return Body(tuple(calls), _to_refs(inputs, refs), _to_refs(outputs, refs))

    def call(self, node: LiveNode, refs: Mapping[int, Ref], leaf: bool = False) -> Call:
        """Return one call; a leaf is where the walk ends, whatever comes before it."""
        layer = self.layer(node.operation, node)
        outputs = tuple(_tensor(tensor, node.is_input) for tensor in node.output_tensors)
        if node.is_input or leaf:
            return Call(layer, outputs=outputs)
        args = tuple(_plain(item, refs) for item in node.arguments.args)
        kwargs = {
            key: _plain(value, refs)
            for key, value in node.arguments.kwargs.items()
            if value is not None and key != "training"
        }
        if self.layers[layer].body is not None and is_custom(self.layers[layer].kind):
            # Its own `call` may take several tensors; a nested model is called on one nest of them.
            tensors = [refs[id(tensor)] for tensor in _tensors(node)]
            args, kwargs = ((tensors if len(tensors) > 1 else tensors[0]),), {}
        if mode := self.mode(node.arguments.kwargs.get("training")):
            kwargs["training"] = mode
        return Call(layer, args, kwargs, outputs)

    def mode(self, training: object) -> bool | str:
        """Return how a call runs, other than the model around it.

        That is True where as in training always, NEVER where not even in training, else False.
        The argument False is a default that layers write down, and means nothing in a graph that is
        drawn: Keras runs it in one mode.  In a call traced in training it was asked for.
        """
        if self.traced:
            return NEVER if training is False else False
        return bool(training)

    def called(
        self,
        own: LiveOperation,
        args: tuple[object, ...],
        kwargs: dict[str, object],
        training: bool,
    ) -> Body:
        """Return the calls that the own `call` method of a class makes on fresh Inputs."""
        assert isinstance(own, layer_class())
        self.alive.append(args)
        if "training" in inspect.signature(own.call).parameters:
            kwargs = {**kwargs, "training": training}
        with _mode(own, training):
            outputs = own.call(*args, **kwargs)
        return self.inner(list(filter(is_tensor, flat((args, kwargs)))), outputs, training)

    def inner(self, inputs: object, outputs: object, traced: bool | None = None) -> Body:
        """Return the body of a nested model, drawn, or traced in inference or in training."""
        before, self.traced = self.traced, traced
        try:
            return self.body(inputs, outputs)
        finally:
            self.traced = before

    # --- layers -----------------------------------------------------------------------------

    def layer(self, operation: LiveOperation, node: LiveNode | None = None) -> str:
        """Return the id of a layer, after adding it if it is new."""
        known = self.layer_ids.get(id(operation))
        if known is not None:
            return known
        id_ = f"layer{len(self.layer_ids)}"
        self.layer_ids[id(operation)] = id_
        self.alive.append(operation)
        self.layers[id_] = Layer(id_, _kind(operation), operation.name)  # keeps its place
        is_layer = isinstance(operation, layer_class())
        body = self.layer_body(operation, node) if is_layer else None
        self.layers[id_] = Layer(
            id=id_,
            kind=_kind(operation),
            name=operation.name,
            settings={} if body is not None else settings_of(operation),
            trainable=bool(operation.trainable) if is_layer else True,
            variables=self.variables(operation) if is_layer and body is None else (),
            body=body,
        )
        return id_

    def layer_body(self, operation: LiveOperation, node: LiveNode | None) -> Body | None:
        """Return the body of a nested model, or of an own class that only composes layers.

        None for what stays one box.
        """
        functional = _functional_of(operation) if is_model(operation) else None
        if functional is not None:
            return self.inner(functional._inputs_struct, functional._outputs_struct)
        if not is_custom(_kind(operation)) or node is None:
            return None
        before = dict(self.layers), dict(self.layer_ids)
        try:
            fresh = {id(t): _fresh([(t.shape, t.dtype, None)])[0] for t in _tensors(node)}
            args, kwargs = (
                exchanged(x, fresh) for x in (node.arguments.args, node.arguments.kwargs)
            )
            asked = kwargs.pop("training", None)
            if self.traced is not None and asked is not None:
                training = bool(asked)
            else:
                training = self.training or bool(asked)
            body = self.called(operation, args, kwargs, training)
        except Exception:
            self.layers, self.layer_ids = before  # opaque: it stays one box
            return None
        own = {id(w) for w in operation.weights}
        if own - self.variable_ids.keys():
            self.layers, self.layer_ids = before
            return None
        return body

    def variables(self, layer: LiveOperation) -> tuple[Variable, ...]:
        """Return the weights of a layer, after adding those that are new."""
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


def _tensors(node: LiveNode) -> list[LiveTensor]:
    return list(filter(is_tensor, flat((node.arguments.args, node.arguments.kwargs))))


def _to_refs(tree: object, refs: Mapping[int, Ref]) -> object:
    if isinstance(tree, (list, tuple)):
        return [_to_refs(item, refs) for item in tree]
    if isinstance(tree, Mapping):
        return {str(key): _to_refs(item, refs) for key, item in tree.items()}
    return refs[id(tree)]


def _fresh(shapes: Iterable[_Shape]) -> list[LiveTensor]:
    """Return new Inputs: shapes with the batch, dtypes and names."""
    import keras

    return [keras.Input(batch_shape=s, dtype=d, name=n) for s, d, n in shapes]


@contextlib.contextmanager
def _mode(layer: LiveOperation, training: bool) -> Iterator[None]:
    """Layers called without `training` take it from the call around them, as Keras has it."""
    get, reset = (getattr(layer, f"_{name}_call_context") for name in ("get", "maybe_reset"))
    context = get()
    before = getattr(context, "training", None)
    context.training = training
    try:
        yield
    finally:
        context.training = before
        reset()


def _takes_several(model: LiveModel) -> bool:
    """Whether a model's own `call` takes its tensors one by one, and not as a list."""
    parameters = inspect.signature(model.call).parameters.values()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in parameters if p.kind in positional and p.default is p.empty]
    several = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)
    return several or len([p for p in needed if p.name not in ("training", "mask")]) > 1


def _functional_of(model: LiveModel) -> LiveModel | None:
    """Return the functional model that `model` is, wraps or was built as; None if it is none.

    A class or object of a `call` of its own is none, whatever it is made of.
    """
    import keras
    from keras.src.models.functional import Functional

    if "call" in vars(model):
        return None
    if isinstance(model, keras.Sequential) and type(model).call is keras.Sequential.call:
        functional: LiveModel | None = model._functional
        return functional
    return model if isinstance(model, Functional) and type(model).call is Functional.call else None


def _model_kind(model: LiveModel) -> str:
    return type(model).__name__ if is_library(type(model)) else "Subclass"


def _refusal(thing: object) -> CaptureError:
    name = type(thing).__name__
    if type(thing).__module__.split(".")[0] in ("tf_keras", "keras_core"):
        module = type(thing).__module__.split(".")[0]
        return CaptureError("other_keras", f"{module}.{name}")
    if isinstance(thing, layer_class()):
        return CaptureError("not_called", name)
    return CaptureError("not_a_model", name)


def _input_shapes(model: LiveModel, specs: tuple[Spec, ...]) -> list[_Shape]:
    import keras

    if specs:
        return [((None, *spec.shape), spec.dtype, spec.name) for spec in specs]
    if isinstance(model, keras.Sequential) and model._functional is None:
        raise CaptureError("unbuilt", model.name)
    shapes = getattr(model, "_build_shapes_dict", None) or {}
    found: list[tuple[int | None, ...]] = [s for s in shapes.values() if isinstance(s, tuple)]
    if not found:
        raise CaptureError("opaque", type(model).__name__)
    return [((None, *shape[1:]), model.compute_dtype, None) for shape in found]


def _kind(operation: LiveOperation) -> str:
    cls = library_class(operation)
    if cls is None or cls in _bases():
        return f"custom.{type(operation).__name__}"
    return cls.__name__ if isinstance(operation, layer_class()) else f"ops.{cls.__name__}"


def _bases() -> tuple[type, ...]:
    """Return the classes that compute nothing by themselves."""
    import keras

    return (keras.Operation, keras.Layer, keras.Model)


def _tensor(tensor: LiveTensor, is_input: bool) -> Tensor:
    shape = None if tensor.shape is None else tuple(tensor.shape)
    sparse = is_input and any(getattr(tensor, form, False) for form in ("sparse", "ragged"))
    return Tensor(shape, f"sparse {tensor.dtype}" if sparse else str(tensor.dtype))


def _plain(value: object, refs: Mapping[int, Ref]) -> object:
    """An argument of a call as data: tensors as Refs, constants as numbers or a digest."""
    if is_tensor(value):
        return refs[id(value)]
    if isinstance(value, (list, tuple)):
        return [_plain(item, refs) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item, refs) for key, item in value.items()}
    if isinstance(value, slice):
        return {"slice": [json_value(value.start), json_value(value.stop), json_value(value.step)]}
    if value is Ellipsis:
        return "..."
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return _constant(value)
    return json_value(value)


def _constant(value: object) -> object:
    array = np.asarray(value)
    if array.size <= SMALL:
        return array.tolist()
    text = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]
    return {"array": list(array.shape), "digest": text}
