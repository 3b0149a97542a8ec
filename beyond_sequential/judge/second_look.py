"""Whether two graphs that look different compute the same function.

`compare` knows many spellings, and nobody knows all of them.  Where it finds differences, but the
two models hold the same variables one for one, this module computes: it carries random weights
over, runs both models on random inputs, as in inference and as in training, several times, and
compares the outputs.

Which variable stands for which is found by what each one does: all variables of one shape get the
same values, then one at a time gets others, and the outputs that this changes tell them apart.

The effort depends on the graphs alone, never on the speed of the machine, so that a notebook and
the class's grading come to the same result.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..compare import Difference
from ..model.graph import Layer, ModelGraph, Tensor, Variable, bodies, refs, variables
from ..model.kinds import kind_of
from .evaluate import EvaluateError, run_graph
from .stand_ins import stand_in

MAX_WEIGHTS = 15_000_000  # numbers in all variables; the largest exercise has 14 million
MAX_ACTIVATIONS = 20_000_000  # numbers in all tensors of one run
MAX_CALLS = 3_000  # in all runs of both models together
SIZES = (12, 41, 170)  # what open axes are filled with: the first one that the target takes
SCALES = (0.5, 12.0)  # of the samples' numbers: small, and enough for limits such as relu6's
SAMPLES = len(SCALES)
ROUNDS = 2  # of comparing with other random numbers, in inference and in training

# Differences that stay, whatever the models compute: an exercise asks for them on purpose.
_NAMES = ("input_name", "output_name")
_AS_WRITTEN = (*_NAMES, "setting", "trainable", "input_shape")
_NEUTRAL = ("regularizer", "constraint", "initializer")

Values = Mapping[str, np.ndarray]
Outputs = list[np.ndarray]


Unit = tuple[str, ...]
"""The ids of variables that belong to one layer, in its order."""


class _Undecided(Exception):
    """The two models can't be compared by computing."""


def unexplained(
    expected: ModelGraph, found: ModelGraph, differences: Sequence[Difference]
) -> list[Difference]:
    """Return the differences that remain: those that say how, and not what, a model computes.

    All of them remain unless `expected` and `found` compute the same function.
    """
    fixed = [difference for difference in differences if _is_fixed(difference)]
    if all(difference.kind in _AS_WRITTEN for difference in differences):
        return list(differences)  # no other spelling: the same layers with other settings
    return fixed if same_function(expected, found) else list(differences)


def _is_fixed(difference: Difference) -> bool:
    setting = str(difference.detail.get("setting", ""))
    return difference.kind in _NAMES or setting.endswith(_NEUTRAL)


def same_function(expected: ModelGraph, found: ModelGraph) -> bool:
    """Return whether the two graphs compute the same function of inputs and variables.

    Inputs and outputs correspond by their order, or by key where both models have a dict.  Returns
    False too where that can't be decided: layers that the judge does not run, models that are too
    large, another number of variables, random layers of another kind.
    """
    try:
        pair = _Pair(_Runner.of(expected), _Runner.of(found))
        match = _matched_variables(pair)
        ways = (False, True) if pair.minds_training() else (False,)
        return all(
            _agree(pair, match, training, seed) for seed in range(ROUNDS) for training in ways
        )
    except (_Undecided, EvaluateError):
        return False


# --- what can be compared -----------------------------------------------------------------------


@dataclass(slots=True)
class _Runner:
    """A graph that can be run with other values for its variables; layers are made once."""

    graph: ModelGraph
    held: dict[str, Variable]
    seeds: dict[str, np.ndarray]
    units: list[Unit]
    made: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: ModelGraph) -> _Runner:
        every = variables(graph)
        seeds = {i: np.zeros(v.shape, v.dtype) for i, v in every.items() if _is_seed(v)}
        held = {i: v for i, v in every.items() if i not in seeds}
        runner = cls(graph, held, seeds, _units(graph, held))
        calls = [call for body in bodies(graph) for call in body.calls]
        numbers = sum(_numbers(tensor) for call in calls for tensor in call.outputs)
        weights = sum(math.prod(variable.shape) for variable in runner.held.values())
        if numbers * SAMPLES > MAX_ACTIVATIONS or weights > MAX_WEIGHTS:
            raise _Undecided("too large")
        if not all(_is_runnable(layer) for layer in graph.layers.values()):
            raise _Undecided("a layer that the judge does not run")
        return runner

    def run(self, inputs: Sequence[np.ndarray], values: Values, training: bool) -> Outputs:
        values = {**values, **self.seeds}
        for id_, layer in self.made.items():
            layer.set_weights([values[v.id] for v in self.graph.layers[id_].variables])
        outputs = run_graph(self.graph, inputs, values, self.made, training, stand_in)
        if training:
            self.made.clear()  # batch statistics have moved
        return [np.asarray(output, dtype="float64") for output in outputs]


@dataclass(slots=True)
class _Pair:
    """Two models with inputs, outputs and variables of the same shapes."""

    expected: _Runner
    found: _Runner
    calls: int = 0
    size: int = SIZES[0]

    def __post_init__(self) -> None:
        graphs = (self.expected.graph, self.found.graph)
        ends = [[list(_tensors(g, g.inputs)), list(_tensors(g, g.outputs))] for g in graphs]
        if not all(_alike(*tensors) for tensors in zip(*ends, strict=True)):
            raise _Undecided("inputs or outputs of other shapes")
        units = [Counter(_group(runner, unit) for unit in runner.units) for runner in self]
        if units[0] != units[1] or _random(graphs[0]) != _random(graphs[1]):
            raise _Undecided("other variables")
        if _kept(graphs[0]) != _kept(graphs[1]):
            raise _Undecided("other regularizers, constraints or masks")

    def __iter__(self) -> Iterator[_Runner]:
        return iter((self.expected, self.found))

    def minds_training(self) -> bool:
        return any(
            kind_of(layer.kind).random or kind_of(layer.kind).differs_in_training
            for runner in self
            for layer in runner.graph.layers.values()
        )

    def spend(self, runner: _Runner) -> None:
        """Count a run.  Raises _Undecided when the effort is spent."""
        self.calls += len(runner.graph.layers)
        if self.calls > MAX_CALLS:
            raise _Undecided("too many runs")


def _is_seed(variable: Variable) -> bool:
    """Return whether a variable is the state of a layer's random numbers."""
    return variable.name.rpartition("/")[2] == "seed_generator_state"


def _numbers(tensor: Tensor) -> int:
    return math.prod(size or SIZES[0] for size in (tensor.shape or ())[1:])


def _is_runnable(layer: Layer) -> bool:
    if layer.body is not None or layer.kind == "InputLayer":
        return True
    inner = any(layer.settings.get(name) for name in ("dropout", "recurrent_dropout"))
    return kind_of(layer.kind).runnable and not inner


def _tensors(graph: ModelGraph, tree: Any) -> Iterator[Tensor]:
    """Yield the tensors at one end of a model, those of a dict by key."""
    if isinstance(tree, Mapping):
        tree = [tree[key] for key in sorted(tree)]
    for ref in refs(tree):
        yield graph.tensor(ref)


def _alike(expected: Sequence[Tensor], found: Sequence[Tensor]) -> bool:
    return len(expected) == len(found) and all(
        a.dtype == b.dtype and a.shape is not None and a.shape == b.shape
        for a, b in zip(expected, found, strict=True)
    )


def _units(graph: ModelGraph, held: Mapping[str, Variable]) -> list[Unit]:
    """Return the variables by layer; one by one, where layers share only some of theirs."""
    units = {
        tuple(v.id for v in layer.variables if v.id in held) for layer in graph.layers.values()
    } - {()}
    if sum(map(len, units)) > len(held):
        return [(id_,) for id_ in held]
    return sorted(units, key=lambda unit: list(held).index(unit[0]))


def _group(runner: _Runner, unit: Unit) -> tuple[tuple[tuple[int, ...], bool], ...]:
    """Return what units have in common that may stand for each other: a 1x1 convolution's kernel
    and that of a Dense layer hold the same numbers.
    """
    return tuple(
        (tuple(n for n in v.shape if n != 1), v.trainable) for v in map(runner.held.get, unit) if v
    )


def _random(graph: ModelGraph) -> Counter[tuple[str, str]]:
    """Count the calls of layers that are random in training, by kind and settings."""
    counts: Counter[tuple[str, str]] = Counter()
    for body in bodies(graph):
        for call in body.calls:
            layer = graph.layers[call.layer]
            if kind_of(layer.kind).random and layer.settings.get("rate") != 0:
                counts[layer.kind, str(layer.settings.get("rate"))] += 1
    return counts


def _kept(graph: ModelGraph) -> Counter[tuple[str, str]]:
    """Count the regularizers, constraints and masks: the outputs may not show them."""
    return Counter(
        (name, repr(value))
        for layer in graph.layers.values()
        for name, value in layer.settings.items()
        if value and (name == "mask_zero" or name.endswith(("regularizer", "constraint")))
    )


# --- which variable stands for which --------------------------------------------------------------


def _matched_variables(pair: _Pair) -> dict[str, str]:
    """Return, for each variable of the expected model, the one that stands for it in the other.

    Raises _Undecided if the models differ already when all units of a group are equal.
    """
    _choose_size(pair)
    inputs = _inputs(pair, seed=0)
    if not _close(*(_outputs(pair, r, inputs, _equal_values(r)) for r in pair)):
        raise _Undecided("another function")
    match: dict[str, str] = {}
    groups = [_by_group(runner) for runner in pair]
    for group, units in groups[0].items():
        others = groups[1][group]
        if len(units) > 1:
            others = _in_order_of_effect(pair, units, others, inputs)
        for unit, other in zip(units, others, strict=True):
            match |= zip(unit, other, strict=True)
    return match


def _choose_size(pair: _Pair) -> None:
    """Find a size for open axes that the expected model takes.  Raises EvaluateError."""
    for pair.size in SIZES:
        try:
            _outputs(pair, pair.expected, _inputs(pair, 0), _equal_values(pair.expected))
            return
        except EvaluateError:
            if pair.size == SIZES[-1]:
                raise


def _by_group(runner: _Runner) -> dict[Any, list[Unit]]:
    groups: dict[Any, list[Unit]] = defaultdict(list)
    for unit in runner.units:
        groups[_group(runner, unit)].append(unit)
    return groups


def _equal_values(runner: _Runner, other: Unit = ()) -> dict[str, np.ndarray]:
    """Return values that are the same for all units of a group, except for the unit `other`."""
    return {
        id_: _random_values(runner.held[id_], repr((_group(runner, unit), place, unit == other)))
        for unit in runner.units
        for place, id_ in enumerate(unit)
    }


def _in_order_of_effect(
    pair: _Pair, units: Sequence[Unit], others: Sequence[Unit], inputs: list[np.ndarray]
) -> list[Unit]:
    """Return `others` in the order of `units`: each has the effect of the one it stands for."""
    effects = [
        [_outputs(pair, runner, inputs, _equal_values(runner, unit)) for unit in named]
        for runner, named in zip(pair, (units, others), strict=True)
    ]
    left = list(range(len(others)))
    ordered = []
    for effect in effects[0]:
        known = next((n for n in left if _close(effect, effects[1][n])), None)
        if known is None:
            raise _Undecided("a layer that does something else")
        left.remove(known)
        ordered.append(others[known])
    return ordered


# --- running both ---------------------------------------------------------------------------------


def _agree(pair: _Pair, match: Mapping[str, str], training: bool, seed: int) -> bool:
    """Return whether both models give the same outputs, with the variables carried over."""
    expected, found = pair
    values = {
        id_: _random_values(variable, f"{id_} {seed}") for id_, variable in expected.held.items()
    }
    carried = {
        match[id_]: value.reshape(found.held[match[id_]].shape) for id_, value in values.items()
    }
    inputs = _inputs(pair, seed)
    return _close(
        _outputs(pair, expected, inputs, values, training),
        _outputs(pair, found, inputs, carried, training),
    )


def _outputs(
    pair: _Pair,
    runner: _Runner,
    inputs: list[np.ndarray],
    values: Values,
    training: bool = False,
) -> Outputs:
    pair.spend(runner)
    graph = runner.graph
    ordered = inputs
    if isinstance(graph.inputs, Mapping):  # run_graph takes them in the dict's own order
        by_key = dict(zip(sorted(graph.inputs), inputs, strict=True))
        ordered = [by_key[key] for key in graph.inputs]
    outputs = runner.run(ordered, values, training)
    if isinstance(graph.outputs, Mapping):
        named = dict(zip(graph.outputs, outputs, strict=True))
        outputs = [named[key] for key in sorted(named)]
    return outputs


def _close(expected: Outputs, found: Outputs) -> bool:
    return all(
        a.shape == b.shape
        and np.allclose(a, b, rtol=1e-3, atol=1e-4 * max(1e-3, float(np.max(np.abs(a), initial=0))))
        for a, b in zip(expected, found, strict=True)
    )


def _inputs(pair: _Pair, seed: int) -> list[np.ndarray]:
    """Return random arrays for the inputs: class numbers for those that an Embedding may read."""
    generator = np.random.default_rng(seed)
    graph = pair.expected.graph
    size = pair.size + 3 * seed
    most = min(_vocabularies(pair), default=10)
    arrays = []
    for tensor in _tensors(graph, graph.inputs):
        shape = (SAMPLES, *(size if n is None else n for n in (tensor.shape or ())[1:]))
        if tensor.dtype.startswith(("int", "uint")):
            arrays.append(generator.integers(0, most, size=shape).astype(tensor.dtype))
        elif tensor.dtype == "bool":
            arrays.append(generator.random(shape) < 0.5)
        else:
            scales = np.reshape(SCALES, (SAMPLES, *[1] * (len(shape) - 1)))
            arrays.append((generator.normal(size=shape) * scales).astype(tensor.dtype))
    return arrays


def _vocabularies(pair: _Pair) -> Iterator[int]:
    for runner in pair:
        for layer in runner.graph.layers.values():
            if layer.kind == "Embedding":
                yield int(str(layer.settings["input_dim"]))


def _random_values(variable: Variable, key: str) -> np.ndarray:
    """Return numbers for a variable, the same ones for the same key.

    A large table repeats 65,536 of them.  What does not train, such as a variance, is positive.
    """
    generator = np.random.default_rng(zlib.crc32(key.encode()))
    count = math.prod(variable.shape)
    numbers = generator.normal(size=min(count, 1 << 16))
    if not variable.trainable:
        numbers = 0.5 + np.abs(numbers)
    elif len(variable.shape) > 1:
        numbers *= 1.5 / math.sqrt(max(1, math.prod(variable.shape[:-1])))
    return np.resize(numbers, variable.shape).astype(variable.dtype)
