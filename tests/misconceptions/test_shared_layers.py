"""Section 5, M43 to M46: one layer called twice, and what only looks like it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.handing_in import against, hand_in, keras, layers
from tests.helpers.misconceptions import on_own_models, on_the_course, one_cause

TWICE = ("shared-layers-twice", "side_by_side")
PARTLY = ("shared-layers-partly", "all_shared")
EARS = "shared-layers-model"


def side_by_side(left, right):
    listen = layers.LSTM(32)
    codes = layers.concatenate([listen(left), listen(right)])
    return layers.Dense(1, activation="sigmoid")(codes)


def all_shared(left, right):
    embed, reader = layers.Embedding(1000, 16), layers.LSTM(16)
    codes = layers.concatenate([reader(embed(left)), reader(embed(right))])
    return layers.Dense(1, activation="sigmoid")(codes)


def recordings():
    return keras.Input((16, 16), name="left"), keras.Input((16, 16), name="right")


def compiled(model):
    model.compile(keras.optimizers.RMSprop(learning_rate=0.01), "binary_crossentropy")
    return model


def ears(make=side_by_side):
    left, right = recordings()
    return compiled(keras.Model([left, right], make(left, right)))


RIGHT = {
    "shared-layers-twice": lambda: {"side_by_side": side_by_side},
    "shared-layers-partly": lambda: {
        "all_shared": all_shared,
        "saved": 4 * (16 * 16 + 16 * 16 + 16),
    },
    EARS: lambda: {"ears": ears()},
}
COURSE, row, handed = on_the_course(RIGHT)


@pytest.mark.parametrize("exercise", RIGHT)
def test_the_course_is_solvable_as_these_cases_have_it(exercise):
    """Otherwise any mistake would be found."""
    assert hand_in(exercise, **RIGHT[exercise]()).outcome == "right"


@row(
    "M43",
    *TWICE,
    "not_shared",
    "2 layers.*one shared",
    r"LSTM\(32\). in the branch of `left`",
    r"LSTM\(32\). in the branch of `right`",
    "make it once",
)
def two_lstms(left, right):
    codes = layers.concatenate([layers.LSTM(32)(left), layers.LSTM(32)(right)])
    return layers.Dense(1, activation="sigmoid")(codes)


@row(
    "M43",
    *TWICE,
    "not_shared",
    "2 layers.*one shared",
    r"LSTM\(32\). in the branch of `left`",
    r"LSTM\(32\). in the branch of `right`",
    "make it once",
)
def a_function_that_makes_a_layer_each_time(left, right):
    def listen(recording):
        return layers.LSTM(32)(recording)

    codes = layers.concatenate([listen(left), listen(right)])
    return layers.Dense(1, activation="sigmoid")(codes)


@handed(
    "M43",
    EARS,
    "not_shared",
    "2 layers.*one shared",
    r"LSTM\(32\). in the branch of `left`",
    r"LSTM\(32\). in the branch of `right`",
    "make it once",
)
def ears_that_are_two():
    return {"ears": ears(two_lstms)}


@row(
    "M44",
    *PARTLY,
    "not_shared",
    r": .LSTM\(16\). in the branch of `left`, .LSTM\(16\). in the branch of `right`\.",
    "make it once",
)
def the_embedding_only(left, right):
    embed = layers.Embedding(1000, 16)
    codes = [layers.LSTM(16)(embed(left)), layers.LSTM(16)(embed(right))]
    return layers.Dense(1, activation="sigmoid")(layers.concatenate(codes))


@row(
    "M44",
    *PARTLY,
    "not_shared",
    r": .Embedding\(1000, 16\). in the branch of `left`, [^,]*, 16\). in the branch of `right`\.",
    "make it once",
)
def the_lstm_only(left, right):
    reader = layers.LSTM(16)
    left_code = reader(layers.Embedding(1000, 16)(left))
    right_code = reader(layers.Embedding(1000, 16)(right))
    return layers.Dense(1, activation="sigmoid")(layers.concatenate([left_code, right_code]))


@row("M43", *PARTLY, "not_shared", r"LSTM\(16\)", r"Embedding\(1000, 16\)", "made 2 times")
def nothing_is_shared(left, right):
    left_code = layers.LSTM(16)(layers.Embedding(1000, 16)(left))
    right_code = layers.LSTM(16)(layers.Embedding(1000, 16)(right))
    return layers.Dense(1, activation="sigmoid")(layers.concatenate([left_code, right_code]))


@row(
    "M45",
    *TWICE,
    "not_shared",
    "2 layers.*one shared",
    r"LSTM\(32\). in the branch of `left`",
    r"LSTM\(32\). in the branch of `right`",
    "make it once",
    "copied weights part",
)
def copied_weights(left, right):
    one, two = layers.LSTM(32), layers.LSTM(32)
    codes = [one(left), two(right)]
    two.set_weights(one.get_weights())
    return layers.Dense(1, activation="sigmoid")(layers.concatenate(codes))


@row(
    "M45",
    *TWICE,
    "not_shared",
    "2 layers.*one shared",
    r"LSTM\(32\). in the branch of `left`",
    r"LSTM\(32\). in the branch of `right`",
    "make it once",
    "copied weights part",
)
def one_seed_for_two_layers(left, right):
    def listen(recording):
        same = keras.initializers.GlorotUniform(seed=1)
        return layers.LSTM(32, kernel_initializer=same)(recording)

    codes = layers.concatenate([listen(left), listen(right)])
    return layers.Dense(1, activation="sigmoid")(codes)


@handed(
    "M45",
    EARS,
    "not_shared",
    "2 layers.*one shared",
    r"LSTM\(32\). in the branch of `left`",
    r"LSTM\(32\). in the branch of `right`",
    "make it once",
    "copied weights part",
)
def ears_with_copied_weights():
    left, right = recordings()
    one, two = layers.LSTM(32), layers.LSTM(32)
    codes = layers.concatenate([one(left), two(right)])
    two.set_weights(one.get_weights())
    return {"ears": compiled(keras.Model([left, right], layers.Dense(1, "sigmoid")(codes)))}


@handed("M45", "shared-layers-step", "closed", "shared", "added up, not averaged")
def a_step_of_copies():
    return {"left_copy": 0.8, "right_copy": 0.7, "shared": 0.75}


@row("M12", *TWICE, "wiring", r"LSTM\(32\)", "reads `left`", "must read `right`")
def one_side_twice(left, right):
    listen = layers.LSTM(32)
    codes = layers.concatenate([listen(left), listen(left)])
    return layers.Dense(1, activation="sigmoid")(codes)


@handed("M13", EARS, "input_order", "order", "`right`, `left`")
def ears_the_wrong_way_round():
    left, right = recordings()
    return {"ears": compiled(keras.Model([right, left], side_by_side(left, right)))}


@row("M42", *TWICE, "replaced", "`Add` in the place of `Concatenate`")
def codes_added(left, right):
    listen = layers.LSTM(32)
    return layers.Dense(1, activation="sigmoid")(layers.add([listen(left), listen(right)]))


@pytest.mark.parametrize(("give", "code", "words"), COURSE)
def test_on_the_course(give, code, words):
    one_cause(give(), code, words)


@pytest.mark.parametrize("name", ["tensor", "array", "other model"])
def test_m46_calls_outside_of_the_model_cost_nothing(name):
    def build(left, right):
        listen = layers.LSTM(32)
        if name == "tensor":
            listen(keras.Input(left.shape[1:]))
        elif name == "array":
            listen(np.zeros((1, *left.shape[1:]), "float32"))
        else:
            keras.Model(left, layers.Dense(3)(listen(left)))
        codes = layers.concatenate([listen(left), listen(right)])
        return layers.Dense(1, activation="sigmoid")(codes)

    assert hand_in("shared-layers-twice", side_by_side=build).outcome == "right"


# --- the same on models that no section contains --------------------------------------------------


def three_views():
    """Three rows of numbers, read by one chain of two layers."""
    rows = [keras.Input((12,), name=name) for name in ("front", "side", "top")]
    one, two = layers.Dense(9, activation="gelu"), layers.Dense(7, activation="tanh")
    codes = layers.concatenate([two(one(row)) for row in rows])
    return keras.Model(rows, layers.Dense(4, activation="softmax")(codes))


def compared():
    """Two sentences, each read by one GRU; what comes of it is multiplied."""
    a = keras.Input((None,), dtype="int32", name="a")
    b = keras.Input((None,), dtype="int32", name="b")
    table, reader = layers.Embedding(300, 6), layers.GRU(5)
    alike = layers.multiply([reader(table(a)), reader(table(b))])
    return keras.Model([a, b], layers.Dense(1, activation="sigmoid")(alike))


OWN, rewrite = on_own_models()


@rewrite("M43", three_views, "not_shared", r"Dense\(9, gelu\)", "made 2 times", "make each once")
def one_view_of_its_own():
    rows = [keras.Input((12,), name=name) for name in ("front", "side", "top")]
    one, two = layers.Dense(9, activation="gelu"), layers.Dense(7, activation="tanh")
    top = layers.Dense(7, activation="tanh")(layers.Dense(9, activation="gelu")(rows[2]))
    codes = layers.concatenate([two(one(rows[0])), two(one(rows[1])), top])
    return keras.Model(rows, layers.Dense(4, activation="softmax")(codes))


@rewrite("M43", compared, "not_shared", r"GRU\(5\)", r"Embedding\(300, 6\)", "make each once")
def compared_by_two_readers():
    a = keras.Input((None,), dtype="int32", name="a")
    b = keras.Input((None,), dtype="int32", name="b")
    alike = layers.multiply(
        [
            layers.GRU(5)(layers.Embedding(300, 6)(a)),
            layers.GRU(5)(layers.Embedding(300, 6)(b)),
        ]
    )
    return keras.Model([a, b], layers.Dense(1, activation="sigmoid")(alike))


@rewrite(
    "M44",
    compared,
    "not_shared",
    r": .GRU\(5\). in the branch of `a`, .GRU\(5\). in the branch of `b`\.",
    "make it once",
)
def compared_with_one_table():
    a = keras.Input((None,), dtype="int32", name="a")
    b = keras.Input((None,), dtype="int32", name="b")
    table = layers.Embedding(300, 6)
    alike = layers.multiply([layers.GRU(5)(table(a)), layers.GRU(5)(table(b))])
    return keras.Model([a, b], layers.Dense(1, activation="sigmoid")(alike))


@rewrite(
    "M44",
    compared,
    "not_shared",
    r": .Embedding\(300, 6\). in the branch of `a`, .Embedding\(300, 6\). in the branch of `b`\.",
    "make it once",
)
def compared_with_two_tables():
    a = keras.Input((None,), dtype="int32", name="a")
    b = keras.Input((None,), dtype="int32", name="b")
    reader = layers.GRU(5)
    alike = layers.multiply(
        [reader(layers.Embedding(300, 6)(a)), reader(layers.Embedding(300, 6)(b))]
    )
    return keras.Model([a, b], layers.Dense(1, activation="sigmoid")(alike))


@rewrite(
    "M45",
    compared,
    "not_shared",
    "2 layers.*one shared",
    r"GRU\(5\). in the branch of `a`",
    r"GRU\(5\). in the branch of `b`",
    "make it once",
    "copied weights part",
)
def compared_with_a_copy():
    a = keras.Input((None,), dtype="int32", name="a")
    b = keras.Input((None,), dtype="int32", name="b")
    table, one, two = layers.Embedding(300, 6), layers.GRU(5), layers.GRU(5)
    alike = layers.multiply([one(table(a)), two(table(b))])
    two.set_weights(one.get_weights())
    return keras.Model([a, b], layers.Dense(1, activation="sigmoid")(alike))


@pytest.mark.parametrize(("give", "code", "words"), OWN)
def test_on_a_model_of_no_section(give, code, words):
    one_cause(give(), code, words)


@pytest.mark.parametrize("solution", [three_views, compared])
def test_the_solutions_are_right(solution):
    assert against(solution, solution).outcome == "right"


def test_m46_on_a_model_of_no_section():
    def build():
        model = compared()
        reader = next(layer for layer in model.layers if isinstance(layer, layers.GRU))
        reader(keras.Input((3, 6)))
        return model

    assert against(compared, build).outcome == "right"
