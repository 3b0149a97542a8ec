"""A right answer to something else is no answer to an exercise."""

from __future__ import annotations

import pytest

from beyond_sequential.answers.answer import (
    Answer,
    AnswerError,
    ErrorCase,
    GraphCase,
    RefusedCase,
    StubCase,
    ValueCase,
)
from beyond_sequential.answers.asked import KINDS, check_asked
from beyond_sequential.answers.files import load, save
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import AskArrays, AskFunction, AskModel, AskValue, Exercise
from beyond_sequential.model.graph import Body, Layer, ModelGraph, Variable
from beyond_sequential.model.spec import Spec

GRAPH = ModelGraph("m", "Functional", {}, Body((), [], []))
BIAS = Variable("w", "bias", (2,), "float32", True)
WEIGHED = ModelGraph(
    "m", "Functional", {"d": Layer("d", "Dense", "d", variables=(BIAS,))}, GRAPH.body
)
TWICE = AskFunction("it", cases=((Spec((4,)),), (Spec((6,)),)))
NOT_MADE = (StubCase(), ErrorCase("TypeError"), RefusedCase("not_a_model", "int"))


def check(ask, *cases):
    check_asked(Answer("own", {"it": cases}), Exercise("own", (ask,), ()))


def test_each_kind_of_question_has_its_kind_of_answer():
    asks = (AskModel("it"), AskFunction("it"), AskValue("it"), AskArrays("it"))
    assert KINDS.keys() == {type(ask) for ask in asks}
    for ask in asks:
        check(ask)
        for case in NOT_MADE:
            check(ask, case)


@pytest.mark.parametrize(
    ("ask", "case"),
    [
        (AskModel("it"), ValueCase(3)),
        (AskValue("it"), GraphCase(GRAPH)),
        (AskArrays("it"), ValueCase(3)),
        (AskFunction("it"), ValueCase(3)),
    ],
)
def test_another_kind_is_an_error(ask, case):
    with pytest.raises(AnswerError, match="it is handed in as"):
        check(ask, case)


@pytest.mark.parametrize("count", [1, 3])
def test_a_function_has_a_graph_for_each_of_its_cases(count):
    check(TWICE, *[GraphCase(GRAPH)] * 2)
    check(TWICE, NOT_MADE[1], GraphCase(GRAPH))
    with pytest.raises(AnswerError, match="cases"):
        check(TWICE, *[GraphCase(GRAPH)] * count)


def test_weights_that_are_asked_for_are_there():
    check(AskModel("it"), GraphCase(WEIGHED))
    check(AskModel("it", weights=True), GraphCase(GRAPH))
    with pytest.raises(AnswerError, match="without its weights"):
        check(AskModel("it", weights=True), GraphCase(WEIGHED))


def test_a_file_is_checked_against_its_exercise(tmp_path):
    exercise = sections.exercise("introduction-count")
    versions = {"schema": "1", "helper": "0"}
    save(Answer(exercise.id, {"parameters": (GraphCase(GRAPH),)}, versions), tmp_path / "a")
    assert load(tmp_path / "a").graph("parameters") == GRAPH
    with pytest.raises(AnswerError, match="parameters"):
        load(tmp_path / "a", exercise)
    other = sections.exercise("introduction-chance")
    assert load(tmp_path / "a", other).exercise == "introduction-count"
