"""From the parts of an exercise to its verdict."""

from __future__ import annotations

import json

from beyond_sequential.answers.capture import capture
from beyond_sequential.answers.files import load, save
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import (
    AskFunction,
    AskValue,
    Closed,
    Exercise,
    SameGraph,
    digest,
)
from beyond_sequential.feedback import html, text
from beyond_sequential.findings.verdict import (
    JUDGE_FAILED,
    Mark,
    verdict_from_json,
    verdict_to_json,
)
from beyond_sequential.judge import combine, judge
from beyond_sequential.judge.targets import (
    target_of,
)
from tests.helpers.handing_in import against, answer, codes, hand_in, keras, layers, said
from tests.helpers.models import TWIN, dense_model


def test_right():
    verdict = hand_in("introduction-twin", build_twin=lambda: dense_model(*TWIN))
    assert (verdict.outcome, verdict.fraction, verdict.findings) == ("right", 1.0, ())
    assert verdict.pictures == () and verdict.marks == (Mark("SameGraph", "build_twin", 1.0, 1.0),)


def test_partly_right():
    found = dense_model((32, "relu"), (32, None), (10, "softmax"))
    verdict = hand_in("introduction-twin", build_twin=lambda: found)
    assert verdict.outcome == "partly right" and 0 < verdict.fraction < 1
    assert len(verdict.pictures) == 1 and verdict.findings[0].picture == 0


def test_wrong():
    verdict = hand_in("introduction-twin", build_twin=lambda: dense_model((3, "tanh"), inputs=5))
    assert verdict.outcome == "wrong" and verdict.fraction == 0 and verdict.findings


def test_one_part_of_two():
    verdict = hand_in("introduction-disconnected", reason="c")
    assert verdict.outcome == "partly right" and verdict.fraction == 0.5
    assert "`connected_model`" in said(verdict)
    assert [(mark.name, mark.share) for mark in verdict.marks] == [
        ("reason", 0.5),
        ("connected_model", 0.5),
    ]


def test_weights_of_parts():
    exercise = Exercise(
        "own",
        (AskValue("a"), AskValue("b")),
        (
            Closed("a", (digest("own", 1),), weight=3.0),
            Closed("b", (digest("own", 2),), weight=1.0),
        ),
    )
    assert hand_in(exercise, a=1, b=1).fraction == 0.75
    assert hand_in(exercise, a=2, b=2).fraction == 0.25


def test_what_words_say_agrees_with_the_fraction():
    verdict = hand_in("introduction-disconnected", reason="c")
    assert text.points_of(verdict, 3) == 1.5
    assert "1.5 of 3" in text.verdict_text(verdict, 3)
    assert text.points_of(verdict, 2) == 1 and isinstance(text.points_of(verdict, 2), int)


def some_verdicts():
    yield hand_in("introduction-twin", build_twin=lambda: dense_model(*TWIN[:2]))
    yield hand_in("introduction-disconnected", reason="a")
    yield hand_in("several-inputs-feeding", inputs_list=[1], inputs_dict={}, targets=[[0]])
    yield hand_in("introduction-training", classifier=dense_model(*TWIN))
    yield against(lambda: dense_model((3, None)), lambda: dense_model((4, "relu")))


def test_verdicts_survive_json():
    for verdict in some_verdicts():
        again = verdict_from_json(json.loads(json.dumps(verdict_to_json(verdict))))
        assert verdict_to_json(again) == verdict_to_json(verdict)
        assert text.verdict_text(again, 2) == text.verdict_text(verdict, 2)
        assert html.verdict_html(again, 2) == html.verdict_html(verdict, 2)


def test_an_answer_from_a_file_is_judged_as_in_the_notebook(tmp_path):
    exercise = sections.exercise("introduction-weights")
    twin = dense_model(*TWIN)
    made = answer(exercise, sequential_model=twin, twin=twin)
    save(made, tmp_path / "a.answer")
    wanted, found = judge(exercise, made), judge(exercise, load(tmp_path / "a.answer"))
    assert verdict_to_json(wanted) == verdict_to_json(found)


def test_a_failure_of_the_judge_is_logged_and_told_as_such(monkeypatch, caplog, capsys):
    """The other part counts; the one that could not be judged is neither right nor wrong."""
    monkeypatch.setitem(combine.JUDGES, SameGraph, lambda part, evidence: 1 / 0)
    named = {"reason": "c", "connected_model": lambda: dense_model(*TWIN)}
    verdict = hand_in("introduction-disconnected", **named)
    assert verdict.outcome == JUDGE_FAILED and verdict.fraction == 0.5
    assert codes(verdict) == ["judge_failed"] and "`connected_model`" in said(verdict)
    assert "not in your answer" in said(verdict) and "Not judged" in said(verdict)
    assert "ZeroDivisionError" in caplog.text and "introduction-disconnected" in caplog.text
    assert capsys.readouterr() == ("", "")
    again = verdict_from_json(json.loads(json.dumps(verdict_to_json(verdict))))
    assert html.verdict_html(again, 2) == html.verdict_html(verdict, 2)


def test_an_answer_to_another_exercise_earns_nothing():
    """A right answer handed over under the name of another exercise."""
    made = answer("introduction-count", parameters=3466)
    assert judge(sections.exercise("introduction-chance"), made).fraction == 0


def test_a_mistake_that_shows_in_two_parts_is_told_once():
    def eye(pooling):
        x = keras.Input((8, 8, 1))
        y = layers.Conv2D(4, 3)(x)
        return keras.Model(x, pooling()(y))

    def pair(eye):
        views = [keras.Input((8, 8, 1)) for _ in range(2)]
        return keras.Model(views, layers.Dense(1)(layers.concatenate([eye(v) for v in views])))

    def both(pooling):
        made = eye(pooling)
        return {"eye": lambda: made, "pair": lambda: pair(made)}

    exercise = Exercise(
        "own-parts",
        (AskFunction("eye"), AskFunction("pair")),
        (SameGraph("eye"), SameGraph("pair")),
    )
    target = target_of(exercise, answer(exercise, **both(layers.GlobalAveragePooling2D)))
    verdict = hand_in(exercise, target, **both(layers.GlobalMaxPooling2D))
    assert codes(verdict) == ["replaced"] and verdict.fraction == 0.75
    assert len(verdict.pictures) == 1
    assert [mark.fraction for mark in verdict.marks] == [0.5, 1.0]
    assert "`pair` earns 100%" in said(verdict)
    unlike = {**both(layers.GlobalMaxPooling2D), "pair": lambda: pair(eye(layers.Flatten))}
    assert codes(hand_in(exercise, target, **unlike)) == ["replaced", "replaced"]


def test_a_mistake_in_a_model_that_is_called_twice_is_one_mistake():
    def siamese(*more):
        encoder = keras.Sequential([keras.Input((8,)), layers.Dense(4), *more])
        left, right = keras.Input((8,)), keras.Input((8,))
        both = layers.concatenate([encoder(left), encoder(right)])
        return keras.Model([left, right], layers.Dense(1)(both))

    exercise = Exercise("own-siamese", (AskFunction("build"),), (SameGraph("build"),))
    target = target_of(exercise, capture(exercise, {"build": siamese}))
    wrong = capture(exercise, {"build": lambda: siamese(layers.UnitNormalization())})
    verdict = judge(exercise, wrong, target=target)
    assert codes(verdict) == ["extra"] and verdict.fraction == 0.5
    assert "build · Functional" in html.verdict_html(verdict, 1)
