"""The rest that exercises ask for: closed answers, weights carried over, models trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from beyond_sequential.answers.answer import Answer, Case, GraphCase, helper_version
from beyond_sequential.answers.capture import capture
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import (
    AskValue,
    Closed,
    Exercise,
    SameWeights,
    Trained,
    comparable,
)
from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.judge import PUBLIC_SEED, judge
from beyond_sequential.judge.targets import Target
from tests.fuzzer.kinds import full_config
from tests.fuzzer.recipe import MAIN, Body, Entry, LayerConfig, Recipe, Step
from tests.fuzzer.respell import respell

Arrays = list[np.ndarray]


def cases(kind: type) -> list[tuple[Exercise, Any]]:
    """Every exercise with each of its parts of this kind."""
    return [
        (exercise, part)
        for exercise in sections.exercises().values()
        for part in exercise.parts
        if isinstance(part, kind)
    ]


def _judged(exercise: Exercise, part: Any, cases: Mapping[str, Case]) -> Verdict:
    values = {name: (case,) for name, case in cases.items()}
    answer = Answer(exercise.id, values, {"helper": helper_version()})
    return judge(replace(exercise, parts=(part,)), answer, target=Target())


def _heads(names: list[str], heads: tuple[str, ...], units: tuple[int, ...] = ()) -> Recipe:
    """A model with these inputs, and a Dense for each output on all of them."""
    layers = {"join": LayerConfig("Concatenate", full_config("Concatenate"))}
    layers |= {
        head: LayerConfig("Dense", full_config("Dense", units=count))
        for head, count in zip(heads, units or (1,) * len(heads), strict=True)
    }
    steps = [Step("join", "join", tuple((name, 0) for name in names))] if names[1:] else []
    last = "join" if steps else names[0]
    steps += [Step(head, head, ((last, 0),)) for head in heads]
    entries = tuple(Entry(name, (4,), name=name) for name in names)
    body = Body(entries, tuple(steps), tuple((head, 0) for head in heads))
    return Recipe({MAIN: body}, layers, heads, names=True, named=True)


# --- Closed answers -----------------------------------------------------------------------------

GUESSES = [*range(101), *"abcdefgh", "yes", "no", "left", "right", "softmax", "sigmoid", 0.5, -1]
NOTHING = [None, "", [], {}, " "]


def accepted(exercise: Exercise, part: Closed, guesses: list[Any]) -> set[str]:
    """The guesses that are right, each once, however it is spelled."""
    asked = replace(exercise, asks=(AskValue(part.name),), parts=(part,))
    return {
        comparable(guess, part.decimals)
        for guess in guesses
        if judge(asked, capture(asked, {part.name: guess}), target=Target()).outcome == "right"
    }


# --- Weights carried over -----------------------------------------------------------------------


def carried(exercise: Exercise, part: SameWeights, arrays: Arrays, identity: int = 1) -> Verdict:
    """The verdict on a second model that holds these weights; the first holds `weights()`."""
    graph = respell(_heads(["x"], ("a", "b"), (3, 2))).graph
    ids = [variable.id for layer in graph.layers.values() for variable in layer.variables]
    cases = {
        name: GraphCase(graph, own, weights=dict(zip(ids, given, strict=True)))
        for name, own, given in ((part.first, 0, weights()), (part.second, identity, arrays))
    }
    return _judged(exercise, part, cases)


def weights() -> Arrays:
    chance = np.random.default_rng(0)
    return [chance.normal(size=shape).astype("float32") for shape in ((4, 3), (3,), (4, 2), (2,))]


def not_carried() -> Iterator[tuple[str, Arrays]]:
    """Each mistake, with a word for it."""
    plain = weights()
    for number in range(len(plain)):
        for word, other in (
            ("forgotten", np.zeros_like(plain[number])),
            ("nearly", plain[number] + 0.001),
            ("of the other units", plain[number][..., ::-1]),
        ):
            yield f"{number} {word}", [*plain[:number], other, *plain[number + 1 :]]


# --- Training -----------------------------------------------------------------------------------


def trained(exercise: Exercise, part: Trained, predicted: np.ndarray, monkeypatch: Any) -> Verdict:
    """The verdict on a model that predicts these values for the holdout, for the head that is
    measured, and the negative of the targets for all others."""
    data = sections.section(part.data).holdout(PUBLIC_SEED)
    names = [key for key in data if not key.startswith("y")]
    heads = part.heads or ("head",)
    measured = heads.index(part.head) if part.head else 0
    given = [-data[part.output]] * len(heads)
    given[measured] = predicted
    monkeypatch.setattr("beyond_sequential.judge.evaluate.predict", lambda *_: given)
    return _judged(exercise, part, {part.name: GraphCase(respell(_heads(names, heads)).graph)})


def learned(part: Trained) -> np.ndarray:
    """What a perfect model predicts."""
    return sections.section(part.data).holdout(PUBLIC_SEED)[part.output]


def not_learned(part: Trained) -> Iterator[tuple[str, np.ndarray]]:
    """What a model predicts that has learned nothing of use, with a word for it."""
    true = learned(part)
    yield "one value for all", np.broadcast_to(true.mean(0), true.shape)
    yield "of other samples", np.roll(true, 1, axis=0)
    yield "nothing", np.zeros_like(true)
    yield "noise", np.random.default_rng(0).uniform(size=true.shape)
    yield "the reverse", 1 - true
    yield "not a number", np.full(true.shape, np.nan)
