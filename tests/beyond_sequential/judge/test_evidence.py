"""What is computed once for all parts of an exercise."""

from __future__ import annotations

import pytest

from beyond_sequential.answers.answer import Answer, GraphCase, ValueCase
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import AskModel, Exercise, Trained
from beyond_sequential.judge import evaluate, judge
from beyond_sequential.judge.evidence import Evidence
from beyond_sequential.judge.targets import Target
from beyond_sequential.model.graph import Body, ModelGraph
from tests.helpers.handing_in import answer, keras, layers


@pytest.fixture
def runs(monkeypatch):
    """The inputs of each run of a model."""
    found = []

    def predict(graph, weights, inputs):
        found.append(inputs)
        return real(graph, weights, inputs)

    real = evaluate.predict
    monkeypatch.setattr(evaluate, "predict", predict)
    return found


def test_a_model_is_run_once_for_all_of_its_heads(runs):
    """A data set of the course with two targets that are measured three times."""
    x = keras.Input((64,))
    net = keras.Model(x, [layers.Dense(10, name=name)(x) for name in "abc"])
    parts = tuple(
        Trained("net", "introduction", "accuracy", 0.4, 0.8, head=name, heads=tuple("abc"))
        for name in "abc"
    )
    exercise = Exercise("own-heads", (AskModel("net", weights=True),), parts)
    verdict = judge(exercise, answer(exercise, net=net), target=Target())
    assert [mark.part for mark in verdict.marks] == ["Trained"] * 3 and len(runs) == 1


def test_exchanged_inputs_are_another_run(runs):
    a, b = keras.Input((100,), dtype="int32"), keras.Input((100,), dtype="int32")
    read = [layers.GlobalAveragePooling1D()(layers.Embedding(10000, 2)(x)) for x in (a, b)]
    net = keras.Model([a, b], layers.Dense(3)(layers.concatenate(read)))
    exercise = Exercise("own-net", (AskModel("net", weights=True),), ())
    evidence = Evidence("own-net", answer(exercise, net=net), Target())
    for _ in range(2):
        one = evidence.predictions("net", "several_inputs")[0]
        other = evidence.predictions("net", "several_inputs", ("text", "question"))[0]
    assert len(runs) == 2 and (one != other).any()
    first, second = runs
    assert (first["text"] == second["question"]).all()
    assert (first["question"] == second["text"]).all()


def test_a_holdout_is_drawn_once_from_the_seed():
    evidence = Evidence("own", Answer("own", {}), Target(), seed=7)
    assert evidence.holdout("introduction") is evidence.holdout("introduction")
    wanted = sections.section("introduction").holdout(7)
    assert (evidence.holdout("introduction")["x"] == wanted["x"]).all()
    assert list(evidence.inputs("introduction")) == ["x"]


def test_a_part_about_another_kind_of_answer_is_refused():
    """An exercise that asks for a value and judges a graph is its author's mistake."""
    graph = ModelGraph("m", "Functional", {}, Body((), [], []))
    values = {"count": (ValueCase(3),), "net": (GraphCase(graph),)}
    evidence = Evidence("own", Answer("own", values), Target())
    assert evidence.graph("net") is graph
    with pytest.raises(TypeError, match="count is handed in as ValueCase"):
        evidence.graph("count")
