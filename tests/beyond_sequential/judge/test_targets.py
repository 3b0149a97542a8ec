"""What the judge compares with."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from beyond_sequential.answers.answer import Answer, GraphCase
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import (
    SameGraph,
)
from beyond_sequential.judge import judge
from beyond_sequential.judge.targets import (
    load_target,
    target_from_json,
    target_of,
    target_to_json,
)
from tests.helpers.handing_in import answer, said
from tests.helpers.models import TWIN, dense_model


def test_a_target_holds_graphs_alone():
    exercise = sections.exercise("introduction-twin")
    target = target_of(exercise, answer(exercise, build_twin=lambda: dense_model(*TWIN)))
    assert set(target.graphs) == {"build_twin"} and len(target.graphs["build_twin"]) == 1
    assert target_from_json(json.loads(json.dumps(target_to_json(target)))) == target
    assert target_of(sections.exercise("introduction-count"), answer("introduction-count")) is None


def test_a_solution_without_a_graph_makes_no_target():
    exercise = sections.exercise("introduction-twin")
    for names in ({}, {"build_twin": lambda: 1 / 0}, {"build_twin": lambda: None}):
        with pytest.raises(ValueError, match="build_twin"):
            target_of(exercise, answer(exercise, **names))


def test_each_graph_exercise_is_solved_by_its_target():
    """The targets that the course was built with are right by their own measure."""
    for id_, exercise in sections.exercises().items():
        if not any(isinstance(part, SameGraph) for part in exercise.parts):
            continue

        graphs = load_target(id_).graphs
        values = {name: tuple(map(GraphCase, cases)) for name, cases in graphs.items()}
        parts = tuple(
            replace(part, calls=0, own=None, model="") if isinstance(part, SameGraph) else part
            for part in exercise.parts  # what other names hold is not in a target
        )
        verdict = judge(replace(exercise, parts=parts), Answer(id_, values, answer(id_).versions))
        shares = [mark.fraction for mark in verdict.marks if mark.part == "SameGraph"]
        assert shares and all(share == 1 for share in shares), said(verdict)
