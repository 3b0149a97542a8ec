"""What places of a graph are called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from beyond_sequential import i18n
from beyond_sequential.compare import Place
from beyond_sequential.findings.places import MOST_PLACES, place_name, place_names
from beyond_sequential.model.graph import Body, Call, Layer, ModelGraph, Ref, Tensor


@pytest.fixture
def chinese() -> Iterator[None]:
    i18n.language("zh")
    yield
    i18n.language("en")


def graph(*rows: tuple[str, str, tuple[object, ...]], inputs: int = 1) -> ModelGraph:
    """A graph of calls (layer, kind, arguments); the first ones are its inputs."""
    layers = {name: Layer(name, kind, name) for name, kind, _args in rows}
    calls = [
        Call(name, args, {}, (Tensor((None, 4), "float32"),))  # each gives one tensor
        for name, _kind, args in rows
    ]
    ends = [Ref(number) for number in range(inputs)]
    body = Body(tuple(calls), ends, [Ref(len(calls) - 1)])
    return ModelGraph("model", "Functional", layers, body)


def dense(n: int, *names: str) -> list[tuple[str, str, tuple[object, ...]]]:
    return [(name, "Dense", (Ref(n),)) for name in names]


def at(*numbers: int) -> list[Place]:
    return [Place((number,), "name", "Dense") for number in numbers]


CHAIN = graph(("x", "InputLayer", ()), *dense(0, "a"), ("b", "Flatten", (Ref(1),)))
ALIKE = graph(("x", "InputLayer", ()), *dense(0, "a"), *dense(1, "b"), *dense(2, "c"))
BRANCHES = graph(
    ("x", "InputLayer", ()),
    ("y", "InputLayer", ()),
    *dense(0, "a"),
    *dense(1, "b"),
    ("sum", "Add", ([Ref(2), Ref(3)],)),
    inputs=2,
)
SHARED = graph(("x", "InputLayer", ()), *dense(0, "a"), *dense(1, "a"))


def test_a_layer_is_called_by_its_kind_and_an_input_by_its_name() -> None:
    assert str(place_name(CHAIN, (1,))) == "`Dense`"
    assert str(place_name(CHAIN, (0,))) == "`x`"


def test_layers_that_look_alike_are_numbered() -> None:
    assert str(place_name(ALIKE, (2,))) == "`Dense` (number 2 of 3)"


def test_a_branch_is_called_by_its_input() -> None:
    assert str(place_name(BRANCHES, (3,))) == "`Dense` in the branch of `y`"
    assert str(place_name(BRANCHES, (4,))) == "`Add`"


def test_a_name_is_put_into_the_language_of_the_moment(chinese: None) -> None:
    name = place_name(BRANCHES, (3,))
    assert "`y`" in str(name) and "branch" not in str(name)


def test_a_shared_layer_is_named_once() -> None:
    assert str(place_names(SHARED, at(1, 2))) == "`Dense`"


def test_only_a_few_of_many_places_are_named() -> None:
    many = graph(("x", "InputLayer", ()), *dense(0, *"abcdefgh"))
    names = str(place_names(many, at(*range(1, 9))))
    assert names == "`Dense` ×8"  # all there are
    names = str(place_names(many, at(*range(2, 9))))
    assert names.count("number") == MOST_PLACES - 1 and names.endswith("3 more")
