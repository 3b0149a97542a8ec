"""A trained model is measured on a holdout."""

from __future__ import annotations

import json

import numpy as np
import pytest

from beyond_sequential.course import sections
from beyond_sequential.course.exercise import (
    AskModel,
    Exercise,
    Trained,
)
from beyond_sequential.findings.verdict import (
    verdict_to_json,
)
from beyond_sequential.judge import PUBLIC_SEED, judge
from beyond_sequential.judge.targets import (
    Target,
)
from tests.helpers.handing_in import answer, codes, hand_in, keras, layers, said
from tests.helpers.models import TWIN, dense_model


def right_on(share, seed=PUBLIC_SEED, **bounds):
    """A verdict on a model that is right on about this share of a holdout.

    One Dense layer tells three classes apart from a one-hot input; the metric is faked by a part
    whose floor and bar are what counts.
    """
    exercise = Exercise(
        "own-trained",
        (AskModel("net", weights=True),),
        (Trained("net", "introduction", "accuracy", **bounds),),
    )
    return judge(exercise, oracle(exercise, share), seed, target=Target())


@pytest.fixture(scope="module")
def holdout():
    return sections.section("introduction").holdout(PUBLIC_SEED)


def oracle(exercise, share):
    """Weights that a training could not find better: each class's direction and its opposite."""
    classes = sections.section("introduction")._DIRECTIONS
    known = round(share * 10)
    x = keras.Input((64,))
    hidden = layers.Dense(20, activation="relu")(x)
    net = keras.Model(x, layers.Dense(10, activation="softmax")(hidden))
    both = np.concatenate([classes, -classes]).T / 64
    out = np.concatenate([np.eye(10), np.eye(10)]) * 20
    bias = np.zeros(10)
    bias[known:] = -1e6  # classes that it never names
    net.set_weights([both, np.zeros(20), out, bias])
    net.compile("rmsprop", "categorical_crossentropy")
    net.optimizer.iterations.assign(8)  # as after training
    return answer(exercise, net=net)


@pytest.mark.parametrize(
    ("share", "fraction"),
    [(0.1, 0), (0.4, 0), (0.5, 0.25), (0.6, 0.5), (0.7, 0.75), (0.8, 1), (1.0, 1)],
)
def test_training_earns_in_steps_from_the_floor_to_the_bar(share, fraction):
    """A tenth of the classes is a tenth of the accuracy; a hair above, so that steps are clear."""
    verdict = right_on(share, floor=0.401, bar=0.7999)
    assert verdict.fraction == fraction
    if fraction < 1:
        assert codes(verdict) == ["training"]
        assert f"{share:.0%}" in said(verdict) and "80%" in said(verdict)


def test_between_two_steps_the_higher_one_counts_but_full_marks_need_the_bar():
    assert right_on(0.5, floor=0.49, bar=0.81).fraction == 0.25
    assert right_on(0.6, floor=0.41, bar=0.81).fraction == 0.5
    assert right_on(0.8, floor=0.41, bar=0.81).fraction == 0.75


def test_training_is_the_same_each_time_and_for_another_seed():
    one, again = right_on(0.6, floor=0.4, bar=0.9), right_on(0.6, floor=0.4, bar=0.9)
    assert verdict_to_json(one) == verdict_to_json(again)
    assert right_on(1.0, seed=7, floor=0.4, bar=0.9).outcome == "right"


def test_the_seed_draws_the_holdout():
    module = sections.section("introduction")
    assert (module.holdout(1)["x"] != module.holdout(2)["x"]).any()


def test_an_error_is_better_if_lower():
    exercise = Exercise(
        "own-trained",
        (AskModel("net", weights=True),),
        (Trained("net", "introduction", "cross_entropy", floor=np.log(10), bar=0.5),),
    )
    good = judge(exercise, oracle(exercise, 1.0), target=Target())
    bad = judge(exercise, oracle(exercise, 0.1), target=Target())
    assert good.fraction == 1 and bad.fraction == 0


def test_an_untrained_model_earns_nothing():
    verdict = hand_in("introduction-training", classifier=dense_model(*TWIN))
    assert verdict.fraction == 0 and len(verdict.findings) == 1
    assert "`classifier`" in said(verdict)


def test_weights_that_are_not_numbers_earn_nothing():
    net = dense_model(*TWIN)
    net.set_weights([np.full(w.shape, np.nan) for w in net.get_weights()])
    verdict = hand_in("introduction-training", classifier=net)
    assert verdict.fraction == 0
    json.dumps(verdict_to_json(verdict))


def test_a_holdout_learned_by_a_constant_earns_nothing():
    """A model that reads nothing but a bias is at chance."""
    net = dense_model((10, "softmax"))
    net.set_weights([np.zeros((64, 10)), np.arange(10.0)])
    assert hand_in("introduction-training", classifier=net).fraction == 0


@pytest.mark.parametrize(
    ("net", "code"),
    [
        (lambda: dense_model((3, "softmax")), "output_shape"),
        (lambda: dense_model((10, "softmax"), inputs=7), "not_evaluated"),
        (
            lambda: keras.Sequential([keras.Input((64,)), layers.Lambda(lambda x: x)]),
            "not_evaluated",
        ),
    ],
)
def test_a_model_that_does_not_fit_the_holdout(net, code):
    verdict = hand_in("introduction-training", classifier=net())
    assert (verdict.fraction, codes(verdict)) == (0.0, [code])
