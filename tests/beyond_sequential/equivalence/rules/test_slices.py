"""A slice is one kind of node, however its index is written."""

from typing import Any

import pytest

from beyond_sequential.compare import compare
from beyond_sequential.model.graph import ModelGraph, from_json, to_json
from tests.helpers.graphs import Net
from tests.helpers.rules import kinds_in, same


class _Index:
    """Writes an index as capture does: x[:, 0] as a list of slices and numbers."""

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, tuple):
            return [self[part] for part in index]
        if isinstance(index, slice):
            return {"slice": [index.start, index.stop, index.step]}
        return "..." if index is Ellipsis else index


AT = _Index()


def cut(index: Any, *shape: int | None) -> ModelGraph:
    net = Net()
    x = net.input(*(shape or (12,)))
    return from_json(to_json(net.model(x, net("ops.GetItem")(x, index))))


SPELLINGS = [AT[..., :4], AT[:, 0:4], AT[:, :4:1], AT[:, :-8], AT[:, -12:4], AT[:, 0:-8:1]]


@pytest.mark.parametrize("index", SPELLINGS, ids=str)
def test_the_first_four_columns_in_every_spelling(index: Any) -> None:
    assert kinds_in(cut(index)) == ["slice"]
    assert same(cut(AT[:, :4]), cut(index))


@pytest.mark.parametrize(
    ("one", "other", "shape"),
    [
        (AT[:, 8:], AT[..., -4:], (12,)),
        (AT[:, 8:], AT[:, 8:12], (12,)),
        (AT[:, 8:], AT[:, 8:99], (12,)),
        (AT[:, -1], AT[:, 11], (12,)),
        (AT[:, -1], AT[:, -1, :], (5, 3)),
        (AT[:, :, :2], AT[..., :2], (5, 3)),
        (AT[:, :3], AT[:, :3, ...], (5, 3)),
        (AT[:, :3], AT[0:, 0:3], (None,)),
        (AT[:2], AT[:2, :], (12,)),
        (AT[:, None], AT[:, None, :], (12,)),
    ],
    ids=str,
)
def test_indices_that_cut_the_same(one: Any, other: Any, shape: tuple[int | None, ...]) -> None:
    assert same(cut(one, *shape), cut(other, *shape))


@pytest.mark.parametrize(
    ("one", "other", "shape"),
    [
        (AT[:, :4], AT[:, :5], (12,)),
        (AT[:, :4], AT[:4], (12,)),
        (AT[:, :4], AT[:, :4:2], (12,)),
        (AT[:, ::-1], AT[:, :], (12,)),
        (AT[:, 0], AT[:, :1], (12,)),
        (AT[:, None], AT[None], (12,)),
        (AT[:, :-1], AT[:, :4], (None,)),
        (AT[:, -4:], AT[:, 4:], (None,)),
        (AT[:, :2], AT[..., :2], (5, 3)),
    ],
    ids=str,
)
def test_indices_that_cut_otherwise(one: Any, other: Any, shape: tuple[int | None, ...]) -> None:
    assert not same(cut(one, *shape), cut(other, *shape))


@pytest.mark.parametrize("index", [AT[:], AT[...], AT[:, :], AT[:, 0:12], AT[:, -12:]], ids=str)
def test_an_index_that_cuts_nothing_off_is_no_node(index: Any) -> None:
    assert kinds_in(cut(index)) == []


@pytest.mark.parametrize("index", [[[0, 1]], [True], "text", {"slice": ["a", None, None]}, {}])
def test_an_index_of_another_sort_stays_as_it_is(index: Any) -> None:
    assert kinds_in(cut(index)) == ["ops.GetItem"]


def test_a_finding_quotes_the_index_as_it_is_written() -> None:
    (difference,) = compare(cut(AT[:, :4]), cut(AT[..., -3:]))
    assert difference.kind == "setting"
    assert difference.detail == {"setting": "index", "expected": "[:, :4]", "found": "[..., -3:]"}
