"""Right in another spelling: full marks, on the course's exercises and on a model of our own."""

from __future__ import annotations

import numpy as np
import pytest

from beyond_sequential import data
from beyond_sequential.model.spec import Spec
from tests.helpers.handing_in import against, hand_in, keras, layers, ops, said


def right(verdict):
    assert (verdict.outcome, verdict.fraction) == ("right", 1.0), said(verdict)
    assert verdict.findings == ()


ALL: list = []


def spelling(exercise, name):
    """Register another right way to make `name`."""

    def register(made):
        ALL.append(pytest.param(exercise, name, made, id=made.__name__))
        return made

    return register


LAYER = spelling("introduction-layer", "one_layer")
TWIN = spelling("introduction-twin", "build_twin")
MODEL = spelling("several-inputs-model", "build_qa_model")


# --- a layer with relu --------------------------------------------------------------------------


@LAYER
def relu_as_an_activation_layer(inputs):
    return layers.Activation("relu")(layers.Dense(32)(inputs))


@LAYER
def relu_as_a_relu_layer(inputs):
    return layers.ReLU()(layers.Dense(32)(inputs))


@LAYER
def relu_as_an_operation(inputs):
    return ops.relu(layers.Dense(32)(inputs))


@LAYER
def relu_as_a_function(inputs):
    return keras.activations.relu(layers.Dense(32)(inputs))


@LAYER
def relu_handed_in_as_a_function(inputs):
    return layers.Dense(32, activation=keras.activations.relu)(inputs)


@LAYER
def relu_handed_in_as_an_operation(inputs):
    return layers.Dense(32, activation=ops.relu)(inputs)


@LAYER
def relu_handed_in_as_a_layer(inputs):
    return layers.Dense(32, activation=layers.ReLU())(inputs)


@LAYER
def with_a_name_and_defaults_written_out(inputs):
    dense = layers.Dense(
        units=32,
        activation="relu",
        use_bias=True,
        name="mine",
        kernel_initializer="he_normal",
        bias_initializer="ones",
    )
    return dense(inputs)


@LAYER
def in_a_list(inputs):
    return [layers.Dense(32, activation="relu")(inputs)]


@LAYER
def as_a_model_called_on_the_tensor(inputs):
    inner = keras.Input(inputs.shape[1:])
    block = keras.Model(inner, layers.Dense(32, activation="relu")(inner))
    return block(inputs)


@LAYER
def as_a_sequential_called_on_the_tensor(inputs):
    return keras.Sequential([layers.Dense(32, activation="relu")])(inputs)


@LAYER
def with_other_calls_on_the_way(inputs):
    dense = layers.Dense(32, activation="relu")
    dense(keras.Input(inputs.shape[1:]))
    layers.Dense(7)(dense(inputs))
    return dense(inputs)


# --- the twin -----------------------------------------------------------------------------------


def chain(x, last="softmax"):
    x = layers.Dense(32, activation="relu")(x)
    x = layers.Dense(32, activation="relu")(x)
    return layers.Dense(10, activation=last)(x)


@TWIN
def with_inputs_in_a_list():
    x = keras.Input((64,))
    return keras.Model([x], chain(x))


@TWIN
def with_both_in_lists():
    x = keras.Input((64,))
    return keras.Model([x], [chain(x)])


@TWIN
def with_inputs_in_a_tuple():
    x = keras.Input((64,))
    return keras.Model((x,), chain(x))


@TWIN
def with_inputs_in_a_dict():
    x = keras.Input((64,), name="features")
    return keras.Model({"features": x}, chain(x))


@TWIN
def with_outputs_in_a_dict():
    x = keras.Input((64,))
    return keras.Model(x, {"classes": chain(x)})


@TWIN
def with_keywords_and_names():
    x = keras.Input(shape=(64,), name="features")
    return keras.Model(inputs=x, outputs=chain(x), name="net")


@TWIN
def with_the_whole_shape_of_a_batch():
    x = keras.Input(batch_shape=(None, 64))
    return keras.Model(x, chain(x))


@TWIN
def with_an_input_layer():
    x = layers.Input(shape=[64], dtype="float32")
    return keras.models.Model(x, chain(x))


@TWIN
def softmax_as_a_layer():
    x = keras.Input((64,))
    return keras.Model(x, layers.Softmax()(chain(x, None)))


@TWIN
def softmax_as_an_activation():
    x = keras.Input((64,))
    return keras.Model(x, layers.Activation("softmax")(chain(x, "linear")))


@TWIN
def softmax_as_an_operation():
    x = keras.Input((64,))
    return keras.Model(x, ops.softmax(chain(x, None), axis=-1))


@TWIN
def softmax_as_a_function():
    x = keras.Input((64,))
    return keras.Model(x, keras.activations.softmax(chain(x, None)))


@TWIN
def in_a_loop_with_a_helper():
    inputs = x = keras.Input((64,))
    for units, activation in ((32, "relu"), (32, "relu"), (10, "softmax")):
        x = layers.Dense(units, activation=activation)(x)
    return keras.Model(inputs, x)


@TWIN
def with_a_sequential_inside():
    x = keras.Input((64,))
    body = keras.Sequential([layers.Dense(32, activation="relu") for _ in range(2)])
    return keras.Model(x, layers.Dense(10, activation="softmax")(body(x)))


@TWIN
def with_a_nested_model_inside():
    y = keras.Input((64,))
    body = keras.Model(y, layers.Dense(32, activation="relu")(y))
    x = keras.Input((64,))
    hidden = layers.Dense(32, activation="relu")(body(x))
    return keras.Model(x, layers.Dense(10, activation="softmax")(hidden))


@TWIN
def as_a_subclass_made_of_functional_parts():
    class Net(keras.Model):
        def __init__(self):
            x = keras.Input((64,))
            super().__init__(x, chain(x))

    return Net()


@TWIN
def as_a_subclass_with_arguments_by_keyword():
    class Net(keras.Model):
        def __init__(self, **options):
            x = keras.Input((64,))
            super().__init__(inputs=x, outputs=chain(x), **options)

    return Net(name="mine")


@TWIN
def with_trying_out_on_the_way():
    x = keras.Input((64,))
    outputs = chain(x)
    keras.Model(x, layers.Dense(3)(outputs)).summary(print_fn=lambda line: None)
    model = keras.Model(x, outputs)
    model(np.zeros((2, 64), "float32"))
    model.compile("adam", "mse")
    return model


@TWIN
def made_from_a_config():
    x = keras.Input((64,))
    model = keras.Model(x, chain(x))
    return keras.Model.from_config(model.get_config())


@TWIN
def cloned():
    x = keras.Input((64,))
    return keras.models.clone_model(keras.Model(x, chain(x)))


@TWIN
def with_a_layer_that_does_nothing():
    x = keras.Input((64,))
    return keras.Model(x, layers.Identity()(chain(layers.Activation("linear")(x))))


@TWIN
def from_tensorflow_keras():
    import tensorflow

    tf_keras = tensorflow.keras
    x = tf_keras.Input(shape=(64,))
    y = tf_keras.layers.Dense(32, activation="relu")(x)
    y = tf_keras.layers.Dense(32, activation="relu")(y)
    return tf_keras.Model(x, tf_keras.layers.Dense(10, activation="softmax")(y))


# --- two inputs ---------------------------------------------------------------------------------


def two_inputs():
    text = keras.Input((100,), dtype="int32", name="text")
    question = keras.Input((100,), dtype="int32", name="question")
    return text, question


def read(tensor, width, units):
    return layers.LSTM(units)(layers.Embedding(10000, width)(tensor))


def head(both):
    return layers.Dense(500, activation="softmax")(both)


def joined(join):
    text, question = two_inputs()
    both = join([read(text, 64, 32), read(question, 32, 16)])
    return keras.Model([text, question], head(both))


@MODEL
def concatenated_by_the_function():
    return joined(layers.concatenate)


@MODEL
def concatenated_by_the_layer():
    return joined(layers.Concatenate(axis=-1, name="joined"))


@MODEL
def concatenated_by_the_operation():
    return joined(lambda parts: ops.concatenate(parts, axis=-1))


@MODEL
def concatenated_on_the_axis_counted_from_the_front():
    return joined(layers.Concatenate(axis=1))


@MODEL
def concatenated_as_a_tuple():
    return joined(lambda parts: layers.concatenate(tuple(parts), axis=1))


@MODEL
def concatenated_the_other_way_round():
    """The exercise says nothing of the order of the branches."""
    return joined(lambda parts: layers.concatenate(parts[::-1]))


@MODEL
def the_question_first_in_the_code():
    question = keras.Input((100,), dtype="int32", name="question")
    b = read(question, 32, 16)
    text = keras.Input((100,), dtype="int32", name="text")
    a = read(text, 64, 32)
    return keras.Model([text, question], head(layers.concatenate([a, b])))


@MODEL
def with_inputs_by_name():
    text, question = two_inputs()
    both = layers.concatenate([read(text, 64, 32), read(question, 32, 16)])
    return keras.Model({"text": text, "question": question}, head(both))


@MODEL
def with_two_inputs_in_a_tuple():
    text, question = two_inputs()
    both = layers.concatenate([read(text, 64, 32), read(question, 32, 16)])
    return keras.Model((text, question), head(both))


@MODEL
def with_branches_as_sequentials():
    text, question = two_inputs()
    a = keras.Sequential([layers.Embedding(10000, 64), layers.LSTM(32)])(text)
    b = keras.Sequential([layers.Embedding(10000, 32), layers.LSTM(16)])(question)
    return keras.Model([text, question], head(layers.concatenate([a, b])))


@MODEL
def with_branches_as_models():
    def branch(width, units):
        words = keras.Input((100,), dtype="int32")
        return keras.Model(words, read(words, width, units))

    text, question = two_inputs()
    both = layers.concatenate([branch(64, 32)(text), branch(32, 16)(question)])
    return keras.Model([text, question], head(both))


@MODEL
def with_a_head_as_a_model():
    text, question = two_inputs()
    both = layers.concatenate([read(text, 64, 32), read(question, 32, 16)])
    x = keras.Input((48,))
    return keras.Model([text, question], keras.Model(x, head(x))(both))


@MODEL
def with_a_nested_model_of_a_dict():
    a, b = keras.Input((100,), name="a"), keras.Input((100,), name="b")
    inner = keras.Model({"a": a, "b": b}, layers.concatenate([read(a, 64, 32), read(b, 32, 16)]))
    text, question = two_inputs()
    return keras.Model([text, question], head(inner({"b": question, "a": text})))


@MODEL
def with_lstm_defaults_written_out():
    text, question = two_inputs()
    rows = layers.Embedding(input_dim=10000, output_dim=64, mask_zero=False)(text)
    a = layers.LSTM(32, return_sequences=False, activation="tanh", dropout=0.0)(rows)
    both = layers.concatenate([a, read(question, 32, 16)])
    return keras.Model([text, question], head(both))


@pytest.mark.parametrize(("exercise", "name", "made"), ALL)
def test_on_the_course(exercise, name, made):
    right(hand_in(exercise, **{name: made}))


def test_the_same_cell_twice():
    def build_twin():
        x = keras.Input((64,))
        return keras.Model(x, chain(x))

    right(hand_in("introduction-twin", build_twin=build_twin))
    right(hand_in("introduction-twin", build_twin=build_twin))


def test_the_same_model_each_time():
    """A function may hand out the model that it made before."""
    x = keras.Input((64,))
    model = keras.Model(x, chain(x))
    right(hand_in("introduction-twin", build_twin=lambda: model))
    right(hand_in("introduction-twin", build_twin=lambda: model))


def test_a_layer_kept_outside_of_the_function():
    """It is shared by the two branches of nothing: each case calls it on its own Input."""
    made = {}

    def one_layer(inputs):
        size = inputs.shape[-1]
        return made.setdefault(size, layers.Dense(32, activation="relu"))(inputs)

    right(hand_in("introduction-layer", one_layer=one_layer))


def test_a_callable_that_is_no_function():
    class Build:
        def __call__(self):
            x = keras.Input((64,))
            return keras.Model(x, chain(x))

    right(hand_in("introduction-twin", build_twin=Build()))


# --- compile and data ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        lambda: ("rmsprop", "categorical_crossentropy"),
        lambda: ("RMSprop", "categorical_crossentropy"),
        lambda: (keras.optimizers.RMSprop(0.01), keras.losses.CategoricalCrossentropy()),
        lambda: ("rmsprop", keras.losses.categorical_crossentropy),
        lambda: (keras.optimizers.get("rmsprop"), keras.losses.get("categorical_crossentropy")),
        lambda: ("rmsprop", ["categorical_crossentropy"]),
    ],
)
def test_compiled(options):
    x = keras.Input((64,))
    classifier = keras.Model(x, chain(x))
    optimizer, loss = options()
    classifier.compile(optimizer=optimizer, loss=loss)
    right(hand_in("introduction-compile", classifier=classifier))


def test_compiled_with_more_than_was_asked_for():
    x = keras.Input((64,))
    classifier = keras.Model(x, chain(x))
    classifier.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy", "mae"])
    right(hand_in("introduction-compile", classifier=classifier))


@pytest.mark.parametrize(
    "change",
    [
        lambda d, y: {"inputs_list": (d["text"], d["question"])},
        lambda d, y: {"inputs_dict": {"question": d["question"], "text": d["text"]}},
        lambda d, y: {"targets": y.astype("float64")},
        lambda d, y: {"targets": y.astype("int64")},
        lambda d, y: {"targets": [y]},
        lambda d, y: {"targets": ops.one_hot(d["answers"], 500)},
        lambda d, y: {"inputs_list": [ops.convert_to_tensor(d["text"]), d["question"]]},
        lambda d, y: {"inputs_list": [d["text"].astype("float32"), d["question"].copy()]},
    ],
    ids=["tuple", "other order", "float64", "int64", "list", "ops", "tensor", "copies"],
)
def test_fed(change):
    train = data("several_inputs")
    y = np.eye(500, dtype="float32")[train["answers"]]
    named = {
        "inputs_list": [train["text"], train["question"]],
        "inputs_dict": {"text": train["text"], "question": train["question"]},
        "targets": y,
    }
    right(hand_in("several-inputs-feeding", **{**named, **change(train, y)}))


# --- a model that no section contains -----------------------------------------------------------


def block(picture, numbers):
    """A picture twice convolved, added to itself convolved once, and numbers beside it."""
    main = layers.Conv2D(8, 3, padding="same", activation="relu")(picture)
    main = layers.Conv2D(8, 3, padding="same", activation="sigmoid")(main)
    short = layers.Conv2D(8, 1, strides=2, padding="same")(picture)
    main = layers.MaxPooling2D(2, strides=2, padding="same")(main)
    seen = layers.GlobalMaxPooling2D()(layers.add([main, short]))
    return layers.concatenate([seen, layers.Dense(4, activation="tanh")(numbers)])


CASES = ((Spec((12, 12, 3), name="picture"), Spec((5,), name="numbers")),)


def respelt(
    relu=lambda x: layers.Activation("relu")(x),
    sigmoid=lambda x: layers.Activation("sigmoid")(x),
    add=lambda a, b: layers.add([a, b]),
    join=lambda a, b: layers.concatenate([a, b]),
    three=3,
    pool=lambda x: layers.MaxPooling2D(2, strides=2, padding="same")(x),
    two=2,
):
    def build(picture, numbers):
        main = relu(layers.Conv2D(8, three, padding="same")(picture))
        main = sigmoid(layers.Conv2D(8, three, padding="SAME".lower())(main))
        short = layers.Conv2D(8, 1, strides=two, padding="same")(picture)
        seen = layers.GlobalMaxPool2D()(add(pool(main), short))
        return join(seen, layers.Dense(4, activation="tanh")(numbers))

    return build


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"relu": lambda x: layers.ReLU()(x)},
        {"relu": lambda x: ops.relu(x)},
        {"relu": lambda x: keras.activations.relu(x)},
        {"relu": lambda x: layers.Activation(keras.activations.relu)(x)},
        {"relu": lambda x: layers.Activation(ops.relu)(x)},
        {"sigmoid": lambda x: ops.sigmoid(x)},
        {"sigmoid": lambda x: keras.activations.sigmoid(x)},
        {"sigmoid": lambda x: keras.activations.get("sigmoid")(x)},
        {"add": lambda a, b: layers.add([b, a])},
        {"add": lambda a, b: layers.Add()([a, b])},
        {"add": lambda a, b: a + b},
        {"add": lambda a, b: b + a},
        {"add": lambda a, b: ops.add(a, b)},
        {"join": lambda a, b: layers.Concatenate()([a, b])},
        {"join": lambda a, b: layers.concatenate([b, a])},
        {"join": lambda a, b: layers.concatenate([a, b], axis=1)},
        {"join": lambda a, b: ops.concatenate([a, b], axis=1)},
        {"join": lambda a, b: ops.concatenate([a, b], axis=-1)},
        {"join": lambda a, b: ops.concatenate((b, a), -1)},
        {"three": (3, 3)},
        {"three": [3, 3]},
        {"two": (2, 2)},
        {"pool": lambda x: layers.MaxPool2D((2, 2), padding="same")(x)},
        {"pool": lambda x: layers.MaxPool2D(strides=(2, 2), padding="same")(x)},
    ],
)
def test_on_a_model_of_no_section(change):
    right(against(block, respelt(**change), *CASES))


@pytest.mark.parametrize(
    "change",
    [
        {"relu": lambda x: layers.LeakyReLU()(x)},
        {"relu": lambda x: layers.ReLU(max_value=6)(x)},
        {"sigmoid": lambda x: ops.tanh(x)},
        {"add": lambda a, b: a * b},
        {"add": lambda a, b: a - b},
        {"add": lambda a, b: b + b},
        {"join": lambda a, b: layers.concatenate([a, a, b])},
        {"three": (3, 5)},
        {"three": 1},
        {"pool": lambda x: layers.AveragePooling2D(2, strides=2, padding="same")(x)},
        {"pool": lambda x: layers.MaxPool2D(3, strides=2, padding="same")(x)},
    ],
)
def test_what_only_looks_alike_is_not_right(change):
    """The spellings above pass because they mean the same, not because anything passes."""
    assert against(block, respelt(**change), *CASES).fraction < 1


def test_the_order_of_branches_counts_where_the_exercise_says_so():
    turned = respelt(join=lambda a, b: layers.concatenate([b, a]))
    assert against(block, turned, *CASES, concat_order=True).fraction < 1
    right(against(block, respelt(), *CASES, concat_order=True))


def test_pooling_of_sequences_by_either_name():
    def one(x):
        return layers.GlobalMaxPooling1D()(layers.MaxPooling1D(2)(layers.Conv1D(4, 3)(x)))

    def other(x):
        return layers.GlobalMaxPool1D()(layers.MaxPool1D((2,))(layers.Conv1D(4, (3,))(x)))

    right(against(one, other, (Spec((20, 3)),)))


def test_a_shared_encoder_as_a_sequential_or_as_layers():
    def layered():
        a, b = keras.Input((9, 4), name="a"), keras.Input((9, 4), name="b")
        lstm, dense = layers.LSTM(3), layers.Dense(2)
        both = layers.concatenate([dense(lstm(a)), dense(lstm(b))])
        return keras.Model([a, b], layers.Dense(1, activation="sigmoid")(both))

    def nested():
        a, b = keras.Input((9, 4), name="a"), keras.Input((9, 4), name="b")
        encoder = keras.Sequential([keras.Input((9, 4)), layers.LSTM(3), layers.Dense(2)])
        both = layers.concatenate([encoder(a), encoder(b)])
        return keras.Model([a, b], layers.Dense(1, activation="sigmoid")(both))

    def functional():
        x = keras.Input((9, 4))
        encoder = keras.Model(x, layers.Dense(2)(layers.LSTM(3)(x)))
        a, b = keras.Input((9, 4), name="a"), keras.Input((9, 4), name="b")
        both = layers.concatenate([encoder(a), encoder(b)])
        return keras.Model([a, b], ops.sigmoid(layers.Dense(1)(both)))

    for solution in (layered, nested):
        for found in (layered, nested, functional):
            right(against(solution, found))


def test_a_subclass_with_a_call_of_its_own():
    def solution():
        x = keras.Input((4,))
        return keras.Model(x, layers.Dense(2)(layers.Dense(3, activation="relu")(x)))

    def found():
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.one, self.two = layers.Dense(3), layers.Dense(2)

            def call(self, x):
                return self.two(ops.relu(self.one(x)))

        net = Net()
        net(np.zeros((1, 4), "float32"))
        return net

    right(against(solution, found))
