"""The arrays that an exercise asks for: as they should be, and mutated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from beyond_sequential.answers.answer import Answer, helper_version
from beyond_sequential.answers.capture import capture
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import AskArrays, Exercise, Fed
from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.judge import judge
from beyond_sequential.judge.targets import Target

Arrays = dict[str, np.ndarray]


def cases() -> list[tuple[Exercise, Fed]]:
    return [
        (exercise, part)
        for exercise in sections.exercises().values()
        for part in exercise.parts
        if isinstance(part, Fed)
    ]


def verdict(exercise: Exercise, part: Fed, handed_in: Any) -> Verdict:
    asked = replace(exercise, asks=(AskArrays(part.name),), parts=(part,))
    answer = capture(asked, {part.name: handed_in})
    answer = Answer(exercise.id, answer.values, versions={"helper": helper_version()})
    return judge(asked, answer, target=Target())


def right(part: Fed) -> Arrays:
    """The arrays by key."""
    arrays = sections.section(part.data).training()
    found = {key: arrays[name] for key, name in zip(part.keys, part.arrays, strict=True)}
    if part.one_hot is None:
        return found
    return {key: np.eye(part.one_hot, dtype="float32")[np.ravel(a)] for key, a in found.items()}


def handed_in(part: Fed, arrays: Arrays) -> Any:
    """In the container that is asked for; one array alone."""
    if part.container == "dict":
        return arrays
    values = list(arrays.values())
    return values if part.container == "list" or len(values) > 1 else values[0]


def respelled(part: Fed) -> Iterator[Any]:
    plain = right(part)
    yield handed_in(part, plain)
    yield handed_in(part, {key: array.astype("float64") for key, array in plain.items()})
    if part.container == "list":
        yield tuple(plain.values())
    if part.container == "dict":
        yield dict(reversed(plain.items()))


def mutated(part: Fed) -> Iterator[tuple[str, Any]]:
    """Each mistake, with a word for it."""
    plain = right(part)
    for key, array in plain.items():
        for word, other in _wrong(array):
            yield f"{key} {word}", handed_in(part, {**plain, key: other})
    for one, two in pairwise(plain):
        exchanged = {**plain, one: plain[two], two: plain[one]}
        yield f"{one} and {two} exchanged", handed_in(part, exchanged)
        yield f"{one} twice", handed_in(part, {**plain, two: plain[one]})
    if part.container == "dict":
        first = part.keys[0]
        rest = {key: plain[key] for key in part.keys[1:]}
        yield "a wrong key", {f"{first}s": plain[first], **rest}
        yield "a key too few", rest
        yield "a list", list(plain.values())
    if part.container == "list":
        yield "one too few", list(plain.values())[:-1]
        yield "a dict", plain


def _wrong(array: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    yield "empty of numbers", np.zeros_like(array)
    yield "in another order", np.roll(array, 1, axis=0)
    yield "too short", array[:-1]
    if array.ndim > 1:
        yield "not one-hot, or flat", array.argmax(-1)
