"""A captured graph as a recipe, and a recipe with smaller numbers in it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from beyond_sequential.model.graph import Body as GraphBody
from beyond_sequential.model.graph import Layer, ModelGraph, Ref
from tests.fuzzer.graph_writer import flat, snaked
from tests.fuzzer.kinds import KINDS, CannotBuild, Kind, Mode, Settings, Shape, Weight
from tests.fuzzer.recipe import MAIN, Body, Entry, LayerConfig, Recipe, Step, shapes

GENERATED = re.compile(r"(input_layer|input|keras_tensor)(_\d+)?(CLONE)?")
WIDTHS = ("units", "filters", "output_dim", "input_dim")
LENGTHS = (8, 16, 32, 64, 128, 256, 512)


def read(graph: ModelGraph, concat_order: bool = False, names: bool = False) -> Recipe:
    """The recipe of a graph."""
    bodies: dict[str, Body] = {}
    _body(graph, MAIN, graph.body, bodies)
    layers = {
        id_: LayerConfig(layer.kind, layer.settings, layer.trainable)
        for id_, layer in graph.layers.items()
        if layer.body is None and layer.kind != "InputLayer"
    }
    ends = list(flat(graph.outputs))
    keyed = isinstance(graph.outputs, Mapping)
    outputs = sorted(graph.outputs) if keyed else [graph.layer_of(ref).name for ref in ends]
    chosen = keyed or not any(_is_generated(graph.layer_of(ref)) for ref in ends)
    return Recipe(
        bodies, layers, tuple(outputs), concat_order, names, named=names and chosen, kind=graph.kind
    )


def _is_generated(layer: Layer) -> bool:
    """Whether the name is one that Keras makes up."""
    return re.fullmatch(rf"{snaked(layer.kind)}(_\d+)?", layer.name) is not None


def _body(graph: ModelGraph, key: str, body: GraphBody, bodies: dict[str, Body]) -> None:
    """Add a body, after those of the models that it calls."""
    ends = [ref.call for ref in flat(body.inputs)]
    names = {ref: (_uid(key, ref.call), ref.output) for ref in _refs(body)}
    entries, rows = [], []
    for number in ends:
        call = body.calls[number]
        shape = call.outputs[0].shape
        assert shape is not None
        name = graph.layers[call.layer].name
        chosen = None if GENERATED.fullmatch(name) else name
        entries.append(Entry(_uid(key, number), shape[1:], call.outputs[0].dtype, chosen))
    for number, call in enumerate(body.calls):
        if number in ends:
            continue
        layer = graph.layers[call.layer]
        if layer.body is not None and call.layer not in bodies:
            _body(graph, call.layer, layer.body, bodies)
        given = [ref for ref in flat(call.args) if isinstance(ref, Ref)]
        read = tuple(names[ref] for ref in given)
        if layer.body is None and layer.kind not in KINDS:
            sizes = [body.calls[ref.call].outputs[ref.output].shape for ref in given]
            learn(layer, [shape[1:] for shape in sizes if shape], call.outputs[0].shape)
        rows.append(Step(_uid(key, number), call.layer, read, call.kwargs.get("training")))
    outputs = tuple(names[ref] for ref in flat(body.outputs))
    bodies[key] = Body(tuple(entries), tuple(rows), outputs)


def _uid(key: str, number: int) -> str:
    return f"{key}c{number}"


def _refs(body: GraphBody) -> list[Ref]:
    return [
        Ref(n, output) for n, call in enumerate(body.calls) for output in range(len(call.outputs))
    ]


# --- Layers that the fuzzer does not know -------------------------------------------------------


def learn(layer: Layer, given: Sequence[Shape], out: Shape | None) -> None:
    """A kind of layer from a call of it: it can be called on these shapes only, and what it
    computes is some function of its settings, weights and inputs."""
    assert out is not None
    held: list[Weight] = [(v.name, v.shape, v.trainable) for v in layer.variables]
    known = tuple(given)

    def shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
        if tuple(shapes) != known:
            raise CannotBuild("unknown")
        return out[1:]

    def run(settings: Settings, w: Any, inputs: Sequence[np.ndarray], mode: Mode) -> np.ndarray:
        text = f"{layer.kind}{sorted((k, str(v)) for k, v in settings.items())}"
        factor = 1 + zlib.crc32(text.encode()) / 2**32 + sum(float(x.mean()) for x in w)
        total = np.concatenate([x.reshape(len(x), -1) for x in inputs], -1)
        sizes = [8 if n is None else n for n in out[1:]]
        rows = [np.resize(row, int(np.prod(sizes))) for row in total]
        return np.sin(factor * np.stack(rows).reshape(len(rows), *sizes))

    KINDS[layer.kind] = Kind(dict(layer.settings), shape, run, lambda settings, shape: held)


# --- Smaller ----------------------------------------------------------------------------------


def reduced(recipe: Recipe, like: Recipe) -> Recipe:
    """The recipe with small numbers for large ones, the same for the same, as `like` has them:
    it is run in no time, and equal where the large one is."""
    known = sorted({n for made in like.layers.values() for n in _sizes(made)})
    small = {n: place + 2 for place, n in enumerate(known)}

    def layer(made: LayerConfig) -> LayerConfig:
        smaller = {
            name: small.get(made.settings[name], len(small) + 2)
            for name in WIDTHS
            if isinstance(made.settings.get(name), int)
        }
        return replace(made, settings={**made.settings, **smaller})

    layers = {key: layer(made) for key, made in recipe.layers.items()}
    for length in LENGTHS:
        shorter = replace(recipe, layers=layers, bodies=_shorter(recipe, length))
        try:
            shapes(shorter)
        except CannotBuild:
            continue
        return shorter
    return recipe


def _sizes(made: LayerConfig) -> list[int]:
    return [n for name in WIDTHS if isinstance(n := made.settings.get(name), int)]


def _shorter(recipe: Recipe, length: int) -> dict[str, Body]:
    """The bodies with no axis of an input longer than this."""

    def entry(old: Entry) -> Entry:
        return replace(old, shape=tuple(min(n or length, length) for n in old.shape))

    return {
        key: replace(body, inputs=tuple(map(entry, body.inputs)))
        for key, body in recipe.bodies.items()
    }
