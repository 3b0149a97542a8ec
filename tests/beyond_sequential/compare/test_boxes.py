"""What differs outside a nested model that both graphs have says nothing of what is inside."""

from __future__ import annotations

from beyond_sequential.compare import compare
from beyond_sequential.model.graph import ModelGraph
from tests.helpers.graphs import Net


def stereo(reads: tuple[int, int] = (0, 1), other: bool = False, units: int = 4) -> ModelGraph:
    net = Net()
    views = net.input(8, name="left"), net.input(8, name="right")
    inner = net.inner()
    x = inner.input(8)
    eye = net.nested(inner, x, inner("Dense", units=5)(inner("Dense", units=units)(x)), name="eye")
    second = net("Dense", units=5)(views[1]) if other else eye(views[reads[1]])
    joined = net("Concatenate", axis=-1)([eye(views[reads[0]]), second])
    return net.model(list(views), net("Dense", units=1)(joined))


def test_a_wrong_wire_ends_at_the_nested_model() -> None:
    (difference,) = compare(stereo(), stereo((0, 0)))
    assert difference.kind == "wiring"
    assert [place.name for place in difference.expected] == ["eye"]
    assert [len(place.path) for place in difference.expected] == [1]


def test_a_layer_in_place_of_a_nested_model() -> None:
    (difference,) = compare(stereo(), stereo(other=True))
    assert difference.kind == "replaced"
    assert difference.detail == {"expected": "Functional", "found": "Dense"}


def test_what_differs_inside_is_found_inside() -> None:
    (difference,) = compare(stereo(), stereo(units=3))
    assert (difference.kind, len(difference.expected[0].path)) == ("setting", 2)
