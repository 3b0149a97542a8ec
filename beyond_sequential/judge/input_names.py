"""Judge what a model's Inputs are called: dicts of arrays go by these names."""

from __future__ import annotations

from ..course.exercise import InputNames
from .evaluate import input_names
from .evidence import Evidence
from .result import Result, wrong


def judge_input_names(part: InputNames, evidence: Evidence) -> Result:
    """Return all points if the model's inputs have the names asked for, in any order."""
    found = input_names(evidence.graph(part.name))
    if sorted(found) == sorted(part.names):
        return Result(1.0)
    return wrong("input_names", name=part.name, expected=list(part.names), found=found)
