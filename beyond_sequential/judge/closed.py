"""Judge a closed question: is the value's digest one of the right ones?"""

from __future__ import annotations

from ..answers.answer import ValueCase
from ..course.exercise import Closed, digest
from .evidence import Evidence
from .result import Result, wrong


def judge_closed(part: Closed, evidence: Evidence) -> Result:
    """Return all points or none; a foreseen wrong answer gets the words written for it."""
    value = evidence.case(part.name, ValueCase).value
    text = digest(evidence.exercise, value, part.decimals)
    if text in part.answers:
        return Result(1.0)
    return wrong("closed", name=part.name, idea=part.traps.get(text, part.idea))
