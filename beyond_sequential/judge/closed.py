"""Judge a closed question: is the value's digest one of the right ones?"""

from __future__ import annotations

import re

from ..answers.answer import ValueCase
from ..course.exercise import MOST_DECIMALS, Closed, comparable, digest
from ..model.types import Json
from .evidence import Evidence
from .result import Result, wrong

_NUMBER = re.compile(r"-?[\d\s,.]*\d[\d\s,.]*")
GROUP = 1000  # what stands between two commas of a large number is below this


def judge_closed(part: Closed, evidence: Evidence) -> Result:
    """Return all points or none; a foreseen wrong answer gets the words written for it."""
    value = evidence.case(part.name, ValueCase).value
    text = digest(evidence.exercise, value, part.decimals)
    if text in part.answers:
        if not part.rounded or digest(evidence.exercise, value, MOST_DECIMALS) in part.rounded:
            return Result(1.0)
        return wrong("rounded", name=part.name)
    if text not in part.traps and (other := _other_kind(part, value)):
        return wrong(f"closed_{part.kind}", name=part.name, found=other)
    return wrong("closed", name=part.name, idea=part.traps.get(text, part.idea))


def _other_kind(part: Closed, value: Json) -> str:
    """Return what kind a value is, where another kind is asked for; "" if it is the right one."""
    if part.kind == "number":
        if isinstance(value, list) and len(value) > 1 and all(map(_is_group, value)):
            return "groups"
        if isinstance(value, str):
            if not _is_number(comparable(value)):
                return "digits" if _NUMBER.fullmatch(value.strip()) else "text"
            return ""
        return "" if isinstance(value, (int, float)) else "list"
    if part.kind == "text":
        return "" if isinstance(value, str) else "number" if _is_number(value) else ""
    if part.kind == "list":
        return "" if isinstance(value, (list, dict)) else "text" if _is_word(value) else "number"
    return ""


def _is_group(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < GROUP


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def _is_word(value: Json) -> bool:
    return isinstance(value, str) and not any(char.isdigit() for char in value)
