"""Whatever a notebook holds becomes data; whatever a file holds becomes an answer or an error."""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
import zipfile

import numpy as np
import pytest

from beyond_sequential.answers.answer import AnswerError, array_digest, load, save
from beyond_sequential.course.exercise import (
    AskArrays,
    AskFunction,
    AskModel,
    AskValue,
    Exercise,
)
from beyond_sequential.model.graph import GraphError, parameter_count
from beyond_sequential.model.spec import Spec
from tests.helpers.handing_in import answer, keras, layers


def model():
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(2)(x))


VALUE = Exercise("own-value", (AskValue("it"),), ())
MODEL = Exercise("own-model", (AskModel("it"),), ())
WEIGHTS = Exercise("own-weights", (AskModel("it", weights=True),), ())
ARRAYS = Exercise("own-arrays", (AskArrays("it"),), ())
FUNCTION = Exercise("own-function", (AskFunction("it"),), ())
BLOCK = Exercise(
    "own-block", (AskFunction("it", cases=((Spec((4,)),), (Spec((6,)),)), tensor=True),), ()
)
ALL = (VALUE, MODEL, WEIGHTS, ARRAYS, FUNCTION, BLOCK)


def only(exercise, it):
    """The one case of an answer with one name."""
    value = answer(exercise, it=it).values["it"]
    assert value["state"] == "captured"
    return value["cases"][0]


# --- states -------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)
def test_a_name_that_is_missing(exercise):
    assert answer(exercise, other=1).values == {"it": {"state": "missing"}}


@pytest.mark.parametrize("stub", [None, ...])
@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)
def test_a_stub(exercise, stub):
    assert answer(exercise, it=stub).values["it"]["state"] == "stub"


@pytest.mark.parametrize("stub", [None, ...])
def test_a_function_that_is_a_stub(stub):
    assert answer(FUNCTION, it=lambda: stub).values["it"]["state"] == "stub"
    assert answer(BLOCK, it=lambda x: stub).values["it"]["state"] == "stub"


def test_a_function_that_is_a_stub_for_one_case_only():
    value = answer(BLOCK, it=lambda x: None if x.shape[1] == 4 else x).values["it"]
    assert value["state"] == "captured"
    assert value["cases"][0] == {"stub": True} and "graph" in value["cases"][1]


def test_each_name_has_its_own_state():
    exercise = Exercise("own", (AskValue("a"), AskValue("b"), AskValue("c")), ())
    states = {n: v["state"] for n, v in answer(exercise, a=1, b=None).values.items()}
    assert states == {"a": "captured", "b": "stub", "c": "missing"}


def test_the_versions_travel_along():
    assert set(answer(VALUE, it=1).versions) >= {"schema", "helper", "keras"}


# --- errors -------------------------------------------------------------------------------------


def broken_function():
    inputs = keras.Input((4,))
    return layers.Dense(2)(inputs, inputs, no_such_argument=inputs)


def test_an_error_names_the_students_line():
    error = only(FUNCTION, broken_function)["error"]
    assert error["line"] == "return layers.Dense(2)(inputs, inputs, no_such_argument=inputs)"
    assert error["number"] == broken_function.__code__.co_firstlineno + 2
    assert error["type"] in ("TypeError", "ValueError") and error["text"]


def test_an_error_in_a_helper_of_the_students_names_the_helpers_line():
    def helper():
        return 1 / 0

    def build():
        return helper()

    assert only(FUNCTION, build)["error"]["line"] == "return 1 / 0"


def test_an_error_in_keras_names_the_students_line_not_keras():
    error = only(FUNCTION, lambda: keras.Input("shape"))["error"]
    assert "keras.Input" in error["line"]


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no")


class Empty(BaseException):
    pass


@pytest.mark.parametrize(
    "error",
    [
        SystemExit(3),
        SystemExit("bye"),
        KeyboardInterrupt(),
        GeneratorExit(),
        RecursionError("deep"),
        MemoryError(),
        Unprintable(),
        Empty(),
        StopIteration(),
        ValueError("first\nsecond"),
        ValueError("x" * 100_000),
    ],
    ids=lambda e: type(e).__name__,
)
def test_whatever_a_function_raises_is_data(error):
    def build():
        raise error

    case = only(FUNCTION, build)
    assert case["error"]["type"] == type(error).__name__
    assert len(json.dumps(case)) < 2000 and "\n" not in case["error"]["text"]


def test_a_function_without_an_end_to_its_recursion():
    def build():
        return build()

    assert only(FUNCTION, build)["error"]["type"] == "RecursionError"


def test_an_exit_by_sys():
    assert only(FUNCTION, lambda: sys.exit(0))["error"]["type"] == "SystemExit"


def test_wrong_numbers_of_arguments():
    assert only(FUNCTION, lambda x: x)["error"]["type"] == "TypeError"
    assert only(BLOCK, lambda: None)["error"]["type"] == "TypeError"


def test_an_error_in_one_case_leaves_the_other():
    def build(x):
        if x.shape[1] == 4:
            raise ValueError("not four")
        return x * 2

    cases = answer(BLOCK, it=build).cases("it")
    assert "error" in cases[0] and "graph" in cases[1]


# --- wrong types --------------------------------------------------------------------------------


class Hostile:
    """Everything that is asked of it raises."""

    def __getattribute__(self, name):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)
def test_a_hostile_object_is_data(exercise):
    case = answer(exercise, it=Hostile()).cases("it")[0]
    assert case.keys() <= {"error", "refused"}
    json.dumps(case)


@pytest.mark.parametrize(
    ("exercise", "make", "code"),
    [
        (FUNCTION, lambda: 5, "not_a_function"),
        (FUNCTION, lambda: lambda: 5, "not_a_model"),
        (FUNCTION, lambda: lambda: keras.Input((3,)), "not_a_model"),
        (FUNCTION, lambda: lambda: layers.Dense(3), "not_called"),
        (MODEL, lambda: model, "not_a_model"),
        (MODEL, lambda: "model", "not_a_model"),
        (MODEL, lambda: layers.Dense(3), "not_called"),
        (MODEL, lambda: keras.Sequential([layers.Dense(3)]), "unbuilt"),
        (BLOCK, lambda: lambda x: layers.Dense(3), "not_called"),
        (BLOCK, lambda: lambda x: keras.Model(x, layers.Dense(3)(x)), "not_a_tensor"),
        (BLOCK, lambda: lambda x: np.zeros(3), "not_a_model"),
    ],
)
def test_a_wrong_type_is_refused_by_name(exercise, make, code):
    refused = only(exercise, make())["refused"]
    assert refused["code"] == code and isinstance(refused["type"], str)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (5, 5),
        (True, True),
        (0.5, 0.5),
        ("c", "c"),
        (np.float32(0.5), 0.5),
        (np.array([3]), 3),
        (np.array([16, 15]), [16, 15]),
        (np.array([[0.5], [1]]), [[0.5], [1.0]]),
        ((1, [2, "x"]), [1, [2, "x"]]),
        ({"a": 1, 2: None}, {"a": 1, "2": None}),
        ("x" * 5000, "x" * 1000),
    ],
)
def test_values_that_can_be_kept(value, kept):
    assert only(VALUE, value) == {"value": kept}


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        b"x",
        1j,
        np.zeros(101),
        np.array([1j, 2]),
        list(range(200)),
        [[[[[[1]]]]]],
        [[[[0] * 100] * 100] * 100] * 100,
        lambda: 3,
        print,
    ],
)
def test_values_that_can_not_be_kept(value):
    assert only(VALUE, value)["refused"]["code"] == "not_a_value"


def test_a_tensor_is_a_value():
    assert only(VALUE, keras.ops.convert_to_tensor(2.5)) == {"value": 2.5}


@pytest.mark.parametrize("value", [np.array([None]), [object()], "text", {"a": object()}])
def test_arrays_that_are_none(value):
    case = only(ARRAYS, value)
    assert "error" in case or isinstance(case["arrays"], dict)
    json.dumps(case)


def test_arrays_are_digests_of_numbers():
    x = np.arange(6).reshape(2, 3)
    listed = only(ARRAYS, [x, x.T])["arrays"]["list"]
    keyed = only(ARRAYS, {"a": x.astype("float32")})["arrays"]["dict"]
    assert listed[0]["shape"] == [2, 3] and listed[0]["digest"] == keyed["a"]["digest"]
    assert listed[0]["digest"] != listed[1]["digest"]
    assert array_digest(x) == array_digest(x.tolist()) != array_digest(x.ravel())


# --- compile ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "loss"),
    [
        (lambda: "mse", "mse"),
        (lambda: keras.losses.MeanSquaredError(), "mean_squared_error"),
        (lambda: keras.losses.mean_squared_error, "mean_squared_error"),
    ],
)
def test_how_a_model_is_compiled(make, loss):
    net = model()
    net.compile(keras.optimizers.RMSprop(0.01), make(), metrics=["mae"])
    compiled = only(MODEL, net)["compile"]
    assert compiled["optimizer"]["kind"] == "rmsprop"
    assert abs(compiled["optimizer"]["settings"]["learning_rate"] - 0.01) < 1e-6
    found = compiled["loss"]
    assert loss in (found, found["kind"] if isinstance(found, dict) else None)
    assert compiled["metrics"] == ["mae"]


def test_a_model_that_is_not_compiled():
    assert only(MODEL, model())["compile"] is None


# --- files --------------------------------------------------------------------------------------


def test_an_answer_survives_its_file(tmp_path):
    net = model()
    made = answer(WEIGHTS, it=net)
    save(made, tmp_path / "a.answer")
    again = load(tmp_path / "a.answer")
    assert again.exercise == "own-weights" and again.versions == made.versions
    assert parameter_count(again.graph("it")) == 10
    assert again.graph("it", 1) is None and again.graph("other") is None
    names = again.cases("it")[0]["weights"]
    found = [again.arrays[name] for name in names.values()]
    assert all((a == b).all() for a, b in zip(found, net.get_weights(), strict=True))
    assert os.listdir(tmp_path) == ["a.answer"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0, "\ud800", 10**400, "\0"])
def test_odd_values_survive_their_file(tmp_path, value):
    save(answer(VALUE, it=value), tmp_path / "a.answer")
    assert repr(load(tmp_path / "a.answer").cases("it")[0].get("value")) == repr(value)


def test_a_settings_object_of_the_students_survives_its_file(tmp_path):
    def odd(x):
        return x

    x = keras.Input((4,))
    net = keras.Model(x, layers.Dense(2, activation=odd, name="größe")(x))
    save(answer(MODEL, it=net), tmp_path / "a.answer")
    assert load(tmp_path / "a.answer").graph("it").calls


def test_weights_after_capture_do_not_change_the_answer():
    net = model()
    made = answer(WEIGHTS, it=net)
    before = {name: array.copy() for name, array in made.arrays.items()}
    net.set_weights([w + 1 for w in net.get_weights()])
    assert all((before[name] == array).all() for name, array in made.arrays.items())


def good(tmp_path):
    path = tmp_path / "good.answer"
    save(answer(WEIGHTS, it=model()), path)
    return path


def rewritten(tmp_path, change):
    """The good file with its parts changed: {name: bytes} in, the same out."""
    path = good(tmp_path)
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


def with_json(**changes):
    def change(parts):
        parts["answer.json"] = json.dumps({**json.loads(parts["answer.json"]), **changes})

    return change


def without_json(*keys):
    def change(parts):
        data = json.loads(parts["answer.json"])
        parts["answer.json"] = json.dumps({k: v for k, v in data.items() if k not in keys})

    return change


class Touch:
    """Unpickling it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


HEADER = b"\x93NUMPY\x01\x00"


def huge_header(parts):
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }"
    head = head.ljust(117) + b"\n"
    parts["it.0.weight0.npy"] = HEADER + len(head).to_bytes(2, "little") + head


FORGED = {
    "no answer.json": lambda parts: parts.pop("answer.json"),
    "answer.json is no JSON": lambda parts: parts.update({"answer.json": b"{"}),
    "answer.json is a list": lambda parts: parts.update({"answer.json": b"[]"}),
    "answer.json is bottomless": lambda p: p.update({"answer.json": b"[" * 10**6 + b"]" * 10**6}),
    "answer.json is not UTF-8": lambda parts: parts.update({"answer.json": b'{"a": "\xff"}'}),
    "another schema": with_json(versions={"schema": "999"}),
    "no versions": without_json("versions"),
    "versions are a list": with_json(versions=["1"]),
    "values are a list": with_json(values=[1]),
    "no values": without_json("values"),
    "no exercise": without_json("exercise"),
    "the exercise is a number": with_json(exercise=3),
    "an array is truncated": lambda p: p.update({"it.0.weight0.npy": p["it.0.weight0.npy"][:-1]}),
    "an array is no array": lambda parts: parts.update({"it.0.weight0.npy": b"hello"}),
    "an array larger than memory": huge_header,
    "a header without an end": lambda p: p.update({"it.0.weight0.npy": HEADER + b"\xff\xff"}),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED.keys())
def test_a_forged_file_is_an_answer_error(tmp_path, change):
    with pytest.raises(AnswerError):
        load(rewritten(tmp_path, change))


def test_a_pickle_in_an_array_is_not_opened(tmp_path):
    trap = np.array([Touch(tmp_path / "owned")], dtype=object)
    path = rewritten(tmp_path, lambda p: p.update({"it.0.weight0.npy": npy(trap)}))
    with pytest.raises(AnswerError):
        load(path)
    assert not (tmp_path / "owned").exists()


def test_a_pickle_as_a_file_is_not_opened(tmp_path):
    path = tmp_path / "a.answer"
    path.write_bytes(pickle.dumps(Touch(tmp_path / "owned")))
    with pytest.raises(AnswerError):
        load(path)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(tmp_path, share):
    path = good(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(AnswerError):
        load(path)


def test_a_flipped_bit(tmp_path):
    path = good(tmp_path)
    content = bytearray(path.read_bytes())
    content[content.index(b"float32") + 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(AnswerError):
        load(path)


def test_a_symlink(tmp_path):
    link = tmp_path / "link.answer"
    link.symlink_to(good(tmp_path))
    with pytest.raises(AnswerError, match="plain file"):
        load(link)


def test_a_folder_a_pipe_and_nothing(tmp_path):
    os.mkfifo(tmp_path / "pipe.answer")
    for path in (tmp_path, tmp_path / "pipe.answer", tmp_path / "nothing.answer"):
        with pytest.raises(AnswerError, match="plain file"):
            load(path)


def test_a_bomb(tmp_path):
    """400 MB of zeros in 400 KB."""
    path = tmp_path / "a.answer"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open("zeros.npy", "w", force_zip64=True) as member:
            for _ in range(400):
                member.write(bytes(1 << 20))
    with pytest.raises(AnswerError, match="MiB"):
        load(path)


def test_a_path_out_of_the_zip_goes_nowhere(tmp_path):
    before = set(os.listdir(tmp_path.parent))
    load(rewritten(tmp_path, lambda p: p.update({"../outside.npy": npy(np.zeros(3))})))
    assert set(os.listdir(tmp_path.parent)) == before


def test_a_forged_graph_in_a_good_file_is_a_graph_error(tmp_path):
    values = {"it": {"state": "captured", "cases": [{"graph": {"schema": 1}}]}}
    with pytest.raises(GraphError):
        load(rewritten(tmp_path, with_json(values=values))).graph("it")


def test_a_save_that_fails_leaves_no_answer(tmp_path, monkeypatch):
    """The judge must never meet half a file."""
    path = good(tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr(np.lib.format, "write_array", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(answer(WEIGHTS, it=model()), path)
    assert path.read_bytes() == before
    with pytest.raises(ZeroDivisionError):
        save(answer(WEIGHTS, it=model()), tmp_path / "new.answer")
    assert not (tmp_path / "new.answer").exists()
