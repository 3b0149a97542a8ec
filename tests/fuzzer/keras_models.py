"""The same spellings built with Keras: does capture see what the fuzzer writes, and does Keras
compute what the fuzzer's interpreter does?"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import keras
import numpy as np

from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.model.capture import capture_graph
from beyond_sequential.model.graph import Body, Layer, ModelGraph, bodies, to_json
from tests.fuzzer.graph_writer import SpelledGraph, Trail, flat
from tests.fuzzer.kinds import KINDS, Shape, Weight
from tests.fuzzer.oracle import inputs_of, numbers
from tests.fuzzer.recipe import Recipe
from tests.fuzzer.reference import run
from tests.fuzzer.respell import respeller
from tests.fuzzer.run import Trial, trials_of, verdict

TRIALS = 4  # trials of a recipe that are repeated with Keras
NOT_WITH_KERAS = ("input_left_out", "input_overwritten")  # newer versions refuse to build these
TOLERANCE = 2e-4


@dataclass
class KerasLayer:
    """A layer, an operation or a nested model."""

    make: Any
    outputs: Any = None


@dataclass
class KerasGraphWriter:
    """Where a model is built with Keras; the counterpart of `spell.Paper`."""

    chance: Random
    layers: dict[str, Any] = field(default_factory=dict)

    def body_writer(self) -> KerasBodyWriter:
        return KerasBodyWriter()

    def layer(
        self,
        kind: str,
        settings: Mapping[str, Any],
        name: str | None,
        key: str | None = None,
        weights: Sequence[Weight] = (),
        trainable: bool = True,
    ) -> KerasLayer:
        if kind.startswith("ops."):
            return KerasLayer(_operation(kind, settings))
        cls = _class(kind, self.chance)
        known = inspect.signature(cls).parameters
        usual = KINDS[kind].config
        given = {k: v for k, v in settings.items() if k in known or v != usual[k]}
        named = {"name": name} if name else {}
        layer = cls.from_config({**given, **_shorter(given, self.chance), **named})
        layer.trainable = trainable
        if key is not None and weights:
            self.layers[key] = layer
        return KerasLayer(layer)

    def model(
        self, writer: KerasBodyWriter, inputs: Any, outputs: Any, kind: str, name: str | None
    ) -> KerasLayer:
        named = {"name": name} if name else {}
        if kind == "Sequential":
            model = keras.Sequential([inputs, *writer.made], **named)
        elif kind == "Functional":
            model = keras.Model(inputs, outputs, **named)
        else:
            model = _part("Part")(inputs, outputs, **named)
        return KerasLayer(model, outputs)

    def whole(self, writer: KerasBodyWriter, inputs: Any, outputs: Any, kind: str) -> Any:
        if kind == "Tensor":
            return outputs
        if kind == "Subclass":
            return _part("Whole")(inputs, outputs)
        return keras.Model(inputs, outputs)


@dataclass
class KerasBodyWriter:
    """A body that is being built: the layers that were called in it."""

    made: list[Any] = field(default_factory=list)

    @property
    def calls(self) -> list[Any]:
        return self.made

    def input(self, shape: Shape, dtype: str, name: str | None, trail: Trail) -> Any:
        return keras.Input(shape, dtype=dtype, name=name)

    def call(
        self,
        handle: KerasLayer,
        args: tuple[Any, ...],
        out: Sequence[Shape],
        trail: Trail,
        training: bool | None = None,
    ) -> list[Any]:
        self.made.append(handle.make)
        asked = {"training": True} if training else {}
        return list(flat(handle.make(*args, **asked)))


def _part(name: str) -> type:
    """A class of a student's, made of functional parts."""

    class Part(keras.Model):
        def __init__(self, inputs: Any, outputs: Any, **options: Any) -> None:
            super().__init__(inputs=inputs, outputs=outputs, **options)

    Part.__name__ = name
    return Part


def _operation(kind: str, settings: Mapping[str, Any]) -> Any:
    ops, activations = keras.ops, keras.activations
    return {
        "ops.Add": lambda a, b: a + b,
        "ops.Multiply": lambda a, b: a * b,
        "ops.Subtract": lambda a, b: a - b,
        "ops.Maximum": ops.maximum,
        "ops.Minimum": ops.minimum,
        "ops.Concatenate": lambda values: ops.concatenate(values, **settings),
        "ops.Relu": ops.relu,
        "ops.ReLU": activations.relu,
        "ops.Sigmoid": ops.sigmoid,
        "ops.Tanh": ops.tanh,
        "ops.Softmax": ops.softmax,
    }[kind]


_SHORT_NAMES = {"MaxPooling": "MaxPool", "AveragePooling": "AvgPool"}


def _class(kind: str, chance: Random) -> Any:
    """The layer's class, under one of its names."""
    for long, short in _SHORT_NAMES.items():
        if long in kind and chance.random() < 0.5:
            kind = kind.replace(long, short)
    return getattr(keras.layers, kind)


def _shorter(settings: Mapping[str, Any], chance: Random) -> dict[str, Any]:
    """3 for (3, 3), and a function for its name."""
    changed: dict[str, Any] = {}
    for name in ("kernel_size", "pool_size", "strides", "dilation_rate"):
        value = settings.get(name)
        if isinstance(value, list):
            equal = len(set(value)) == 1 and chance.random() < 0.5
            changed[name] = value[0] if equal else tuple(value)
    return changed


# --- Trials -------------------------------------------------------------------------


def keras_trials_of(recipe: Recipe, seed: str, number: int) -> Iterator[Trial]:
    """Some of the recipe's trials again, on what capture makes of real models."""
    trials = [t for t in trials_of(recipe, seed, number) if t.mutation not in NOT_WITH_KERAS]
    known: dict[str | None, ModelGraph] = {}  # the targets, by their spelling
    for trial in trials[:1] + trials[3 : 2 + TRIALS]:
        assert trial.target is not None and trial.found is not None
        spelling = trial.target.seed
        if spelling not in known:
            known[spelling] = captured(trial.target)
        target = known[spelling]
        found = captured(trial.found)
        given = verdict(recipe, to_json(target), found)
        yield replace(trial, outcome=_outcome(trial, given))


def _outcome(trial: Trial, given: Verdict) -> str:
    right = given.outcome == "right" and not given.findings
    if not trial.mutation:
        return "right" if right else "rejected"
    return "accepted" if right and trial.outcome == "right" else trial.outcome


def captured(spelled: SpelledGraph) -> ModelGraph:
    """What capture sees of the model as Keras builds it.

    Raises AssertionError if it is another graph than the fuzzer wrote, or if Keras computes
    other numbers than the fuzzer's interpreter.
    """
    keras.backend.clear_session(free_memory=False)  # collecting garbage takes half of the time
    graph_writer = KerasGraphWriter(Random(f"{spelled.seed}/live"))
    model = respeller(spelled.recipe, spelled.seed, graph_writer).write()
    graph, _ = capture_graph(model)
    one, two = _normal(spelled.graph), _normal(graph)
    assert one == two, _first_difference(one, two)
    _check_numbers(spelled, graph_writer, model)
    return graph


def _check_numbers(spelled: SpelledGraph, graph_writer: KerasGraphWriter, model: Any) -> None:
    weights = {
        v.id: np.abs(numbers("/".join(map(str, spelled.origins[v.id])), v.shape))
        for layer in spelled.graph.layers.values()
        for v in layer.variables
    }
    for layer in spelled.graph.layers.values():
        if layer.variables:
            key, _ = spelled.origins[layer.variables[0].id]
            graph_writer.layers[key].set_weights([weights[v.id] for v in layer.variables])
    # Keras minds ids that are not in the vocabulary.
    inputs = [x % 2 if x.dtype.kind == "i" else x for x in inputs_of(spelled)]
    if any(call.kwargs.get("training") for body in bodies(spelled.graph) for call in body.calls):
        return  # Keras draws its own numbers
    one = run(spelled, weights, inputs).outputs
    two = [keras.ops.convert_to_numpy(t) for t in flat(model(_packed(spelled, inputs)))]
    for x, y in zip(one, two, strict=True):
        assert np.allclose(x, y, rtol=TOLERANCE, atol=TOLERANCE), np.abs(x - y).max()


def _packed(spelled: SpelledGraph, arrays: list[np.ndarray]) -> Any:
    tree = spelled.graph.inputs
    if isinstance(tree, Mapping):
        return dict(zip(sorted(tree), arrays, strict=True))
    return type(tree)(arrays) if isinstance(tree, (list, tuple)) else arrays[0]


# --- Is it the same graph, but for names? -----------------------------------------------------


def _normal(graph: ModelGraph) -> list[Any]:
    """The graph without names, layers and variables numbered in the order of the calls."""
    layers: dict[str, int] = {}
    weights: dict[str, int] = {}
    rows: list[Any] = []

    def body(of: Body) -> Any:
        calls = []
        for call in of.calls:
            layer = graph.layers[call.layer]
            known = call.layer in layers
            number = layers.setdefault(call.layer, len(layers))
            row = to_json(ModelGraph("", "", {}, Body((call,), None, None)))["body"]["calls"][0]
            calls.append({**row, "layer": number, "kwargs": row.get("kwargs", {})})
            if not known:
                rows.append((number, _layer(layer, weights), layer.body and body(layer.body)))
        return calls, _tree(of.inputs), _tree(of.outputs)

    return [graph.kind, body(graph.body), rows]


def _tree(tree: Any) -> Any:
    """A structure of references.  What order a dict is in is lost, and whether a list is a tuple,
    or one tensor a list."""
    if isinstance(tree, Mapping):
        return {key: _tree(tree[key]) for key in sorted(tree)}
    if isinstance(tree, (list, tuple)):
        return [_tree(item) for item in tree] if len(tree) > 1 else _tree(tree[0])
    return str(tree)


def _layer(layer: Layer, weights: dict[str, int]) -> Any:
    held = [
        (weights.setdefault(v.id, len(weights)), v.name, v.shape, v.dtype, v.trainable)
        for v in layer.variables
    ]
    # A subclass without code of its own is what it inherits from.
    own = layer.kind.startswith("custom.") or layer.body is not None
    kind = "custom" if own else layer.kind
    return kind, _settings(layer.settings), layer.trainable, held


def _settings(value: Any) -> Any:
    """Settings without names and initializers, and without what stands for "not used"."""
    if isinstance(value, Mapping):
        return {
            key: _settings(item)
            for key, item in sorted(value.items())
            if key not in ("name", "trainable", "build_config")
            and not key.endswith("initializer")
            and item not in (None, False)
        }
    return [_settings(item) for item in value] if isinstance(value, (list, tuple)) else value


def _first_difference(one: Any, two: Any, path: str = "") -> str:
    """The first place where the fuzzer's graph and Keras's differ."""
    if isinstance(one, dict) and isinstance(two, dict):
        one, two = sorted(one.items()), sorted(two.items())
    if isinstance(one, (list, tuple)) and isinstance(two, (list, tuple)) and len(one) == len(two):
        for number, (x, y) in enumerate(zip(one, two, strict=True)):
            if x != y:
                return _first_difference(x, y, f"{path}.{number}")
    return f"at {path}: the fuzzer writes {one}, Keras {two}"
