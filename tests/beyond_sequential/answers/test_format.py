"""The JSON of an answer becomes an answer or an error; what becomes an answer can be judged."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest

from beyond_sequential import data
from beyond_sequential.answers.answer import AnswerError, Named
from beyond_sequential.answers.format import (
    answer_from_json,
    answer_to_json,
    array_name,
    compiled_from_json,
)
from beyond_sequential.answers.values import MAX_NESTED
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import AskModel, Compiled, Exercise
from beyond_sequential.course.randomness import randomness
from beyond_sequential.feedback import html, text
from beyond_sequential.findings.verdict import JUDGE_FAILED, verdict_to_json
from beyond_sequential.judge import judge
from tests.helpers.handing_in import answer, keras, layers


def dense_model(*units):
    x = y = keras.Input((64,))
    for size in units:
        y = layers.Dense(size, activation="relu")(y)
    return keras.Model(x, y)


def in_and_out(made):
    """The JSON of an answer, as it is in a file, and the arrays beside it."""
    arrays = {
        array_name(name, number, id_): array
        for name, cases in made.values.items()
        for number, case in enumerate(cases)
        for id_, array in getattr(case, "weights", {}).items()
    }
    return json.loads(json.dumps(answer_to_json(made))), arrays


def compiled_heads():
    x = keras.Input((64,))
    net = keras.Model(x, [layers.Dense(1, name=name)(x) for name in ("a", "b")])
    losses = {"a": "mse", "b": keras.losses.BinaryCrossentropy(from_logits=True)}
    net.compile("sgd", losses, loss_weights={"a": 1, "b": 0.5}, metrics=[["mae"], ["acc"]])
    return net


HEADS = Exercise("own-heads", (AskModel("net"),), (Compiled("net", "sgd"),))
MADE = {
    "a model": lambda: answer("introduction-twin", build_twin=lambda: dense_model(32, 32, 10)),
    "another model": lambda: answer("introduction-twin", build_twin=lambda: dense_model(32, 8)),
    "an error": lambda: answer("introduction-twin", build_twin=lambda: 1 / 0),
    "an error of Keras": lambda: answer("introduction-twin", build_twin=lambda: keras.Input(3)),
    "shapes": lambda: answer(
        "introduction-twin",
        build_twin=lambda: layers.add([keras.Input((3,)), keras.Input((4,))]),
    ),
    "a refusal": lambda: answer("introduction-twin", build_twin=3),
    "a stub": lambda: answer("introduction-twin", build_twin=None),
    "nothing": lambda: answer("introduction-twin"),
    "two models with weights": lambda: answer(
        "introduction-weights", sequential_model=dense_model(4), twin=dense_model(4)
    ),
    "a trained model": lambda: answer("introduction-training", classifier=dense_model(10)),
    "arrays": lambda: answer(
        "several-inputs-feeding",
        inputs_list=[data("several_inputs")["text"]],
        inputs_dict={"text": data("several_inputs")["text"]},
        targets=np.zeros((2, 3)),
    ),
    "a value": lambda: answer("introduction-count", parameters=[1, {"a": None}]),
    "several heads": lambda: answer(HEADS, net=compiled_heads()),
}


@pytest.fixture(scope="module")
def honest():
    """Answers of each kind, as they are in a file."""
    return {name: in_and_out(make()) for name, make in MADE.items()}


@pytest.mark.parametrize("name", MADE)
def test_an_answer_survives_its_json(name):
    made = MADE[name]()
    read = answer_from_json(*in_and_out(made))
    assert (read.exercise, read.versions) == (made.exercise, made.versions)
    assert repr(read.values) == repr(made.values)


# --- forged answers -----------------------------------------------------------------------------


def case(**contents):
    return {"state": "captured", "cases": [contents]}


JUNK = {
    "None": None,
    "a number": 5,
    "a text": "captured",
    "a list": [],
    "an empty dict": {},
    "no cases": {"state": "captured"},
    "cases are None": {"state": "captured", "cases": None},
    "cases are empty": {"state": "captured", "cases": []},
    "cases are a text": {"state": "captured", "cases": "abc"},
    "cases are a dict": {"state": "captured", "cases": {"graph": 1}},
    "a case is a number": {"state": "captured", "cases": [5]},
    "a case is None": {"state": "captured", "cases": [None]},
    "an empty case": case(),
    "a state of no name": {"state": ["x"], "cases": []},
    "an error that is a text": case(error="boom"),
    "an error of nothing": case(error={}),
    "an error of lists": case(error={"type": [], "text": {}, "line": [1]}),
    "an error that names the name": case(error={"name": 3, "type": "x", "text": "y"}),
    "braces in an error": case(
        error={"type": "{x}", "text": "{0} {name.__class__} %s", "line": "{"}
    ),
    "a refusal of nothing": case(refused={}),
    "a refusal that is a text": case(refused="no"),
    "a refusal that is a finding": case(refused={"code": "training.accuracy", "type": "x"}),
    "a refusal that is another": case(refused={"code": "weights_differ", "type": "x"}),
    "a refusal that needs a graph": case(refused={"code": "input_cut", "type": "x"}),
    "a refusal of no name": case(refused={"code": ["x"], "type": None}),
    "a refusal with braces": case(refused={"code": "{code}", "type": "{0}"}),
    "a graph of nothing": case(graph={}),
    "a graph that is None": case(graph=None),
    "a graph that is a text": case(graph="Dense"),
    "a graph without calls": case(
        graph={
            "schema": 1,
            "name": "x",
            "kind": "x",
            "layers": [],
            "body": {"calls": [], "inputs": [], "outputs": []},
        },
        weights={},
        compile={},
    ),
    "compile is a list": case(graph=None, compile=[1]),
    "compile of nothing": case(compile={}),
    "compile of lists": case(compile={"optimizer": [], "loss": [[]], "metrics": [[[]]]}),
    "compile of numbers": case(
        compile={"optimizer": {"kind": 3}, "loss": {"kind": 5}, "metrics": 7}
    ),
    "arrays that are None": case(arrays=None),
    "arrays of nothing": case(arrays={"dict": {"text": None, "question": 5}}),
    "arrays that are numbers": case(arrays={"list": [1, 2]}),
    "arrays of lists": case(arrays={"dict": [["text", 1], ["question", 2]]}),
    "arrays without shapes": case(arrays={"list": [{"digest": []}, {"shape": "x"}]}),
    "a value of a huge number": case(value=10**400),
    "a value of a huge list": case(value=[1] * 10000),
    "a value of not a number": case(value=float("nan")),
    "a value of no end": case(value=float("inf")),
    "a value of half a letter": case(value="\ud800"),
    "weights of lists": case(graph=None, weights=[1]),
}


# What could be true; the judge finds nothing right in it.
READABLE = {
    "an error that names the name",
    "braces in an error",
    "a value of a huge number",
    "a value of a huge list",
    "a value of not a number",
    "a value of no end",
    "a value of half a letter",
}
JUNK |= {
    "a state of no such name": {"state": "gone", "cases": [{"stub": True}]},
    "a stub that was captured": case(stub=True),
    "a text of a megabyte": case(error={"type": "x", "text": "x" * 10**6, "line": ""}),
    "an error with a wrong line": case(error={"type": "x", "text": "", "line": "", "number": "1"}),
    "an unknown cause": case(error={"type": "x", "text": "", "line": "", "cause": {"code": "x"}}),
    "a cause without details": case(
        error={"type": "x", "text": "", "line": "", "cause": {"code": "rank"}}
    ),
    "a digest of another kind": case(
        arrays={"shape": [1], "dtype": "x", "digest": "x" * 16, "zero": False}
    ),
    "an array of a thousand dimensions": case(
        arrays={"shape": [1] * 1000, "dtype": "x", "digest": "0" * 16, "zero": False}
    ),
    "a thousand cases": {"state": "captured", "cases": [{"value": 1}] * MAX_NESTED},
    "a value nested too deep": case(value=json.loads("[" * 200 + "]" * 200)),
}


def read(exercise, value):
    """The answer in which this is the value of every name."""
    row = {"exercise": exercise.id, "versions": dict(answer(exercise).versions)}
    return answer_from_json({**row, "values": {ask.name: value for ask in exercise.asks}}, {})


@pytest.mark.parametrize("name", sorted(JUNK.keys() - READABLE))
def test_a_forged_value_is_an_error(name):
    with pytest.raises(AnswerError):
        read(sections.exercise("introduction-count"), JUNK[name])


@pytest.mark.parametrize("name", sorted(READABLE))
def test_a_value_that_could_be_true_is_wrong(name):
    exercise = sections.exercise("introduction-count")
    assert shown(exercise, read(exercise, JUNK[name])).fraction == 0


def test_a_bottomless_value():
    nest: list = []
    for _ in range(5000):
        nest = [nest]
    with pytest.raises(AnswerError, match="deep"):
        read(sections.exercise("introduction-count"), case(value=nest))


def chain_of_models(depth, calls):
    """`depth` models, each of which calls the next one `calls` times."""
    tensor = {"$tensor": [0, 0]}
    out = [[[None, 64], "float32"]]
    layers_ = [{"id": "in", "kind": "InputLayer", "name": "in"}]
    layers_.append({"id": "m0", "kind": "ReLU", "name": "m0"})
    for number in range(1, depth):
        inner = [{"layer": "in", "outputs": out}]
        for call in range(calls):
            read = {"$tensor": [call, 0]}
            inner.append({"layer": f"m{number - 1}", "args": [read], "outputs": out})
        body = {"calls": inner, "inputs": tensor, "outputs": {"$tensor": [calls, 0]}}
        layers_.append({"id": f"m{number}", "kind": "Functional", "name": "m", "body": body})
    top = [
        {"layer": "in", "outputs": out},
        {"layer": f"m{depth - 1}", "args": [tensor], "outputs": out},
    ]
    body = {"calls": top, "inputs": tensor, "outputs": {"$tensor": [1, 0]}}
    return {"schema": 1, "name": "x", "kind": "Functional", "layers": layers_, "body": body}


@pytest.mark.parametrize(("depth", "calls"), [(3000, 1), (40, 2)], ids=["deep", "2^40 calls"])
def test_models_in_models_without_end(depth, calls):
    """A graph of a few kilobytes may stand for more calls than there is time or memory for."""
    graph = chain_of_models(depth, calls)
    with pytest.raises(AnswerError, match=r"nested|calls"):
        read(sections.exercise("introduction-twin"), case(graph=graph, identity=1))


@pytest.mark.parametrize(
    "array", [np.zeros(0), np.zeros((64, 10)).T, np.array(3), None], ids=lambda a: str(np.shape(a))
)
def test_forged_arrays_are_an_error(honest, array):
    data, arrays = honest["a trained model"]
    (first, *_rest) = arrays
    forged = {**arrays, first: array} if array is not None else {}
    with pytest.raises(AnswerError, match="weight"):
        answer_from_json(data, forged)


def test_a_loss_by_output_is_told_from_a_loss_with_settings():
    row = {"optimizer": {"kind": "adam", "settings": {}}, "steps": 0, "metrics": None}
    one = {"kind": "mse", "from_logits": False}
    by_output = {"kind": "mse", "other": "mae"}
    assert compiled_from_json({**row, "loss": one}).loss == Named("mse", {"from_logits": False})
    assert compiled_from_json({**row, "loss": by_output}).loss == by_output


# --- whatever can be read can be judged ---------------------------------------------------------


def shown(exercise, forged):
    """A verdict, and both ways of showing it: nothing of this may raise."""
    verdict = judge(exercise, forged)
    assert 0 <= verdict.fraction <= 1 and verdict.outcome != JUDGE_FAILED
    json.dumps(verdict_to_json(verdict))
    text.verdict_text(verdict, 1)
    html.verdict_html(verdict, 1)
    text.first_finding(verdict)
    return verdict


def paths(tree, path=()):
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, (dict, list)):
            yield from paths(item, (*path, key))


SCRAPS = (None, True, -1, 10**30, 0.5, "", "{0}", [], {}, [[]], {"$tensor": [0, 0]})


@pytest.mark.parametrize("number", range(200))
def test_any_change_of_an_answer_is_an_error_or_can_be_judged(honest, number):
    """One to three scraps at random places, the same ones each time."""
    random = randomness("scraps", number)
    data, arrays = list(honest.values())[number % len(honest)]
    data = copy.deepcopy(data)
    for _ in range(1 + random.randint(3)):
        places = list(paths(data["values"]))
        if places:
            *path, last = places[random.randint(len(places))]
            at = data["values"]
            for step in path:
                at = at[step]
            at[last] = copy.deepcopy(SCRAPS[random.randint(len(SCRAPS))])
    try:
        forged = answer_from_json(data, arrays)
    except AnswerError:
        return
    known = sections.exercises()
    shown(known.get(forged.exercise, HEADS), forged)
