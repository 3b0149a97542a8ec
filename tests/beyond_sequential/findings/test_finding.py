"""One finding: how a difference becomes one, and what is found out about it then."""

from __future__ import annotations

from dataclasses import replace

from beyond_sequential.compare import compare
from beyond_sequential.findings.finding import Finding, finding_of, shape_text
from beyond_sequential.model.graph import Body, Call, Layer, ModelGraph, Ref, Tensor


def two_branches(read: int = 1, units: int = 3) -> ModelGraph:
    """Two Inputs, a Dense layer on the first and one on the `read`-th, and their difference."""
    layers = {
        "x": Layer("x", "InputLayer", "x"),
        "y": Layer("y", "InputLayer", "y"),
        "a": Layer("a", "Dense", "a", {"units": 3, "activation": "relu"}),
        "b": Layer("b", "Dense", "b", {"units": units}),
        "sub": Layer("sub", "Subtract", "sub"),
    }
    tensor = (Tensor((None, 3), "float32"),)
    calls = [
        Call("x", (), {}, tensor),
        Call("y", (), {}, tensor),
        Call("a", (Ref(0),), {}, tensor),
        Call("b", (Ref(read),), {}, tensor),
        Call("sub", ([Ref(2), Ref(3)],), {}, tensor),
    ]
    body = Body(tuple(calls), [Ref(0), Ref(1)], [Ref(4)])
    return ModelGraph("model", "Functional", layers, body)


def findings(expected: ModelGraph, found: ModelGraph) -> list[Finding]:
    return [finding_of(d, "net", expected, found) for d in compare(expected, found)]


def test_a_finding_names_the_places_of_its_difference() -> None:
    (finding,) = findings(two_branches(), two_branches(units=4))
    assert finding.code == "setting" and finding.detail["name"] == "net"
    assert str(finding.words["wanted"]) == "`Dense(3)` in the branch of `y`"
    assert str(finding.words["got"]) == "`Dense(4)` in the branch of `y`"


def test_what_is_read_is_found_out_from_the_graphs() -> None:
    found = two_branches(read=0)
    (finding,) = findings(two_branches(), found)
    assert (finding.code, finding.variant) == ("wiring", "input")
    assert (str(finding.words["expected"]), str(finding.words["found"])) == ("`y`", "`x`")
    own = replace(
        found, body=replace(found.body, inputs=[Ref(1)])
    )  # the first Input is none of this model's
    (difference,) = compare(two_branches(), found)
    own = replace(own, kind="Tensor")  # as of a function that is given its Inputs
    assert finding_of(difference, "net", two_branches(), own).variant == "foreign"


def test_a_variant_that_only_the_detail_decides_is_chosen_at_once() -> None:
    assert Finding("never_trained", {"name": "net"}).variant == ""
    assert Finding("never_trained", {"name": "net", "variant": "frozen"}).variant == "frozen"


def test_shapes_are_written_as_in_code() -> None:
    assert [shape_text(shape) for shape in (None, [], [4], [None, 3])] == [
        "?",
        "()",
        "(4,)",
        "(None, 3)",
    ]
