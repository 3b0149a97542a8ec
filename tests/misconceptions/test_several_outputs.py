"""Section 3, M23 to M34: heads, losses, weights, targets (M35 is a defect of one Keras)."""

from __future__ import annotations

import numpy as np
import pytest

from beyond_sequential import data
from beyond_sequential.course.exercise import AskArrays, AskModel, Compiled, Exercise, Fed
from tests.helpers.handing_in import hand_in, keras, layers
from tests.helpers.misconceptions import on_own_models, on_the_course, one_cause

MODEL = ("several-outputs-model", "build_profiler")
READER = ("several-outputs-reader", "build_reader")
LOSSES = "several-outputs-losses"
WEIGHTS = "several-outputs-weights"
TARGETS = "several-outputs-targets"
TRAINING = "several-outputs-training"


def trunk(posts):
    x = layers.Embedding(50000, 256)(posts)
    x = layers.Conv1D(128, 5, activation="relu")(x)
    x = layers.MaxPooling1D(5)(x)
    x = layers.Conv1D(256, 5, activation="relu")(x)
    x = layers.Conv1D(256, 5, activation="relu")(x)
    x = layers.MaxPooling1D(5)(x)
    x = layers.Conv1D(256, 5, activation="relu")(x)
    x = layers.Conv1D(256, 5, activation="relu")(x)
    x = layers.GlobalMaxPooling1D()(x)
    return layers.Dense(128, activation="relu")(x)


def word_numbers():
    return keras.Input((None,), dtype="int32", name="posts")


def heads(x):
    return [
        layers.Dense(1, name="age")(x),
        layers.Dense(10, activation="softmax", name="income")(x),
        layers.Dense(1, activation="sigmoid", name="gender")(x),
    ]


def build_profiler():
    posts = word_numbers()
    return keras.Model(posts, heads(trunk(posts)))


def read(posts):
    x = layers.Embedding(100, 64)(posts)
    x = layers.Conv1D(128, 5, activation="relu")(x)
    return layers.GlobalMaxPooling1D()(x)


def small_heads(x, names=("age", "income", "gender"), income="softmax", gender="sigmoid"):
    start = keras.initializers.Constant(25)
    return [
        layers.Dense(1, name=names[0], bias_initializer=start)(x),
        layers.Dense(10, activation=income, name=names[1])(x),
        layers.Dense(1, activation=gender, name=names[2])(x),
    ]


def build_reader(**options):
    posts = word_numbers()
    return keras.Model(posts, small_heads(read(posts), **options))


BY_ORDER = ["mse", "categorical_crossentropy", "binary_crossentropy"]
BY_NAME = dict(zip(("age", "income", "gender"), BY_ORDER, strict=True))
WEIGHTS_BY_ORDER = [0.25, 1, 10]
WEIGHTS_BY_NAME = {"age": 0.25, "income": 1, "gender": 10}


def compiled(loss=None, model=None, **options):
    model = build_reader() if model is None else model
    model.compile(optimizer="rmsprop", loss=BY_ORDER if loss is None else loss, **options)
    return model


def targets():
    train = data("several_outputs")
    return [train["age"], train["income"], train["gender"]]


RIGHT = {
    "several-outputs-model": lambda: {"build_profiler": build_profiler},
    "several-outputs-reader": lambda: {"build_reader": build_reader},
    LOSSES: lambda: {"by_order": compiled(), "by_name": compiled(BY_NAME)},
    WEIGHTS: lambda: {
        "weighted_by_order": compiled(loss_weights=WEIGHTS_BY_ORDER),
        "weighted_by_name": compiled(BY_NAME, loss_weights=WEIGHTS_BY_NAME),
    },
    TARGETS: lambda: {
        "targets_by_order": targets(),
        "targets_by_name": dict(zip(BY_NAME, targets(), strict=True)),
    },
}
COURSE, row, handed = on_the_course(RIGHT)


@pytest.mark.parametrize("exercise", RIGHT)
def test_the_course_is_solvable_as_these_cases_have_it(exercise):
    """Otherwise any mistake would be found."""
    assert hand_in(exercise, **RIGHT[exercise]()).outcome == "right"


# --- M23, M24, M25: losses that do not reach their head -------------------------------------------


@handed("M23", LOSSES, "compile_key", "by_name", "`incomes`", "not the name of an output")
def a_misspelt_name():
    wrong = dict(zip(("age", "incomes", "gender"), BY_ORDER, strict=True))
    return {"by_name": compiled(wrong)}


@handed("M23", LOSSES, "compile_head_missing", "by_name", "`gender`", "`loss`", "never trains")
def a_name_is_missing():
    return {"by_name": compiled({"age": "mse", "income": "categorical_crossentropy"})}


@handed("M24", LOSSES, "compile_head_missing", "by_order", "`gender`", "`loss`", "never trains")
def a_list_of_two_losses():
    return {"by_order": compiled(BY_ORDER[:2])}


@handed(
    "M24",
    WEIGHTS,
    "compile_head_missing compile_head_missing",
    "weighted_by_order",
    "`gender`",
    "never trains",
)
def a_list_of_two_losses_and_two_weights():
    return {"weighted_by_order": compiled(BY_ORDER[:2], loss_weights=[0.25, 1])}


@row(
    "M25",
    *MODEL,
    "output_name",
    "outputs have no names of their own",
    "`age`, `income`, `gender`",
    "called after its layer",
)
def heads_without_names():
    posts = word_numbers()
    x = trunk(posts)
    age = layers.Dense(1)(x)
    income = layers.Dense(10, activation="softmax")(x)
    gender = layers.Dense(1, activation="sigmoid")(x)
    return keras.Model(posts, [age, income, gender])


@row(
    "M25",
    *MODEL,
    "output_name",
    "An output has no name of its own",
    "age",
    "called after its layer",
)
def names_of_variables_only():
    posts = word_numbers()
    x = trunk(posts)
    age = layers.Dense(1)(x)
    income = layers.Dense(10, activation="softmax", name="income")(x)
    gender = layers.Dense(1, activation="sigmoid", name="gender")(x)
    return keras.Model(posts, [age, income, gender])


@handed("M25", LOSSES, "compile_key", "by_name", "`age`", r"outputs are `dense(_\d+)?`")
def losses_by_names_that_the_heads_have_not():
    posts = word_numbers()
    x = read(posts)
    outputs = [
        layers.Dense(1)(x),
        layers.Dense(10, activation="softmax")(x),
        layers.Dense(1, activation="sigmoid")(x),
    ]
    return {"by_name": compiled(BY_NAME, model=keras.Model(posts, outputs))}


# --- M26, M27, M33: targets -----------------------------------------------------------------------


@handed("M26", TARGETS, "swapped", "targets_by_order", "`gender`", "`age`", "same shape")
def age_and_gender_exchanged():
    age, income, gender = targets()
    return {"targets_by_order": [gender, income, age]}


@handed("M26", TARGETS, "swapped", "targets_by_name", "`gender`", "`age`", "same shape")
def age_and_gender_exchanged_by_name():
    age, income, gender = targets()
    return {"targets_by_name": {"age": gender, "income": income, "gender": age}}


@handed("M27", TARGETS, "keys", "targets_by_name", "`ages`", "`age`")
def targets_under_wrong_names():
    age, income, gender = targets()
    return {"targets_by_name": {"ages": age, "income": income, "gender": gender}}


@handed("M27", TARGETS, "keys", "targets_by_name", "`age`, `income`;", "`gender`")
def one_target_forgotten():
    age, income, _ = targets()
    return {"targets_by_name": {"age": age, "income": income}}


@handed(
    "M33", TARGETS, "swapped", "targets_by_order", "`income`", "`age`", "not even the shapes agree"
)
def ten_columns_for_one_number():
    age, income, gender = targets()
    return {"targets_by_order": [income, age, gender]}


@handed(
    "M33",
    TARGETS,
    "array_shape array_shape array_shape",
    "targets_by_order",
    "`age`",
    r"\(2000, 12\)",
    r"\(2000, 1\)",
    "each of the columns",
)
def all_in_one_array():
    together = np.hstack(targets())
    return {"targets_by_order": [together, together, together]}


@handed(
    "M33",
    TARGETS,
    "array_shape",
    "targets_by_order",
    "`age`",
    r"\(2000, 2\)",
    r"\(2000, 1\)",
    "each of the columns",
)
def columns_stacked():
    age, income, gender = targets()
    return {"targets_by_order": [np.hstack([age, gender]), income, gender]}


# --- M28, M30, M31, M32: losses and weights that run and are wrong --------------------------------


@handed("M28", LOSSES, "compile_one_for_all", "by_order", "mean_squared_error", "all outputs")
def one_loss_for_all():
    return {"by_order": compiled("mse")}


@handed("M28", LOSSES, "compile_one_for_all", "by_order", "mean_squared_error", "all outputs")
def one_loss_three_times():
    return {"by_order": compiled(["mse"] * 3)}


@handed("M24", LOSSES, "compile_order", "by_order", "`loss`", "another order")
def losses_in_another_order():
    return {"by_order": compiled(BY_ORDER[::-1])}


@handed("M30", WEIGHTS, "compile_none", "weighted_by_order", "without `loss_weights`")
def no_weights():
    return {"weighted_by_order": compiled()}


@handed("M30", WEIGHTS, "compile_order", "weighted_by_order", "`loss_weights`", "another order")
def weights_turned_round():
    return {"weighted_by_order": compiled(loss_weights=[10, 1, 0.25])}


@handed(
    "M30",
    WEIGHTS,
    "compile_head compile_head compile_head",
    "weighted_by_name",
    "`age`",
    r"25.*0\.25",
)
def weights_of_another_scale():
    return {
        "weighted_by_name": compiled(
            BY_NAME, loss_weights={"age": 25, "income": 100, "gender": 1000}
        )
    }


@handed("M30", WEIGHTS, "compile_head_missing", "weighted_by_name", "`income`", "`loss_weights`")
def a_weight_is_missing():
    return {"weighted_by_name": compiled(BY_NAME, loss_weights={"age": 0.25, "gender": 10})}


@handed(
    "M31",
    LOSSES,
    "compile_head",
    "by_order",
    "`income`",
    "is binary_crossentropy; expected categorical_crossentropy",
    "must fit what the head gives",
)
def binary_crossentropy_on_ten_classes():
    return {"by_order": compiled(["mse", "binary_crossentropy", "binary_crossentropy"])}


@handed(
    "M31",
    LOSSES,
    "compile_head",
    "by_name",
    "`income`",
    "is mean_squared_error; expected categorical_crossentropy",
    "must fit what the head gives",
)
def mse_on_classes():
    return {"by_name": compiled({**BY_NAME, "income": "mse"})}


@row("M31", *MODEL, "setting", r"Dense\(1\)", "activation is `relu`", "`linear`")
def relu_on_the_age():
    posts = word_numbers()
    x = trunk(posts)
    age = layers.Dense(1, activation="relu", name="age")(x)
    return keras.Model(posts, [age, *heads(x)[1:]])


@handed("M32", LOSSES, "compile_head", "by_name", "`income`", "from_logits", "before softmax")
def logits_that_are_probabilities():
    crossentropy = keras.losses.CategoricalCrossentropy(from_logits=True)
    return {"by_name": compiled({**BY_NAME, "income": crossentropy})}


@row("M32", *MODEL, "setting", r"Dense\(1, sigmoid\)", "activation is `linear`", "`sigmoid`")
def a_linear_head_for_probabilities():
    posts = word_numbers()
    x = trunk(posts)
    age, income, _ = heads(x)
    return keras.Model(posts, [age, income, layers.Dense(1, name="gender")(x)])


@row("M34", *MODEL, "error_same_name", r"keras\.Model\(posts", "two layers", "called `head`")
def two_heads_of_one_name():
    posts = word_numbers()
    x = trunk(posts)
    age = layers.Dense(1, name="head")(x)
    income = layers.Dense(10, activation="softmax", name="head")(x)
    gender = layers.Dense(1, activation="sigmoid", name="gender")(x)
    return keras.Model(posts, [age, income, gender])


@row("M34", *MODEL, "error_slash", "slash in the name `age/years`")
def a_slash_in_a_name():
    posts = word_numbers()
    x = trunk(posts)
    age = layers.Dense(1, name="age/years")(x)
    return keras.Model(posts, [age, *heads(x)[1:]])


# --- training -----------------------------------------------------------------------------------


@handed(
    "M29",
    TRAINING,
    "metrics_flat",
    "reader",
    "flat list of metrics",
    "`age`, `income`, `gender`",
    "by name",
)
def a_flat_list_of_metrics():
    reader = compiled(loss_weights=WEIGHTS_BY_ORDER, metrics=["accuracy"])
    train = data("several_outputs")
    with pytest.raises(ValueError):
        reader.fit(train["posts"][:64], [t[:64] for t in targets()], verbose=0)
    return {"reader": reader}


@handed("M23", TRAINING, "compile_key", "reader", "`incomes`", "not the name of an output")
def trained_with_a_misspelt_name():
    reader = compiled({"age": "mse", "incomes": BY_ORDER[1], "gender": BY_ORDER[2]})
    with pytest.raises((ValueError, KeyError)):
        reader.fit(data("several_outputs")["posts"][:64], [t[:64] for t in targets()], verbose=0)
    return {"reader": reader}


@handed("M24", TRAINING, "training training compile_head_missing", "reader", "loss")
def trained_with_a_list_of_two():
    reader = compiled(BY_ORDER[:2])
    try:
        reader.fit(data("several_outputs")["posts"][:64], [t[:64] for t in targets()], verbose=0)
    except ValueError:
        pass
    return {"reader": reader}


@pytest.mark.parametrize(("give", "code", "words"), COURSE)
def test_on_the_course(give, code, words):
    one_cause(give(), code, words)


# --- the same on models that no section contains --------------------------------------------------


def flower():
    """Measures of a flower: its kind, and how tall it is."""
    measures = keras.Input((4,), name="measures")
    x = layers.Dense(8, activation="tanh")(measures)
    kind = layers.Dense(3, activation="softmax", name="kind")(x)
    height = layers.Dense(2, name="height")(x)
    return keras.Model(measures, [kind, height])


OWN, rewrite = on_own_models()


@rewrite(
    "M25",
    flower,
    "output_name",
    "An output has no name of its own",
    "height",
    "called after its layer",
    names=True,
)
def a_flower_without_a_name():
    measures = keras.Input((4,), name="measures")
    x = layers.Dense(8, activation="tanh")(measures)
    kind = layers.Dense(3, activation="softmax", name="kind")(x)
    return keras.Model(measures, [kind, layers.Dense(2)(x)])


@rewrite("M31", flower, "setting", r"Dense\(2\)", "activation is `relu`", "`linear`")
def a_flower_that_is_never_negative():
    measures = keras.Input((4,), name="measures")
    x = layers.Dense(8, activation="tanh")(measures)
    kind = layers.Dense(3, activation="softmax", name="kind")(x)
    return keras.Model(measures, [kind, layers.Dense(2, activation="relu", name="height")(x)])


@rewrite("M32", flower, "setting", r"Dense\(3, softmax\)", "activation is `linear`", "`softmax`")
def a_flower_of_logits():
    measures = keras.Input((4,), name="measures")
    x = layers.Dense(8, activation="tanh")(measures)
    return keras.Model(measures, [layers.Dense(3, name="kind")(x), layers.Dense(2)(x)])


@rewrite("M34", flower, "error_same_name", r"keras\.Model\(measures", "two layers", "called `out`")
def a_flower_with_one_name_twice():
    measures = keras.Input((4,), name="measures")
    x = layers.Dense(8, activation="tanh")(measures)
    kind = layers.Dense(3, activation="softmax", name="out")(x)
    height = layers.Dense(2, name="out")(x)
    return keras.Model(measures, [kind, height])


@rewrite("M34", flower, "error_slash", "slash in the name `dense/1`")
def a_flower_with_a_slash():
    measures = keras.Input((4,), name="measures")
    x = layers.Dense(8, activation="tanh", name="dense/1")(measures)
    kind = layers.Dense(3, activation="softmax", name="kind")(x)
    return keras.Model(measures, [kind, layers.Dense(2, name="height")(x)])


@rewrite("outputs", flower, "output_order", "`height`, `kind`", "order")
def a_flower_the_other_way_round():
    measures = keras.Input((4,), name="measures")
    x = layers.Dense(8, activation="tanh")(measures)
    kind = layers.Dense(3, activation="softmax", name="kind")(x)
    return keras.Model(measures, [layers.Dense(2, name="height")(x), kind])


@rewrite("outputs", flower, "output_missing", r"Dense\(2\)", "outputs")
def a_flower_without_a_height():
    measures = keras.Input((4,), name="measures")
    x = layers.Dense(8, activation="tanh")(measures)
    return keras.Model(measures, layers.Dense(3, activation="softmax", name="kind")(x))


@pytest.mark.parametrize(("give", "code", "words"), OWN)
def test_on_a_model_of_no_section(give, code, words):
    one_cause(give(), code, words)


GROWN = Exercise(
    "own-losses",
    asks=(AskModel("net"),),
    parts=(
        Compiled(
            "net",
            loss={"kind": "sparse_categorical_crossentropy", "height": "mae"},
            loss_weights={"kind": 3.0, "height": 0.5},
            outputs=("kind", "height"),
        ),
    ),
)


def grown(loss, weights):
    net = flower()
    net.compile("adam", loss, loss_weights=weights)
    return hand_in(GROWN, net=net)


SPARSE = "sparse_categorical_crossentropy"


@pytest.mark.parametrize(
    ("loss", "weights", "code", "words"),
    [
        pytest.param(
            {"kinds": SPARSE, "height": "mae"},
            [3, 0.5],
            "compile_key",
            ["`kinds`", "`kind`"],
            id="M23-wrong",
        ),
        pytest.param(
            {"height": "mae"}, [3, 0.5], "compile_head_missing", ["`kind`"], id="M23-missing"
        ),
        pytest.param([SPARSE], [3, 0.5], "compile_head_missing", ["`height`"], id="M24"),
        pytest.param("mae", [3, 0.5], "compile_one_for_all", ["mean_absolute_error"], id="M28"),
        pytest.param([SPARSE, "mae"], None, "compile_none", ["`loss_weights`"], id="M30-none"),
        pytest.param(
            [SPARSE, "mae"],
            [0.5, 3],
            "compile_order",
            ["`loss_weights`", "another order"],
            id="M30-turned",
        ),
        pytest.param(
            ["mse", "mae"],
            [3, 0.5],
            "compile_head",
            ["`kind`", "is mean_squared_error"],
            id="M31",
        ),
        pytest.param(
            ["categorical_crossentropy", "mae"],
            [3, 0.5],
            "compile_head",
            ["`kind`", "is categorical_crossentropy"],
            id="M21",
        ),
        pytest.param(
            lambda: [keras.losses.SparseCategoricalCrossentropy(from_logits=True), "mae"],
            [3, 0.5],
            "compile_head",
            ["`kind`", "from_logits", "before softmax"],
            id="M32",
        ),
    ],
)
def test_losses_of_a_model_of_no_section(loss, weights, code, words):
    assert grown([SPARSE, "mae"], {"kind": 3, "height": 0.5}).outcome == "right"
    one_cause(grown(loss() if callable(loss) else loss, weights), code, words)


def test_m26_m27_m33_on_other_arrays():
    """The second section's word numbers, as if they were targets of two heads."""
    exercise = Exercise(
        "own-targets",
        asks=(AskArrays("fed"),),
        parts=(Fed("fed", ("near", "far"), "several_inputs", ("text", "question"), None),),
    )
    train = data("several_inputs")
    near, far = train["text"], train["question"]
    assert hand_in(exercise, fed=[near, far]).outcome == "right"
    one_cause(hand_in(exercise, fed=[far, near]), "swapped", ["near", "far"])
    one_cause(hand_in(exercise, fed={"near": near, "fare": far}), "keys", ["`fare`"])
    one_cause(hand_in(exercise, fed=[near[:, :1], far]), "array_shape", ["near"])
