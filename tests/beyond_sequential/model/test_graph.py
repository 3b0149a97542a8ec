"""Model graphs as data: through JSON and back, and nothing forged gets in."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beyond_sequential.model.graph import (
    GraphError,
    Ref,
    bodies,
    from_json,
    map_refs,
    parameter_count,
    read_by,
    refs,
    to_json,
    variables,
)
from tests.helpers.graphs import Net


def siamese():
    """Two inputs in a dict, a nested model called twice, one layer called in both bodies."""
    net = Net()
    inner = net.inner()
    into = inner.input(8, name="into")
    dense = inner("Dense", units=4, activation="relu")
    encoder = net.nested(inner, into, dense(into), name="encoder")
    left, right = net.input(8, name="left"), net.input(8, name="right", dtype="int32")
    outside = net.again(dense)(left)
    both = net("Concatenate", axis=-1)([encoder(left), encoder(right), outside])
    scaled = net("ops.Multiply")(both, 0.5)
    picked = net("ops.GetItem")(scaled, [{"slice": [None, 2, None]}, "..."])
    last = net("Dense", units=1, frozen=True)(picked)
    return net.model({"left": left, "right": right}, [last, {"both": both}])


def data():
    return json.loads(json.dumps(to_json(siamese())))


def test_a_graph_survives_json():
    graph = siamese()
    again = from_json(data())
    assert to_json(again) == data()
    assert (again.name, again.kind) == (graph.name, graph.kind)
    assert again.layers.keys() == graph.layers.keys()
    assert [call.layer for call in again.calls] == [call.layer for call in graph.calls]
    assert [read_by(call) for call in again.calls] == [read_by(call) for call in graph.calls]
    assert [call.outputs for call in again.calls] == [call.outputs for call in graph.calls]
    assert again.inputs == graph.inputs and again.outputs == graph.outputs
    assert variables(again) == variables(graph)
    assert again.tensor(again.inputs["right"]).dtype == "int32"
    assert again.layer_of(again.inputs["left"]).name == "left"
    assert len(list(bodies(again))) == 2


def test_unknown_sizes_and_frozen_layers_survive_json():
    net = Net()
    x = net.input(None, 3, name="x")
    graph = from_json(to_json(net.model(x, net("LSTM", units=4, frozen=True)(x))))
    assert graph.tensor(graph.inputs).shape == (None, None, 3)
    lstm = graph.layers[graph.calls[1].layer]
    assert not lstm.trainable and not any(v.trainable for v in lstm.variables)


def test_a_shared_weight_counts_once():
    net = Net()
    x = net.input(8)
    first = net("Dense", units=1)
    tied = net("Dense", units=1, tied=first)
    graph = net.model(x, tied(first(first(x))))
    assert parameter_count(graph) == 2  # the fixture's weights hold one number each
    assert parameter_count(graph, trainable=False) == 0


def test_refs_are_found_and_changed_in_any_nest():
    tree = {"a": [Ref(0), (Ref(1, 2), 5)], "b": "Ref"}
    assert list(refs(tree)) == [Ref(0), Ref(1, 2)]
    assert map_refs(tree, lambda ref: ref.call) == {"a": [0, (1, 5)], "b": "Ref"}


def set_at(*path_and_value):
    *path, last, value = path_and_value

    def change(graph):
        at = graph
        for step in path:
            at = at[step]
        at[last] = value

    return change


def delete(*path):
    def change(graph):
        at = graph
        for step in path[:-1]:
            at = at[step]
        del at[path[-1]]

    return change


def inside_itself(graph):
    nested = next(layer for layer in graph["layers"] if "body" in layer)
    nested["body"]["calls"][1]["layer"] = nested["id"]


def inside_each_other(graph):
    body = {"calls": [], "inputs": [], "outputs": []}
    for id_, other in (("m1", "m2"), ("m2", "m1")):
        call = {"layer": other, "outputs": []}
        layer = {"id": id_, "kind": "Functional", "name": id_, "body": {**body, "calls": [call]}}
        graph["layers"].append(layer)


HOSTILE = {
    "another schema": set_at("schema", 2),
    "no schema": delete("schema"),
    "no layers": delete("layers"),
    "layers are a number": set_at("layers", 3),
    "a layer is a text": set_at("layers", 0, "Dense"),
    "a layer without a kind": delete("layers", 0, "kind"),
    "a kind is a list": set_at("layers", 0, "kind", ["Dense"]),
    "a name is a number": set_at("name", 5),
    "settings are a list": set_at("layers", 0, "settings", [1]),
    "variables of three": set_at("layers", 0, "variables", [["a", "b", [1]]]),
    "a shape with a text": set_at("layers", 0, "variables", [["a", "b", ["1"], "f", True]]),
    "a shape with a truth": set_at("layers", 0, "variables", [["a", "b", [True], "f", True]]),
    "an unknown layer": set_at("body", "calls", 0, "layer", "nowhere"),
    "no calls": delete("body", "calls"),
    "calls are nothing": set_at("body", "calls", None),
    "kwargs are a list": set_at("body", "calls", 0, "kwargs", [1]),
    "no outputs of a call": delete("body", "calls", 0, "outputs"),
    "a tensor without a dtype": set_at("body", "calls", 0, "outputs", [[[None, 8]]]),
    "a tensor of text": set_at("body", "calls", 0, "outputs", [["8", "float32"]]),
    "a loop": set_at("body", "calls", 2, "args", [{"$tensor": [2, 0]}]),
    "from the future": set_at("body", "calls", 2, "args", [{"$tensor": [5, 0]}]),
    "from before": set_at("body", "calls", 2, "args", [{"$tensor": [-1, 0]}]),
    "an output too many": set_at("body", "outputs", {"$tensor": [0, 1]}),
    "an output below": set_at("body", "outputs", {"$tensor": [0, -1]}),
    "a tensor of one number": set_at("body", "outputs", {"$tensor": [0]}),
    "a tensor by name": set_at("body", "inputs", {"$tensor": ["0", "0"]}),
    "a model in itself": inside_itself,
    "two models in each other": inside_each_other,
    "two layers of one id": lambda graph: graph["layers"].append(graph["layers"][0]),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE.keys())
def test_forged_data_is_refused(change):
    forged = data()
    change(forged)
    with pytest.raises(GraphError):
        from_json(forged)


@pytest.mark.parametrize("whole", [None, 3, "graph", [], {}, [1, 2], {"schema": 1}])
def test_what_is_no_graph_at_all_is_refused(whole):
    with pytest.raises(GraphError):
        from_json(whole)


def test_a_bottomless_nest_is_refused():
    nest: object = 0
    for _ in range(100_000):
        nest = [nest]
    forged = data()
    forged["body"]["calls"][2]["args"] = [nest]
    with pytest.raises(GraphError):
        from_json(forged)


def places(tree, path=()):
    """Every path into a nest of lists and dicts."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, (dict, list)):
            yield from places(item, (*path, key))


JUNK = st.sampled_from([None, True, -1, 10**30, 0.5, "", "$tensor", [], {}, [[]], {"$tensor": []}])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_change_is_a_graph_or_a_graph_error(draw):
    """Whatever is put anywhere: a graph that can be written again, or GraphError."""
    forged = copy.deepcopy(data())
    path = draw.draw(st.sampled_from(list(places(forged))))
    set_at(*path, draw.draw(JUNK))(forged)
    try:
        graph = from_json(forged)
    except GraphError:
        return
    assert to_json(from_json(to_json(graph))) == to_json(graph)
    for body in bodies(graph):
        for number, call in enumerate(body.calls):
            assert all(ref.call < number for ref in read_by(call))
