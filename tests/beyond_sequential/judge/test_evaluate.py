"""Predictions from a graph and its weights are Keras's own, and nothing foreign is run."""

from __future__ import annotations

import json
import resource
from dataclasses import replace

import numpy as np
import pytest

from beyond_sequential.judge import evaluate
from beyond_sequential.judge.evaluate import EvaluateError, predict
from beyond_sequential.model.capture import capture_graph
from beyond_sequential.model.graph import from_json, to_json, variables
from tests.helpers.handing_in import keras, layers, ops


def taken(model):
    """The graph after a journey through JSON, and the weights as arrays."""
    graph, weights = capture_graph(model)
    graph = from_json(json.loads(json.dumps(to_json(graph))))
    return graph, {id_: weight.numpy() for id_, weight in weights.items()}


def numbers(*shape, seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype("float32")


def model_of(shape, body):
    x = keras.Input(shape)
    return keras.Model(x, body(x))


def same(model, inputs, batch=3):
    """The graph's predictions are the model's, whatever the size of a batch."""
    graph, weights = taken(randomly(model))
    wanted = model.predict_on_batch(inputs)
    wanted = list(wanted.values()) if isinstance(wanted, dict) else wanted
    wanted = wanted if isinstance(wanted, (list, tuple)) else [wanted]
    found = predict(graph, weights, inputs if isinstance(inputs, dict | list) else [inputs], batch)
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def randomly(model):
    """Weights that no initializer gives: zeros and ones would hide an exchange."""
    random = np.random.RandomState(1)
    model.set_weights([random.uniform(0.1, 0.9, w.shape) for w in model.get_weights()])
    return model


VECTORS = {
    "dense": lambda x: layers.Dense(5, activation="gelu")(x),
    "without bias": lambda x: layers.Dense(5, use_bias=False)(x),
    "normalized": lambda x: layers.BatchNormalization()(layers.LayerNormalization()(x)),
    "dropout": lambda x: layers.Dropout(0.9)(layers.GaussianNoise(0.9)(x)),
    "relu layer": lambda x: layers.LeakyReLU(negative_slope=0.4)(layers.ReLU(max_value=1)(x)),
    "prelu": lambda x: layers.PReLU()(x),
    "activation": lambda x: layers.Activation("softplus")(layers.Softmax()(x)),
    "merges": lambda x: layers.concatenate(
        [
            layers.add([x, x]),
            layers.subtract([x, x]),
            layers.multiply([x, x]),
            layers.maximum([x, x]),
        ]
    ),
    "dot": lambda x: layers.Dot(axes=1)([x, layers.Dense(6)(x)]),
    "operators": lambda x: (x * 2 - 0.5) / 3 + x**2 - (-x),
    "operations": lambda x: ops.concatenate([ops.relu(x), ops.sigmoid(x), ops.exp(x)], axis=-1),
    "reductions": lambda x: ops.stack([ops.mean(x, axis=-1), ops.max(x, axis=1)], axis=1),
    "slices": lambda x: ops.concatenate([x[:, 1:3], x[:, -1:], x[..., ::2]], axis=1),
    "one column": lambda x: x[:, 2],
    "reshaped": lambda x: layers.Permute((2, 1))(layers.Reshape((2, 3))(x)),
    "repeated": lambda x: layers.Flatten()(layers.RepeatVector(3)(x)),
    "matmul": lambda x: ops.matmul(x, ops.transpose(x))[:, :1] * 0 + x,
    "where": lambda x: ops.where(x > 0, x, ops.zeros_like(x)),
    "constant": lambda x: ops.multiply(x, np.arange(6, dtype="float32")),
    "split": lambda x: ops.concatenate(list(reversed(ops.split(x, 2, axis=1))), axis=1),
    "rescaled": lambda x: layers.Rescaling(2.0, offset=1.0)(x),
    "clipped": lambda x: ops.clip(x, -0.2, 0.3),
}
SEQUENCES = {
    "lstm": lambda x: layers.LSTM(4, return_sequences=True)(x),
    "gru both ways": lambda x: layers.Bidirectional(layers.GRU(3))(x),
    "simple": lambda x: layers.SimpleRNN(4, go_backwards=True)(x),
    "convolved": lambda x: layers.MaxPooling1D(2)(layers.Conv1D(4, 3, padding="causal")(x)),
    "each step": lambda x: layers.TimeDistributed(layers.Dense(3, activation="tanh"))(x),
    "pooled": lambda x: layers.concatenate(
        [layers.GlobalMaxPooling1D()(x), layers.GlobalAveragePooling1D()(x)]
    ),
    "attended": lambda x: layers.MultiHeadAttention(2, 3)(x, x),
    "padded": lambda x: layers.Cropping1D(1)(layers.UpSampling1D(2)(layers.ZeroPadding1D(1)(x))),
    "its state": lambda x: layers.concatenate(layers.LSTM(4, return_state=True)(x)),
}
IMAGES = {
    "convolved": lambda x: layers.Conv2D(4, (3, 2), strides=2, padding="same")(x),
    "separable": lambda x: layers.SeparableConv2D(4, 3)(layers.DepthwiseConv2D(3)(x)),
    "transposed": lambda x: layers.Conv2DTranspose(2, 3, strides=2)(x),
    "dilated": lambda x: layers.Conv2D(4, 3, dilation_rate=2, groups=1)(x),
    "pooled": lambda x: layers.AveragePooling2D(3, strides=2, padding="same")(x),
    "flat": lambda x: layers.Dense(3)(layers.Flatten()(layers.MaxPooling2D()(x))),
    "residual": lambda x: layers.Conv2D(3, 3, padding="same", activation="relu")(x) + x,
}


@pytest.mark.parametrize("body", VECTORS.values(), ids=VECTORS.keys())
def test_on_vectors(body):
    same(model_of((6,), body), numbers(7, 6), batch=7 if body is VECTORS["matmul"] else 3)


@pytest.mark.parametrize("body", SEQUENCES.values(), ids=SEQUENCES.keys())
def test_on_sequences(body):
    same(model_of((8, 3), body), numbers(5, 8, 3))


@pytest.mark.parametrize("body", IMAGES.values(), ids=IMAGES.keys())
def test_on_images(body):
    same(model_of((9, 9, 3), body), numbers(4, 9, 9, 3))


@pytest.mark.parametrize("masked", [False, True])
def test_word_numbers_and_masks(masked):
    x = keras.Input((6,), dtype="int32")
    rows = layers.Embedding(20, 4, mask_zero=masked)(x)
    model = keras.Model(x, layers.Dense(2)(layers.LSTM(3)(rows)))
    ids = np.random.RandomState(0).randint(1, 20, (5, 6)).astype("int32")
    ids[:, 4:] = 0
    same(model, ids)


def test_shared_layers():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    dense = layers.Dense(3)
    model = keras.Model([a, b], layers.concatenate([dense(a), dense(b), layers.Dense(3)(a)]))
    same(model, [numbers(5, 4), numbers(5, 4, seed=2)])


def test_nested_and_shared_models():
    x = keras.Input((4,))
    base = keras.Model(x, layers.Dense(4, activation="tanh")(x))
    a, b = keras.Input((4,)), keras.Input((4,))
    both = layers.subtract([base(a), base(base(b))])
    same(keras.Model([a, b], both), [numbers(5, 4), numbers(5, 4, seed=2)])


def test_a_sequential_with_a_sequential_in_it():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="relu")])
    same(keras.Sequential([keras.Input((4,)), inner, layers.Dense(2)]), numbers(5, 4))


def test_a_nested_model_with_inputs_in_a_dict():
    p, q = keras.Input((3,), name="p"), keras.Input((4,), name="q")
    inner = keras.Model({"p": p, "q": q}, layers.concatenate([layers.Dense(2)(p), q]))
    a, b = keras.Input((3,), name="a"), keras.Input((4,), name="b")
    same(keras.Model([a, b], inner({"p": a, "q": b})), [numbers(5, 3), numbers(5, 4)])
    same(keras.Model([a, b], inner({"q": b, "p": a})), [numbers(5, 3), numbers(5, 4)])


def test_several_outputs():
    x = keras.Input((4,))
    hidden = layers.Dense(3)(x)
    same(keras.Model(x, [layers.Dense(1)(hidden), hidden]), numbers(5, 4))
    keyed = {"b": layers.Dense(1, name="b")(hidden), "a": layers.Dense(2, name="a")(x)}
    same(keras.Model(x, keyed), numbers(5, 4))


def test_a_subclass():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.one, self.two = layers.Dense(3, activation="relu"), layers.Dense(2)

        def call(self, x):
            return self.two(self.one(x)) + 1.0

    model = Net()
    model(numbers(1, 4))
    same(model, numbers(5, 4))


def test_a_dict_of_inputs_goes_by_name():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    model = randomly(keras.Model([a, b], layers.Dense(3)(a) - layers.Dense(3)(b)))
    graph, weights = taken(model)
    first, second = numbers(5, 4), numbers(5, 4, seed=2)
    wanted = model.predict_on_batch([first, second])
    for given in ([first, second], {"a": first, "b": second}, {"b": second, "a": first}):
        np.testing.assert_allclose(predict(graph, weights, given)[0], wanted, atol=1e-5)
    other = predict(graph, weights, [second, first])[0]
    assert abs(other - wanted).max() > 0.01


def test_names_that_are_not_the_models_are_taken_in_order():
    a, b = keras.Input((4,)), keras.Input((2,))
    model = randomly(keras.Model([a, b], layers.concatenate([a, b])))
    graph, weights = taken(model)
    data = {"text": numbers(3, 4), "question": numbers(3, 2)}
    np.testing.assert_allclose(
        predict(graph, weights, data)[0], np.concatenate(list(data.values()), 1), atol=1e-6
    )


def test_a_batch_is_as_large_as_memory_allows(monkeypatch):
    """Two tensors of six and five numbers a sample: eleven numbers, and the batch's least size."""
    graph, _weights = taken(model_of((6,), lambda x: layers.Dense(5)(x)))
    monkeypatch.setattr(evaluate, "MAX_ACTIVATIONS", 1100)
    assert evaluate._batch_size(graph) == 100
    monkeypatch.setattr(evaluate, "MAX_ACTIVATIONS", 11)
    assert evaluate._batch_size(graph) == evaluate.MIN_BATCH


def test_training_only_layers_do_nothing():
    model = model_of((6,), lambda x: layers.Dropout(0.9)(x, training=True))
    graph, weights = taken(model)
    np.testing.assert_allclose(predict(graph, weights, [numbers(5, 6)])[0], numbers(5, 6))


# --- what is refused ----------------------------------------------------------------------------


def refused(model, words, inputs=None):
    graph, weights = taken(model)
    with pytest.raises(EvaluateError, match=words):
        predict(graph, weights, [numbers(5, 6)] if inputs is None else inputs)


def test_a_lambda_is_refused():
    refused(model_of((6,), lambda x: layers.Lambda(lambda y: y * 2)(x)), "Lambda")


def test_a_layer_of_the_students_is_refused():
    class Twice(keras.layers.Layer):
        def build(self, shape):
            self.factor = self.add_weight(shape=(1,), name="factor")

        def call(self, x):
            return x * self.factor

    refused(model_of((6,), lambda x: Twice()(x)), "Twice")


def test_a_layer_that_hides_behind_a_name_of_keras_is_refused():
    graph, weights = taken(model_of((6,), lambda x: layers.Dense(2)(x)))
    for kind in (
        "Layer2",
        "__doc__",
        "deserialize",
        "ops.system",
        "custom.Dense",
        "Model",
        "Input",
    ):
        with pytest.raises(EvaluateError):
            predict(changed(graph, "Dense", kind=kind), weights, [numbers(5, 6)])


def changed(graph, of, **changes):
    """The graph with the layers of kind `of` forged."""
    new = {
        id_: replace(layer, **changes) if layer.kind == of else layer
        for id_, layer in graph.layers.items()
    }
    return replace(graph, layers=new)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("Lambda", {"function": "relu"}),
        ("TFSMLayer", {"filepath": "/nowhere"}),
        ("RNN", {"cell": "x"}),
        ("JaxLayer", {"call_fn": "x"}),
        ("FlaxLayer", {"module": "x"}),
        ("TorchModuleWrapper", {"module": "x"}),
        ("Wrapper", {"layer": "x"}),
    ],
)
def test_layers_that_run_what_they_are_given_are_never_made(kind, settings, monkeypatch):
    made = []
    monkeypatch.setattr(getattr(keras.layers, kind), "__init__", lambda *a, **k: made.append(a))
    graph, weights = taken(model_of((6,), lambda x: layers.ReLU()(x)))
    with pytest.raises(EvaluateError):
        predict(changed(graph, "ReLU", kind=kind, settings=settings), weights, [numbers(5, 6)])
    assert not made


OBJECT = {"class_name": "Lambda", "config": {}, "module": "os", "registered_name": None}


@pytest.mark.parametrize(
    "settings",
    [
        {"units": 2, "activation": OBJECT},
        {"units": 2, "dtype": {"class_name": "DTypePolicy", "config": {"name": "float16"}}},
        {"units": [2, 2]},
        {"units": "two"},
        {"units": 2, "no_such_setting": 1},
        {"units": 2, "activation": "no_such_activation"},
        {},
    ],
)
def test_settings_that_are_objects_or_nonsense_are_refused(settings):
    graph, weights = taken(model_of((6,), lambda x: layers.Dense(2)(x)))
    with pytest.raises(EvaluateError):
        predict(changed(graph, "Dense", settings=settings), weights, [numbers(5, 6)])


def test_a_wrapper_around_something_foreign_is_refused():
    graph, weights = taken(model_of((8, 3), lambda x: layers.TimeDistributed(layers.Dense(2))(x)))
    for inner in ({**OBJECT, "config": {"function": "x"}}, {"class_name": "nothing"}, 5, "Dense"):
        forged = changed(graph, "TimeDistributed", settings={"layer": inner})
        with pytest.raises(EvaluateError):
            predict(forged, weights, [numbers(5, 8, 3)])


@pytest.mark.parametrize("kind", ["StringLookup", "IntegerLookup", "TextVectorization"])
def test_no_file_is_read_for_a_forged_graph(kind, tmp_path):
    """Some layers take a file's path as a setting: whoever forges one reads the judge's disk."""
    path = tmp_path / "private.txt"
    path.write_text("1\n2\n3\n")
    graph, weights = taken(model_of((6,), lambda x: layers.ReLU()(x)))
    settings = {"vocabulary": str(path), "output_mode": "int"}
    forged = changed(graph, "ReLU", kind=kind, settings=settings)
    words = np.array([["1"], ["2"]]) if kind != "IntegerLookup" else np.array([[1], [2]])
    with pytest.raises(EvaluateError, match=f"{kind}|vocabulary"):
        predict(forged, weights, [words])


def test_settings_larger_than_the_weights_are_refused_before_they_are_made():
    """A table of 1.6 GB in the settings, and a small one in the file."""
    x = keras.Input((6,), dtype="int32")
    graph, weights = taken(keras.Model(x, layers.Embedding(20, 4)(x)))
    forged = changed(graph, "Embedding", settings={"input_dim": 400_000_000, "output_dim": 1})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(EvaluateError):
        predict(forged, weights, [np.zeros((2, 6), "int32")])
    taken_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert taken_kib < 500_000


def test_weights_that_are_missing_or_do_not_fit_are_refused():
    graph, weights = taken(model_of((6,), lambda x: layers.Dense(2)(x)))
    kernel, bias = variables(graph)
    for wrong in (
        {},
        {kernel: weights[kernel]},
        {**weights, bias: np.zeros(3, "float32")},
        {**weights, kernel: weights[kernel].T},
        {**weights, bias: np.array(["a", "b"])},
    ):
        with pytest.raises(EvaluateError):
            predict(graph, wrong, [numbers(5, 6)])


@pytest.mark.parametrize(
    "inputs",
    [
        [],
        {},
        [numbers(5, 6), numbers(5, 6)],
        {"a": numbers(5, 6), "b": numbers(5, 6)},
        [numbers(5, 7)],
        [np.array([["a"] * 6])],
    ],
    ids=["none", "no names", "two", "two names", "another size", "texts"],
)
def test_inputs_that_do_not_fit_are_refused(inputs):
    refused(model_of((6,), lambda x: layers.Dense(2)(x)), ".", inputs)


def test_an_input_that_is_not_named_is_refused():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    graph, weights = taken(keras.Model([a, b], a + b))
    cut = replace(graph, body=replace(graph.body, inputs=graph.inputs[:1]))
    with pytest.raises(EvaluateError, match="b"):
        predict(cut, weights, [numbers(5, 4)])


def test_attention_with_grouped_queries_is_run() -> None:
    """Its class has another name than the one that keras.layers offers it by."""
    x = keras.Input((4, 6))
    attention = keras.layers.GroupQueryAttention(
        head_dim=2, num_query_heads=4, num_key_value_heads=2
    )
    model = keras.Model(x, attention(x, x))
    graph, arrays = capture_graph(model)
    data = np.random.default_rng(0).normal(size=(3, 4, 6)).astype("float32")
    weights = {key: ops.convert_to_numpy(value) for key, value in arrays.items()}
    found = predict(graph, weights, [data])
    np.testing.assert_allclose(found[0], model.predict(data, verbose=0), rtol=1e-4, atol=1e-5)
