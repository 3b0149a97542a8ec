"""From a graph, weights and inputs to outputs: a small interpreter of the fuzzer.

It shares no code with what the judge evaluates or compares.  Chance is drawn by the trail of a
call: the same dropout in two spellings drops the same numbers, or `topics` say which does.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from beyond_sequential.model.graph import Body, Call, Layer, Ref
from tests.fuzzer.graph_writer import SpelledGraph, Trail, flat
from tests.fuzzer.kinds import KINDS, Mode, losses
from tests.fuzzer.recipe import MAIN

Arrays = Mapping[str, np.ndarray]


class Unrunnable(ValueError):
    """The graph gives no outputs: an Input is read that nothing is put into."""


@dataclass
class Result:
    """Outputs in order, what training adds to variables, what regularizers add to the loss, by the
    first variable of their layer, and of each call that drew numbers how many, for what layer."""

    outputs: list[np.ndarray]
    updates: dict[str, np.ndarray] = field(default_factory=dict)
    losses: dict[str, float] = field(default_factory=dict)
    draws: dict[str, str] = field(default_factory=dict)


@dataclass
class _Context:
    spelled: SpelledGraph
    weights: Arrays
    training: bool
    free_joins: bool  # the order of what is joined does not count
    same_chance: bool  # all calls draw the same numbers
    topics: Mapping[str, str]  # the trail by which a call draws, if it is not its own
    result: Result = field(default_factory=lambda: Result([]))


def run(
    spelled: SpelledGraph,
    weights: Arrays,
    inputs: Sequence[np.ndarray],
    *,
    training: bool = False,
    free_joins: bool = False,
    same_chance: bool = False,
    topics: Mapping[str, str] | None = None,
) -> Result:
    """Run a graph on arrays of shape (samples, ...), in the order of the model's inputs."""
    context = _Context(spelled, weights, training, free_joins, same_chance, topics or {})
    context.result.outputs = _body(context, spelled.graph.body, list(inputs), MAIN, (), training)
    return context.result


def _body(
    context: _Context, body: Body, inputs: list[np.ndarray], id_: str, outer: Trail, training: bool
) -> list[np.ndarray]:
    values: dict[Ref, np.ndarray] = dict(zip(flat(body.inputs), inputs, strict=True))
    for number, call in enumerate(body.calls):
        if Ref(number) in values:
            continue
        layer = context.spelled.graph.layers[call.layer]
        trail = (*outer, *context.spelled.trails[id_][number])
        if layer.kind == "InputLayer":
            raise Unrunnable(layer.name)
        asked = training or (call.kwargs.get("training") is True)
        if layer.body is not None:
            given = [values[ref] for ref in flat(call.args)]
            results = _body(context, layer.body, given, layer.id, trail, asked)
        else:
            results = [
                _call(context, layer, call, [values[r] for r in flat(call.args)], trail, asked)
            ]
        values.update({Ref(number, n): result for n, result in enumerate(results)})
    return [values[ref] for ref in flat(body.outputs)]


def _call(
    context: _Context,
    layer: Layer,
    call: Call,
    given: list[np.ndarray],
    trail: Trail,
    training: bool,
) -> np.ndarray:
    # What no output depends on runs as well, with any weights.
    held = [context.weights.get(v.id, np.zeros(v.shape)) for v in layer.variables]
    if layer.variables:
        named = [(v.name, array) for v, array in zip(layer.variables, held, strict=True)]
        context.result.losses[layer.variables[0].id] = losses(layer.settings, named)
    if context.free_joins and layer.kind.endswith("Concatenate"):
        return _joined(layer.settings["axis"], given)
    own = "/".join(trail)
    topic = "" if context.same_chance else context.topics.get(own, own)

    def chance(shape: tuple[int, ...]) -> np.ndarray:
        context.result.draws[own] = f"{layer.kind} {layer.settings.get('rate')} {shape}"
        return np.random.default_rng(zlib.crc32(topic.encode())).random(shape)

    mode = Mode(training and layer.trainable, chance)
    if layer.kind != "BatchNormalization":
        mode.training = training
    result = KINDS[layer.kind].run(layer.settings, held, given, mode)
    for number, update in mode.updates:
        id_ = layer.variables[number].id
        context.result.updates[id_] = context.result.updates.get(id_, 0) + update
    return result


class _Joined(np.ndarray):
    """What came of a join, with its parts."""

    parts: list[np.ndarray]
    axis: int


def _joined(axis: int, given: list[np.ndarray]) -> np.ndarray:
    """Joined in an order that the numbers decide, whatever the order and grouping of the parts."""
    axis = axis if axis < 0 else axis - given[0].ndim
    parts: list[np.ndarray] = []
    for array in given:
        same = isinstance(array, _Joined) and getattr(array, "axis", None) == axis
        parts += array.parts if same else [np.asarray(array)]  # type: ignore[attr-defined]
    parts.sort(key=_rank)
    joined = np.concatenate(parts, axis).view(_Joined)
    joined.parts, joined.axis = parts, axis
    return joined


def _rank(array: np.ndarray) -> tuple[Any, ...]:
    """A number by which different arrays are sorted."""
    flattened = array.ravel()
    factors = np.random.default_rng(1).random(len(flattened))
    return array.shape, float(flattened @ factors)
