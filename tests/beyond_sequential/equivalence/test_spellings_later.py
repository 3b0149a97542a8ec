"""Right in another spelling, on the exercises of sections 3 to 6: full marks."""

from __future__ import annotations

import numpy as np
import pytest

from beyond_sequential import data
from tests.helpers.handing_in import hand_in, keras, layers, ops, said


def right(verdict):
    assert (verdict.outcome, verdict.fraction) == ("right", 1.0), said(verdict)
    assert verdict.findings == ()


ALL: list = []


def spelling(exercise, name):
    """Register another right way to make `name`, a function."""

    def register(made):
        ALL.append(pytest.param(exercise, lambda: {name: made}, id=made.__name__))
        return made

    return register


def handed(exercise):
    """Register a function that returns all names of an exercise."""

    def register(made):
        ALL.append(pytest.param(exercise, made, id=made.__name__))
        return made

    return register


# --- 3. several outputs ---------------------------------------------------------------------------

PROFILER = spelling("several-outputs-model", "build_profiler")
READER = spelling("several-outputs-reader", "build_reader")
LOSSES = handed("several-outputs-losses")
WEIGHTED = handed("several-outputs-weights")
TARGETS = handed("several-outputs-targets")


def profiler_trunk():
    return [
        layers.Embedding(50000, 256),
        layers.Conv1D(128, 5, activation="relu"),
        layers.MaxPooling1D(5),
        layers.Conv1D(256, 5, activation="relu"),
        layers.Conv1D(256, 5, activation="relu"),
        layers.MaxPooling1D(5),
        layers.Conv1D(256, 5, activation="relu"),
        layers.Conv1D(256, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(128, activation="relu"),
    ]


def three_heads(x, **age):
    return [
        layers.Dense(1, name="age", **age)(x),
        layers.Dense(10, activation="softmax", name="income")(x),
        layers.Dense(1, activation="sigmoid", name="gender")(x),
    ]


@PROFILER
def a_profiler_with_a_sequential_trunk():
    posts = keras.Input((None,), dtype="int32", name="posts")
    return keras.Model(posts, three_heads(keras.Sequential(profiler_trunk())(posts)))


@PROFILER
def a_profiler_in_a_loop():
    posts = x = keras.Input((None,), dtype="int32", name="posts")
    for layer in profiler_trunk():
        x = layer(x)
    return keras.Model(inputs=[posts], outputs=tuple(three_heads(x)), name="profiler")


@PROFILER
def a_profiler_in_other_words():
    posts = keras.Input(batch_shape=(None, None), dtype="int32", name="posts")
    x = layers.Embedding(input_dim=50000, output_dim=256)(posts)
    x = layers.ReLU()(layers.Conv1D(filters=128, kernel_size=(5,))(x))
    x = layers.MaxPool1D(pool_size=(5,), strides=5)(x)
    for pool in (layers.MaxPool1D(5), layers.GlobalMaxPool1D()):
        x = layers.Activation("relu")(layers.Conv1D(256, 5, padding="valid")(x))
        x = ops.relu(layers.Conv1D(256, 5, strides=1)(x))
        x = pool(x)
    x = layers.Dense(128, activation=keras.activations.relu)(x)
    age = layers.Dense(1, activation="linear", name="age")(x)
    income = layers.Dense(10, activation=keras.activations.softmax, name="income")(x)
    gender = layers.Dense(1, activation=ops.sigmoid, name="gender")(x)
    return keras.Model(posts, [age, income, gender])


@PROFILER
def a_profiler_with_names_on_activations():
    posts = x = keras.Input((None,), dtype="int32", name="posts")
    for layer in profiler_trunk():
        x = layer(x)
    age = layers.Dense(1, name="age")(x)
    income = layers.Softmax(name="income")(layers.Dense(10)(x))
    gender = layers.Activation("sigmoid", name="gender")(layers.Dense(1, name="before")(x))
    return keras.Model(posts, [age, income, gender])


@PROFILER
def a_profiler_with_outputs_in_a_dict():
    """The keys of a dict of outputs are their names, too."""
    posts = x = keras.Input((None,), dtype="int32", name="posts")
    for layer in profiler_trunk():
        x = layer(x)
    return keras.Model(posts, dict(zip(("age", "income", "gender"), three_heads(x), strict=True)))


def reader():
    posts = x = keras.Input((None,), dtype="int32", name="posts")
    x = layers.Embedding(100, 64)(x)
    x = layers.Conv1D(128, 5, activation="relu")(x)
    x = layers.GlobalMaxPooling1D()(x)
    start = keras.initializers.Constant(25)
    return keras.Model(posts, three_heads(x, bias_initializer=start))


ORDER = ("mse", "categorical_crossentropy", "binary_crossentropy")
HEADS = ("age", "income", "gender")


def compiled(loss, optimizer="rmsprop", **options):
    model = reader()
    model.compile(optimizer=optimizer, loss=loss, **options)
    return model


@LOSSES
def losses_as_strings():
    named = {"gender": ORDER[2], "income": ORDER[1], "age": "mean_squared_error"}
    return {"by_order": compiled(["MSE", *ORDER[1:]]), "by_name": compiled(named)}


@LOSSES
def losses_as_objects_and_functions():
    losses = keras.losses
    objects = [
        losses.MeanSquaredError(),
        losses.CategoricalCrossentropy(from_logits=False),
        losses.BinaryCrossentropy(),
    ]
    functions = [
        losses.mean_squared_error,
        losses.categorical_crossentropy,
        losses.binary_crossentropy,
    ]
    return {
        "by_order": compiled(objects, keras.optimizers.RMSprop()),
        "by_name": compiled(
            dict(zip(HEADS, functions, strict=True)), keras.optimizers.RMSprop(0.01)
        ),
    }


@LOSSES
def losses_in_a_tuple_with_metrics():
    metrics = {"age": "mae", "income": ["accuracy"], "gender": keras.metrics.BinaryAccuracy()}
    return {
        "by_order": compiled(ORDER, metrics=metrics),
        "by_name": compiled(dict(zip(HEADS, ORDER, strict=True)), metrics=metrics),
    }


@WEIGHTED
def weights_as_whole_numbers_and_floats():
    named = {"gender": 10.0, "age": 1 / 4, "income": 1.0}
    return {
        "weighted_by_order": compiled(list(ORDER), loss_weights=[0.25, 1, 10]),
        "weighted_by_name": compiled(dict(zip(HEADS, ORDER, strict=True)), loss_weights=named),
    }


@WEIGHTED
def weights_from_numpy():
    named = dict(zip(HEADS, np.array([0.25, 1, 10]), strict=True))
    return {
        "weighted_by_order": compiled(list(ORDER), loss_weights=list(np.array([0.25, 1, 10]))),
        "weighted_by_name": compiled(dict(zip(HEADS, ORDER, strict=True)), loss_weights=named),
    }


@TARGETS
def targets_in_a_tuple_and_another_order():
    train = data("several_outputs")
    return {
        "targets_by_order": tuple(train[head] for head in HEADS),
        "targets_by_name": {head: train[head] for head in reversed(HEADS)},
    }


@TARGETS
def targets_of_other_types():
    train = data("several_outputs")
    return {
        "targets_by_order": [train["age"].astype("float64"), train["income"], train["gender"]],
        "targets_by_name": {
            "age": ops.convert_to_tensor(train["age"]),
            "income": train["income"].astype("int32"),
            "gender": train["gender"].copy(),
        },
    }


# --- 4. graphs of layers --------------------------------------------------------------------------

INCEPTION = spelling("graphs-of-layers-inception", "inception")
RESIDUAL = spelling("graphs-of-layers-residual", "residual")
SHRINKING = spelling("graphs-of-layers-shrinking", "shrinking")


def conv(filters, size, strides=1):
    return layers.Conv2D(filters, size, strides=strides, padding="same", activation="relu")


@INCEPTION
def branches_as_sequentials(x, filters=128):
    a = conv(filters, 1, 2)
    b = keras.Sequential([conv(filters, 1), conv(filters, 3, 2)])
    pool = layers.AveragePooling2D(3, strides=2, padding="same")
    c = keras.Sequential([pool, conv(filters, 3)])
    d = keras.Sequential([conv(filters, 1), conv(filters, 3), conv(filters, 3, 2)])
    return layers.concatenate([branch(x) for branch in (d, c, b, a)], axis=3)


@INCEPTION
def branches_in_other_words(x, filters=128):
    """Where size and step are 1, padding changes nothing."""
    a = ops.relu(layers.Conv2D(filters, (1, 1), (2, 2))(x))
    b = layers.Conv2D(filters, 1, padding="valid", activation="relu")(x)
    b = layers.Conv2D(filters, (3, 3), strides=(2, 2), padding="same", activation="relu")(b)
    c = layers.AvgPool2D((3, 3), strides=(2, 2), padding="same")(x)
    c = layers.ReLU()(layers.Conv2D(filters, 3, padding="same")(c))
    d = layers.Conv2D(filters, kernel_size=1, activation="relu")(x)
    d = layers.Activation("relu")(layers.Conv2D(filters, 3, padding="same")(d))
    d = layers.Conv2D(filters, 3, strides=2, padding="same", activation=ops.relu)(d)
    return ops.concatenate((a, b, c, d), axis=-1)


@INCEPTION
def branches_joined_in_two_steps(x, filters=128):
    a, b = conv(filters, 1, 2)(x), conv(filters, 3, 2)(conv(filters, 1)(x))
    c = conv(filters, 3)(layers.AveragePooling2D(3, strides=2, padding="same")(x))
    d = conv(filters, 3, 2)(conv(filters, 3)(conv(filters, 1)(x)))
    left, right = layers.concatenate([a, b]), layers.concatenate([c, d])
    return layers.Concatenate()([left, right])


@RESIDUAL
def added_with_a_plus(x, filters=128):
    y = x
    for _ in range(3):
        y = conv(filters, 3)(y)
    return x + y


@RESIDUAL
def added_by_the_operation(x, filters=128):
    return ops.add(conv(filters, 3)(conv(filters, 3)(conv(filters, 3)(x))), x)


@RESIDUAL
def added_to_a_sequential(x, filters=128):
    way = keras.Sequential([conv(filters, 3) for _ in range(3)])
    return layers.Add(name="past")([x, way(x)])


@RESIDUAL
def added_in_a_model(x, filters=128):
    inner = keras.Input(x.shape[1:])
    y = conv(filters, (3, 3))(conv(filters, 3)(conv(filters, 3)(inner)))
    return keras.Model(inner, layers.add([inner, y]))(x)


@SHRINKING
def pooled_with_padding(x, filters=128):
    y = conv(filters, 3)(conv(filters, 3)(x))
    y = layers.MaxPooling2D(2, padding="same")(y)
    return layers.Conv2D(filters, 1, strides=2, padding="same")(x) + y


@SHRINKING
def pooled_without_padding(x, filters=128):
    y = layers.MaxPool2D((2, 2), strides=2)(conv(filters, 3)(conv(filters, 3)(x)))
    short = layers.Conv2D(filters, 1, strides=2, activation="linear")(x)
    return layers.add([short, y])


# --- 5. shared layers ----------------------------------------------------------------------------

TWICE = spelling("shared-layers-twice", "side_by_side")
PARTLY = handed("shared-layers-partly")
EARS = handed("shared-layers-model")


def unit(codes):
    return layers.Dense(1, activation="sigmoid")(codes)


@TWICE
def one_lstm_under_two_names(left, right):
    left_ear = layers.LSTM(32)
    right_ear = left_ear
    return unit(layers.concatenate([left_ear(left), right_ear(right)]))


@TWICE
def one_lstm_in_a_list(left, right):
    ears = [layers.LSTM(32)] * 2
    codes = [ear(side) for ear, side in zip(ears, (left, right), strict=True)]
    return ops.sigmoid(layers.Dense(1)(layers.Concatenate(axis=1)(codes)))


@TWICE
def one_sequential_called_twice(left, right):
    ear = keras.Sequential([layers.LSTM(32)])
    return unit(ops.concatenate([ear(left), ear(right)], axis=-1))


@TWICE
def one_model_called_twice(left, right):
    sound = keras.Input(left.shape[1:])
    ear = keras.Model(sound, layers.LSTM(32)(sound))
    return unit(layers.concatenate([ear(left), ear(right)]))


@TWICE
def a_sequential_and_the_layer_in_it(left, right):
    listen = layers.LSTM(32)
    ear = keras.Sequential([keras.Input(left.shape[1:]), listen])
    return unit(layers.concatenate([ear(left), listen(right)]))


@PARTLY
def a_reader_as_a_sequential():
    def all_shared(left, right):
        read = keras.Sequential([layers.Embedding(1000, 16), layers.LSTM(16)])
        return unit(layers.concatenate([read(left), read(right)]))

    return {"all_shared": all_shared, "saved": "2112"}


@PARTLY
def a_reader_as_a_function_of_layers():
    embed, lstm = layers.Embedding(input_dim=1000, output_dim=16), layers.LSTM(16)

    def all_shared(left, right):
        return unit(layers.concatenate([lstm(embed(side)) for side in (left, right)]))

    return {"all_shared": all_shared, "saved": 4 * (16 * 16 + 16 * 16 + 16)}


def recordings(**options):
    return keras.Input((16, 16), name="left"), keras.Input((16, 16), name="right")


@EARS
def ears_of_another_rate_with_metrics():
    left, right = recordings()
    ears = keras.Model(inputs=[left, right], outputs=one_lstm_in_a_list(left, right))
    ears.compile("rmsprop", loss=keras.losses.BinaryCrossentropy(), metrics=["accuracy"])
    return {"ears": ears}


@EARS
def ears_with_inputs_in_a_dict():
    left, right = recordings()
    ears = keras.Model({"left": left, "right": right}, one_sequential_called_twice(left, right))
    ears.compile(keras.optimizers.RMSprop(0.01), "binary_crossentropy")
    return {"ears": ears}


# --- 6. models as layers --------------------------------------------------------------------------

MENDED = spelling("models-as-layers-call", "mended")
STEREO = handed("models-as-layers-stereo")


def make_base():
    inputs = keras.Input((24,))
    return keras.Model(inputs, layers.Dense(4, activation="relu")(inputs))


@MENDED
def a_base_called(numbers):
    return layers.Dense(5, activation="softmax")(make_base()(numbers))


@MENDED
def a_sequential_on_the_base(numbers):
    return keras.Sequential([make_base(), layers.Dense(5), layers.Softmax()])(numbers)


@MENDED
def a_model_on_the_output_of_the_base(numbers):
    base = make_base()
    whole = keras.Model(base.inputs, layers.Dense(5, activation="softmax")(base.output))
    return whole(numbers)


def eye_of_layers():
    picture = keras.Input((10, 20, 1))
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(picture)
    x = layers.Conv2D(16, (3, 3), (2, 2), "same", activation="relu")(x)
    return keras.Model(picture, layers.Dense(16, activation="relu")(layers.Flatten()(x)))


def eye_as_a_sequential():
    return keras.Sequential(
        [
            keras.Input((10, 20, 1)),
            layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
            layers.Conv2D(16, 3, strides=2, padding="same"),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(16),
            layers.Activation("relu"),
        ]
    )


def views():
    return keras.Input((10, 20, 1), name="left"), keras.Input((10, 20, 1), name="right")


@STEREO
def stereo_by_a_function():
    eye = eye_of_layers()
    left, right = views()
    x = layers.concatenate([eye(left), eye(right)])
    outputs = layers.Dense(1)(layers.Dense(32, activation="relu")(x))
    return {
        "build_eye": eye_of_layers,
        "eye": eye,
        "stereo": keras.Model([left, right], outputs),
    }


@STEREO
def stereo_of_sequentials():
    eye = eye_as_a_sequential()
    left, right = views()
    head = keras.Sequential([layers.Dense(32, activation="relu"), layers.Dense(1)])
    codes = layers.Concatenate(axis=1)([eye(left), eye(right)])
    stereo = keras.Model({"left": left, "right": right}, head(codes))
    return {"build_eye": eye_as_a_sequential, "eye": eye, "stereo": stereo}


@STEREO
def stereo_as_a_subclass():
    class Stereo(keras.Model):
        def __init__(self, eye):
            left, right = views()
            codes = layers.concatenate([eye(left), eye(right)])
            head = layers.Dense(1, activation="linear")
            super().__init__([left, right], head(layers.Dense(32, activation="relu")(codes)))

    eye = eye_of_layers()
    return {"build_eye": eye_of_layers, "eye": eye, "stereo": Stereo(eye)}


def xception():
    return keras.applications.Xception(weights=None, include_top=False)


@handed("models-as-layers-two-cameras")
def two_cameras_with_a_fixed_size():
    base = keras.applications.Xception(
        weights=None, include_top=False, input_shape=(250, 250, 3), name="sees"
    )
    left, right = keras.Input((250, 250, 3)), keras.Input((250, 250, 3))
    both = layers.Concatenate()([base(left), base(right)])
    return {"two_cameras": keras.Model([left, right], both), "xception": base}


@handed("models-as-layers-two-cameras")
def two_cameras_in_a_sequential():
    base = xception()
    eye = keras.Sequential([base])
    left, right = keras.Input((250, 250, 3), name="a"), keras.Input((250, 250, 3), name="b")
    both = ops.concatenate([eye(left), eye(right)], axis=-1)
    return {"two_cameras": keras.Model((left, right), both), "xception": base}


@handed("models-as-layers-shapes")
def shapes_as_lists():
    return {
        "merged_shape": [8, 8, 4096],
        "pooled_shape": (4096,),
        "parameters": 20861480.0,
        "parameters_of_two": "41722960",
    }


@pytest.mark.parametrize(("exercise", "give"), ALL)
def test_on_the_course(exercise, give):
    right(hand_in(exercise, **give()))


@pytest.mark.parametrize(
    ("exercise", "names"),
    [
        ("several-outputs-lengths", {"remaining": "10", "shortest": 269.0}),
        ("several-outputs-shares", {"share_plain": 0.7 / 24.3, "share_weighted": "0.48"}),
        ("graphs-of-layers-sizes", {"heights": (16, 15, 13, 14)}),
        ("graphs-of-layers-which", {"graph": "(B)"}),
        ("graphs-of-layers-odd", {"long_rows": 14, "short_rows": 15.0}),
        ("shared-layers-programs", {"sharing": "A C E"}),
        ("shared-layers-programs", {"sharing": ["a", "c", "e"]}),
        ("shared-layers-programs", {"sharing": "a, c, e"}),
        ("shared-layers-step", {"left_copy": "4/5", "right_copy": 0.7, "shared": 1 / 2}),
        ("shared-layers-questions", {"impossible": "BD"}),
        ("models-as-layers-sizes", {"sizes": (100, 200, 100, 100, 0)}),
        ("shared-layers-questions", {"impossible": ["b", "d"]}),
        ("models-as-layers-freezing", {"moving": "be"}),
        ("models-as-layers-freezing", {"moving": ["b", "e"]}),
    ],
)
def test_closed_questions(exercise, names):
    right(hand_in(exercise, **names))
