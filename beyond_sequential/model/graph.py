"""A model as plain data: which layer is called on which tensors.

A `ModelGraph` is what everything else here compares, judges and draws.  It holds no Keras
object and imports no Keras: `to_json` and `from_json` carry it through a file or a pipe.

    layers   every layer and operation, once, however often and wherever it is called
    calls    one use of a layer each, in an order in which arguments come first
    inputs   the model's input tensors   } nested lists and dicts whose leaves are `Ref`s
    outputs  the model's output tensors  }

A nested model is a layer with a `body` of its own; all bodies name layers of the one table, so
a layer that two nested models share is visibly one layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA = 1
MAX_DEPTH = 50  # of models in models
NEVER = "never"  # the argument `training` of a call that even in training does as in inference
MAX_CALLS = 100_000  # with nested models written out; the largest of keras.applications has 1,000


class GraphError(ValueError):
    """The data is not a model graph; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A tensor: output number `output` of call number `call` of the same body."""

    call: int
    output: int = 0


@dataclass(frozen=True, slots=True)
class Tensor:
    """Shape (the batch first, None for an open size; None if all of it is unknown) and dtype."""

    shape: tuple[int | None, ...] | None
    dtype: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A weight.  Two layers that list the same id hold the same weight."""

    id: str
    name: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer or an operation.

    `kind` is the Keras class name ("Dense"); "ops.Add" for an operation of keras.ops; "custom.Name"
    for a class that is not Keras's own.  `settings` is its config without name, dtype and
    trainable.
    """

    id: str
    kind: str
    name: str
    settings: Mapping[str, object] = field(default_factory=dict)
    trainable: bool = True
    variables: tuple[Variable, ...] = ()
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a layer.  `args` and `kwargs` hold plain values and, for tensors, `Ref`s."""

    layer: str
    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
    outputs: tuple[Tensor, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The calls of a model, with its inputs and outputs as nests of `Ref`s."""

    calls: tuple[Call, ...]
    inputs: object
    outputs: object


@dataclass(frozen=True, slots=True)
class ModelGraph:
    """A whole model.

    `kind` is "Functional", "Sequential", "Tensor" (no model, just the calls behind some tensors) or
    the name of a Model subclass.
    """

    name: str
    kind: str
    layers: Mapping[str, Layer]
    body: Body

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls of the outermost body."""
        return self.body.calls

    @property
    def inputs(self) -> Any:
        """The model's inputs."""
        return self.body.inputs

    @property
    def outputs(self) -> Any:
        """The model's outputs."""
        return self.body.outputs

    def layer_of(self, ref: Ref) -> Layer:
        """Return the layer whose call gives a tensor."""
        return self.layers[self.body.calls[ref.call].layer]

    def tensor(self, ref: Ref) -> Tensor:
        """Return the shape and dtype of a tensor."""
        return self.body.calls[ref.call].outputs[ref.output]


def refs(tree: object) -> Iterator[Ref]:
    """Yield the `Ref`s in a nest of lists, tuples and dicts, left to right."""
    if isinstance(tree, Ref):
        yield tree
    elif isinstance(tree, (list, tuple)):
        for item in tree:
            yield from refs(item)
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from refs(item)


def map_refs(tree: object, change: Callable[[Ref], Any]) -> Any:
    """Return the same nest with each `Ref` replaced by `change(ref)`."""
    if isinstance(tree, Ref):
        return change(tree)
    if isinstance(tree, (list, tuple)):
        return type(tree)(map_refs(item, change) for item in tree)
    if isinstance(tree, Mapping):
        return {key: map_refs(item, change) for key, item in tree.items()}
    return tree


def read_by(call: Call) -> list[Ref]:
    """Return the tensors that a call reads, positional arguments first."""
    return [*refs(call.args), *refs(call.kwargs)]


def calls_behind(body: Body, ends: Iterable[int]) -> set[int]:
    """Return the numbers of these calls and of all that they are computed from."""
    seen: set[int] = set()
    todo = list(ends)
    while todo:
        number = todo.pop()
        if number not in seen:
            seen.add(number)
            todo.extend(ref.call for ref in read_by(body.calls[number]))
    return seen


def bodies(graph: ModelGraph) -> Iterator[Body]:
    """Yield the graph's own body and that of every nested model, each once."""
    yield graph.body
    for layer in graph.layers.values():
        if layer.body is not None:
            yield layer.body


def variables(graph: ModelGraph) -> dict[str, Variable]:
    """Return every weight of the model once, by id."""
    return {v.id: v for layer in graph.layers.values() for v in layer.variables}


def parameter_count(graph: ModelGraph, trainable: bool | None = None) -> int:
    """Return how many numbers the weights hold; a shared weight counts once."""
    total = 0
    for variable in variables(graph).values():
        if trainable is None or variable.trainable == trainable:
            size = 1
            for n in variable.shape:
                size *= n
            total += size
    return total


# --- JSON -----------------------------------------------------------------------------------


def to_json(graph: ModelGraph) -> dict[str, Any]:
    """Plain lists, dicts, strings and numbers, ready for `json.dumps`."""
    return {
        "schema": SCHEMA,
        "name": graph.name,
        "kind": graph.kind,
        "layers": [_layer_to_json(layer) for layer in graph.layers.values()],
        "body": _body_to_json(graph.body),
    }


def _layer_to_json(layer: Layer) -> dict[str, object]:
    data: dict[str, object] = {"id": layer.id, "kind": layer.kind, "name": layer.name}
    if layer.settings:
        data["settings"] = dict(layer.settings)
    if not layer.trainable:
        data["trainable"] = False
    if layer.variables:
        data["variables"] = [
            [v.id, v.name, list(v.shape), v.dtype, v.trainable] for v in layer.variables
        ]
    if layer.body is not None:
        data["body"] = _body_to_json(layer.body)
    return data


def _body_to_json(body: Body) -> dict[str, object]:
    return {
        "calls": [_call_to_json(call) for call in body.calls],
        "inputs": _tree_to_json(body.inputs),
        "outputs": _tree_to_json(body.outputs),
    }


def _call_to_json(call: Call) -> dict[str, object]:
    data: dict[str, object] = {"layer": call.layer}
    if call.args:
        data["args"] = _tree_to_json(call.args)
    if call.kwargs:
        data["kwargs"] = _tree_to_json(call.kwargs)
    data["outputs"] = [[None if t.shape is None else list(t.shape), t.dtype] for t in call.outputs]
    return data


def _tree_to_json(tree: object) -> Any:
    if isinstance(tree, Ref):
        return {"$tensor": [tree.call, tree.output]}
    if isinstance(tree, (list, tuple)):
        return [_tree_to_json(item) for item in tree]
    if isinstance(tree, Mapping):
        return {key: _tree_to_json(item) for key, item in tree.items()}
    return tree


def from_json(data: Any) -> ModelGraph:
    """Read what `to_json` wrote.  Raises GraphError for anything else, whoever wrote it."""
    try:
        if data["schema"] != SCHEMA:
            raise GraphError(f"graph schema {data['schema']!r}, this version reads {SCHEMA}")
        layers = {}
        for item in data["layers"]:
            layer = _layer_from_json(item)
            if layer.id in layers:
                raise GraphError(f"two layers have the id {layer.id!r}")
            layers[layer.id] = layer
        graph = ModelGraph(
            _text(data["name"]), _text(data["kind"]), layers, _body_from_json(data["body"])
        )
    except GraphError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise GraphError(f"not a model graph: {type(error).__name__}: {error}") from error
    _check(graph)
    return graph


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise GraphError(f"expected a text, found {type(value).__name__}")
    return value


def _size(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise GraphError(f"expected a whole number, found {value!r}")
    return value


def _layer_from_json(data: Any) -> Layer:
    settings = data.get("settings", {})
    if not isinstance(settings, dict):
        raise GraphError("settings are not a dict")
    return Layer(
        id=_text(data["id"]),
        kind=_text(data["kind"]),
        name=_text(data["name"]),
        settings=settings,
        trainable=bool(data.get("trainable", True)),
        variables=tuple(
            Variable(
                _text(id_),
                _text(name),
                tuple(_size(n) for n in shape),
                _text(dtype),
                bool(trainable),
            )
            for id_, name, shape, dtype, trainable in data.get("variables", ())
        ),
        body=_body_from_json(data["body"]) if "body" in data else None,
    )


def _body_from_json(data: Any) -> Body:
    return Body(
        calls=tuple(_call_from_json(call) for call in data["calls"]),
        inputs=_tree_from_json(data["inputs"]),
        outputs=_tree_from_json(data["outputs"]),
    )


def _call_from_json(data: Any) -> Call:
    kwargs = data.get("kwargs", {})
    return Call(
        layer=_text(data["layer"]),
        args=tuple(_tree_from_json(item) for item in data.get("args", ())),
        kwargs={key: _tree_from_json(item) for key, item in kwargs.items()},
        outputs=tuple(
            Tensor(
                None if shape is None else tuple(None if n is None else _size(n) for n in shape),
                _text(dtype),
            )
            for shape, dtype in data["outputs"]
        ),
    )


def _tree_from_json(data: object) -> Any:
    if isinstance(data, dict):
        if set(data) == {"$tensor"}:
            call, output = data["$tensor"]
            return Ref(_size(call), _size(output))
        return {key: _tree_from_json(item) for key, item in data.items()}
    if isinstance(data, list):
        return [_tree_from_json(item) for item in data]
    return data


def _check(graph: ModelGraph) -> None:
    """Check that layers are known, tensors made before they are read, no model inside itself."""
    for body in bodies(graph):
        for number, call in enumerate(body.calls):
            if call.layer not in graph.layers:
                raise GraphError(f"call {number} uses an unknown layer {call.layer!r}")
            for ref in read_by(call):
                _check_ref(body, ref, before=number)
        for ref in [*refs(body.inputs), *refs(body.outputs)]:
            _check_ref(body, ref, before=len(body.calls))
    _check_nesting(graph)


def _check_ref(body: Body, ref: Ref, before: int) -> None:
    if not 0 <= ref.call < before:
        raise GraphError(f"tensor {ref.call}.{ref.output} is read before it is made")
    if not 0 <= ref.output < len(body.calls[ref.call].outputs):
        raise GraphError(f"call {ref.call} has no output {ref.output}")


def _check_nesting(graph: ModelGraph) -> None:
    """Refuse a model in itself, and more calls than can be looked at when all is written out."""
    inside = {
        layer.id: [call.layer for call in layer.body.calls]
        for layer in graph.layers.values()
        if layer.body is not None
    }
    sizes: dict[str, int] = {}
    for _round in range(MAX_DEPTH):
        if len(sizes) == len(inside):
            break
        ready = [
            id_
            for id_, uses in inside.items()
            if id_ not in sizes and all(use in sizes for use in uses if use in inside)
        ]
        if not ready:
            raise GraphError("a nested model contains itself")
        for id_ in ready:
            sizes[id_] = sum(sizes.get(use, 1) for use in inside[id_])
    else:
        raise GraphError(f"models are nested more than {MAX_DEPTH} deep")
    total = sum(sizes.get(call.layer, 1) for call in graph.body.calls)
    if total > MAX_CALLS:
        raise GraphError(f"{total} calls are more than {MAX_CALLS}")
