"""Different spellings of one model have one canonical form."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from beyond_sequential.compare import compare
from beyond_sequential.equivalence import Place, canonical, reading
from beyond_sequential.model.graph import GraphError
from tests.helpers.graphs import Net, chain


def same(a, b, **options):
    return compare(a, b, **options) == [] == compare(b, a, **options)


def dense(units, activation="linear", **settings):
    return "Dense", {"units": units, "use_bias": True, "activation": activation, **settings}


# --- activations ----------------------------------------------------------------------------

RELU_LAYER = {"class_name": "ReLU", "config": {"name": "re_lu_3", "negative_slope": 0.0}}


@pytest.mark.parametrize(
    "steps",
    [
        [dense(3), ("Activation", {"activation": "relu"})],
        [dense(3), ("ReLU", {"max_value": None, "negative_slope": 0.0, "threshold": 0.0})],
        [dense(3), ("ops.Relu", {})],
        [dense(3), ("ops.ReLU", {"negative_slope": 0.0, "max_value": None, "threshold": 0.0})],
        [dense(3, RELU_LAYER)],
        [dense(3), ("Activation", {"activation": RELU_LAYER})],
        [dense(3, None), ("Identity", {}), ("Activation", {"activation": "relu"})],
        [dense(3, "relu"), ("Activation", {"activation": "linear"})],
    ],
)
def test_relu_in_every_spelling(steps):
    assert same(chain(dense(3, "relu")), chain(*steps))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sigmoid", ("ops.Sigmoid", {})),
        ("tanh", ("ops.Tanh", {})),
        ("softmax", ("Softmax", {"axis": -1})),
        ("softmax", ("ops.Softmax", {"axis": 1})),
        ("exponential", ("ops.Exp", {})),
        ("swish", ("ops.Silu", {})),
        ("elu", ("ELU", {})),
        ("elu", ("ops.Elu", {"alpha": 1.0})),
        ("leaky_relu", ("LeakyReLU", {"negative_slope": 0.2})),
        ("relu6", ("ReLU", {"max_value": 6})),
        ("gelu", ("ops.Gelu", {"approximate": False})),
        ("log_softmax", ("ops.LogSoftmax", {"axis": -1})),
        ("hard_sigmoid", ("ops.HardSigmoid", {})),
    ],
)
def test_other_activations(one, other):
    assert same(chain(dense(3, one)), chain(dense(3), other))


@pytest.mark.parametrize(
    "step",
    [
        ("ReLU", {"max_value": None, "negative_slope": 0.1, "threshold": 0.0}),
        ("ReLU", {"max_value": 6.0, "negative_slope": 0.0, "threshold": 0.0}),
        ("ops.Gelu", {"approximate": True}),
        ("Activation", {"activation": {"class_name": "function", "config": "relu2"}}),
    ],
)
def test_what_only_looks_like_relu(step):
    assert not same(chain(dense(3, "relu")), chain(dense(3), step))


def test_inner_activation_of_a_recurrent_layer_stays_inside():
    inside = chain(("LSTM", {"units": 3, "activation": "tanh"}))
    behind = chain(("LSTM", {"units": 3, "activation": "linear"}), ("ops.Tanh", {}))
    assert not same(inside, behind)
    spelled = {"class_name": "function", "config": "tanh"}
    assert not same(inside, chain(("LSTM", {"units": 3, "activation": spelled})))


def test_regularized_output_keeps_its_activation_inside():
    penalty = {"class_name": "L2", "config": {"l2": 0.01}}
    inside = chain(dense(3, "relu", activity_regularizer=penalty))
    behind = chain(dense(3, activity_regularizer=penalty), ("ops.Relu", {}))
    assert not same(inside, behind)


# --- merges ---------------------------------------------------------------------------------


def joined(kind, *, operands=(0, 1), listed=True, nested=False, **settings):
    net = Net()
    x = net.input(4, 8, name="x")
    made = [net("Dense", units=units)(x) for units in (8, 9, 10)]
    if nested:
        made[1] = net(kind, **settings)([made[1], made[2]])
    chosen = [made[n] for n in operands]
    y = net(kind, **settings)(chosen) if listed else net(kind, **settings)(*chosen)
    return net.model(x, net("Dense", units=5)(y))


@pytest.mark.parametrize("kind", ["Add", "Multiply", "Maximum", "Minimum"])
def test_commutative_merges(kind):
    target = joined(kind)
    assert same(target, joined(kind, operands=(1, 0)))
    assert same(target, joined(f"ops.{kind}", listed=False))
    assert same(target, joined(f"ops.{kind}", listed=False, operands=(1, 0)))
    assert same(joined(kind, operands=(2, 0, 1)), joined(kind, nested=True))
    assert not same(target, joined(kind, operands=(1, 1)))
    assert not same(joined(kind, operands=(0, 0, 1)), joined(kind, operands=(0, 1, 1)))


def test_average_is_commutative_but_not_flattened():
    assert same(joined("Average"), joined("Average", operands=(1, 0)))
    assert not same(joined("Average", operands=(0, 1, 2)), joined("Average", nested=True))


@pytest.mark.parametrize(("layer", "op"), [("Subtract", "ops.Subtract"), ("Add", "ops.Divide")])
def test_difference_and_quotient_keep_their_order(layer, op):
    target = joined(op, listed=False)
    assert not same(target, joined(op, listed=False, operands=(1, 0)))
    assert same(target, joined(layer)) == (layer == "Subtract")
    assert same(joined("ops.Divide", listed=False), joined("ops.TrueDivide", listed=False))


def test_numbers_are_operands():
    def scaled(*args):
        net = Net()
        x = net.input(8)
        return net.model(x, net("ops.Multiply")(*[x if a == "x" else a for a in args]))

    assert same(scaled("x", 2), scaled(2.0, "x"))
    assert not same(scaled("x", 2), scaled("x", 3))


def test_sums_used_twice_stay_sums_however_they_were_grouped():
    def model(first, second):
        net = Net()
        x = net.input(8)
        a, b, c = (net("Dense", units=n, out=(8,))(x) for n in (1, 2, 3))
        named = {"a": a, "b": b, "c": c}

        def add(tree):
            if tree in named:
                return named[tree]
            return net("Add")([add(item) for item in tree])

        outputs = [net("Dense", units=n)(add(tree)) for n, tree in enumerate((first, second))]
        return net.model(x, outputs)

    target = model("abc", "abc")
    assert same(target, model(("ab", "c"), ("a", "bc")))
    assert not same(target, model("abc", "ab"))


def test_concatenate():
    target = joined("Concatenate", axis=-1)
    assert same(target, joined("ops.Concatenate", axis=2))
    assert same(target, joined("Concatenate", axis=-1, operands=(1, 0)))
    assert not same(target, joined("Concatenate", axis=-1, operands=(1, 0)), concat_order=True)
    assert not same(target, joined("Concatenate", axis=1))
    three = joined("Concatenate", axis=-1, operands=(0, 1, 2))
    two = joined("Concatenate", axis=2, operands=(0, 1), nested=True)
    assert same(three, two)
    assert same(three, two, concat_order=True)


def test_merging_layers_line_up_unlike_ranks_in_their_own_way():
    def model(kind):
        net = Net()
        x, y = net.input(8), net.input(4, 8)
        args = [[x, y]] if kind == "Add" else [x, y]
        return net.model([x, y], net(kind, out=(4, 8))(*args))

    assert not same(model("Add"), model("ops.Add"))
    assert same(model("Add"), model("Add"))


# --- nesting --------------------------------------------------------------------------------


def siamese(style):
    net = Net()
    left, right = net.input(8, name="left"), net.input(8, name="right")
    steps = [dense(4, "relu"), dense(3)]
    if style == "flat":
        layers = [net(kind, **settings) for kind, settings in steps]

        def encode(x):
            for layer in layers:
                x = layer(x)
            return x
    else:
        inner = net.inner()
        start = x = inner.input(8)
        if style == "twice nested":
            deep = inner.inner()
            deep_start = deep.input(8)
            y = deep(steps[0][0], **steps[0][1])(deep_start)
            x = inner.nested(deep, [deep_start], [y])([x])[0]
            x = inner(steps[1][0], **steps[1][1])(x)
        else:
            for kind, settings in steps:
                x = inner(kind, **settings)(x)
        wrapped = net.nested(inner, {"a": start} if style == "dict" else start, x)

        def encode(x):
            return wrapped({"a": x} if style == "dict" else x)

    joined = net("Concatenate", axis=-1)([encode(left), encode(right)])
    return net.model([left, right], net("Dense", units=1, activation="sigmoid")(joined))


@pytest.mark.parametrize("style", ["nested", "twice nested", "dict"])
def test_nested_models_are_their_calls(style):
    assert same(siamese("flat"), siamese(style))


def test_a_nested_model_of_several_outputs():
    def model(nested):
        net = Net()
        x = net.input(8)
        body = net.inner() if nested else net
        start = body.input(8) if nested else x
        trunk = body("Dense", units=4)(start)
        outs = {"z": body("Dense", units=1)(trunk), "a": body("Dense", units=2)(trunk)}
        if nested:
            outs = net.nested(body, start, {"a": outs["a"], "z": outs["z"]})(x)
        y = net("Dense", units=5)(outs["z"])
        return net.model(x, [y, outs["a"]])

    assert same(model(False), model(True))


def test_what_no_output_needs_is_not_in_the_model():
    net = Net()
    x = net.input(8)
    inner = net.inner()
    start = inner.input(8)
    outputs = [inner("Dense", units=4)(start), inner("Dense", units=5)(start)]
    used, _ = net.nested(inner, start, outputs)(x)
    assert same(net.model(x, used), chain(("Dense", {"units": 4})))


def test_training_reaches_into_nested_models_where_it_matters():
    def model(nested, kind, **call):
        net = Net()
        x = net.input(8)
        inner = net.inner() if nested else net
        start = inner.input(8) if nested else x
        y = inner(kind)(start, **({} if nested else call))
        return net.model(x, net.nested(inner, start, y)(x, **call) if nested else y)

    normal = model(False, "BatchNormalization")
    assert same(normal, model(True, "BatchNormalization", training=False, mask=None))
    assert not same(normal, model(False, "BatchNormalization", training=True))
    training = model(False, "BatchNormalization", training=True)
    assert same(training, model(True, "BatchNormalization", training=True))
    assert same(model(False, "Dense"), model(True, "Dense", training=True))


def test_doubling_nests_are_refused(monkeypatch):
    monkeypatch.setattr(reading, "MAX_NODES", 100)
    net = Net()
    layer = net("Dense", units=8)
    for _ in range(10):
        inner = net.inner()
        x = inner.input(8)
        called = inner.again(layer)
        layer = net.nested(inner, x, called(called(x)))
    x = net.input(8)
    with pytest.raises(GraphError, match="more than 100"):
        canonical(net.model(x, layer(x)))


# --- settings -------------------------------------------------------------------------------


def test_settings_that_change_nothing():
    plain = chain(("Dense", {"units": 3, "use_bias": True}))
    spelled = chain(
        (
            "Dense",
            {
                "units": 3.0,
                "use_bias": True,
                "kernel_initializer": {"class_name": "Zeros", "config": {}},
                "kernel_regularizer": None,
                "quantization_config": None,
                "seed": 1,
            },
        )
    )
    assert same(plain, spelled)


def test_lists_and_tuples_are_alike():
    assert same(
        chain(("Conv1D", {"filters": 2, "kernel_size": (3,)})),
        chain(("Conv1D", {"filters": 2, "kernel_size": [3]})),
    )


def test_settings_that_only_one_version_of_keras_knows():
    old = {"axis": -1, "epsilon": 0.001}
    new = {**old, "renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99, "off": False}
    assert same(chain(("BatchNormalization", old)), chain(("BatchNormalization", new)))
    newer = {**new, "later": 7}
    assert compare(chain(("BatchNormalization", old)), chain(("BatchNormalization", newer))) == []
    renormed = {**new, "renorm": True}
    assert not same(chain(("BatchNormalization", old)), chain(("BatchNormalization", renormed)))


def test_settings_that_are_lacking_do_not_pass_for_right():
    target = chain(("Dropout", {"rate": 0.5, "seed": None}))
    (difference,) = compare(target, chain(("Dropout", {})))
    assert difference.detail == {"setting": "rate", "expected": 0.5, "found": None}


def test_a_setting_that_both_know_counts():
    known = chain(("Dense", {"units": 3, "x": 1}), ("Dense", {"units": 3}))
    other = chain(("Dense", {"units": 3, "x": 1}), ("Dense", {"units": 3, "x": 1}))
    assert not same(known, other)


def test_wrapped_layers_are_compared_by_the_same_rules():
    def wrapped(units, **more):
        config = {"name": f"lstm_{units}", "units": units, "activation": "tanh", **more}
        layer = {"class_name": "LSTM", "config": {**config, "go_backwards": False}}
        backward = {"class_name": "LSTM", "config": {**config, "go_backwards": True}}
        settings = {"merge_mode": "concat", "layer": layer, "backward_layer": backward}
        return chain(("Bidirectional", settings))

    other = wrapped(3, seed=5, recurrent_initializer="zeros", later=1)
    assert compare(wrapped(3), other) == []
    (difference,) = compare(wrapped(3), wrapped(4))
    assert difference.detail == {"setting": "layer.units", "expected": 3, "found": 4}


def test_axis_counted_from_either_end():
    image = {"inputs": 8}
    assert same(
        chain(("BatchNormalization", {"axis": -1}), **image),
        chain(("BatchNormalization", {"axis": [1]}), **image),
    )


# --- calls ----------------------------------------------------------------------------------


def test_arguments_by_position_or_by_name():
    def model(style):
        net = Net()
        x, h = net.input(4, 8, name="x"), net.input(3, name="h")
        lstm = net("GRU", units=3)
        calls = {
            "position": lambda: lstm(x, h),
            "name": lambda: lstm(x, initial_state=h, mask=None),
            "list": lambda: lstm(sequence=x, initial_state=[h], training=False),
        }
        return net.model([x, h], calls[style]())

    assert same(model("position"), model("name"))
    assert same(model("position"), model("list"))


def test_masks_that_keras_passes_by_itself():
    def model(passed):
        net = Net()
        x = net.input(8, dtype="int32")
        y = net("Embedding", input_dim=10, output_dim=4, mask_zero=True)(x)
        kwargs = {"mask": net("ops.NotEqual")(x, 0)} if passed else {}
        return net.model(x, net("LSTM", units=3)(y, **kwargs))

    assert same(model(True), model(False))


def test_the_same_call_twice_is_one_value_unless_chance_is_in_it():
    def model(kind, layers, **settings):
        net = Net()
        x = net.input(8)
        made = [net(kind, **settings) for _ in range(layers)]
        return net.model(x, net("Concatenate", axis=-1)([made[0](x), made[-1](x)]))

    def once(kind, **settings):
        net = Net()
        x = net.input(8)
        y = net(kind, **settings)(x)
        return net.model(x, net("Concatenate", axis=-1)([y, y]))

    assert same(once("Flatten"), model("Flatten", 2))
    assert same(once("Dense", units=3), model("Dense", 1, units=3))
    assert not same(once("Dense", units=3), model("Dense", 2, units=3))
    assert not same(once("Dropout", rate=0.5), model("Dropout", 2, rate=0.5))
    assert not same(once("Dropout", rate=0.5), model("Dropout", 1, rate=0.5))
    assert same(model("Dropout", 1, rate=0.5), model("Dropout", 2, rate=0.5))
    assert not same(once("LSTM", units=3, dropout=0.5), model("LSTM", 1, units=3, dropout=0.5))


def test_random_state_is_no_weight():
    target = chain(("Dropout", {"rate": 0.5}))
    found = chain(("Dropout", {"rate": 0.5}))
    variable = chain(("Dense", {"units": 1})).layers["l1"].variables[0]
    state = replace(variable, name="seed_generator/seed_generator_state")
    layers = {id_: replace(layer, variables=(state,)) for id_, layer in found.layers.items()}
    assert same(target, replace(found, layers=layers))


# --- places ---------------------------------------------------------------------------------


def test_places_lead_into_nested_models():
    form = canonical(siamese("twice nested"))
    places = {place for node in form.nodes for place in node.places}
    assert Place((2, 1, 1), "dense_4", "Dense") in places
    assert Place((3, 1, 1), "dense_4", "Dense") in places
    kinds = [node.kind for node in form.nodes]
    assert kinds.count("input") == 2
    assert [n.places[0].path for n in form.nodes if n.kind == "concatenate"] == [(4,)]


def test_place_in_json():
    place = Place((2, 1), "dense", "Dense")
    assert Place.from_json(place.to_json()) == place


def test_no_keras_is_needed():
    rooms = ("equivalence", "compare")
    code = (
        f"import sys\nfrom beyond_sequential import {', '.join(rooms)}\n"
        "sys.exit(bool({'keras', 'tensorflow'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
