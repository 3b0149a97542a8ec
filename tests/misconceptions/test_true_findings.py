"""The first finding names the true cause: what trials with the course's own exercises found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.handing_in import hand_in, keras, layers
from tests.helpers.misconceptions import on_the_course, one_cause
from tests.misconceptions.test_graphs_of_layers import conv, long_way

COURSE, row, handed = on_the_course({})
TWIN = ("introduction-twin", "build_twin")
LAYER = ("introduction-layer", "one_layer")
INCEPTION = ("graphs-of-layers-inception", "inception")
SHRINKING = ("graphs-of-layers-shrinking", "shrinking")


def relu(x: Any) -> Any:
    return layers.Dense(32, activation="relu")(x)


def softmax(x: Any) -> Any:
    return layers.Dense(10, activation="softmax")(x)


def twin() -> Any:
    inputs = keras.Input((64,))
    return keras.Model(inputs, softmax(relu(relu(inputs))))


# --- nothing is given back ------------------------------------------------------------------------


@row("T01", *TWIN, "gives_none", "`build_twin` gives nothing back", "no `return`")
def no_return():
    twin()


@row("T01", *LAYER, "gives_none", "nothing back", "`return` hands it back")
def no_return_of_a_tensor(inputs):
    x = layers.Dense(32, activation="relu")(inputs)  # noqa: F841


@row("T01", *TWIN, "gives_none", r"gives back `summary\(\.\.\.\)`")
def the_summary_is_returned():
    return twin().summary()


@row("T01", *LAYER, "gives_none", r"gives back `print\(\.\.\.\)`", "on a line of its own")
def print_is_returned(inputs):
    return print(relu(inputs).shape)


@handed("T01", "introduction-weights", "is_none", r"`twin` is what `set_weights\(\.\.\.\)` gives")
def weights_set_in_one_line():
    made = twin()
    cell = "twin = None\ntwin = build_twin().set_weights(sequential_model.get_weights())"
    return {"sequential_model": made, "twin": None, "In": ["", cell]}


@handed("T01", "introduction-compile", "is_none", r"`classifier` is what `compile\(\.\.\.\)` gives")
def compiled_in_one_line():
    return {"classifier": None, "In": ["classifier = build_twin().compile('rmsprop', loss='mse')"]}


@handed("T01", "introduction-training", "not_a_model", "type History", "on a line of its own")
def the_history_is_kept():
    return {"classifier": keras.callbacks.History()}


# --- cells that came to nothing -------------------------------------------------------------------


@handed("T02", "introduction-twin", "error", "`build_twin` stops at .*TabError")
def tabs_and_blanks():
    return {"In": ["def build_twin():\n\tx = 1\n        return x"]}


@handed("T02", "introduction-compile", "error", "`classifier` stops at .*SyntaxError")
def a_bracket_that_stays_open():
    return {"classifier": None, "In": ["classifier = None", "classifier = (build_twin()"]}


# --- another kind of object -----------------------------------------------------------------------


@row("T03", *LAYER, "not_a_tensor", "type generator", "output tensor", "`yield`")
def a_generator(inputs):
    yield relu(inputs)


@row("T03", *TWIN, "not_a_model", "type generator", "must give a model", "`yield`")
def a_generator_of_models():
    yield twin()


@row("T03", *LAYER, "not_a_tensor", "output tensor", "holds numbers already")
def called_on_an_array(inputs):
    return relu(np.zeros((1, 32)))


@row("T04", *LAYER, "error_tensorflow", r"tf\.nn\.relu\(", "TensorFlow", r"keras\.ops")
def relu_of_tensorflow(inputs):
    return tf.nn.relu(layers.Dense(32)(inputs))


@row("T04", *SHRINKING, "error_tensorflow", r"tf\.add\(", "TensorFlow")
def add_of_tensorflow(x, filters=128):
    return tf.add(long_way(x, filters), conv(x, filters, 1, 2))


@row("T05", *TWIN, "error_exchanged", "inputs and the outputs are exchanged", "inputs first")
def model_of_outputs_and_inputs():
    inputs = keras.Input((64,))
    outputs = softmax(relu(relu(inputs)))
    return keras.Model(outputs, inputs)


@row("T05", "several-inputs-model", "build_qa_model", "error_exchanged", "are exchanged")
def model_of_an_output_and_two_inputs():
    text, question = (
        keras.Input((100,), dtype="int32", name=name) for name in ("text", "question")
    )
    e = layers.LSTM(32)(layers.Embedding(10000, 64)(text))
    q = layers.LSTM(16)(layers.Embedding(10000, 32)(question))
    outputs = layers.Dense(500, activation="softmax")(layers.concatenate([e, q]))
    return keras.Model(outputs, [text, question])


# --- branches that do not begin at one tensor -----------------------------------------------------


@row("T06", *INCEPTION, "error_join_shapes", "One branch reads the result of another")
def a_pooling_behind_another_branch(x, filters=128):
    a = conv(x, filters, 1, 2)
    b = conv(conv(x, filters, 1), filters, 3, 2)
    c = conv(layers.AveragePooling2D(3, strides=2, padding="same")(b), filters, 3)
    d = conv(conv(conv(x, filters, 1), filters, 3), filters, 3, 2)
    return layers.concatenate([a, b, c, d])


@row("T06", *INCEPTION, "error_join_shapes", "One branch reads the result of another")
def a_branch_behind_the_first(x, filters=128):
    a = conv(x, filters, 1, 2)
    b = conv(conv(x, filters, 1), filters, 3, 2)
    c = conv(layers.AveragePooling2D(3, strides=2, padding="same")(x), filters, 3)
    d = conv(conv(conv(a, filters, 1), filters, 3), filters, 3, 2)
    return layers.concatenate([a, b, c, d])


@row("T06", *SHRINKING, "error_shapes", "One way reads the result of the other")
def a_projection_behind_the_long_way(x, filters=128):
    y = long_way(x, filters)
    return layers.add([y, conv(y, filters, 1, 2)])


# --- layers made outside the function -------------------------------------------------------------


@row("T07", *LAYER, "error_again", "called before", "made outside the function")
def a_layer_of_the_notebook(inputs):
    return NOTEBOOK["hidden"](inputs)


@row("T07", *SHRINKING, "error_again", "called before", "made outside the function")
def a_projection_of_the_notebook(x, filters=128):
    return layers.add([long_way(x, filters), NOTEBOOK["projection"](x)])


class _Made(dict[str, Any]):
    """Layers that are made when they are first used, once."""

    def __missing__(self, name: str) -> Any:
        made = {
            "hidden": lambda: layers.Dense(32, activation="relu"),
            "projection": lambda: layers.Conv2D(128, 1, strides=2, padding="same"),
        }
        globals()[name] = self[name] = made[name]()
        return self[name]


NOTEBOOK = _Made()


@pytest.mark.parametrize(("give", "code", "words"), COURSE)
def test_on_the_course(give: Any, code: str, words: Any) -> None:
    one_cause(give(), code, words)


def test_an_untouched_stub_is_not_attempted() -> None:
    def build_twin() -> None:
        """The model of `build_sequential`, written with calls."""
        # Write your code here.

    assert hand_in("introduction-twin", build_twin=build_twin).outcome == "not attempted"
