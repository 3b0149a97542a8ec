"""Whatever a notebook holds becomes data."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from beyond_sequential.answers.answer import (
    ErrorCase,
    GraphCase,
    RefusedCase,
    StubCase,
    ValueCase,
)
from beyond_sequential.answers.format import answer_to_json
from beyond_sequential.course.exercise import (
    AskArrays,
    AskFunction,
    AskModel,
    AskValue,
    Exercise,
)
from beyond_sequential.model.graph import from_json, to_json, variables
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
    (case,) = answer(exercise, it=it).cases("it")
    return case


# --- states -------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)
def test_a_name_that_is_missing(exercise):
    assert answer(exercise, other=1).values == {}


@pytest.mark.parametrize("stub", [None, ...])
@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)
def test_a_stub(exercise, stub):
    assert answer(exercise, it=stub).cases("it") == (StubCase(),)


@pytest.mark.parametrize("stub", [None, ...])
def test_a_function_that_is_a_stub(stub):
    assert answer(FUNCTION, it=lambda: stub).cases("it") == (StubCase(),)
    assert answer(BLOCK, it=lambda x: stub).cases("it") == (StubCase(), StubCase())


def test_a_function_that_is_a_stub_for_one_case_only():
    first, second = answer(BLOCK, it=lambda x: None if x.shape[1] == 4 else x).cases("it")
    assert first == StubCase() and isinstance(second, GraphCase)


def test_each_name_has_its_own_case():
    exercise = Exercise("own", (AskValue("a"), AskValue("b"), AskValue("c")), ())
    values = answer(exercise, a=1, b=None).values
    assert values == {"a": (ValueCase(1),), "b": (StubCase(),)}


def test_the_versions_travel_along():
    assert set(answer(VALUE, it=1).versions) >= {"schema", "helper", "keras"}


# --- errors -------------------------------------------------------------------------------------


def broken_function():
    inputs = keras.Input((4,))
    return layers.Dense(2)(inputs, inputs, no_such_argument=inputs)


def test_an_error_names_the_students_line():
    error = only(FUNCTION, broken_function)
    assert error.line == "return layers.Dense(2)(inputs, inputs, no_such_argument=inputs)"
    assert error.number == broken_function.__code__.co_firstlineno + 2
    assert error.type in ("TypeError", "ValueError") and error.text


def test_an_error_in_a_helper_of_the_students_names_the_helpers_line():
    def helper():
        return 1 / 0

    def build():
        return helper()

    assert only(FUNCTION, build).line == "return 1 / 0"


def test_an_error_in_keras_names_the_students_line_not_keras():
    error = only(FUNCTION, lambda: keras.Input("shape"))
    assert "keras.Input" in error.line


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
    assert isinstance(case, ErrorCase) and case.type == type(error).__name__
    assert len(repr(case)) < 2000 and "\n" not in case.text


def test_a_function_without_an_end_to_its_recursion():
    def build():
        return build()

    assert only(FUNCTION, build).type == "RecursionError"


def test_an_exit_by_sys():
    assert only(FUNCTION, lambda: sys.exit(0)).type == "SystemExit"


def test_wrong_numbers_of_arguments():
    assert only(FUNCTION, lambda x: x).type == "TypeError"
    assert [case.type for case in answer(BLOCK, it=lambda: None).cases("it")] == ["TypeError"] * 2


def test_an_error_in_one_case_leaves_the_other():
    def build(x):
        if x.shape[1] == 4:
            raise ValueError("not four")
        return x * 2

    first, second = answer(BLOCK, it=build).cases("it")
    assert isinstance(first, ErrorCase) and isinstance(second, GraphCase)


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
    assert isinstance(case, (ErrorCase, RefusedCase))
    json.dumps(answer_to_json(answer(exercise, it=Hostile())))


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
        (BLOCK, lambda: lambda x: np.zeros(3), "not_a_tensor"),
    ],
)
def test_a_wrong_type_is_refused_by_name(exercise, make, code):
    case = answer(exercise, it=make()).cases("it")[0]
    assert isinstance(case, RefusedCase) and case.code == code and isinstance(case.type, str)


# --- models


def test_weights_after_capture_do_not_change_the_answer():
    net = model()
    case = only(WEIGHTS, net)
    before = {name: array.copy() for name, array in case.weights.items()}
    net.set_weights([w + 1 for w in net.get_weights()])
    assert all((before[name] == array).all() for name, array in case.weights.items())
    assert set(before) == set(variables(case.graph))


def test_weights_are_handed_in_only_where_they_are_asked_for():
    assert only(MODEL, model()).weights == {}


def test_an_object_under_two_names_has_one_identity():
    exercise = Exercise("own", (AskModel("a"), AskModel("b"), AskModel("c")), ())
    net = model()
    made = answer(exercise, a=net, b=net, c=model())
    a, b, c = (made.cases(name)[0].identity for name in "abc")
    assert a == b != c


def test_what_is_captured_is_what_its_json_says():
    graph = only(MODEL, model()).graph
    assert from_json(json.loads(json.dumps(to_json(graph)))) == graph
