"""Sections 1 and 2, M01 to M22: inputs, outputs, calls, joins, data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from beyond_sequential import data
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import AskArrays, AskModel, Compiled, Exercise, Fed
from beyond_sequential.judge import judge
from beyond_sequential.judge.targets import target_of
from beyond_sequential.model.spec import Spec
from tests.helpers.handing_in import against, answer, asking, codes, hand_in, keras, layers, ops
from tests.helpers.misconceptions import on_own_models, on_the_course, one_cause

COURSE, row, _ = on_the_course({"introduction-disconnected": lambda: {"reason": "c"}})
OWN, rewrite = on_own_models()


# --- 7.1.1 on the course's exercises ------------------------------------------------------------

TWIN = ("introduction-twin", "build_twin")
MENDED = ("introduction-disconnected", "connected_model")
QA = ("several-inputs-model", "build_qa_model")


@row(
    "M01", *TWIN, "error_unreachable", r"keras\.Model\(second, outputs\)", "computed from the Input"
)
def the_model_begins_at_another_input():
    first = keras.Input((64,))
    second = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(first)
    x = layers.Dense(32, activation="relu")(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    return keras.Model(second, outputs)


@row("M02", *MENDED, "input_cut", r"Dense\(32, relu\)", "cut off", "intermediate tensor")
def the_input_is_overwritten():
    x = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    return keras.Model(x, outputs)


@row("M02", *TWIN, "input_cut", r"Dense\(32, relu\).*number 2", "cut off")
def the_input_is_overwritten_twice():
    x = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(x)
    x = layers.Dense(32, activation="relu")(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    return keras.Model(x, outputs)


@row("M03", "introduction-layer", "one_layer", "not_called", "Dense", "made, but not called")
def the_layer_is_not_called(inputs):
    return layers.Dense(32, activation="relu")


@row(
    "M03",
    *TWIN,
    "error_uncalled",
    r"layers\.Dense\(10, activation=.softmax.\)\(x\)",
    "Dense",
    "not called",
)
def a_layer_is_passed_on_uncalled():
    inputs = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(inputs)
    x = layers.Dense(32, activation="relu")
    outputs = layers.Dense(10, activation="softmax")(x)
    return keras.Model(inputs, outputs)


@row("M03", *TWIN, "error_uncalled", r"keras\.Model\(inputs, outputs\)", "Dense", "not called")
def the_output_is_an_uncalled_layer():
    inputs = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(inputs)
    x = layers.Dense(32, activation="relu")(x)
    outputs = layers.Dense(10, activation="softmax")
    return keras.Model(inputs, outputs)


@row("M04", *TWIN, "missing", r"Dense\(32, relu\)", "lacks", "way from the outputs")
def a_dead_step():
    inputs = keras.Input((64,))
    hidden = layers.Dense(32, activation="relu")(inputs)
    deeper = layers.Dense(32, activation="relu")(hidden)  # noqa: F841
    outputs = layers.Dense(10, activation="softmax")(hidden)
    return keras.Model(inputs, outputs)


@row("M05", "introduction-layer", "one_layer", "setting", r"Dense\(32, relu\)", "activation")
def no_activation(inputs):
    return layers.Dense(32)(inputs)


@row("M05", *TWIN, "setting", r"Dense\(32, relu\).*number 2", "activation", "linear", "relu")
def no_activation_on_a_hidden_layer():
    inputs = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(inputs)
    x = layers.Dense(32)(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


@row("M05", *TWIN, "setting", r"Dense\(10, softmax\)", "activation", "linear")
def no_activation_on_the_output():
    inputs = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(inputs)
    x = layers.Dense(32, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(10)(x))


@row("M06", *TWIN, "setting", r"Dense\(10, softmax\)", "units.*1.*10")
def softmax_over_one_unit():
    inputs = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(inputs)
    x = layers.Dense(32, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(1, activation="softmax")(x))


@row("M07", *TWIN, "error_again", r"x = hidden\(x\)", "called before", "make two")
def one_layer_where_two_are_meant():
    inputs = keras.Input((64,))
    hidden = layers.Dense(32, activation="relu")
    x = hidden(inputs)
    x = hidden(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


@row("M08", *TWIN, "error_input_shape", r"keras\.Input\(shape=64\)", "64 is a number", "tuple")
def a_shape_that_is_a_number():
    inputs = keras.Input(shape=64)
    x = layers.Dense(32, activation="relu")(inputs)
    x = layers.Dense(32, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


@row("M09", *TWIN, "other_keras", "tf_keras", "course uses `keras`")
def the_other_keras():
    return type("Functional", (), {"__module__": "tf_keras.src.engine.functional"})()


@row("M09", "introduction-layer", "one_layer", "other_keras", "tf_keras", "course uses `keras`")
def a_layer_of_the_other_keras(inputs):
    return type("KerasTensor", (), {"__module__": "tf_keras.src.engine.keras_tensor"})()


@row("M10", *TWIN, "error_keywords", r"keras\.Model\(input=", "`input` is not", "`inputs`")
def the_old_keywords():
    inputs = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(inputs)
    x = layers.Dense(32, activation="relu")(x)
    outputs = layers.Dense(10, activation="softmax")(x)
    return keras.Model(input=inputs, output=outputs)


# --- 7.1.2 on the course's exercises ------------------------------------------------------------


def two_inputs():
    text = keras.Input((100,), dtype="int32", name="text")
    question = keras.Input((100,), dtype="int32", name="question")
    return text, question


def read(tensor, width, units, **settings):
    return layers.LSTM(units, **settings)(layers.Embedding(10000, width)(tensor))


def answer_of(both):
    return layers.Dense(500, activation="softmax")(both)


def qa_model():
    text, question = two_inputs()
    both = layers.concatenate([read(text, 64, 32), read(question, 32, 16)])
    return keras.Model([text, question], answer_of(both))


def test_the_course_is_solvable_as_these_cases_have_it():
    """Otherwise any mistake would be found."""
    assert hand_in("several-inputs-model", build_qa_model=qa_model).outcome == "right"


@row("M12", *QA, "wiring", r"Embedding\(10000, 32\)", "reads `text`", "must read `question`")
def the_second_branch_reads_the_first_input():
    text, question = two_inputs()
    both = layers.concatenate([read(text, 64, 32), read(text, 32, 16)])
    return keras.Model([text, question], answer_of(both))


@row("M13", *QA, "input_order", "order", "`question`, `text`")
def the_inputs_are_swapped_in_the_model():
    text, question = two_inputs()
    both = layers.concatenate([read(text, 64, 32), read(question, 32, 16)])
    return keras.Model([question, text], answer_of(both))


@row("M13", *QA, "wiring", "exchanged|must read", "text", "question")
def the_branches_are_swapped():
    text, question = two_inputs()
    both = layers.concatenate([read(question, 64, 32), read(text, 32, 16)])
    return keras.Model([text, question], answer_of(both))


@row("M15", *QA, "input_name", "named", "query", "question")
def an_input_of_another_name():
    text = keras.Input((100,), dtype="int32", name="text")
    query = keras.Input((100,), dtype="int32", name="query")
    both = layers.concatenate([read(text, 64, 32), read(query, 32, 16)])
    return keras.Model([text, query], answer_of(both))


@row("M16", *QA, "setting", "Embedding", "`text`", "exchanged", "parameter count")
def an_embedding_the_wrong_way_round():
    text, question = two_inputs()
    rows = layers.Embedding(64, 10000)(text)
    both = layers.concatenate([layers.LSTM(32)(rows), read(question, 32, 16)])
    return keras.Model([text, question], answer_of(both))


@row(
    "M17",
    *QA,
    "error_join_shapes",
    r"layers\.concatenate\(\[a, b\], axis=0\)",
    "axis 0",
    "last axis",
)
def joined_along_the_samples():
    text, question = two_inputs()
    a, b = read(text, 64, 32), read(question, 32, 16)
    both = layers.concatenate([a, b], axis=0)
    return keras.Model([text, question], answer_of(both))


@row("M18", *QA, "error_shapes", r"layers\.add\(\[a, b\]\)", "`Add`", "concatenate")
def added_in_place_of_joined():
    text, question = two_inputs()
    a, b = read(text, 64, 32), read(question, 32, 16)
    both = layers.add([a, b])
    return keras.Model([text, question], answer_of(both))


@row(
    "M19",
    *QA,
    "error_join_ranks",
    r"layers\.concatenate\(\[a, b\]\)",
    r"\(None, 100, 32\)",
    "sequence and a vector",
    "return_sequences",
)
def return_sequences_left_on_in_one_branch():
    text, question = two_inputs()
    a, b = read(text, 64, 32, return_sequences=True), read(question, 32, 16)
    both = layers.concatenate([a, b])
    return keras.Model([text, question], answer_of(both))


@row("M22", *QA, "error_no_list", r"layers\.concatenate\(a, b\)", "one list")
def concatenate_without_a_list():
    text, question = two_inputs()
    a, b = read(text, 64, 32), read(question, 32, 16)
    both = layers.concatenate(a, b)
    return keras.Model([text, question], answer_of(both))


@pytest.mark.parametrize(("give", "code", "words"), COURSE)
def test_on_the_course(give, code, words):
    one_cause(give(), code, words)


def test_m11_an_input_is_left_out():
    """From Keras 3.14 on the line raises; before, the model was made.  The finding is the same."""

    def build_qa_model():
        text, question = two_inputs()
        both = layers.concatenate([read(text, 64, 32), read(question, 32, 16)])
        outputs = answer_of(both)
        return keras.Model(text, outputs)

    verdict = hand_in("several-inputs-model", build_qa_model=build_qa_model)
    if codes(verdict) == ["error_unreachable"]:
        one_cause(verdict, "error_unreachable", (r"keras\.Model\(text, outputs\)", "`question`"))
    else:
        one_cause(verdict, "input_missing", ("`question`", "used, but", "not among"))


def without_input(given, name, number):
    """An answer as Keras up to 3.13 gives it: input `number` is used, but not the model's."""
    (case,) = given.cases(name)
    body = case.graph.body
    inputs = [ref for at, ref in enumerate(body.inputs) if at != number]
    graph = replace(case.graph, body=replace(body, inputs=inputs))
    return replace(given, values={name: (replace(case, graph=graph),)})


def test_m11_as_older_versions_build_it():
    exercise = sections.exercise("several-inputs-model")
    given = answer(exercise, build_qa_model=qa_model)
    verdict = judge(exercise, without_input(given, "build_qa_model", 1))
    one_cause(verdict, "input_missing", ("`question`", "used, but", "not among"))


def test_m16_in_the_exercise_on_it():
    verdict = hand_in(
        "several-inputs-embedding",
        clue="b",
        numbers_in_batch=128 * 100 * 10000,
        embedded=lambda text: layers.Embedding(64, 10000)(text),
    )
    one_cause(verdict, "setting", ("Embedding", "exchanged", "input_dim", "output_dim"))


def test_m19_in_a_branch():
    verdict = hand_in(
        "several-inputs-branches",
        text_branch=lambda text: read(text, 64, 32),
        question_branch=lambda question: read(question, 32, 16, return_sequences=True),
    )
    one_cause(verdict, "setting", (r"LSTM\(16\)", "return_sequences", "True", "for each step"))


# --- data and compile, on the course's exercises ------------------------------------------------


def fed(**changed):
    train = data("several_inputs")
    text, question = train["text"], train["question"]
    right = {
        "inputs_list": [text, question],
        "inputs_dict": {"text": text, "question": question},
        "targets": np.eye(500, dtype="float32")[train["answers"]],
    }
    made = {name: change(train) for name, change in changed.items()}
    return hand_in("several-inputs-feeding", **{**right, **made})


def test_the_right_data_are_right():
    assert fed().outcome == "right"


@pytest.mark.parametrize(
    ("name", "change", "code", "words"),
    [
        pytest.param(
            "inputs_list",
            lambda d: [d["question"], d["text"]],
            "swapped",
            ["inputs_list", "`text`", "`question`", "same shape"],
            id="M13-list",
        ),
        pytest.param(
            "inputs_dict",
            lambda d: {"question": d["text"], "text": d["question"]},
            "swapped",
            ["inputs_dict", "`text`", "`question`", "same shape"],
            id="M13-dict",
        ),
        pytest.param(
            "inputs_dict",
            lambda d: {"text": d["text"], "questions": d["question"]},
            "keys",
            ["inputs_dict", "`questions`", "`question`", "names of the Inputs"],
            id="M14",
        ),
        pytest.param(
            "inputs_dict",
            lambda d: [d["text"], d["question"]],
            "container",
            ["inputs_dict", "dict"],
            id="M15-list",
        ),
        pytest.param(
            "inputs_dict",
            lambda d: {"input_1": d["text"], "input_2": d["question"]},
            "keys",
            ["`input_1`, `input_2`", "names of the Inputs"],
            id="M15-keys",
        ),
        pytest.param(
            "targets",
            lambda d: d["answers"],
            "not_one_hot",
            ["targets", r"\(2000, 500\)", "one-hot"],
            id="M21-targets",
        ),
    ],
)
def test_data(name, change, code, words):
    one_cause(fed(**{name: change}), code, words)


def classifier(loss):
    model = keras.Sequential(
        [
            keras.Input((64,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("rmsprop", loss)
    return model


def test_m21_the_sparse_loss():
    verdict = hand_in(
        "introduction-compile", classifier=classifier("sparse_categorical_crossentropy")
    )
    one_cause(verdict, "compile", ("`sparse_categorical_crossentropy`", "targets are written"))


# --- the same on models that no section contains ------------------------------------------------


def photo():
    """A picture and a table about it make a price."""
    image = keras.Input((28, 28, 3), name="image")
    table = keras.Input((12,), name="table")
    seen = layers.Conv2D(8, 3, activation="relu")(image)
    seen = layers.GlobalAveragePooling2D()(seen)
    known = layers.Dense(8, activation="tanh")(table)
    both = layers.concatenate([seen, known])
    price = layers.Dense(1, activation="sigmoid")(both)
    return keras.Model([image, table], price)


def twins():
    """Two rows of numbers of one shape, read by branches of one size."""
    left = keras.Input((16,), name="left")
    right = keras.Input((16,), name="right")
    a = layers.Dense(16, activation="elu")(left)
    a = layers.Dense(16, activation="elu")(a)
    b = layers.Dense(16, activation="gelu")(right)
    both = layers.concatenate([a, b])
    return keras.Model([left, right], layers.Dense(3, activation="softmax")(both))


def reviews():
    """Words, then what they mean together."""
    words = keras.Input((40,), dtype="int32", name="words")
    rows = layers.Embedding(5000, 24)(words)
    rows = layers.GRU(12, return_sequences=True)(rows)
    mood = layers.GRU(12)(rows)
    return keras.Model(words, layers.Dense(1)(mood))


def speech(samples, notes):
    """Two sequences of one length and one width, then one after the other."""
    low = layers.Conv1D(6, 5, padding="same", activation="relu")(samples)
    high = layers.Conv1D(6, 3, padding="same", activation="relu")(notes)
    return layers.LSTM(4)(layers.concatenate([low, high]))


SEQUENCES = ((Spec((20, 2), name="samples"), Spec((20, 3), name="notes")),)


@rewrite(
    "M01", photo, "error_unreachable", r"keras\.Model\(\[other, table\], price\)", "Input `image`"
)
def photo_from_another_input():
    image = keras.Input((28, 28, 3), name="image")
    other = keras.Input((28, 28, 3), name="other")
    table = keras.Input((12,), name="table")
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, activation="relu")(image))
    both = layers.concatenate([seen, layers.Dense(8, activation="tanh")(table)])
    price = layers.Dense(1, activation="sigmoid")(both)
    return keras.Model([other, table], price)


@rewrite("M02", photo, "input_cut", r"Dense\(8\)|table", "cut off", "intermediate")
def photo_with_an_overwritten_input():
    image = keras.Input((28, 28, 3), name="image")
    table = keras.Input((12,), name="table")
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, activation="relu")(image))
    table = layers.Dense(8, activation="tanh")(table)
    both = layers.concatenate([seen, table])
    return keras.Model([image, table], layers.Dense(1, activation="sigmoid")(both))


@rewrite("M02", twins, "input_cut", "left", "cut off", "intermediate")
def twins_cut_after_two_layers():
    left = keras.Input((16,), name="left")
    right = keras.Input((16,), name="right")
    left = layers.Dense(16, activation="elu")(left)
    left = layers.Dense(16, activation="elu")(left)
    b = layers.Dense(16, activation="gelu")(right)
    both = layers.concatenate([left, b])
    return keras.Model([left, right], layers.Dense(3, activation="softmax")(both))


@rewrite(
    "M03", photo, "error_uncalled", r"layers\.concatenate\(\[seen, known\]\)", "Dense", "not called"
)
def photo_with_an_uncalled_layer():
    image = keras.Input((28, 28, 3), name="image")
    table = keras.Input((12,), name="table")
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, activation="relu")(image))
    known = layers.Dense(8, activation="tanh")
    both = layers.concatenate([seen, known])
    return keras.Model([image, table], layers.Dense(1, activation="sigmoid")(both))


@rewrite("M03", speech, "not_called", "LSTM", "made, but not called", on=SEQUENCES)
def speech_that_returns_a_layer(samples, notes):
    return layers.LSTM(4)


@rewrite("M04", twins, "missing", r"Dense\(16, elu\)", "`left`", "lacks")
def twins_with_a_dead_step():
    left = keras.Input((16,), name="left")
    right = keras.Input((16,), name="right")
    a = layers.Dense(16, activation="elu")(left)
    c = layers.Dense(16, activation="elu")(a)  # noqa: F841
    b = layers.Dense(16, activation="gelu")(right)
    both = layers.concatenate([a, b])
    return keras.Model([left, right], layers.Dense(3, activation="softmax")(both))


@rewrite("M04", reviews, "missing", r"GRU\(12\)", "lacks")
def reviews_with_a_dead_step():
    words = keras.Input((40,), dtype="int32", name="words")
    rows = layers.Embedding(5000, 24)(words)
    better = layers.GRU(12, return_sequences=True)(rows)  # noqa: F841
    mood = layers.GRU(12)(rows)
    return keras.Model(words, layers.Dense(1)(mood))


@rewrite("M05", photo, "setting", r"Conv2D\(8, 3, relu\)", "`image`", "linear", "relu")
def photo_without_relu():
    image = keras.Input((28, 28, 3), name="image")
    table = keras.Input((12,), name="table")
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3)(image))
    both = layers.concatenate([seen, layers.Dense(8, activation="tanh")(table)])
    return keras.Model([image, table], layers.Dense(1, activation="sigmoid")(both))


@rewrite("M06", photo, "setting", r"Dense\(1, sigmoid\)", "activation.*softmax", "sigmoid")
def photo_with_softmax_over_one_unit():
    image = keras.Input((28, 28, 3), name="image")
    table = keras.Input((12,), name="table")
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, activation="relu")(image))
    both = layers.concatenate([seen, layers.Dense(8, activation="tanh")(table)])
    return keras.Model([image, table], layers.Dense(1, activation="softmax")(both))


@rewrite("M07", twins, "shared", r"Dense\(16, elu\)", "layer of its own", "same weights")
def twins_with_one_layer_twice():
    left = keras.Input((16,), name="left")
    right = keras.Input((16,), name="right")
    dense = layers.Dense(16, activation="elu")
    a = dense(dense(left))
    b = layers.Dense(16, activation="gelu")(right)
    both = layers.concatenate([a, b])
    return keras.Model([left, right], layers.Dense(3, activation="softmax")(both))


@rewrite("M08", photo, "error_input_shape", r"keras\.Input\(shape=12", "12 is a number", "tuple")
def photo_with_a_number_for_a_shape():
    image = keras.Input((28, 28, 3), name="image")
    table = keras.Input(shape=12, name="table")
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, activation="relu")(image))
    both = layers.concatenate([seen, layers.Dense(8, activation="tanh")(table)])
    return keras.Model([image, table], layers.Dense(1, activation="sigmoid")(both))


@rewrite("M10", reviews, "error_keywords", r"keras\.Model\(input=", "`input` is not", "`inputs`")
def reviews_with_old_keywords():
    words = keras.Input((40,), dtype="int32", name="words")
    rows = layers.GRU(12, return_sequences=True)(layers.Embedding(5000, 24)(words))
    mood = layers.Dense(1)(layers.GRU(12)(rows))
    return keras.Model(input=words, output=mood)


@rewrite("M12", twins, "wiring", r"Dense\(16, gelu\)", "reads `left`", "must read `right`")
def twins_that_read_one_input():
    left = keras.Input((16,), name="left")
    right = keras.Input((16,), name="right")
    a = layers.Dense(16, activation="elu")(layers.Dense(16, activation="elu")(left))
    b = layers.Dense(16, activation="gelu")(left)
    both = layers.concatenate([a, b])
    return keras.Model([left, right], layers.Dense(3, activation="softmax")(both))


@rewrite("M12", speech, "wiring", r"Conv1D\(6, 5, relu\)", "must read `samples`", on=SEQUENCES)
def speech_that_reads_one_input(samples, notes):
    low = layers.Conv1D(6, 5, padding="same", activation="relu")(notes)
    high = layers.Conv1D(6, 3, padding="same", activation="relu")(notes)
    return layers.LSTM(4)(layers.concatenate([low, high]))


@rewrite("M13", twins, "input_order", "order", "`right`, `left`")
def twins_in_the_other_order():
    left = keras.Input((16,), name="left")
    right = keras.Input((16,), name="right")
    a = layers.Dense(16, activation="elu")(layers.Dense(16, activation="elu")(left))
    b = layers.Dense(16, activation="gelu")(right)
    both = layers.concatenate([a, b])
    return keras.Model([right, left], layers.Dense(3, activation="softmax")(both))


@rewrite("M15", twins, "input_name", "named", "links", "left", names=True)
def twins_of_other_names():
    left = keras.Input((16,), name="links")
    right = keras.Input((16,), name="right")
    a = layers.Dense(16, activation="elu")(layers.Dense(16, activation="elu")(left))
    b = layers.Dense(16, activation="gelu")(right)
    both = layers.concatenate([a, b])
    return keras.Model([left, right], layers.Dense(3, activation="softmax")(both))


@rewrite("M16", reviews, "setting", "Embedding", "exchanged", "parameter count")
def reviews_with_a_turned_table():
    words = keras.Input((40,), dtype="int32", name="words")
    rows = layers.Embedding(24, 5000)(words)
    mood = layers.GRU(12)(layers.GRU(12, return_sequences=True)(rows))
    return keras.Model(words, layers.Dense(1)(mood))


@rewrite("M17", speech, "setting", "Concatenate", "axis", on=SEQUENCES)
def speech_joined_in_time(samples, notes):
    low = layers.Conv1D(6, 5, padding="same", activation="relu")(samples)
    high = layers.Conv1D(6, 3, padding="same", activation="relu")(notes)
    return layers.LSTM(4)(layers.concatenate([low, high], axis=1))


@rewrite("M18", speech, "replaced", "Add", "Concatenate", on=SEQUENCES)
def speech_added(samples, notes):
    low = layers.Conv1D(6, 5, padding="same", activation="relu")(samples)
    high = layers.Conv1D(6, 3, padding="same", activation="relu")(notes)
    return layers.LSTM(4)(layers.add([low, high]))


@rewrite("M18", photo, "replaced", "Multiply", "Concatenate")
def photo_multiplied():
    image = keras.Input((28, 28, 3), name="image")
    table = keras.Input((12,), name="table")
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 3, activation="relu")(image))
    both = layers.multiply([seen, layers.Dense(8, activation="tanh")(table)])
    return keras.Model([image, table], layers.Dense(1, activation="sigmoid")(both))


@rewrite("M18", twins, "replaced", "Average", "Concatenate")
def twins_averaged():
    left = keras.Input((16,), name="left")
    right = keras.Input((16,), name="right")
    a = layers.Dense(16, activation="elu")(layers.Dense(16, activation="elu")(left))
    b = layers.Dense(16, activation="gelu")(right)
    both = layers.average([a, b])
    return keras.Model([left, right], layers.Dense(3, activation="softmax")(both))


@rewrite("M19", reviews, "setting", r"GRU\(12\)", "return_sequences", "vector for each step")
def reviews_with_sequences_left_on():
    words = keras.Input((40,), dtype="int32", name="words")
    rows = layers.GRU(12, return_sequences=True)(layers.Embedding(5000, 24)(words))
    mood = layers.GRU(12, return_sequences=True)(rows)
    return keras.Model(words, layers.Dense(1)(mood))


@rewrite(
    "M19",
    reviews,
    "error_rank",
    r"layers\.GRU\(12\)\(rows\)",
    "GRU wants",
    r"\(None, 12\)",
    "sequence",
)
def reviews_without_sequences():
    words = keras.Input((40,), dtype="int32", name="words")
    rows = layers.GRU(12)(layers.Embedding(5000, 24)(words))
    mood = layers.GRU(12)(rows)
    return keras.Model(words, layers.Dense(1)(mood))


@rewrite("M20", reviews, "error_open_size", r"layers\.Dense\(1\)\(flat\)", "Dense", "open size")
def reviews_flattened_without_a_length():
    words = keras.Input((None,), dtype="int32", name="words")
    flat = layers.Flatten()(layers.Embedding(5000, 24)(words))
    mood = layers.Dense(1)(flat)
    return keras.Model(words, mood)


@rewrite(
    "M22", speech, "error_no_list", r"layers\.concatenate\(low, high\)", "one list", on=SEQUENCES
)
def speech_joined_without_a_list(samples, notes):
    low = layers.Conv1D(6, 5, padding="same", activation="relu")(samples)
    high = layers.Conv1D(6, 3, padding="same", activation="relu")(notes)
    both = layers.concatenate(low, high)
    return layers.LSTM(4)(both)


def block(x):
    """A block with a shortcut, and branches of unlike windows, joined."""
    y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    y = layers.add([layers.Conv2D(4, 3, padding="same")(y), x])
    wide = layers.Conv2D(6, 5, padding="same")(y)
    return layers.concatenate([layers.Conv2D(6, 1)(y), wide])


PICTURES = ((Spec((12, 12, 4), name="picture"),),)


@rewrite("M36", block, "error_join_shapes", r"ops\.concatenate", r"8, 8", "axis -1", on=PICTURES)
def block_without_padding(x):
    y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    y = layers.Conv2D(4, 3, padding="same")(y) + x
    wide = layers.Conv2D(6, 5)(y)
    return ops.concatenate([layers.Conv2D(6, 1)(y), wide], axis=-1)


@rewrite("M39", block, "error_shapes", r"\+ x", "`Add`", r"12, 12, 5", on=PICTURES)
def block_of_another_width(x):
    y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    y = layers.Conv2D(5, 3, padding="same")(y) + x
    return ops.concatenate([layers.Conv2D(6, 1)(y), layers.Conv2D(6, 5)(y)], axis=-1)


@rewrite("M22", block, "error_no_list", r"ops\.concatenate", "one list", on=PICTURES)
def block_joined_without_a_list(x):
    y = layers.add([layers.Conv2D(4, 3, padding="same")(x), x])
    return ops.concatenate(layers.Conv2D(6, 1)(y), layers.Conv2D(6, 5, padding="same")(y))


@rewrite("M03", block, "error_uncalled", r"ops\.concatenate", "Conv2D is a layer", on=PICTURES)
def block_joined_with_an_uncalled_layer(x):
    y = layers.Conv2D(4, 3, padding="same")(x)
    return ops.concatenate([y + x, layers.Conv2D(4, 1)])


@rewrite("M41", block, "wiring", "`Add` reads", "must read `picture`", "newer", on=PICTURES)
def block_added_to_itself(x):
    y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    y = layers.Conv2D(4, 3, padding="same")(y)
    y = layers.add([y, y])
    wide = layers.Conv2D(6, 5, padding="same")(y)
    return layers.concatenate([layers.Conv2D(6, 1)(y), wide])


@pytest.mark.parametrize(("give", "code", "words"), OWN)
def test_on_a_model_of_no_section(give, code, words):
    one_cause(give(), code, words)


@pytest.mark.parametrize(
    ("solution", "cases"), [(photo, ()), (twins, ()), (speech, SEQUENCES), (block, PICTURES)]
)
def test_the_solutions_are_right(solution, cases):
    assert against(solution, solution, *cases).outcome == "right"


def test_m11_on_a_model_of_no_section():
    exercise = asking()
    given = answer(exercise, build=photo)
    verdict = judge(exercise, without_input(given, "build", 0), target=target_of(exercise, given))
    one_cause(verdict, "input_missing", ("`image`", "used, but", "not among"))


def test_m13_m14_m15_on_other_arrays():
    """The first section's two arrays, as if both were inputs."""
    exercise = Exercise(
        "own-feeding",
        asks=(AskArrays("fed"),),
        parts=(Fed("fed", ("samples", "labels"), "introduction", ("x", "y"), "dict"),),
    )
    x, y = data("introduction").values()
    right = {"samples": x, "labels": y}
    assert hand_in(exercise, fed=right).outcome == "right"
    one_cause(hand_in(exercise, fed={"labels": x, "samples": y}), "swapped", ("samples", "labels"))
    one_cause(hand_in(exercise, fed={"sample": x, "labels": y}), "keys", ("`sample`",))
    one_cause(hand_in(exercise, fed=[x, y]), "container", ("dict",))


def test_m21_on_a_model_of_no_section():
    exercise = Exercise(
        "own-loss",
        asks=(AskModel("net"),),
        parts=(Compiled("net", loss="sparse_categorical_crossentropy"),),
    )
    net = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="softmax")])
    net.compile("adam", "categorical_crossentropy")
    verdict = hand_in(exercise, net=net)
    one_cause(verdict, "compile", ("`categorical_crossentropy`", "targets are written"))
