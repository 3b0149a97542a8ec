"""Carry the variables of one model over to another, and run both.

Tests: tests/beyond_sequential/judge/test_second_look.py
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ..equivalence.spellings import layer_of_cell
from ..model.graph import ModelGraph, Variable, variables
from . import probes
from .evaluate import EvaluateError, run_graph
from .probes import QUIET
from .stand_ins import stand_in

MAX_WEIGHTS = 15_000_000  # numbers in all variables; the largest exercise has 14 million
MAX_ACTIVATIONS = 20_000_000  # numbers in all tensors of one run
MAX_CALLS = 3_000  # in all runs of both models together
MAX_WORK = 40_000_000_000  # multiplications in all runs

RELATIVE = 5e-4  # of a number that two models give
ABSOLUTE = 5e-5  # of the largest number that they give for a sample
SMALLEST = 1e-3

Values = Mapping[str, np.ndarray]
Outputs = list[np.ndarray]
Match = dict[str, str]
"""For each variable of the expected model, the one that stands for it in the other."""

Unit = tuple[str, ...]
"""The ids of variables that belong to one layer, in its order."""

Group = tuple[Any, ...]
"""What units have in common that may stand for each other."""


class Undecided(Exception):
    """The two models can't be compared by computing."""


@dataclass(slots=True)
class Runner:
    """A graph that can be run with other values for its variables; layers are made once."""

    graph: ModelGraph
    held: dict[str, Variable]
    seeds: dict[str, np.ndarray]
    kept: dict[str, tuple[str, ...]]
    units: list[Unit]
    free_joins: bool = False
    made: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: ModelGraph) -> Runner:
        """Return the runner of a graph.  Raises Undecided for too many weights."""
        every = variables(graph)
        seeds = {i: np.zeros(v.shape, v.dtype) for i, v in every.items() if _is_seed(v)}
        held = {i: v for i, v in every.items() if i not in seeds}
        if sum(math.prod(variable.shape) for variable in held.values()) > MAX_WEIGHTS:
            raise Undecided("too large")
        kept = {
            v.id: tuple(
                f"{name}={value!r}"
                for name, value in sorted(layer.settings.items())
                if value and name.endswith(("regularizer", "constraint"))
            )
            for layer in graph.layers.values()
            for v in layer.variables
        }
        return cls(graph, held, seeds, kept, _units(graph, held))

    def group(self, unit: Unit) -> Group:
        """Return what must be equal in a unit that stands for this one.

        A 1x1 convolution's kernel and that of a Dense layer hold the same numbers.
        """
        held = [self.held[id_] for id_ in unit]
        return tuple(
            (tuple(n for n in v.shape if n != 1), v.trainable, v.dtype, self.kept[v.id])
            for v in held
        )

    def run(
        self, inputs: Sequence[np.ndarray], values: Values, training: bool
    ) -> tuple[Outputs, dict[str, np.ndarray]]:
        """Return the outputs, and the variables that training has moved without a gradient."""
        graph = self.graph
        if isinstance(graph.inputs, Mapping):  # run_graph takes them in the dict's own order
            by_key = dict(zip(sorted(graph.inputs), inputs, strict=True))
            inputs = [by_key[key] for key in graph.inputs]
        values = {**values, **self.seeds}
        for id_, layer in self.made.items():
            layer.set_weights([values[v.id] for v in graph.layers[id_].variables])
        how = partial(stand_in, free_joins=self.free_joins)
        results = run_graph(graph, inputs, values, self.made, training, how)
        outputs = [np.asarray(output, dtype="float64") for output in results]
        if isinstance(graph.outputs, Mapping):
            named = dict(zip(graph.outputs, outputs, strict=True))
            outputs = [named[key] for key in sorted(named)]
        return outputs, self._moved() if training else {}

    def _moved(self) -> dict[str, np.ndarray]:
        return {
            variable.id: np.asarray(weight, dtype="float64")
            for id_, layer in self.made.items()
            for variable, weight in zip(
                self.graph.layers[id_].variables, layer.weights, strict=True
            )
            if not variable.trainable and variable.id in self.held
        }


def _is_seed(variable: Variable) -> bool:
    """Return whether a variable is the state of a layer's random numbers."""
    return variable.name.rpartition("/")[2] == "seed_generator_state"


def _units(graph: ModelGraph, held: Mapping[str, Variable]) -> list[Unit]:
    """Return the variables by layer; one by one, where layers share only some of theirs."""
    order = {id_: number for number, id_ in enumerate(held)}
    units = {
        tuple(v.id for v in layer.variables if v.id in held) for layer in graph.layers.values()
    } - {()}
    if sum(map(len, units)) > len(held):
        return [(id_,) for id_ in held]
    return sorted(units, key=lambda unit: order[unit[0]])


class Pair:
    """Two models with variables of the same shapes, and what is run of both."""

    def __init__(self, expected: ModelGraph, found: ModelGraph) -> None:
        """Raise Undecided if the variables of one can't stand for those of the other."""
        self.expected = Runner.of(expected)
        self.found = Runner.of(found)
        self.calls = self.work = 0
        if not self._groups_fit():
            for runner in self:  # a Bidirectional's variables are those of two layers
                runner.units = [(id_,) for id_ in runner.held]
            if not self._groups_fit():
                raise Undecided("other variables")
        self.groups = [_by_group(runner) for runner in self]
        tables = {
            v.id
            for layer in self.expected.graph.layers.values()
            if layer.kind == "Embedding"
            for v in layer.variables
        }
        self.tables = {
            group for group, units in self.groups[0].items() for unit in units if {*unit} & tables
        }
        self.size = 0

    def __iter__(self) -> Iterator[Runner]:
        return iter((self.expected, self.found))

    def _groups_fit(self) -> bool:
        counts = [Counter(map(runner.group, runner.units)) for runner in self]
        return counts[0] == counts[1]

    def is_alike(self) -> bool:
        """Return whether the models agree where all units of a group are equal.

        If not, they differ however variables are carried over.  Raises EvaluateError if the
        expected model runs with no size of its open axes.
        """
        sizes = probes.open_sizes([runner.graph for runner in self])
        for self.size in sizes:
            try:
                wanted = self._outputs(self.expected, self._equal_values(self.expected))
                break
            except EvaluateError:
                if self.size == sizes[-1]:
                    raise
        return _close(wanted, self._outputs(self.found, self._equal_values(self.found)))

    def in_order(self) -> Match:
        """Return the match by the order of the layers in both graphs."""
        match: Match = {}
        for group, units in self.groups[0].items():
            for unit, other in zip(units, self.groups[1][group], strict=True):
                match |= zip(unit, other, strict=True)
        return match

    def by_effect(self) -> list[Match]:
        """Return the match by what each unit changes in the outputs, if there is one."""
        match: Match = {}
        for group, units in self.groups[0].items():
            others = self.groups[1][group]
            ordered = self._in_order_of_effect(units, others) if len(units) > 1 else others
            if ordered is None:
                return []
            for unit, other in zip(units, ordered, strict=True):
                match |= zip(unit, other, strict=True)
        return [match]

    def _in_order_of_effect(self, units: list[Unit], others: list[Unit]) -> list[Unit] | None:
        """Return `others` in the order of `units`: each has the effect of the one it stands for."""
        effects = [
            self._outputs(self.expected, self._equal_values(self.expected, u)) for u in units
        ]
        left = list(range(len(effects)))
        ordered = {}
        for other in others:
            effect = self._outputs(self.found, self._equal_values(self.found, other))
            known = next((n for n in left if _close(effects[n], effect)), None)
            if known is None:
                return None
            left.remove(known)
            ordered[known] = other
        return [ordered[number] for number in range(len(units))]

    def agrees(self, match: Match, round_: int, training: bool) -> bool:
        """Return whether both models give the same, with the variables carried over."""
        values: dict[str, np.ndarray] = {}
        carried: dict[str, np.ndarray] = {}
        for group, units in self.groups[0].items():
            for unit in units:
                for id_ in unit:
                    variable, other = self.expected.held[id_], self.found.held[match[id_]]
                    array = self._numbers(variable, group, round_, f"{id_} {round_}")
                    values[id_] = array
                    carried[match[id_]] = array.reshape(other.shape)
        loud = probes.is_loud(round_)
        wanted, moved = self._run(self.expected, values, round_, training)
        given, other_moved = self._run(self.found, carried, round_, training)
        stay = [[moved.get(a, values[a]), other_moved.get(b, carried[b])] for a, b in match.items()]
        return _close(wanted, given, loud) and (
            not training or all(_close([a.ravel()], [b.ravel()], loud) for a, b in stay)
        )

    def _outputs(self, runner: Runner, values: Values) -> Outputs:
        return self._run(runner, values, QUIET, training=False)[0]

    def _run(
        self, runner: Runner, values: Values, round_: int, training: bool
    ) -> tuple[Outputs, dict[str, np.ndarray]]:
        """Run one of the models.  Raises Undecided when the effort is spent."""
        size = self.size + round_
        calls, numbers, work = probes.effort_of(runner.graph, size)
        self.calls, self.work = self.calls + calls, self.work + work
        if numbers > MAX_ACTIVATIONS or self.calls > MAX_CALLS or self.work > MAX_WORK:
            raise Undecided("too large")
        graphs = [other.graph for other in self]
        inputs = probes.inputs_of(self.expected.graph, graphs, size, round_)
        return runner.run(inputs, values, training)

    def _numbers(self, variable: Variable, group: Group, round_: int, key: str) -> np.ndarray:
        weighted = len(self.expected.units)
        scale = probes.scale_of(variable, group in self.tables, weighted, round_)
        array = probes.numbers_for(variable.shape, variable.trainable, scale, key)
        return np.asarray(array, dtype=variable.dtype)

    def _equal_values(self, runner: Runner, other: Unit = ()) -> dict[str, np.ndarray]:
        """Return values that are the same for all units of a group, except for the unit `other`."""
        return {
            id_: self._numbers(runner.held[id_], group, QUIET, f"{group} {place} {unit == other}")
            for group, units in _by_group(runner).items()
            for unit in units
            for place, id_ in enumerate(unit)
        }


def with_recurrent_layers(graph: ModelGraph) -> ModelGraph:
    """Return the graph with each RNN of a cell as the layer that it stands for."""
    layers = {id_: layer_of_cell(layer) for id_, layer in graph.layers.items()}
    return ModelGraph(graph.name, graph.kind, layers, graph.body)


def _by_group(runner: Runner) -> dict[Group, list[Unit]]:
    groups: dict[Group, list[Unit]] = defaultdict(list)
    for unit in runner.units:
        groups[runner.group(unit)].append(unit)
    return groups


def _close(expected: Outputs, found: Outputs, loud: bool = False) -> bool:
    """Return whether two models give the same numbers; of loud ones, where both are finite."""
    return all(_same_numbers(a, b, loud) for a, b in zip(expected, found, strict=True))


def _same_numbers(a: np.ndarray, b: np.ndarray, loud: bool) -> bool:
    if a.shape != b.shape:
        return False
    rows = [
        array.reshape(len(array), -1) if array.ndim else array.reshape(1, 1) for array in (a, b)
    ]
    finite = np.isfinite(rows[0]) & np.isfinite(rows[1])
    if not (finite.all() or loud):
        return False
    a, b = (np.where(finite, array, 0.0) for array in rows)
    largest = np.maximum(np.abs(a).max(axis=1, initial=0), SMALLEST)[:, None]
    return bool(np.all(np.abs(a - b) <= ABSOLUTE * largest + RELATIVE * np.abs(a)))
