"""Random numbers for inputs and variables that bring out where two models differ.

In the first round, QUIET, numbers are of the size that training works with.  In the second, LOUD,
inputs, biases and weights are large, so that limits such as those of relu6 or a clipping show.

Tests: tests/beyond_sequential/judge/test_second_look.py
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..model.graph import ModelGraph, Tensor, Variable, bodies, refs
from ..model.kinds import kind_of

QUIET, LOUD = 0, 1
FURTHER = (2, 4, 6)  # rounds with other quiet numbers: one round's outputs may all be cut to 0
SCALES = {QUIET: (0.5, 12.0), LOUD: (0.02, 1000.0)}  # of the samples' numbers
SAMPLES = 2
LOUD_BIAS = 100.0
LOUD_TABLE = 30.0
LOUD_WEIGHT = 12.0
LOUDEST = 1e8  # what all layers in a row may multiply a number by
SIZES = (12, 41, 170, 300)  # what open axes are filled with: the first that the target takes
LARGEST_INDEX = 1000
ZEROS = 0.15  # the share of class numbers that are 0, which is what masks look for


def is_loud(round_: int) -> bool:
    """Return whether the numbers of a round are large; every other round has other quiet ones."""
    return round_ % 2 == LOUD


def ordered_tensors(graph: ModelGraph, tree: Any) -> Iterator[Tensor]:
    """Yield the tensors at one end of a model, those of a dict by key."""
    if isinstance(tree, Mapping):
        tree = [tree[key] for key in sorted(tree)]
    for ref in refs(tree):
        yield graph.tensor(ref)


def open_sizes(graphs: Sequence[ModelGraph]) -> list[int]:
    """Return sizes to try for open axes: more than any index that a model cuts a tensor at."""
    least = max((n for graph in graphs for n in _indices(graph)), default=0)
    return [size for size in SIZES if size > least] or [least + 1]


def _indices(graph: ModelGraph) -> Iterator[int]:
    """Yield the whole numbers up to LARGEST_INDEX among what slices and croppings are given."""
    for body in bodies(graph):
        for call in body.calls:
            layer = graph.layers[call.layer]
            if kind_of(layer.kind).slices or layer.kind.startswith("Cropping"):
                for value in _numbers((call.args, call.kwargs, layer.settings)):
                    if abs(value) <= LARGEST_INDEX:
                        yield abs(value)


def _numbers(tree: Any) -> Iterator[int]:
    if isinstance(tree, Mapping):
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        for item in tree:
            yield from _numbers(item)
    elif type(tree) is int:
        yield tree


def inputs_of(graph: ModelGraph, others: Iterable[ModelGraph], size: int, round_: int) -> list[Any]:
    """Return random arrays of shape (SAMPLES, ...) for the inputs, `size` at open axes.

    Whole numbers are class numbers that an Embedding of any of the models may read, some of them
    0; where a model masks a value, some steps have it.
    """
    generator = np.random.default_rng(round_)
    layers = [layer for model in others for layer in model.layers.values()]
    rows = [int(str(x.settings["input_dim"])) for x in layers if x.kind == "Embedding"]
    masked = [x.settings.get("mask_value", 0.0) for x in layers if x.kind == "Masking"]
    arrays = []
    for tensor in ordered_tensors(graph, graph.inputs):
        shape = (SAMPLES, *(size if n is None else n for n in (tensor.shape or ())[1:]))
        if tensor.dtype.startswith(("int", "uint")):
            array: np.ndarray = generator.integers(0, min(rows, default=10), size=shape)
            array[generator.random(shape) < ZEROS] = 0
        elif tensor.dtype == "bool":
            array = generator.random(shape) < 0.5
        else:
            scales = np.reshape(SCALES[round_ % 2], (SAMPLES, *[1] * (len(shape) - 1)))
            array = generator.normal(size=shape) * scales
            for value in masked:
                array[generator.random(shape[:-1]) < 2 * ZEROS] = value
        arrays.append(array.astype(tensor.dtype))
    return arrays


def scale_of(variable: Variable, is_table: bool, weighted: int, round_: int) -> float:
    """Return the size of a variable's random numbers.

    `is_table` says whether they are an Embedding's rows, `weighted` how many layers of the model
    have weights.
    """
    if len(variable.shape) < 2:
        return LOUD_BIAS if is_loud(round_) and variable.trainable else 1.0
    if is_table:
        return LOUD_TABLE if is_loud(round_) else 1.0
    gain = min(LOUD_WEIGHT, LOUDEST ** (1 / max(1, weighted))) if is_loud(round_) else 1.0
    return gain * 1.5 / math.sqrt(max(1, math.prod(variable.shape[:-1])))


def numbers_for(shape: tuple[int, ...], trainable: bool, scale: float, key: str) -> Any:
    """Return an array for a variable, the same numbers for the same key.

    A large table repeats 65,536 of them.  What does not train, such as a variance, is positive.
    """
    generator = np.random.default_rng(zlib.crc32(key.encode()))
    numbers = generator.normal(size=min(math.prod(shape), 1 << 16))
    if not trainable and len(shape) < 2:
        numbers = 0.5 + np.abs(numbers)
    return np.resize(numbers * scale, shape)


def effort_of(graph: ModelGraph, size: int) -> tuple[int, int, int]:
    """Return what one run takes: calls, numbers in all samples' tensors, multiplications."""
    known: dict[str, tuple[int, int, int]] = {}

    def of(body: Any) -> tuple[int, int, int]:
        calls = numbers = work = 0
        for call in body.calls:
            layer = graph.layers[call.layer]
            if layer.body is not None:
                if layer.id not in known:
                    known[layer.id] = of(layer.body)
                inner = known[layer.id]
            else:
                read = [body.calls[ref.call].outputs[ref.output] for ref in refs(call.args)]
                weights = sum(math.prod(v.shape) for v in layer.variables)
                places = max((_places(t, size) for t in (*read, *call.outputs)), default=1)
                own = 0 if layer.kind == "Embedding" else weights * places * SAMPLES
                inner = 1, sum(_count(t, size) for t in call.outputs) * SAMPLES, own
            calls, numbers, work = calls + inner[0], numbers + inner[1], work + inner[2]
        return calls, numbers, work

    return of(graph.body)


def _count(tensor: Tensor, size: int) -> int:
    return math.prod(n or size for n in (tensor.shape or ())[1:])


def _places(tensor: Tensor, size: int) -> int:
    """Return at how many places a layer applies its weights: all axes but samples and features."""
    return math.prod(n or size for n in (tensor.shape or ())[1:-1])
