"""A graph is right in every spelling; each mistake is found and named."""

from __future__ import annotations

import pytest

from tests.helpers.handing_in import codes, hand_in, keras, layers, said
from tests.helpers.models import TWIN, dense_model


def test_a_function_must_hold_for_every_case():
    """Right at 32 features, wrong at 8: the worst case decides."""

    def one_layer(inputs):
        return layers.Dense(32, activation="relu" if inputs.shape[-1] == 32 else None)(inputs)

    verdict = hand_in("introduction-layer", one_layer=one_layer)
    assert verdict.fraction < 1 and codes(verdict) == ["setting"]


def test_the_same_mistake_in_every_case_is_said_once():
    verdict = hand_in("introduction-layer", one_layer=lambda x: layers.Dense(32)(x))
    assert codes(verdict) == ["setting"] and len(verdict.pictures) == 1


def test_more_mistakes_earn_less_and_a_habit_is_one_mistake():
    wrong = [
        dense_model((32, "relu"), (32, "relu"), (10, None)),
        dense_model((32, "relu"), (32, None), (10, None)),
        dense_model((32, "tanh"), (32, None), (10, None)),
    ]
    habit = dense_model((32, None), (32, None), (10, None))
    earned = [hand_in("introduction-twin", build_twin=lambda m=m: m).fraction for m in wrong]
    assert earned == sorted(earned, reverse=True) and len(set(earned)) == 3 and earned[0] < 1
    assert hand_in("introduction-twin", build_twin=lambda: habit).fraction == earned[1]


def test_a_function_that_ignores_its_argument():
    def one_layer(inputs):
        return layers.Dense(32, activation="relu")(keras.Input((32,)))

    assert hand_in("introduction-layer", one_layer=one_layer).fraction < 1


def test_a_given_tensor_handed_back():
    assert hand_in("introduction-layer", one_layer=lambda inputs: inputs).fraction == 0


def qa(read, join):
    text = keras.Input((100,), dtype="int32", name="text")
    question = keras.Input((100,), dtype="int32", name="question")
    return keras.Model([text, question], join(*read(text, question)))


def nothing_read(text, question):
    return text, question


@pytest.mark.parametrize(
    ("id_", "names"),
    [
        ("introduction-layer", {"one_layer": lambda inputs: inputs}),
        ("introduction-layer", {"one_layer": lambda inputs: layers.Flatten()(inputs)}),
        ("introduction-twin", {"build_twin": lambda: dense_model()}),
        ("introduction-compile", {"classifier": lambda: dense_model()}),
        ("several-inputs-branches", {"text_branch": lambda x: x, "question_branch": lambda x: x}),
        ("several-inputs-model", {"build_qa_model": lambda: qa(nothing_read, lambda t, q: t)}),
        ("several-inputs-model", {"build_qa_model": lambda: qa(nothing_read, lambda t, q: [t, q])}),
    ],
)
def test_nothing_done_earns_nothing(id_, names):
    """A model that hands its input on has none of the layers that are asked for."""
    if id_ == "introduction-compile":
        names = {name: make() for name, make in names.items()}
    verdict = hand_in(id_, **names)
    assert verdict.fraction == 0, said(verdict)


def test_more_right_never_earns_less():
    """Layer by layer towards the solution."""
    steps = [
        (),
        ((10, "softmax"),),
        ((32, "relu"), (10, "softmax")),
        ((32, "relu"), (32, None), (10, "softmax")),
        TWIN,
    ]
    made = [dense_model(*step) for step in steps]
    earned = [hand_in("introduction-twin", build_twin=lambda m=m: m).fraction for m in made]
    assert earned == sorted(earned) and earned[0] == 0 and earned[-1] == 1, earned
