"""Which models and layers are the same across the names of an answer, on models of no section."""

from __future__ import annotations

import pytest

from tests.beyond_sequential.findings.examples import base, on, using
from tests.helpers.handing_in import codes, hand_in, keras, layers, said
from tests.helpers.models import TWIN, dense_model

CALLED = {"calls": 1, "model": "base"}


def test_the_model_that_is_named_may_be_called_in_any_spelling():
    kept = base()
    wrapped = keras.Sequential([keras.Input((4,)), kept])
    around = keras.Model(kept.inputs[0], kept.outputs[0])

    class Own(keras.Layer):
        def __init__(self):
            super().__init__()
            self.inner = kept

        def call(self, x):
            return self.inner(x)

    for model in (kept, wrapped, around, Own()):
        verdict = using(kept, lambda m=model: on(m), **CALLED)
        assert verdict.outcome == "right", said(verdict)


def test_a_model_with_equal_weights_is_another_one():
    kept, copied = base(), base()
    copied.set_weights(kept.get_weights())
    verdict = using(kept, lambda: on(copied), **CALLED)
    assert codes(verdict) == ["other_model"] and 0 < verdict.fraction < 1


def test_layers_one_by_one_are_no_call():
    kept = base()
    verdict = using(kept, lambda: on(kept.layers[-1]), **CALLED)
    assert codes(verdict) == ["model_not_called"] and 0 < verdict.fraction < 1
    assert using(kept, lambda: on(kept.layers[-1])).outcome == "right"


def test_each_call_of_a_function_may_have_to_give_weights_of_its_own():
    kept = base()
    model = on(kept)
    for build in (lambda: model, lambda: on(kept)):
        assert codes(using(kept, build, own=())) == ["not_own"]
        assert using(kept, build).outcome == "right"
    assert using(kept, lambda: on(base()), own=("base",)).outcome == "right"


def test_a_twin_around_the_layers_of_the_given_model_is_not_own():
    given = dense_model(*TWIN)
    for twin in (keras.Model(given.inputs, given.outputs), given):
        verdict = hand_in("introduction-twin", build_twin=lambda t=twin: t, sequential_model=given)
        assert codes(verdict) == ["not_own"] and verdict.fraction < 1
    verdict = hand_in(
        "introduction-twin", build_twin=lambda: dense_model(*TWIN), sequential_model=given
    )
    assert verdict.outcome == "right"


@pytest.mark.parametrize("given", [3, None, layers])
def test_a_given_name_that_holds_something_else_does_not_matter(given):
    verdict = hand_in(
        "introduction-twin", build_twin=lambda: dense_model(*TWIN), sequential_model=given
    )
    assert verdict.outcome == "right"
