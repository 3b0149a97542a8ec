"""From a `ModelGraph` and its weights to predictions, without the model that was captured.

The graph is run call by call.  Only layers and operations of an allow list are made, all of them
Keras's own; nothing is unpickled, imported by name or deserialized.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from ..model.graph import NEVER, Body, Layer, ModelGraph, bodies, map_refs, refs, variables
from ..model.kinds import is_operation, kind_of, short_name

MAX_NUMBERS = 50_000_000  # of all weights together; an Xception has 21 million
MAX_ACTIVATIONS = 64_000_000  # numbers in all tensors of a batch
MIN_BATCH = 32
MAX_WRAPPED = 4096  # for a size among the settings of a wrapped layer


class EvaluateError(ValueError):
    """The graph can't be run; the text says which layer is in the way."""


def predict(
    graph: ModelGraph,
    weights: Mapping[str, np.ndarray],
    inputs: Mapping[str, np.ndarray] | list[np.ndarray],
    batch: int | None = None,
) -> list[np.ndarray]:
    """Return the model's outputs, in order, for arrays of shape (samples, ...).

    `inputs` is a list in the order of the model's inputs or a dict by input name; where the names
    are not the model's, a dict is taken in its own order.  `batch` is how many samples are run at
    once, by default as many as there is memory for.  Raises EvaluateError if a layer is not Keras's
    own, an array is missing or does not fit.
    """
    arrays = _in_order(graph, inputs)
    _check_weights(graph, weights)
    made: dict[str, Any] = {}
    samples = len(arrays[0])
    batch = batch or _batch_size(graph)
    pieces = []
    try:
        for start in range(0, samples, batch):
            part = [array[start : start + batch] for array in arrays]
            pieces.append(_run(graph, graph.body, part, made, weights))
    except EvaluateError:
        raise
    except Exception as error:
        raise EvaluateError(f"{type(error).__name__}: {_first_line(error)}") from error
    return [np.concatenate([np.asarray(p[i]) for p in pieces]) for i in range(len(pieces[0]))]


StandIn = Callable[[Layer, Sequence[Any], Mapping[str, np.ndarray], bool], object | None]
"""Another way to compute a layer's output, given its arguments, the variables by id and whether it
is training; None for a layer that Keras runs."""


def run_graph(
    graph: ModelGraph,
    inputs: Sequence[np.ndarray],
    weights: Mapping[str, np.ndarray],
    made: dict[str, Any],
    training: bool,
    stand_in: StandIn,
) -> list[Any]:
    """Return the outputs for one batch, with the layers of `made`, which are added to.

    `training` says whether the layers run as in training; `stand_in` is asked first for each of
    them.  Raises EvaluateError if a layer is not Keras's own or can't be run.
    """
    _check_weights(graph, weights)
    try:
        return _run(graph, graph.body, inputs, made, weights, training, stand_in)
    except EvaluateError:
        raise
    except Exception as error:
        raise EvaluateError(f"{type(error).__name__}: {_first_line(error)}") from error


def _batch_size(graph: ModelGraph) -> int:
    """Return how many samples fit into memory; each batch costs some time of its own."""
    numbers = sum(
        math.prod(size or 1 for size in tensor.shape[1:])
        for body in bodies(graph)
        for call in body.calls
        for tensor in call.outputs
        if tensor.shape
    )
    return max(MIN_BATCH, MAX_ACTIVATIONS // max(1, numbers))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or "no text").splitlines()[0][:200]


def input_names(graph: ModelGraph) -> list[str]:
    """Return the keys that fit() takes: those of a dict of inputs, else the Inputs' names."""
    if isinstance(graph.inputs, Mapping):
        return list(graph.inputs)
    return [graph.layer_of(ref).name for ref in refs(graph.inputs)]


def output_names(graph: ModelGraph) -> list[str]:
    """Return what the outputs are called, in order: by their keys, or else by their layers."""
    if isinstance(graph.outputs, Mapping):
        return list(graph.outputs)
    return [graph.layer_of(ref).name for ref in refs(graph.outputs)]


def _in_order(
    graph: ModelGraph, inputs: Mapping[str, np.ndarray] | list[np.ndarray]
) -> list[np.ndarray]:
    names = input_names(graph)
    values = list(inputs.values()) if isinstance(inputs, Mapping) else list(inputs)
    if isinstance(inputs, Mapping) and set(inputs) == set(names):
        values = [inputs[name] for name in names]
    if len(values) != len(names):
        raise EvaluateError(f"the model has {len(names)} inputs, the data {len(values)}")
    return values


def _check_weights(graph: ModelGraph, weights: Mapping[str, np.ndarray]) -> None:
    total = 0
    for id_, variable in variables(graph).items():
        array = weights.get(id_)
        if array is None or array.shape != variable.shape:
            raise EvaluateError(f"the weight {variable.name} of shape {variable.shape} is missing")
        total += array.size
    if total > MAX_NUMBERS:
        raise EvaluateError(f"{total} weights are more than {MAX_NUMBERS}")


def _run(
    graph: ModelGraph,
    body: Body,
    inputs: Sequence[object],
    made: dict[str, Any],
    weights: Mapping[str, np.ndarray],
    training: bool = False,
    stand_in: StandIn | None = None,
) -> list[object]:
    """Run the calls of one body, each once; `made` has the layers that were made already."""
    values: dict[int, list[object]] = {}
    for ref, value in zip(refs(body.inputs), inputs, strict=True):
        values[ref.call] = [value]
    for number, call in enumerate(body.calls):
        if number in values:
            continue
        layer = graph.layers[call.layer]
        if layer.kind == "InputLayer":
            raise EvaluateError(f"the input {layer.name} is not among the model's inputs")
        args = map_refs(call.args, lambda ref: values[ref.call][ref.output])
        kwargs = map_refs(call.kwargs, lambda ref: values[ref.call][ref.output])
        if layer.body is not None:
            passed = _for_inputs(layer.body, args)
            values[number] = _run(graph, layer.body, passed, made, weights, training, stand_in)
        else:
            own = stand_in if not kwargs else None
            output = own(layer, args, weights, training) if own else None
            if output is None:
                output = _apply(layer, args, kwargs, made, weights, training)
            values[number] = list(_leaves(output))
    return [values[ref.call][ref.output] for ref in refs(body.outputs)]


def _for_inputs(body: Body, args: tuple[object, ...]) -> list[object]:
    """Return what a nested model is called with, in the order of its inputs, a dict by its keys."""
    if isinstance(body.inputs, Mapping) and args and isinstance(args[0], Mapping):
        return list(_leaves([args[0][key] for key in body.inputs]))
    return list(_leaves(args))


def _leaves(tree: object) -> Iterator[object]:
    if isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _leaves(item)
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from _leaves(item)
    else:
        yield tree


def _apply(
    layer: Layer,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    made: dict[str, Any],
    weights: Mapping[str, np.ndarray],
    training: bool,
) -> object:
    if is_operation(layer.kind):
        return _operation(layer)(*_sliced(args), **kwargs)
    keras_layer = made.get(layer.id)
    if keras_layer is None:
        keras_layer = _make_layer(layer.kind, layer.settings)
        _build(keras_layer, layer, args, kwargs, weights)
        made[layer.id] = keras_layer
    asked = training and kwargs.get("training") != NEVER
    mode = {"training": asked} if _takes_training(keras_layer) else {}
    outputs = keras_layer(*args, **{**kwargs, **mode})
    _check_count(keras_layer, layer)
    return outputs


def _takes_training(layer: object) -> bool:
    return bool(getattr(layer, "_call_has_training_arg", False))


def _build(
    layer: Any,
    data: Layer,
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    weights: Mapping[str, np.ndarray],
) -> None:
    """Make the layer's variables and give them their values.

    A layer that reads one tensor gets its shape; any other is called on one sample.
    """
    if not data.variables:
        return
    shape = getattr(args[0], "shape", None) if len(args) == 1 and not kwargs else None
    if shape is not None:
        layer.build(tuple(shape))
    if len(layer.weights) != len(data.variables):
        layer(*_one_sample(args), **_one_sample(kwargs))
    _check_count(layer, data)
    layer.set_weights([weights[v.id] for v in data.variables])


def _check_count(layer: Any, data: Layer) -> None:
    if len(layer.weights) != len(data.variables):
        raise EvaluateError(f"{data.kind} {data.name} has other weights than its settings say")


def _one_sample(tree: Any) -> Any:
    if isinstance(tree, (list, tuple)):
        return type(tree)(map(_one_sample, tree))
    if isinstance(tree, Mapping):
        return {key: _one_sample(item) for key, item in tree.items()}
    return tree[:1] if len(getattr(tree, "shape", ())) else tree


def _make_layer(kind: str, settings: Mapping[str, object], initializer: object = None) -> Any:
    import keras

    row = kind_of(kind)
    cls = getattr(keras.layers, row.exported or kind, None)
    if cls is None or not row.runnable or is_operation(kind):
        raise EvaluateError(f"a layer {kind} is not one of Keras's own that can be graded")
    arguments = inspect.signature(cls).parameters
    initializer = initializer or _checked_zeros()()
    zeros = {name: initializer for name in arguments if name.endswith("initializer")}
    return cls(**_safe_settings(kind, settings), **zeros)


@cache
def _checked_zeros() -> type:
    """Return an initializer that checks the size first: settings may claim any size."""
    import keras

    class CheckedZeros(keras.initializers.Initializer):
        def __call__(self, shape: Sequence[int], dtype: object = None) -> object:
            if math.prod(shape) > MAX_NUMBERS:
                raise EvaluateError(f"a weight of shape {tuple(shape)} is too large")
            return keras.ops.zeros(shape, dtype)

    return CheckedZeros


def _safe_settings(kind: str, settings: Mapping[str, object]) -> dict[str, object]:
    """Return what matters for predictions: no initializers, regularizers and constraints."""
    kept: dict[str, object] = {}
    for key, value in settings.items():
        if key.endswith(("initializer", "regularizer", "constraint", "quantization_config")):
            continue
        if key in kind_of(kind).wrapped:
            if value is not None:
                kept[key] = _wrapped(value)
        elif isinstance(value, Mapping) and "class_name" in value:
            raise EvaluateError(f"{kind}: the setting {key} holds an object that can't be graded")
        elif value is not None:
            kept[key] = tuple(value) if isinstance(value, list) else value
    return kept


def _wrapped(value: Any) -> Any:
    config = dict(value["config"])
    for key in ("name", "trainable", "dtype"):
        config.pop(key, None)
    # Wrappers copy the layer through its config, which an initializer of ours does not survive.
    if any(isinstance(n, int) and n > MAX_WRAPPED for n in config.values()):
        raise EvaluateError(f"a wrapped layer with a setting above {MAX_WRAPPED}")
    return _make_layer(value["class_name"], config, initializer="zeros")


@cache
def _operations() -> dict[str, type]:
    """Return Keras's operation classes by name, as `x + y` and keras.ops make them."""
    from keras.src.activations import activations
    from keras.src.ops import core, linalg, nn, numpy
    from keras.src.ops import math as keras_math
    from keras.src.ops.operation import Operation

    found: dict[str, type] = {}
    for module in (activations, linalg, keras_math, nn, numpy, core):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, Operation):
                found.setdefault(name, value)
    return found


def _operation(layer: Layer) -> Any:
    cls = _operations().get(short_name(layer.kind))
    if cls is None or not kind_of(layer.kind).runnable:
        raise EvaluateError(f"the operation {layer.kind} is not one of Keras's own")
    return cls(
        **{
            key: tuple(value) if isinstance(value, list) else value
            for key, value in layer.settings.items()
        }
    )


def _sliced(args: tuple[object, ...]) -> tuple[object, ...]:
    """Undo how capture writes `x[:, 0]`."""

    def item(value: object) -> object:
        if isinstance(value, Mapping) and set(value) == {"slice"}:
            return slice(*value["slice"])
        return Ellipsis if isinstance(value, str) and value == "..." else value

    return tuple(
        tuple(map(item, a))
        if isinstance(a, list) and any(isinstance(v, Mapping) for v in a)
        else item(a)
        for a in args
    )
