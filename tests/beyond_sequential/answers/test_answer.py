"""What an answer says of a name."""

from __future__ import annotations

from beyond_sequential.answers.answer import Answer, GraphCase, ValueCase
from beyond_sequential.model.graph import Body, ModelGraph

GRAPH = ModelGraph("m", "Functional", {}, Body((), [], []))


def test_cases_and_graphs_by_name():
    answer = Answer("own", {"net": (GraphCase(GRAPH),), "count": (ValueCase(3),)})
    assert answer.graph("net") is GRAPH
    assert answer.graph("net", 1) is None and answer.graph("count") is None
    assert answer.graph("absent") is None and answer.cases("absent") == ()
