"""Writing the graph that Keras would capture, without Keras."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from beyond_sequential.model.graph import Body as GraphBody
from beyond_sequential.model.graph import (
    Call,
    Layer,
    ModelGraph,
    Ref,
    Tensor,
    Variable,
    map_refs,
    refs,
)
from tests.fuzzer.kinds import Shape
from tests.fuzzer.recipe import (
    MAIN,
    Recipe,
)

Trail = tuple[str, ...]
"""Where a call comes from: the uids of the block calls that it is inside of, then of its step."""


@dataclass
class SpelledGraph:
    """A graph, and of what recipe and seed it is; for each body of it (by the layer that has it)
    the trails of its calls, relative to the body; and what each variable is of: its layer's key
    and its number there."""

    recipe: Recipe
    seed: str | None
    graph: ModelGraph
    trails: Mapping[str, Sequence[Trail]]
    origins: Mapping[str, tuple[str, int]]

    def trail(self, path: Sequence[int]) -> Trail:
        """Where the call at a place comes from."""
        found: Trail = ()
        layer, body = MAIN, self.graph.body
        for number in path:
            found += self.trails[layer][number]
            layer = body.calls[number].layer
            body = self.graph.layers[layer].body or body
        return found


@dataclass(frozen=True)
class MadeLayer:
    """A layer that was made.  `inputs` and `outputs` are the structures of a nested model."""

    id: str
    inputs: Any = None
    outputs: Any = None


@dataclass
class GraphWriter:
    """Where a graph is written down without Keras."""

    layers: dict[str, Layer] = field(default_factory=dict)
    trails: dict[str, list[Trail]] = field(default_factory=dict)
    origins: dict[str, tuple[str, int]] = field(default_factory=dict)
    names: Counter[str] = field(default_factory=Counter)

    def body_writer(self) -> BodyWriter:
        return BodyWriter(self)

    def layer(
        self,
        kind: str,
        settings: Mapping[str, Any],
        name: str | None,
        key: str | None = None,
        weights: Sequence[Any] = (),
        trainable: bool = True,
    ) -> MadeLayer:
        id_ = f"layer{len(self.layers)}"
        variables = []
        for number, (part, shape, trains) in enumerate(weights):
            variable = f"{id_}.{number}"
            assert key is not None
            self.origins[variable] = (key, number)
            variables.append(Variable(variable, part, shape, "float32", trains and trainable))
        name = self.name(kind, name)
        self.layers[id_] = Layer(id_, kind, name, dict(settings), trainable, tuple(variables))
        return MadeLayer(id_)

    def name(self, kind: str, name: str | None) -> str:
        """The name given, or one as Keras makes it up."""
        if name is not None:
            return name
        snake = snaked(kind)
        self.names[snake] += 1
        count = self.names[snake] - 1
        return f"{snake}_{count}" if count else snake

    def model(
        self, writer: BodyWriter, inputs: Any, outputs: Any, kind: str, name: str | None
    ) -> MadeLayer:
        """A nested model."""
        id_ = f"layer{len(self.layers)}"
        name = self.name(kind, name)
        self.layers[id_] = Layer(id_, kind, name)  # keeps its place
        body, trails = writer.finished(inputs, outputs)
        self.layers[id_] = Layer(id_, kind, name, body=body)
        self.trails[id_] = trails
        return MadeLayer(id_, body.inputs, body.outputs)

    def whole(self, writer: BodyWriter, inputs: Any, outputs: Any, kind: str) -> ModelGraph:
        body, self.trails[MAIN] = writer.finished(inputs, outputs)
        used: set[str] = set()
        todo = [body]
        while todo:
            for call in todo.pop().calls:
                inner = self.layers[call.layer].body
                if inner is not None and call.layer not in used:
                    todo.append(inner)
                used.add(call.layer)
        layers = {id_: layer for id_, layer in self.layers.items() if id_ in used}
        return ModelGraph(self.name("Functional", None), kind, layers, body)


def snaked(kind: str) -> str:
    """What Keras calls a layer of this kind."""
    snake = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind.rpartition(".")[2])
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", snake).lower()


@dataclass
class BodyWriter:
    """A body that is being built; a `Ref` counts calls as they were made."""

    graph_writer: GraphWriter
    calls: list[Call] = field(default_factory=list)
    trails: list[Trail] = field(default_factory=list)

    def input(self, shape: Shape, dtype: str, name: str | None, trail: Trail) -> Ref:
        name = self.graph_writer.name("InputLayer", name)
        handle = self.graph_writer.layer("InputLayer", {"optional": False}, name)
        return self._append(Call(handle.id, outputs=(Tensor((None, *shape), dtype),)), trail)

    def call(
        self,
        handle: MadeLayer,
        args: tuple[Any, ...],
        out: Sequence[Shape],
        trail: Trail,
        training: bool | None = None,
    ) -> list[Ref]:
        kwargs: dict[str, Any] = {} if training is not True else {"training": True}
        if handle.outputs is not None and isinstance(args[0], (list, tuple, Mapping)):
            kwargs["mask"] = map_refs(args[0], lambda ref: None)
        tensors = tuple(Tensor((None, *shape), "float32") for shape in out)
        first = self._append(Call(handle.id, args, kwargs, tensors), trail)
        return [Ref(first.call, number) for number in range(len(out))]

    def _append(self, call: Call, trail: Trail) -> Ref:
        self.calls.append(call)
        self.trails.append(trail)
        return Ref(len(self.calls) - 1)

    def finished(self, inputs: Any, outputs: Any) -> tuple[GraphBody, list[Trail]]:
        """The calls behind the outputs in the order in which capture meets them."""
        order = self._order([ref.call for ref in refs(outputs)])
        order += [ref.call for ref in refs(inputs) if ref.call not in set(order)]
        place = {old: new for new, old in enumerate(order)}

        def moved(tree: Any) -> Any:
            return map_refs(tree, lambda ref: Ref(place[ref.call], ref.output))

        calls = []
        for old in order:
            call = self.calls[old]
            calls.append(Call(call.layer, moved(call.args), moved(call.kwargs), call.outputs))
        body = GraphBody(tuple(calls), moved(inputs), moved(outputs))
        return body, [self.trails[old] for old in order]

    def _order(self, ends: Sequence[int]) -> list[int]:
        order: list[int] = []
        seen: set[int] = set()
        todo = [(number, False) for number in reversed(ends)]
        while todo:
            number, ready = todo.pop()
            if ready:
                order.append(number)
            elif number not in seen:
                seen.add(number)
                todo.append((number, True))
                before = [ref.call for ref in flat(self.calls[number].args)]
                todo += [(other, False) for other in reversed(before) if other not in seen]
        return order


def flat(tree: Any) -> Iterator[Any]:
    """The leaves of a structure; dicts go by key, as in Keras."""
    if isinstance(tree, (list, tuple)):
        for item in tree:
            yield from flat(item)
    elif isinstance(tree, Mapping):
        for key in sorted(tree):
            yield from flat(tree[key])
    else:
        yield tree
