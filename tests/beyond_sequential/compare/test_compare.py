"""One mistake is one difference, of the right kind and in the right place.

Each rule is tested on the shapes of the course's models and on models that no section contains.
"""

from __future__ import annotations

import json

import pytest

from beyond_sequential.compare import DIFFERENCE_KINDS, Difference, Place, compare
from tests.helpers.graphs import Net, chain


def compared(target, found, **options):
    """(kind, expected names, found names) of each difference; and that JSON keeps them."""
    differences = compare(target, found, **options)
    for difference in differences:
        assert difference.kind in DIFFERENCE_KINDS
        assert Difference.from_json(json.loads(json.dumps(difference.to_json()))) == difference
    return [(d.kind, [p.name for p in d.expected], [p.name for p in d.found]) for d in differences]


def only(target, found, **options):
    (difference,) = compare(target, found, **options)
    return difference


def dense(name, units=8, activation="linear"):
    return "Dense", {"name": name, "units": units, "activation": activation}


# --- one layer after the other --------------------------------------------------------------

TOWER = [dense("a", 32, "relu"), dense("b", 32, "relu"), dense("c", 10, "softmax")]


def test_equal():
    assert compared(chain(*TOWER), chain(*TOWER)) == []


def test_missing_layer():
    assert compared(chain(*TOWER), chain(TOWER[0], TOWER[2])) == [("missing", ["b"], [])]
    assert compared(chain(*TOWER), chain(*TOWER[1:])) in (
        [("missing", ["a"], [])],
        [("missing", ["b"], [])],
    )
    assert compared(chain(*TOWER), chain(*TOWER[:2])) == [("missing", ["c"], [])]


def test_dead_step():
    def model(dead):
        net = Net()
        x = net.input(8)
        y = net("Dense", name="step", units=5)(x)
        return net.model(x, net("Dense", name="out", units=1)(x if dead else y))

    assert compared(model(False), model(True)) == [("missing", ["step"], [])]


def test_extra_layer():
    found = chain(*TOWER[:2], dense("more", 7, "tanh"), TOWER[2])
    assert compared(chain(*TOWER), found) == [("extra", [], ["more"])]


def test_replaced_layer():
    found = chain(TOWER[0], ("GRU", {"name": "gru", "units": 32}), TOWER[2])
    assert compared(chain(*TOWER), found) == [("replaced", ["b"], ["gru"])]
    assert only(chain(*TOWER), found).detail == {"expected": "Dense", "found": "GRU"}


def test_setting():
    found = chain(TOWER[0], dense("b", 64, "relu"), TOWER[2])
    assert compared(chain(*TOWER), found) == [("setting", ["b"], ["b"])]
    assert only(chain(*TOWER), found).detail == {"setting": "units", "expected": 32, "found": 64}


def test_a_setting_that_is_an_object_is_one_difference():
    def model(strength):
        l2 = strength and {"class_name": "L2", "config": {"l2": strength}}
        return chain(("Dense", {"units": 4, "kernel_regularizer": l2}), dense("out"))

    detail = {"setting": "kernel_regularizer", "expected": None, "found": "L2"}
    assert only(model(None), model(0.01)).detail == detail
    assert only(model(0.01), model(None)).detail == {**detail, "expected": "L2", "found": None}
    assert only(model(0.01), model(0.1)).detail["setting"] == "kernel_regularizer.l2"


def test_padding_that_idles_on_one_side_only_is_not_told():
    def model(strides):
        net = Net()
        x = net.input(8, 8, 3)
        y = net("MaxPooling2D", pool_size=[2, 2], strides=strides, padding="same", out=(4, 4, 3))(x)
        return net.model(x, net("Dense", units=1)(y))

    assert only(model([2, 2]), model([1, 1])).detail["setting"] == "strides"


def test_padding_that_idles_on_both_sides_is_not_told():
    def model(padding, bias):
        net = Net()
        x = net.input(8, 8, 3)
        window = {"kernel_size": [1, 1], "strides": [1, 1], "padding": padding}
        y = net("Conv2D", filters=3, use_bias=bias, **window)(x)
        return net.model(x, net("Dense", units=1)(y))

    assert only(model("same", True), model("valid", False)).detail["setting"] == "use_bias"


@pytest.mark.parametrize("spelled", [True, False])
def test_activation_missing(spelled):
    b = [dense("b", 32), ("Activation", {"name": "act", "activation": "relu"})]
    target = chain(TOWER[0], *b, TOWER[2]) if spelled else chain(*TOWER)
    found = chain(TOWER[0], dense("b", 32), TOWER[2])
    assert compared(target, found) == [("setting", ["act" if spelled else "b"], ["b"])]
    detail = {"setting": "activation", "expected": "relu", "found": "linear"}
    assert only(target, found).detail == detail
    assert only(found, target).detail == {**detail, "expected": "linear", "found": "relu"}


def test_another_activation():
    found = chain(*TOWER[:2], dense("c", 10), ("ops.Sigmoid", {"name": "sigmoid"}))
    assert compared(chain(*TOWER), found) == [("setting", ["c"], ["sigmoid"])]
    detail = {"setting": "activation", "expected": "softmax", "found": "sigmoid"}
    assert only(chain(*TOWER), found).detail == detail


def test_activation_on_the_wrong_layer():
    target = chain(dense("a", 4, "relu"), dense("b", 5), dense("c", 6))
    found = chain(dense("a", 4), dense("b", 5, "relu"), dense("c", 6))
    assert compared(target, found) == [("setting", ["a", "b"], ["a", "b"])]
    assert only(target, found).detail["moved"] is True


@pytest.mark.parametrize("units", [(32, 32, 10), (32, 32, 32)])
@pytest.mark.parametrize(
    ("activations", "wrong"),
    [
        (("relu", "linear", "relu"), ["b", "c"]),
        (("linear", "relu", "relu"), ["a", "c"]),
        (("relu", "linear", "linear"), ["b", "c"]),
        (("linear", "linear", "relu"), ["ab", "c"]),
    ],
)
def test_wrong_activations_in_a_row_are_settings(units, activations, wrong):
    right = ("relu", "relu", "softmax")
    target, found = (chain(*map(dense, "abc", units, each)) for each in (right, activations))
    assert compared(target, found) == [("setting", [*names], [*names]) for names in wrong]


def test_activation_before_instead_of_behind_another_layer():
    target = chain(
        ("Conv1D", {"name": "conv", "activation": "linear"}),
        ("BatchNormalization", {"name": "norm"}),
        ("ReLU", {"name": "relu"}),
        dense("out"),
    )
    found = chain(
        ("Conv1D", {"name": "conv", "activation": "relu"}),
        ("BatchNormalization", {"name": "norm"}),
        dense("out"),
    )
    difference = only(target, found)
    assert difference.kind == "setting"
    assert difference.detail["moved"] is True


def test_activation_behind_a_layer_that_takes_none():
    target = chain(("BatchNormalization", {"name": "norm"}), ("ReLU", {"name": "relu"}))
    found = chain(("BatchNormalization", {"name": "norm"}))
    assert compared(target, found) == [("missing", ["relu"], [])]
    assert compared(found, target) == [("extra", [], ["relu"])]


def test_an_activation_that_one_reader_misses_has_not_moved():
    def model(left_out):
        net = Net()
        x = net.input(8)
        seen = net("Conv2D", name="conv", activation="tanh")(x)
        noisy = net("GaussianNoise", name="noise", stddev=0.1)(seen)
        flat = net("LayerNormalization", name="norm")(noisy)
        more = net("ReLU", name="relu")(flat)
        operands = [more, noisy, flat] if left_out else [more, noisy, flat, seen]
        return net.model(x, net("Average", name="average")(operands))

    assert compared(model(False), model(True)) == [("wiring", ["average"], ["average"])]


def test_an_activation_lost_before_the_same_one_as_a_layer():
    def model(activation):
        net = Net()
        one, other = net.input(8, 8, 3, name="one"), net.input(8, 8, 3, name="other")
        first = net("Conv2D", name="first", filters=5, activation=activation)
        second = net("Conv2D", name="second", filters=5, activation="tanh")
        seen = first(net("DepthwiseConv2D", activation="relu")(other))
        again = second(net("ReLU")(seen))
        plain = first(one)
        more = net("Maximum")([plain, net("LayerNormalization")(second(plain))])
        outputs = [net("Concatenate", axis=-1)([seen, again]), second(seen), more]
        return net.model([one, other], outputs)

    assert compared(model("relu"), model("linear"))[0][:2] == ("setting", ["first"] * 2)


def test_inputs_of_a_dict_are_told_apart_by_what_they_are():
    def model(keyed, units):
        net = Net()
        one, other = net.input(8), net.input(5, 8)
        read = net("LSTM", units=4)(other)
        y = net("Concatenate", axis=-1)([net("Dense", name="d", units=units)(one), read])
        inputs = {"b": one, "a": other} if keyed else [one, other]
        return net.model(inputs, net("Dense", units=1)(y))

    assert compared(model(False, 3), model(True, 4)) == [("setting", ["d"], ["d"])]


def test_moved_layer():
    drop = ("Dropout", {"name": "drop", "rate": 0.5})
    target = chain(TOWER[0], drop, *TOWER[1:])
    found = chain(*TOWER[:2], drop, TOWER[2])
    assert compared(target, found) == [("wiring", ["drop"], ["drop"])]
    detail = only(target, found).detail
    assert detail["moved"] is True
    assert (detail["expected"]["name"], detail["found"]["name"]) == ("a", "b")


def test_two_whole_numbers_exchanged():
    def model(first, second):
        return chain(("Embedding", {"name": "words", "input_dim": first, "output_dim": second}))

    difference = only(model(10000, 64), model(64, 10000))
    assert difference.kind == "setting"
    assert difference.detail["setting"] == "input_dim/output_dim"
    assert difference.detail["swapped"] is True
    assert len(compare(model(10000, 64), model(64, 5000))) == 2


def test_mistakes_in_several_places_are_several_differences():
    target = chain(*[dense(f"d{n}", n + 1, "relu") for n in range(12)])
    steps = [dense(f"d{n}", n + 1, "relu") for n in range(12)]
    steps[2] = dense("d2", 3)
    steps[6] = dense("d6", 99, "relu")
    del steps[9]
    assert compared(target, chain(*steps)) == [
        ("missing", ["d9"], []),
        ("setting", ["d2"], ["d2"]),
        ("setting", ["d6"], ["d6"]),
    ]


def test_between_equal_layers():
    block = [("Conv1D", {"filters": 4, "padding": "same", "activation": "relu"}), dense("x", 4)]
    target = chain(*block * 10)
    steps = block * 10
    steps[6] = ("Conv1D", {"filters": 4, "padding": "valid", "activation": "relu"})
    difference = only(target, chain(*steps))
    assert (difference.kind, difference.detail["setting"]) == ("setting", "padding")
    assert difference.expected[0].path == difference.found[0].path == (7,)
    both = [*steps[:14], *steps[15:]]
    assert [d.kind for d in compare(target, chain(*both))] == ["missing", "setting"]


# --- several inputs -------------------------------------------------------------------------


def answering(mistake=None, names=("text", "question")):
    net = Net()
    text, question = (net.input(100, name=name, dtype="int32") for name in names)
    sequences = mistake == "sequences"
    left = net("Embedding", name="words", input_dim=1000, output_dim=64)(text)
    left = net("LSTM", name="left", units=32, return_sequences=sequences)(left)
    if mistake == "no question":
        joined = left
    else:
        start = text if mistake == "wrong input" else question
        right = net("Embedding", name="asked", input_dim=1000, output_dim=32)(start)
        right = net("LSTM", name="right", units=16, return_sequences=sequences)(right)
        kind = "Add" if mistake == "add" else "Concatenate"
        settings = {} if mistake == "add" else {"axis": 0 if mistake == "axis" else -1}
        operands = [left, left] if mistake == "same twice" else [left, right]
        if mistake == "reversed":
            operands.reverse()
        joined = net(kind, name="join", **settings)(operands)
    out = net("Dense", name="answer", units=500, activation="softmax")(joined)
    inputs = {
        "swapped": [question, text],
        "tuple": (text, question),
        "dict": {names[0]: text, names[1]: question},
        "no question": [text],
        "undeclared": [text],
    }.get(mistake, [text, question])
    return net.model(inputs, out)


@pytest.mark.parametrize("spelling", ["tuple", "dict", "reversed"])
def test_right_in_another_spelling(spelling):
    assert compared(answering(), answering(spelling)) == []
    assert compared(answering(spelling), answering()) == []


def test_branch_reads_the_wrong_input():
    assert compared(answering(), answering("wrong input")) == [("wiring", ["asked"], ["asked"])]
    detail = only(answering(), answering("wrong input")).detail
    assert (detail["expected"]["name"], detail["found"]["name"]) == ("question", "text")


def test_merge_replaced():
    assert compared(answering(), answering("add")) == [("replaced", ["join"], ["join"])]
    assert only(answering(), answering("add")).detail == {"expected": "Concatenate", "found": "Add"}


def test_concatenated_on_another_axis():
    difference = only(answering(), answering("axis"))
    assert difference.detail == {"setting": "axis", "expected": -1, "found": -2}


def test_sequences_left_on_say_nothing_about_axes():
    assert compared(answering(), answering("sequences")) == [
        ("setting", ["left", "right"], ["left", "right"]),
    ]


def test_one_branch_joined_with_itself():
    assert compared(answering(), answering("same twice")) == [("wiring", ["join"], ["join"])]
    detail = only(answering(), answering("same twice")).detail
    assert (detail["expected"]["name"], detail["found"]["name"]) == ("right", "left")
    assert [place["name"] for place in detail["vanished"]] == ["asked", "right"]


def test_input_left_out_with_all_that_hung_on_it():
    expected = ["question", "asked", "right", "join"]
    assert compared(answering(), answering("no question")) == [("input_missing", expected, [])]


def test_input_used_but_not_among_the_inputs():
    difference = only(answering(), answering("undeclared"))
    assert (difference.kind, difference.expected[0].name) == ("input_missing", "question")
    assert difference.detail == {"declared": False}


def test_extra_input():
    def model(more):
        net = Net()
        x, z = net.input(8, name="x"), net.input(3, name="z")
        y = net("Dense", name="d", units=4)(x)
        if more:
            y = net("Concatenate", name="join", axis=-1)([y, net("Dense", name="e", units=2)(z)])
        return net.model([x, z] if more else x, net("Dense", name="out", units=1)(y))

    assert compared(model(False), model(True)) == [("input_extra", [], ["z", "e", "join"])]


def test_order_of_inputs_where_names_tell():
    difference = only(answering(), answering("swapped"))
    assert difference.kind == "input_order"
    assert difference.detail == {"expected": ["text", "question"], "found": ["question", "text"]}
    assert only(answering(), answering(names=("question", "text"))).kind == "input_order"


def test_order_of_inputs_where_only_the_order_tells():
    named = ("input_layer_3", "input_layer")
    assert compared(answering(), answering(names=named)) == []
    assert only(answering(), answering("swapped", names=named)).kind == "input_order"
    assert compared(answering("dict"), answering("swapped", names=("p", "q"))) == []


def test_one_input_for_both_branches():
    def model(one):
        net = Net()
        a = net.input(8)
        b = a if one else net.input(8)
        branches = [net("Dense", name="l", units=3)(a), net("Dense", name="r", units=4)(b)]
        y = net("Concatenate", axis=-1)(branches)
        return net.model(a if one else [a, b], net("Dense", units=1)(y))

    assert compared(model(False), model(True)) == [("wiring", ["r"], ["r"])]


def test_names_where_they_are_asked_for():
    found = answering(names=("text", "frage"))
    assert compared(answering(), found) == []
    assert compared(answering(), found, names=True) == [("input_name", ["question"], ["frage"])]
    assert compared(answering(), answering(), names=True) == []


def test_of_inputs_that_are_as_good_as_each_other_each_goes_by_its_name():
    def model(first, second, keyed):
        net = Net()
        a, b = net.input(8, name=first), net.input(8, name=second)
        y = net("Dense", units=1)(net("Concatenate", axis=-1)([a, b]))
        return net.model({first: a, second: b} if keyed else [a, b], y)

    for names in (("z", "a"), ("a", "z")):
        assert compared(model("z", None, False), model(*names, True), names=True) == []
    assert only(model("z", None, False), model("y", "a", True), names=True).kind == "input_name"


def test_shape_and_dtype_of_an_input():
    def model(*shape, dtype="float32"):
        net = Net()
        x = net.input(*shape, name="x", dtype=dtype)
        return net.model(x, net("Dense", units=3)(x))

    difference = only(model(100), model(None))
    assert difference.kind == "input_shape"
    assert difference.detail["expected"] == {"shape": [None, 100], "dtype": "float32"}
    assert only(model(100), model(100, dtype="int32")).kind == "input_shape"


def test_names_of_an_input_stand_in_its_way():
    """A branch per input, one of them renamed: the order tells which is which."""
    assert compared(answering(), answering("wrong input", names=("text", "other"))) == [
        ("wiring", ["asked"], ["asked"])
    ]


# --- an intermediate tensor as an input -----------------------------------------------------


def two_towers(cut):
    net = Net()
    a, b = net.input(8, name="a"), net.input(8, name="b")
    if cut:
        left = clone = net.input(6, name="keras_tensor_12CLONE")
    else:
        left = net("Dense", name="first", units=6, activation="relu")(a)
    right = net("Dense", name="other", units=7)(b)
    left = net("Dense", name="second", units=5)(left)
    out = net("Dense", name="out", units=1)(net("Concatenate", axis=-1)([left, right]))
    return net.model([clone if cut else a, b], out)


def test_input_cut():
    expected = [("input_cut", ["first"], ["keras_tensor_12CLONE"])]
    assert compared(two_towers(False), two_towers(True)) == expected


def test_input_cut_deep_inside_and_another_mistake():
    target = chain(*TOWER, dense("d", 4), dense("e", 5))
    net = Net()
    x = net.input(10, name="keras_tensor_3CLONE")
    y = net("Dense", name="e", units=6)(net("Dense", name="d", units=4)(x))
    assert compared(target, net.model(x, y)) == [
        ("input_cut", ["c"], ["keras_tensor_3CLONE"]),
        ("setting", ["e"], ["e"]),
    ]


# --- several outputs ------------------------------------------------------------------------

HEADS = {"age": (1, "linear"), "income": (10, "softmax"), "gender": (1, "sigmoid")}


def heads(order=("age", "income", "gender"), form="list", named=True, **activations):
    net = Net()
    x = net.input(64, name="posts")
    trunk = net("Dense", name="trunk", units=128, activation="relu")(x)
    made = {}
    for number, (name, (units, activation)) in enumerate(HEADS.items()):
        settings = {"units": units, "activation": activations.get(name, activation)}
        chosen = name if named else f"dense_{7 - number}"
        if name in order:
            made[name] = net("Dense", name=chosen, **settings)(trunk)
    outputs = {name: made[name] for name in order}
    return net.model(x, outputs if form == "dict" else list(outputs.values()))


def test_outputs_in_another_form():
    assert compared(heads(), heads(form="dict")) == []
    assert compared(heads(form="dict"), heads(order=("gender", "age", "income"), form="dict")) == []


def test_order_of_outputs():
    reordered = ("income", "age", "gender")
    assert only(heads(), heads(reordered)).kind == "output_order"
    assert only(heads(named=False), heads(reordered, named=False)).kind == "output_order"


def test_output_missing_and_extra():
    fewer = ("age", "income")
    assert compared(heads(), heads(fewer)) == [("output_missing", ["gender"], [])]
    assert compared(heads(fewer), heads()) == [("output_extra", [], ["gender"])]


def test_output_names():
    found = heads(named=False)
    assert compared(heads(), found) == []
    difference = only(heads(), found, names=True)
    assert difference.kind == "output_name"
    assert difference.detail == {
        "expected": ["age", "income", "gender"],
        "found": ["dense_7", "dense_6", "dense_5"],
    }


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("named", [True, False])
def test_outputs_go_by_their_names_or_their_order(named, names):
    wrong = heads(named=named, age="relu", gender="linear")
    kinds = [(kind, expected) for kind, expected, _ in compared(heads(), wrong, names=names)]
    settings = [("setting", ["age"]), ("setting", ["gender"])]
    unnamed = [("output_name", ["age", "income", "gender"])]
    assert sorted(kinds) == sorted(settings + (unnamed if names and not named else []))


@pytest.mark.parametrize("names", [True, False])
def test_names_on_each_others_outputs(names):
    difference = only(heads(), heads(age="sigmoid", gender="linear"), names=names)
    assert difference.kind == "output_order"
    assert difference.detail["swapped"] is True


def test_output_taken_from_elsewhere():
    def model(wrong):
        net = Net()
        x = net.input(8)
        y = net("Dense", name="one", units=3)(x)
        z = net("Dense", name="two", units=4)(y)
        return net.model(x, [y if wrong else z, net("Dense", name="three", units=5)(z)])

    difference = only(model(False), model(True))
    assert difference.kind == "wiring"
    assert difference.detail["output"] == "two"


# --- graphs of layers -----------------------------------------------------------------------


def conv(net, filters, size, **settings):
    full = {"strides": [1, 1], "padding": "same", "activation": "relu", **settings}
    return net("Conv2D", filters=filters, kernel_size=[size, size], **full)


def inception(without="", **settings):
    net = Net()
    x = net.input(28, 28, 1)
    branches = {}
    branches["a"] = conv(net, 128, 1, name="a1", strides=[2, 2], **settings)(x)
    y = conv(net, 128, 1, name="b1")(x)
    branches["b"] = conv(net, 128, 3, name="b2", strides=[2, 2])(y)
    y = net("AveragePooling2D", name="c1", pool_size=[3, 3], strides=[2, 2])(x)
    branches["c"] = conv(net, 128, 3, name="c2")(y)
    y = conv(net, 128, 1, name="d1")(x)
    y = conv(net, 128, 3, name="d2")(y)
    branches["d"] = conv(net, 128, 3, name="d3", strides=[2, 2])(y)
    chosen = [branch for name, branch in branches.items() if name not in without]
    return net.model(x, net("Concatenate", name="join", axis=-1)(chosen))


@pytest.mark.parametrize(
    ("without", "gone"), [("a", ["a1"]), ("b", ["b1", "b2"]), ("d", ["d1", "d2", "d3"])]
)
def test_branch_left_out_of_a_join(without, gone):
    assert compared(inception(), inception(without)) == [("missing", gone, [])]
    assert only(inception(), inception(without)).detail["join"]["name"] == "join"


def test_two_branches_left_out_are_two_differences():
    assert [kind for kind, *_ in compared(inception(), inception("bc"))] == ["missing"] * 2


def test_padding_of_a_window_of_one_is_the_same_either_way():
    assert compare(inception(), inception(padding="valid")) == []


def test_one_of_many_equal_branches():
    def model(odd, branches=6):
        net = Net()
        x = net.input(8)
        made = []
        for number in range(branches):
            y = net("Dense", name=f"a{number}", units=4, activation="relu")(x)
            units = 7 if odd and number == 2 else 3
            made.append(net("Dense", name=f"b{number}", units=units)(y))
        return net.model(x, net("Concatenate", axis=-1)(made))

    difference = only(model(False), model(True))
    assert difference.detail == {"setting": "units", "expected": 3, "found": 7}
    assert difference.found[0].name == "b2"


def residual(mistake=None, projection=False):
    net = Net()
    x = net.input(28, 28, 128)
    y = conv(net, 128, 3, name="one")(x)
    y = conv(net, 128, 3, name="two")(y)
    if projection:
        y = net("MaxPooling2D", name="pool", pool_size=[2, 2])(y)
    shortcut = x
    if projection and mistake != "no projection":
        strides = [1, 1] if mistake == "strides" else [2, 2]
        shortcut = conv(net, 128, 1, name="across", strides=strides, activation="linear")(x)
    operands = [y, y] if mistake == "twice" else [y, shortcut]
    kind = "Concatenate" if mistake == "concatenate" else "Add"
    settings = {"axis": -1} if kind == "Concatenate" else {}
    return net.model(x, net(kind, name="sum", **settings)(operands))


@pytest.mark.parametrize("projection", [True, False])
def test_shortcut_added_to_itself(projection):
    target, found = residual(projection=projection), residual("twice", projection)
    assert compared(target, found) == [("wiring", ["sum"], ["sum"])]
    assert only(target, found).detail["found"]["name"] == ("pool" if projection else "two")


def test_projection():
    target = residual(projection=True)
    assert compared(target, residual("no projection", True)) == [("missing", ["across"], [])]
    assert only(target, residual("strides", True)).detail["setting"] == "strides"
    found = residual("concatenate", True)
    assert compared(target, found) == [("replaced", ["sum"], ["sum"])]


def test_all_branches_read_the_wrong_tensor():
    def model(wrong):
        net = Net()
        x = net.input(8)
        y = net("Dense", name="stem", units=8)(x)
        z = net("Dense", name="side", units=2)(y)
        made = [net("Dense", name=f"d{n}", units=n)(x if wrong else y) for n in (3, 4, 5)]
        return net.model(x, net("Concatenate", axis=-1)([*made, z]))

    assert compared(model(False), model(True)) == [
        ("wiring", ["d3", "d4", "d5"], ["d3", "d4", "d5"])
    ]


def test_two_calls_that_read_each_others_source():
    def model(swapped):
        net = Net()
        x = net.input(8)
        a, b = net("Dense", name="a", units=3)(x), net("GRU", name="b", units=3, out=(3,))(x)
        if swapped:
            a, b = b, a
        c, d = net("Dense", name="c", units=5)(a), net("Dense", name="d", units=6)(b)
        return net.model(x, net("Subtract")([c, d]))

    assert compared(model(False), model(True)) == [("wiring", ["c", "d"], ["c", "d"])]
    assert only(model(False), model(True)).detail["swapped"] is True


# --- shared layers --------------------------------------------------------------------------


def siamese(embeddings=1, recurrent=1, heads=1):
    net = Net()
    left, right = net.input(50, name="left"), net.input(50, name="right")
    words = [net("Embedding", name=f"e{n}", input_dim=9, output_dim=8) for n in range(embeddings)]
    lstms = [net("LSTM", name=f"r{n}", units=32) for n in range(recurrent)]
    codes = [lstms[-1](words[-1](left)), lstms[0](words[0](right))]
    y = net("Concatenate", axis=-1)(codes)
    return net.model([left, right], net("Dense", units=1, activation="sigmoid")(y))


def test_shared():
    assert compared(siamese(), siamese()) == []
    assert compared(siamese(2, 2), siamese(2, 2)) == []


def test_whole_branch_not_shared_is_one_difference():
    assert compared(siamese(), siamese(2, 2)) == [
        ("not_shared", ["e0", "r0", "e0", "r0"], ["e1", "r1", "e0", "r0"])
    ]
    assert only(siamese(), siamese(2, 2)).detail == {"expected": 1, "found": 2}


def test_partly_shared():
    assert compared(siamese(), siamese(1, 2)) == [("not_shared", ["r0", "r0"], ["r1", "r0"])]
    assert compared(siamese(), siamese(2, 1)) == [("not_shared", ["e0", "e0"], ["e1", "e0"])]


def test_one_layer_where_two_are_meant():
    assert compared(siamese(2, 2), siamese(2, 1)) == [("shared", ["r1", "r0"], ["r0", "r0"])]

    def model(reused):
        net = Net()
        x = net.input(8)
        a = net("Dense", name="a", units=8)
        b = a if reused else net("Dense", name="b", units=8)
        return net.model(x, b(a(x)))

    assert compared(model(False), model(True)) == [("shared", ["a", "b"], ["a", "a"])]


def test_layers_tied_by_their_weights_are_one():
    def model(tied):
        net = Net()
        x, y = net.input(8, name="x"), net.input(8, name="y")
        a = net("Dense", name="a", units=4)
        b = net("Dense", name="b", units=4, tied=a) if tied else a
        return net.model([x, y], net("Add")([a(x), b(y)]))

    assert compared(model(True), model(False)) == []


def test_sharing_between_layers_of_different_kinds():
    def model(tied):
        net = Net()
        x, y = net.input(8, name="x"), net.input(4, 8, name="y")
        a = net("Dense", name="a", units=4)
        wrapped = {"class_name": "Dense", "config": {"units": 4}}
        b = net("TimeDistributed", name="b", layer=wrapped, tied=a if tied else None)
        return net.model([x, y], [a(x), b(y)])

    assert compared(model(True), model(True)) == []
    assert compare(model(True), model(False)) != []
    assert compare(model(False), model(True)) != []


def test_shared_layer_with_another_setting_is_told_once():
    def model(units):
        net = Net()
        x, y = net.input(8, name="x"), net.input(8, name="y")
        layer = net("Dense", name="a", units=units)
        return net.model([x, y], net("Add")([layer(x), layer(y)]))

    assert compared(model(4), model(5)) == [("setting", ["a", "a"], ["a", "a"])]


@pytest.mark.parametrize("kind", ["relu", "linear"])
def test_activations_of_a_shared_layer_written_as_calls_are_told_once(kind):
    def model(activation, apart):
        net = Net()
        views = net.input(8, name="left"), net.input(8, name="right")
        layer = net("Dense", units=4, activation="linear" if apart else activation)
        made = [layer(view) for view in views]
        if apart:
            made = [net("Activation", activation=activation)(y) for y in made]
        y = net("Concatenate", axis=-1)(made)
        return net.model(list(views), net("Dense", units=1)(y))

    assert compared(model(kind, False), model("tanh", True))[0][0] == "setting"
    assert len(compare(model(kind, False), model("tanh", True))) == 1
    assert len(compare(model("tanh", True), model(kind, False))) == 1


def test_a_setting_of_layers_that_should_be_one_is_told_once():
    def model(layers, units):
        net = Net()
        views = net.input(6, 8, name="left"), net.input(6, 8, name="right")
        made = [net("LSTM", name=f"reader_{n}", units=units) for n in range(layers)]
        y = net("Concatenate", axis=-1)([made[0](views[0]), made[-1](views[1])])
        return net.model(list(views), net("Dense", units=1)(y))

    kinds = [kind for kind, *_ in compared(model(1, 8), model(2, 9))]
    assert kinds == ["not_shared", "setting"]


def test_layers_without_weights_may_be_shared_or_not():
    def model(layers):
        net = Net()
        x, y = net.input(8, name="x"), net.input(8, name="y")
        made = [net("Flatten") for _ in range(layers)]
        return net.model([x, y], net("Add")([made[0](x), made[-1](y)]))

    assert compared(model(1), model(2)) == []


def ring(*cycles):
    """Branches that share layers in rings: colours alone can't tell one ring of six from two of
    three."""
    net = Net()
    x = net.input(8)
    made = []
    for length in cycles:
        layers = [net("Dense", units=8) for _ in range(length)]
        made += [layers[n](layers[(n + 1) % length](x)) for n in range(length)]
    return net.model(x, net("Add")(made))


def test_sharing_that_colours_can_not_tell():
    assert compared(ring(6), ring(6)) == []
    assert compared(ring(3, 4, 5), ring(5, 3, 4)) == []
    assert compare(ring(6), ring(3, 3)) != []
    assert compare(ring(3, 3, 3, 5, 4), ring(3, 3, 4, 4, 4)) != []


# --- models as layers -----------------------------------------------------------------------


def cameras(bases=1, frozen=False, nested=True, units=16):
    net = Net()
    left, right = net.input(8, name="left"), net.input(8, name="right")

    def base():
        inner = net.inner()
        x = inner.input(8)
        y = inner("Dense", name="d1", units=units, activation="relu", frozen=frozen)(x)
        y = inner("Dense", name="d2", units=4, frozen=frozen)(y)
        return net.nested(inner, x, y, name="base")

    made = [base() for _ in range(bases)]
    y = net("Concatenate", axis=-1)([made[0](left), made[-1](right)])
    return net.model([left, right], net("Dense", name="depth", units=1)(y))


def test_base_built_twice_is_one_difference():
    difference = only(cameras(), cameras(bases=2))
    assert difference.kind == "not_shared"
    assert {p.path for p in difference.found} == {(2, 1), (2, 2), (3, 1), (3, 2)}


def test_frozen_base_is_one_difference():
    difference = only(cameras(), cameras(frozen=True))
    assert difference.kind == "trainable"
    assert difference.detail == {"expected": True, "found": False}
    assert only(cameras(frozen=True), cameras()).detail == {"expected": False, "found": True}


def stereo(**mistake):
    """One inner model with a shortcut, called on two inputs."""
    net = Net()
    views = net.input(8, name="left"), net.input(8, name="right")
    inner = net.inner()
    x = inner.input(8)
    one = inner("Dense", name="one", units=5)(x)
    two = one if mistake.get("missing") else inner("Dense", name="two", units=5)(one)
    both = inner("Add", name="add")([two, two if mistake.get("wiring") else one])
    if mistake.get("extra"):
        both = inner("Dropout", name="drop", rate=0.5)(both)
    flat = inner(mistake.get("replaced", "Flatten"), name="flat")(both)
    eye = net.nested(inner, x, flat, name="eye")
    y = net("Concatenate", axis=-1)([eye(view) for view in views])
    return net.model(list(views), net("Dense", units=1)(y))


@pytest.mark.parametrize(
    "mistake", [{"missing": 1}, {"extra": 1}, {"wiring": 1}, {"replaced": "GlobalMaxPooling1D"}]
)
def test_a_mistake_in_a_model_that_is_called_twice_is_one_difference(mistake):
    difference = only(stereo(), stereo(**mistake))
    assert difference.kind == next(iter(mistake))
    places = {place.path[0] for place in difference.found or difference.expected}
    assert places == {2, 3}


def test_places_in_nested_models():
    difference = only(cameras(), cameras(units=17))
    assert difference.kind == "setting"
    assert difference.expected == difference.found
    assert [p.path for p in difference.expected] == [(2, 1), (3, 1)]
    assert isinstance(difference.expected[0], Place)


# --- other graphs, and size -----------------------------------------------------------------


def test_nothing_in_common():
    target, found = inception(), answering()
    assert compare(target, found) and compare(found, target)


def test_the_order_of_a_join_where_it_counts():
    found = answering("reversed")
    difference = only(answering(), found, concat_order=True)
    assert difference.kind == "wiring"
    assert difference.expected[0].name == "join"


def blocks(number, mistake=None):
    net = Net()
    x = y = net.input(250, 250, 3, name="image")
    for block in range(number):
        before = y
        middle = block == number // 2
        for step in range(3):
            wrong = middle and step == 1
            if not (wrong and mistake == "activation"):
                y = net("Activation", activation="relu")(y)
            padding = "valid" if wrong and mistake == "setting" else "same"
            y = net("SeparableConv2D", filters=728, padding=padding, activation="linear")(y)
            y = net("BatchNormalization", axis=-1)(y)
        y = net("Add")([y, y if middle and mistake == "shortcut" else before])
    return net.model(x, net("Dense", units=1, activation="linear")(y))


@pytest.mark.parametrize(
    ("mistake", "kinds"),
    [(None, []), ("activation", ["missing"]), ("setting", ["setting"]), ("shortcut", ["wiring"])],
)
def test_a_mistake_in_the_middle_of_many_equal_blocks(mistake, kinds):
    for number in (13, 100):
        target, found = blocks(number), blocks(number, mistake)
        assert [d.kind for d in compare(target, found)] == kinds


def test_many_equal_branches():
    def model(branches, shared, odd=None):
        net = Net()
        x = net.input(8)
        layers = [net("Dense", units=9 if n == odd else 8) for n in range(branches)]
        made = [layers[number // shared * shared](layers[number](x)) for number in range(branches)]
        return net.model(x, net("Concatenate", axis=-1)(made))

    assert compare(model(400, 2), model(400, 2)) == []
    assert compare(model(400, 2), model(400, 4)) != []
    assert only(model(400, 2), model(400, 2, odd=201)).detail["setting"] == "units"
