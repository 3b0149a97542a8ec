"""Judge arrays that are fed to a model: are they the section's own, each in its place?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..answers.answer import ArrayFacts, ArraysCase, ArrayTree
from ..answers.values import array_digest
from ..course import sections
from ..course.exercise import Fed
from ..findings.finding import Finding
from .evidence import Evidence
from .result import Result, wrong

_Wanted = Mapping[str, tuple[tuple[int, ...], str]]  # shape and digest, by key


def judge_fed(part: Fed, evidence: Evidence) -> Result:
    """Return the fraction of the arrays that are right; none in a wrong container or number."""
    given = evidence.case(part.name, ArraysCase).tree
    name = {"name": part.name, "side": part.side}
    container = "dict" if isinstance(given, dict) else "list" if isinstance(given, list) else None
    if part.container and part.container != container:
        return wrong("container", name=part.name, expected=part.container)
    found: Mapping[str, ArrayTree]
    if isinstance(given, dict):
        found = given
        if set(found) != set(part.keys):
            return wrong("keys", **name, expected=list(part.keys), found=sorted(found))
    else:
        items = given if isinstance(given, list) else [given]
        if len(items) != len(part.keys):
            return wrong("length", **name, expected=len(part.keys), found=len(items))
        found = dict(zip(part.keys, items, strict=True))
    return _judge_arrays(part, _wanted(part), found)


def _wanted(part: Fed) -> _Wanted:
    arrays = sections.section(part.data).training()
    return {
        key: _shape_and_digest(arrays[name], part.one_hot)
        for key, name in zip(part.keys, part.arrays, strict=True)
    }


def _shape_and_digest(array: np.ndarray, one_hot: int | None) -> tuple[tuple[int, ...], str]:
    if one_hot is not None:
        array = np.eye(one_hot, dtype="float32")[np.ravel(array)]
    return tuple(array.shape), array_digest(array)


def _judge_arrays(part: Fed, wanted: _Wanted, found: Mapping[str, ArrayTree]) -> Result:
    findings: list[Finding] = []
    swapped: dict[str, str] = {}
    for key, (shape, digest) in wanted.items():
        item = found[key]
        given = item.digest if isinstance(item, ArrayFacts) else None
        if given == digest:
            continue
        others = [other for other, (_, text) in wanted.items() if given == text]
        if others:
            swapped[key] = others[0]
        else:
            findings.append(_wrong_array(part, key, shape, item))
    fraction = 1.0 - (len(findings) + len(swapped)) / len(wanted)
    for key, other in swapped.items():
        if swapped.get(other) != key or key < other:  # exchanged: one mistake, not two
            same = wanted[key][0] == wanted[other][0]
            variant = {} if same else {"variant": "other_shape"}
            detail = {"name": part.name, "key": key, "other": other, **variant}
            findings.append(Finding("swapped", detail))
    return Result(fraction, tuple(findings))


def _wrong_array(part: Fed, key: str, shape: tuple[int, ...], item: ArrayTree) -> Finding:
    """Return what is wrong with an array that is none of the section's."""
    found = list(item.shape) if isinstance(item, ArrayFacts) else None
    detail = {"name": part.name, "key": key, "expected": list(shape), "found": found}
    if part.one_hot is not None and found in ([shape[0]], [shape[0], 1]):
        return Finding("not_one_hot", detail)
    if found != list(shape):
        broadcast = {"variant": "broadcast"} if found and _broadcasts(found, shape) else {}
        return Finding("array_shape", {**detail, **broadcast})
    zero = isinstance(item, ArrayFacts) and item.zero
    return Finding("array_zero" if zero else "array_values", detail)


def _broadcasts(found: Sequence[int], expected: tuple[int, ...]) -> bool:
    """Whether an array of several columns is in the place of one column: Keras accepts it."""
    return list(found[:-1]) == list(expected[:-1]) and expected[-1] == 1
