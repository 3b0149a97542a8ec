"""ModelGraphs by hand, without Keras.

    net = Net()
    x = net.input(8, name="x")
    y = net("Dense", units=3, activation="relu")(x)
    graph = net.model(x, y)

A `Net` is one body; `inner = net.inner()` opens the body of a nested model over the same layers,
`net.nested(inner, inputs, outputs)` is the nested model as a layer to call in `net`, and
`inner.again(layer)` any layer to call in `inner` too.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from beyond_sequential.model.graph import (
    Body,
    Call,
    Layer,
    ModelGraph,
    Ref,
    Tensor,
    Variable,
    map_refs,
    refs,
)

MERGES = {"Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract"}
WITH_WEIGHTS = {
    "Dense": ("kernel", "bias"),
    "Embedding": ("embeddings",),
    "LSTM": ("kernel", "recurrent_kernel", "bias"),
    "GRU": ("kernel", "recurrent_kernel", "bias"),
    "Conv1D": ("kernel", "bias"),
    "Conv2D": ("kernel", "bias"),
    "SeparableConv2D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "TimeDistributed": ("kernel", "bias"),
    "Bidirectional": ("forward_kernel", "backward_kernel"),
    "custom.Scale": ("scale",),
}


class Net:
    def __init__(self, layers: dict[str, Layer] | None = None, ids: Any = None) -> None:
        self.layers = {} if layers is None else layers
        self.ids = ids or count()
        self.calls: list[Call] = []

    def inner(self) -> Net:
        return Net(self.layers, self.ids)

    def input(self, *shape: int | None, name: str | None = None, dtype: str = "float32") -> Ref:
        id_ = f"l{next(self.ids)}"
        self.layers[id_] = Layer(id_, "InputLayer", name or f"input_layer_{id_[1:]}")
        return self._call(Call(id_, outputs=(Tensor((None, *shape), dtype),)))

    def __call__(
        self,
        kind: str,
        *,
        name: str | None = None,
        out: Any = None,
        frozen: bool = False,
        tied: Callable | None = None,
        **settings: Any,
    ) -> Callable[..., Any]:
        """Return a layer, to be called.

        `out` overrides the output's shape; several for several outputs.  `tied` is a layer whose
        weights this one holds.
        """
        id_ = f"l{next(self.ids)}"
        variables = tuple(
            Variable(f"{id_}.{part}", part, (1,), "float32", not frozen)
            for part in WITH_WEIGHTS.get(kind, ())
        )
        if tied is not None:
            variables = self.layers[tied.id].variables  # type: ignore[attr-defined]
        snake = kind.rpartition(".")[2].lower()
        self.layers[id_] = Layer(
            id_, kind, name or f"{snake}_{id_[1:]}", settings, not frozen, variables
        )
        return self._callable(id_, out)

    def nested(
        self, inner: Net, inputs: Any, outputs: Any, name: str | None = None
    ) -> Callable[..., Any]:
        """Return the body `inner` as a nested model, to be called here."""
        id_ = f"l{next(self.ids)}"
        body = Body(tuple(inner.calls), inputs, outputs)
        self.layers[id_] = Layer(id_, "Functional", name or f"functional_{id_[1:]}", body=body)
        shapes = [inner.calls[ref.call].outputs[ref.output].shape for ref in refs(outputs)]
        return self._callable(id_, [shape[1:] for shape in shapes], outputs)

    def again(self, layer: Callable[..., Any]) -> Callable[..., Any]:
        """Return a layer made in another body, to be called here."""
        return self._callable(layer.id, layer.out, layer.outputs)  # type: ignore[attr-defined]

    def model(self, inputs: Any, outputs: Any, name: str = "model") -> ModelGraph:
        used = {call.layer for call in self.calls}
        todo = [id_ for id_ in used if self.layers[id_].body]
        while todo:
            body = self.layers[todo.pop()].body
            new = {call.layer for call in body.calls} - used
            used |= new
            todo += [id_ for id_ in new if self.layers[id_].body]
        layers = {id_: layer for id_, layer in self.layers.items() if id_ in used}
        return ModelGraph(name, "Functional", layers, Body(tuple(self.calls), inputs, outputs))

    def _callable(self, id_: str, out: Any, outputs: Any = None) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            shapes = out if isinstance(out, list) else [out or self._shape(id_, (args, kwargs))]
            tensors = tuple(Tensor((None, *shape), "float32") for shape in shapes)
            first = self._call(Call(id_, args, kwargs, tensors))
            if outputs is not None:
                numbers = {ref: n for n, ref in enumerate(refs(outputs))}
                return map_refs(outputs, lambda ref: Ref(first.call, numbers[ref]))
            if isinstance(out, list):
                return [Ref(first.call, n) for n in range(len(out))]
            return first

        call.id, call.out, call.outputs = id_, out, outputs  # type: ignore[attr-defined]
        return call

    def _call(self, call: Call) -> Ref:
        self.calls.append(call)
        return Ref(len(self.calls) - 1)

    def _shape(self, id_: str, args: Any) -> tuple[int | None, ...]:
        """Return a shape that will do; only its rank matters to most tests."""
        layer = self.layers[id_]
        first = next(refs(args))
        shape = self.calls[first.call].outputs[first.output].shape[1:]
        if layer.kind == "Dense":
            return (*shape[:-1], layer.settings.get("units", shape[-1]))
        if layer.kind in ("LSTM", "GRU"):
            keep = shape[:1] if layer.settings.get("return_sequences") else ()
            return (*keep, layer.settings.get("units", 1))
        if layer.kind == "Embedding":
            return (*shape, layer.settings.get("output_dim", 1))
        if layer.kind == "Flatten":
            return (None,)
        return shape


def chain(*steps: tuple[str, dict[str, Any]], inputs: int = 8) -> ModelGraph:
    """Return a model of one layer after the other."""
    net = Net()
    x = y = net.input(inputs)
    for kind, settings in steps:
        y = net(kind, **settings)(y)
    return net.model(x, y)
