"""From live Keras objects to model graphs: what is on the way, once, and as it was wired."""

from __future__ import annotations

import json

import numpy as np
import pytest

from beyond_sequential.compare import compare
from beyond_sequential.model.capture import CaptureError, capture_graph, capture_in_training
from beyond_sequential.model.graph import Ref, from_json, parameter_count, refs, to_json, variables
from beyond_sequential.model.spec import Spec
from tests.helpers.handing_in import keras, layers, ops


def captured(thing, **options):
    """The graph, after a journey through JSON."""
    graph, _ = capture_graph(thing, **options)
    return from_json(json.loads(json.dumps(to_json(graph))))


def kinds(graph, body=None):
    return [graph.layers[call.layer].kind for call in (body or graph.body).calls]


def test_a_functional_model():
    inputs = keras.Input((64,), name="x")
    hidden = layers.Dense(32, activation="relu", name="hidden")(inputs)
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(hidden), name="net")
    graph = captured(model)
    assert (graph.name, graph.kind) == ("net", "Functional")
    assert kinds(graph) == ["InputLayer", "Dense", "Dense"]
    assert graph.calls[1].args == (Ref(0),) and graph.calls[2].args == (Ref(1),)
    assert graph.layers[graph.calls[1].layer].settings["units"] == 32
    assert graph.layers[graph.calls[1].layer].settings["activation"] == "relu"
    assert graph.tensor(next(refs(graph.outputs))).shape == (None, 10)
    assert graph.tensor(next(refs(graph.inputs))).dtype == "float32"
    assert parameter_count(graph) == model.count_params()


def test_the_weights_come_along_by_id():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Dense(3)(layers.Dense(2)(inputs)))
    graph, arrays = capture_graph(model)
    found = [arrays[id_].numpy() for id_ in variables(graph)]
    assert all((a == b).all() for a, b in zip(found, model.get_weights(), strict=True))


def test_what_no_output_needs_is_not_in_the_graph():
    inputs = keras.Input((4,))
    hidden = layers.Dense(3)(inputs)
    layers.Dense(5)(hidden)
    assert kinds(captured(keras.Model(inputs, hidden))) == ["InputLayer", "Dense"]


def test_calls_outside_the_model_leave_no_trace():
    inputs = keras.Input((4,))
    dense = layers.Dense(3)
    model = keras.Model(inputs, dense(inputs))
    before = captured(model)
    dense(keras.Input((4,)))
    model(keras.Input((4,)))
    assert to_json(captured(model)) == to_json(before)


def test_a_shared_layer_is_one_layer_with_two_calls():
    left, right = keras.Input((8,)), keras.Input((8,))
    dense = layers.Dense(4)
    graph = captured(keras.Model([left, right], layers.add([dense(left), dense(right)])))
    used = [call.layer for call in graph.calls if graph.layers[call.layer].kind == "Dense"]
    assert len(used) == 2 and len(set(used)) == 1
    assert parameter_count(graph) == 8 * 4 + 4


def test_a_layer_shared_by_two_nested_models_is_one_layer():
    dense = layers.Dense(8)

    def nested(name):
        x = keras.Input((8,))
        return keras.Model(x, layers.Dense(2)(dense(x)), name=name)

    inputs = keras.Input((8,))
    both = layers.concatenate([nested("one")(inputs), nested("two")(inputs)])
    graph = captured(keras.Model(inputs, both))
    nests = [layer for layer in graph.layers.values() if layer.body is not None]
    assert {layer.name for layer in nests} == {"one", "two"}
    first = [layer.body.calls[1].layer for layer in nests]
    assert first[0] == first[1]
    assert parameter_count(graph) == 72 + 2 * 18


def test_a_nested_model_called_twice_has_one_body():
    x = keras.Input((8,))
    base = keras.Model(x, layers.Dense(4)(x), name="base")
    left, right = keras.Input((8,)), keras.Input((8,))
    graph = captured(keras.Model([left, right], layers.concatenate([base(left), base(right)])))
    assert kinds(graph).count("Functional") == 2
    assert sum(layer.body is not None for layer in graph.layers.values()) == 1
    assert parameter_count(graph) == 36


def test_lists_and_dicts_of_inputs_and_outputs_stay():
    a, b = keras.Input((3,), name="a"), keras.Input((4,), name="b")
    one, two = layers.Dense(1)(a), layers.Dense(2)(layers.concatenate([a, b]))
    listed = captured(keras.Model([a, b], [one, two]))
    assert isinstance(listed.inputs, list) and isinstance(listed.outputs, list)
    keyed = captured(keras.Model({"a": a, "b": b}, {"one": one, "two": two}))
    assert list(keyed.inputs) == ["a", "b"] and set(keyed.outputs) == {"one", "two"}
    assert keyed.layer_of(keyed.inputs["b"]).name == "b"


def test_an_input_that_nothing_reads_is_an_input():
    a, b = keras.Input((3,), name="a"), keras.Input((4,), name="b")
    try:
        model = keras.Model([a, b], layers.Dense(1)(a))
    except ValueError:  # up to Keras 3.13
        return
    graph = captured(model)
    assert [graph.layer_of(ref).name for ref in refs(graph.inputs)] == ["a", "b"]


def test_an_intermediate_tensor_as_input_ends_the_walk():
    x = keras.Input((64,))
    cut = layers.Dense(32)(x)
    graph = captured(keras.Model(cut, layers.Dense(10)(cut)))
    assert len(graph.calls) == 2 and graph.calls[0].args == ()
    assert graph.tensor(next(refs(graph.inputs))).shape == (None, 32)
    assert parameter_count(graph) == 32 * 10 + 10


def test_loose_tensors_end_at_an_intermediate_tensor_named():
    x = keras.Input((64,))
    cut = layers.Dense(32)(x)
    graph = captured(layers.Dense(10)(cut), inputs=[cut])
    assert len(graph.calls) == 2 and graph.calls[0].args == ()
    assert graph.inputs == [Ref(0)] and graph.outputs == Ref(1)


def test_operators_and_operations():
    x, y = keras.Input((4,)), keras.Input((4,))
    plus = captured(keras.Model([x, y], x + y))
    function = captured(keras.Model([x, y], ops.add(x, y)))
    assert kinds(plus)[-1] == "ops.Add" == kinds(function)[-1]
    scaled = captured(keras.Model(x, ops.multiply(x, np.float32(0.5))))
    assert scaled.calls[-1].args == (Ref(0), 0.5)
    sliced = captured(keras.Model(x, x[:, 1:3]))
    assert {"slice": [1, 3, None]} in sliced.calls[-1].args[1]


def test_a_sequential_is_the_functional_model_of_its_layers():
    x = keras.Input((4,))
    function = keras.Model(x, layers.Dense(2)(layers.Dense(3, activation="relu")(x)))
    listed = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(2)]
    )
    graph = captured(listed)
    assert graph.kind == "Sequential"
    assert compare(captured(function), graph) == []


class Composed:
    """Makers of subclasses; made late, so that collecting does not wait for Keras."""

    @staticmethod
    def of_init():
        class Net(keras.Model):
            def __init__(self):
                x = keras.Input((4,))
                super().__init__(x, layers.Dense(2)(layers.Dense(3)(x)))

        return Net()

    @staticmethod
    def of_call():
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.one, self.two = layers.Dense(3), layers.Dense(2)

            def call(self, x):
                return self.two(self.one(x))

        return Net()


def test_subclasses_made_of_functional_parts():
    x = keras.Input((4,))
    wanted = captured(keras.Model(x, layers.Dense(2)(layers.Dense(3)(x))))
    assert compare(wanted, captured(Composed.of_init())) == []
    assert compare(wanted, captured(Composed.of_call(), specs=(Spec((4,)),))) == []
    built = Composed.of_call()
    built(np.zeros((1, 4), "float32"))
    assert compare(wanted, captured(built)) == []


def test_a_subclass_as_a_layer_shows_what_is_in_it():
    x = keras.Input((4,))
    wanted = captured(keras.Model(x, layers.Dense(5)(layers.Dense(2)(layers.Dense(3)(x)))))
    for inner in (Composed.of_init(), Composed.of_call()):
        assert compare(wanted, captured(keras.Model(x, layers.Dense(5)(inner(x))))) == []


def test_a_layer_with_weights_of_its_own_stays_one_box():
    class Scale(keras.layers.Layer):
        def build(self, shape):
            self.factor = self.add_weight(shape=(shape[-1],), name="factor")

        def call(self, x):
            return x * self.factor

    x = keras.Input((4,))
    graph = captured(keras.Model(x, Scale()(x)))
    assert kinds(graph) == ["InputLayer", "custom.Scale"]
    assert parameter_count(graph) == 4


def test_frozen_layers_are_seen():
    x = keras.Input((4,))
    dense = layers.Dense(3)
    dense.trainable = False
    graph = captured(keras.Model(x, dense(x)))
    assert not graph.layers[graph.calls[1].layer].trainable
    assert parameter_count(graph, trainable=True) == 0


def test_loose_tensors_end_at_the_inputs_named():
    x = keras.Input((4,))
    hidden = layers.Dense(3)(x)
    y = layers.Dense(2)(hidden)
    graph = captured(y, inputs=[x])
    assert graph.kind == "Tensor" and kinds(graph) == ["InputLayer", "Dense", "Dense"]
    assert len(captured(y).calls) == 3


def test_other_inputs_than_those_given_are_seen():
    """A function that ignores its argument reads another input: that is in the graph."""
    given, other = keras.Input((4,), name="given"), keras.Input((4,), name="other")
    graph = captured(layers.Dense(2)(other), inputs=[given])
    names = [layer.name for layer in graph.layers.values() if layer.kind == "InputLayer"]
    assert sorted(names) == ["given", "other"]
    assert [graph.layer_of(ref).name for ref in refs(graph.inputs)] == ["given"]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: 5, "not_a_model"),
        (lambda: None, "not_a_model"),
        (lambda: "model", "not_a_model"),
        (lambda: np.zeros(3), "not_a_model"),
        (lambda: [], "not_a_model"),
        (lambda: keras.Model, "not_a_model"),
        (lambda: layers.Dense(3), "not_called"),
        (lambda: keras.Sequential([layers.Dense(3)]), "unbuilt"),
        (lambda: Composed.of_call(), "opaque"),
        (lambda: [keras.Input((3,)), layers.Dense(3)], "not_a_model"),
        (lambda: type("Model", (), {"__module__": "tf_keras.src"})(), "other_keras"),
    ],
)
def test_what_has_no_graph_is_refused_by_name(make, code):
    with pytest.raises(CaptureError) as refused:
        capture_graph(make())
    assert refused.value.code == code


def test_large_constants_are_digests():
    x = keras.Input((64,))
    table = np.arange(64 * 64, dtype="float32").reshape(64, 64)
    constant = captured(keras.Model(x, ops.matmul(x, table))).calls[-1].args[1]
    assert constant["array"] == [64, 64]
    other = captured(keras.Model(x, ops.matmul(x, table + 1))).calls[-1].args[1]
    assert other["digest"] != constant["digest"]


def test_capturing_leaves_the_model_as_it_was():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2)(layers.Dropout(0.5)(x)))
    model.compile("adam", "mse")
    before = [w.copy() for w in model.get_weights()]
    first, second = to_json(capture_graph(model)[0]), to_json(capture_graph(model)[0])
    assert first == second
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    assert model.compiled


# --- own classes, and objects under Keras's names -----------------------------------------------


def own(base, call, **attributes):
    """An object of a class of its own with this `call`."""

    class Own(base):
        def __init__(self):
            super().__init__()
            self.dense, self.drop = layers.Dense(4), layers.Dropout(0.5)

    Own.call = call
    return Own()


def in_training(layer, *inputs):
    tensors = inputs or (keras.Input((4,)),)
    model = keras.Model(list(tensors), layer(*tensors))
    graph, _ = capture_graph(model)
    return graph, capture_in_training(graph, model)


@pytest.mark.parametrize("base", ["Layer", "Model"])
def test_own_classes_are_followed_in_training_too(base):
    def call(self, x, training=False):
        return self.dense(x) + x if not training else self.dense(x)

    graph, other = in_training(own(getattr(keras, base), call))
    assert other is not None and compare(graph, other)


def test_layers_that_take_the_mode_from_the_call_around_them_are_no_difference():
    def explicit(self, x, training=None):
        return self.drop(self.dense(x), training=training)

    def implicit(self, x):
        return self.drop(self.dense(x))

    for call in (explicit, implicit):
        graph, other = in_training(own(keras.Layer, call))
        assert other is None or compare(graph, other) == []


def test_a_layer_that_never_runs_as_in_training_is_a_difference():
    def call(self, x, training=None):
        return self.drop(self.dense(x), training=False)

    graph, other = in_training(own(keras.Layer, call))
    assert other is not None and compare(graph, other)


def test_an_own_call_may_take_several_tensors():
    def call(self, a, b, training=False):
        return self.dense(a) - self.dense(b)

    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    graph, other = in_training(own(keras.Layer, call), left, right)
    dense = layers.Dense(4)
    plain, _ = capture_graph(keras.Model([left, right], dense(left) - dense(right)))
    assert other is None and compare(plain, graph) == []
    turned, _ = capture_graph(keras.Model([left, right], dense(right) - dense(left)))
    assert compare(turned, graph)


def test_a_function_with_the_name_of_an_activation_is_not_that():
    def relu(x):
        return x

    def model(activation):
        x = keras.Input((4,))
        return captured(keras.Model(x, layers.Dense(3, activation)(x)))

    assert compare(model("relu"), model(relu))
    assert compare(model("relu"), model(keras.activations.relu)) == []


def test_a_function_of_ones_own_in_a_wrapped_layer_is_seen():
    def tanh(x):
        return -x

    def model(activation):
        x = keras.Input((5, 4))
        return captured(keras.Model(x, layers.TimeDistributed(layers.Dense(3, activation))(x)))

    assert compare(model("tanh"), model(tanh))
    assert compare(model("tanh"), model(keras.activations.tanh)) == []


def test_a_class_with_the_name_of_a_layer_is_not_that_unless_it_changes_nothing():
    class Dense(layers.Dense):
        pass

    class Other(layers.Dense):
        def call(self, x):
            return -super().call(x)

    Other.__name__ = "Dense"

    def model(cls):
        x = keras.Input((5, 4))
        return captured(keras.Model(x, [cls(3)(x), layers.TimeDistributed(cls(3))(x)]))

    assert compare(model(layers.Dense), model(Dense)) == []
    assert compare(model(layers.Dense), model(Other))


def test_a_sparse_input_is_another_one():
    def model(**options):
        x = keras.Input((4,), **options)
        return captured(keras.Model(x, layers.Dense(3)(x)))

    assert [d.kind for d in compare(model(), model(sparse=True))] == ["input_shape"]
