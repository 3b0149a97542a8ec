"""Two models hold equal weights, or it is said which do not."""

from __future__ import annotations

import numpy as np

from tests.helpers.handing_in import codes, hand_in, keras, layers
from tests.helpers.models import TWIN, dense_model


def test_copied_weights():
    first, second = dense_model(*TWIN), dense_model(*TWIN)
    different = hand_in("introduction-weights", sequential_model=first, twin=second)
    assert (different.outcome, codes(different)) == ("wrong", ["weights_differ"])
    second.set_weights(first.get_weights())
    assert hand_in("introduction-weights", sequential_model=first, twin=second).fraction == 1


def test_weights_of_other_shapes():
    verdict = hand_in(
        "introduction-weights",
        sequential_model=dense_model(*TWIN),
        twin=dense_model((32, "relu"), (10, "softmax")),
    )
    assert (verdict.fraction, codes(verdict)) == (0.0, ["weights_differ"])


def test_not_a_number_equals_nothing():
    first, second = dense_model((2, None), inputs=2), dense_model((2, None), inputs=2)
    for model in (first, second):
        model.set_weights([np.full(w.shape, np.nan) for w in model.get_weights()])
    assert hand_in("introduction-weights", sequential_model=first, twin=second).fraction == 0


def test_one_model_under_two_names_is_no_copy():
    model = dense_model(*TWIN)
    verdict = hand_in("introduction-weights", sequential_model=model, twin=model)
    assert verdict.fraction < 1


def test_two_models_without_weights_are_no_copy():
    x = keras.Input((4,))
    first, second = keras.Model(x, layers.ReLU()(x)), keras.Model(x, layers.ReLU()(x))
    assert hand_in("introduction-weights", sequential_model=first, twin=second).fraction < 1


def test_equal_weights_in_another_graph_are_no_twin():
    """Without the activations it is another function, whatever the weights."""
    first = dense_model(*TWIN)
    second = dense_model((32, None), (32, None), (10, None))
    second.set_weights(first.get_weights())
    assert hand_in("introduction-weights", sequential_model=first, twin=second).fraction < 1


def test_another_model_around_the_same_layers_is_no_copy():
    model = dense_model(*TWIN)
    twin = keras.Model(model.inputs, model.outputs)
    verdict = hand_in("introduction-weights", sequential_model=model, twin=twin)
    assert (verdict.fraction, codes(verdict)) == (0.0, ["same_object"])


def test_weights_that_are_all_one_number_show_no_copy():
    for number in (0.0, 0.5):
        first, second = dense_model(*TWIN), dense_model(*TWIN)
        for model in (first, second):
            model.set_weights([np.full(w.shape, number) for w in model.get_weights()])
        verdict = hand_in("introduction-weights", sequential_model=first, twin=second)
        assert (verdict.fraction, codes(verdict)) == (0.0, ["weights_constant"])
