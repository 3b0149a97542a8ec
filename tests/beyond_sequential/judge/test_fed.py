"""Arrays that are fed to a model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beyond_sequential import data
from beyond_sequential.course.exercise import (
    AskArrays,
    Exercise,
    Fed,
)
from tests.helpers.handing_in import codes, hand_in, keras, said

FED = Exercise(
    "own-fed",
    (AskArrays("fed"),),
    (Fed("fed", ("x", "y"), "introduction", ("x", "y")),),
)


@pytest.mark.parametrize(
    ("make", "fraction", "code"),
    [
        (lambda x, y: [x, y], 1, None),
        (lambda x, y: (x, y), 1, None),
        (lambda x, y: {"y": y, "x": x}, 1, None),
        (lambda x, y: [x.astype("float64"), y.astype("int32")], 1, None),
        (lambda x, y: [keras.ops.convert_to_tensor(x), y], 1, None),
        (lambda x, y: [x, y[::-1]], 0.5, "array_values"),
        (lambda x, y: [x, y[:10]], 0.5, "array_shape"),
        (lambda x, y: [x], 0, "length"),
        (lambda x, y: x, 0, "length"),
        (lambda x, y: {"x": x}, 0, "keys"),
        (lambda x, y: {"x": x, "z": y}, 0, "keys"),
        (lambda x, y: {}, 0, "keys"),
    ],
)
def test_fed(make, fraction, code):
    verdict = hand_in(FED, fed=make(*data("introduction").values()))
    assert verdict.fraction == fraction, said(verdict)
    assert codes(verdict) == ([] if code is None else [code])
    assert "{" not in said(verdict)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x, y: [x], ["one for each output: 2"]),
        (lambda x, y: {"x": x, "z": y}, ["names of the output layers"]),
    ],
)
def test_fed_targets_are_told_about_outputs(make, words):
    exercise = replace(FED, parts=(replace(FED.parts[0], side="outputs"),))
    sentence = said(hand_in(exercise, fed=make(*data("introduction").values())))
    assert all(word in sentence for word in words) and "nput" not in sentence
