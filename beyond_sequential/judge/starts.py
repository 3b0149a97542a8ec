"""Judge at which value a variable starts: the right variable, and no other."""

from __future__ import annotations

import numpy as np

from ..answers.answer import GraphCase
from ..course.exercise import Starts
from ..model.graph import Layer, ModelGraph, Variable, refs
from .evaluate import output_names
from .evidence import Evidence
from .result import Result, wrong

TOLERANCE = 1e-4  # absolute


def judge_starts(part: Starts, evidence: Evidence) -> Result:
    """Return all points if the bias of the head starts at the value, and no other variable does."""
    case = evidence.answer.cases(part.name)[0]
    if not isinstance(case, GraphCase):
        raise TypeError(f"{part.name} is handed in as {type(case).__name__}")
    head = _head(case.graph, part.head)
    bias = _bias(head) if head is not None else None
    if head is None or bias is None:
        return wrong("no_head", name=part.name, head=part.head)
    detail = {"name": part.name, "head": part.head, "expected": part.value}
    elsewhere = [
        (layer, variable)
        for layer in case.graph.layers.values()
        for variable in layer.variables
        if variable is not bias and _is_at(case.weights[variable.id], part.value)
    ]
    if elsewhere:
        layer, variable = elsewhere[0]
        place = {"layer": layer.name, "variable": variable.name.rpartition("/")[2]}
        return wrong("starts_elsewhere", **detail, **place)
    array = case.weights[bias.id]
    if not _is_at(array, part.value):
        return wrong("starts", **detail, found=round(float(np.ravel(array)[0]), 4))
    return Result(1.0)


def _head(graph: ModelGraph, name: str) -> Layer | None:
    """Return the layer that makes the output of this name."""
    outputs = dict(zip(output_names(graph), refs(graph.outputs), strict=True))
    return graph.layer_of(outputs[name]) if name in outputs else None


def _bias(layer: Layer) -> Variable | None:
    return next((v for v in layer.variables if v.name.rpartition("/")[2] == "bias"), None)


def _is_at(array: np.ndarray, value: float) -> bool:
    return bool(array.size) and bool(np.allclose(array, value, rtol=0, atol=TOLERANCE))
