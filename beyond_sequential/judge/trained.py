"""Judge a trained model by how well it predicts a holdout."""

from __future__ import annotations

import math

import numpy as np

from ..answers.answer import GraphCase
from ..course import metrics
from ..course.exercise import Trained
from ..findings.finding import Finding
from ..model.graph import ModelGraph, calls_behind, parameter_count, refs
from .compiled import unfit
from .evaluate import EvaluateError, input_names, output_names
from .evidence import Evidence
from .result import Result, wrong
from .rubric import STEP


def judge_trained(part: Trained, evidence: Evidence) -> Result:
    """Return a fraction by the score on the holdout: 0 at the floor, 1 from the bar on."""
    if unlike := _count_finding(part, evidence):
        return Result(0.0, (unlike,))
    try:
        score = _score(part, evidence)
    except EvaluateError as error:
        return wrong("not_evaluated", name=part.name, text=str(error))
    except _WrongShape as error:
        expected = list(evidence.holdout(part.data)[part.output].shape)
        return wrong("output_shape", name=part.name, expected=expected, found=error.shape)
    fraction = training_fraction(score, part.floor, part.bar)
    if fraction >= 1:
        return Result(1.0)
    return Result(fraction, (_why_untrained(part, evidence) or _below_the_bar(part, score),))


def training_fraction(score: float, floor: float, bar: float) -> float:
    """Return 0 at the floor, 1 from the bar on, and steps between; 0 for NaN."""
    way = (score - floor) / (bar - floor)
    if not way > 0:
        return 0.0
    return 1.0 if way >= 1 else min(1.0 - STEP, math.ceil(way / STEP) * STEP)


class _WrongShape(ValueError):
    """The predictions have another shape than the targets."""

    def __init__(self, shape: list[int]) -> None:
        super().__init__(shape)
        self.shape = shape


def _count_finding(part: Trained, evidence: Evidence) -> Finding | None:
    """Return a finding where the model has too few inputs or outputs to be measured."""
    graph, inputs = evidence.graph(part.name), evidence.inputs(part.data)
    names = input_names(graph)
    if len(names) != len(inputs):
        lacking = [key for key in inputs if key not in names] or list(inputs)
        counts = {"expected": len(inputs), "found": len(names)}
        return Finding("input_count", {"name": part.name, **counts, "input": lacking[0]})
    outputs = len(list(refs(graph.outputs)))
    if outputs < len(part.heads):
        counts = {"expected": len(part.heads), "found": outputs}
        return Finding("output_count", {"name": part.name, **counts})
    return None


def _score(part: Trained, evidence: Evidence, exchanged: tuple[str, ...] = ()) -> float:
    true = evidence.holdout(part.data)[part.output]
    outputs = evidence.predictions(part.name, part.data, exchanged)
    predicted = outputs[_head_number(part, evidence.graph(part.name))]
    if predicted.shape != true.shape:
        raise _WrongShape(list(predicted.shape))
    return float(getattr(metrics, part.metric)(predicted, true))


def _head_number(part: Trained, graph: ModelGraph) -> int:
    """Return which of the outputs is measured: by key, by its layer's name, or by order."""
    if part.head is None:
        return 0
    names = output_names(graph)
    if part.head in names:
        return names.index(part.head)
    layers = [graph.layer_of(ref).name for ref in refs(graph.outputs)]
    return layers.index(part.head) if part.head in layers else part.heads.index(part.head)


def _below_the_bar(part: Trained, score: float) -> Finding:
    head = {} if part.head is None else {"head": part.head}
    figures = {"score": round(score, 3), "floor": part.floor, "bar": part.bar}
    return Finding("training", {"name": part.name, **head, "metric": part.metric, **figures})


def _why_untrained(part: Trained, evidence: Evidence) -> Finding | None:
    """Return why a model does not reach the bar, as far as the answer alone tells."""
    name, graph = {"name": part.name}, evidence.graph(part.name)
    case = evidence.case(part.name, GraphCase)
    compiled = case.compiled
    if any(not np.isfinite(array).all() for array in case.weights.values()):
        return Finding("nan_weights", name)
    if compiled is not None and part.head is not None:
        outputs = output_names(graph)
        if found := unfit(part.name, compiled, outputs, outputs[_head_number(part, graph)]):
            return found
    if compiled is None:
        return Finding("never_trained", {**name, "variant": "not_compiled"})
    if not compiled.steps:
        still = parameter_count(graph, trainable=True) == 0
        return Finding("never_trained", {**name, "variant": "frozen"} if still else name)
    if unread := _unread_inputs(graph):
        return Finding("unread_input", {**name, "input": unread[0]})
    return _exchanged(part, evidence)


def _unread_inputs(graph: ModelGraph) -> list[str]:
    """Return the inputs that no output is computed from."""
    reached = calls_behind(graph.body, (ref.call for ref in refs(graph.outputs)))
    return [graph.layer_of(ref).name for ref in refs(graph.inputs) if ref.call not in reached]


def _exchanged(part: Trained, evidence: Evidence) -> Finding | None:
    """Return a finding where the model is good if its two inputs get each other's array."""
    inputs = evidence.inputs(part.data)
    if len(inputs) != 2 or len({array.shape for array in inputs.values()}) > 1:
        return None
    first, second = inputs
    score = _score(part, evidence, (first, second))
    if training_fraction(score, part.floor, part.bar) < 1:
        return None
    return Finding("trained_swapped", {"name": part.name, "first": first, "second": second})
