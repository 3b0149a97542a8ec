"""What the judge compares with: the graphs of the solution, as the course was built with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from ..answers.answer import Answer
from ..course.exercise import Exercise, SameGraph
from ..model.graph import ModelGraph, from_json, to_json


@dataclass(frozen=True, slots=True)
class Target:
    """What an exercise's graphs are compared with: by name, one graph a case."""

    graphs: Mapping[str, tuple[ModelGraph, ...]] = field(default_factory=dict)


def target_of(exercise: Exercise, answer: Answer) -> Target | None:
    """Return the target that the solution's answer makes; None if no graph is compared.

    Only graphs: what an exercise shows anyway, not the code that makes it.  Raises ValueError where
    the solution hands in no graph.
    """
    graphs = {}
    for part in exercise.parts:
        if isinstance(part, SameGraph):
            count = len(answer.cases(part.name))
            found = [answer.graph(part.name, number) for number in range(count)]
            known = tuple(graph for graph in found if graph is not None)
            if not known or len(known) < len(found):
                raise ValueError(f"{exercise.id}: the solution hands in no graph as {part.name}")
            graphs[part.name] = known
    return Target(graphs) if graphs else None


def load_target(exercise: str) -> Target:
    """Return the target that the course was built with; empty where an exercise needs none."""
    file = resources.files("beyond_sequential.course") / "targets" / f"{exercise}.json"
    if not file.is_file():
        return Target()
    return target_from_json(json.loads(file.read_text(encoding="utf-8")))


def target_to_json(target: Target) -> dict[str, object]:
    """Return plain data, ready for `json.dumps`."""
    return {"graphs": {name: [to_json(g) for g in gs] for name, gs in target.graphs.items()}}


def target_from_json(data: Mapping[str, Mapping[str, list[object]]]) -> Target:
    """Read what `target_to_json` wrote.  Raises GraphError for a graph that is none."""
    graphs = data["graphs"].items()
    return Target({name: tuple(map(from_json, cases)) for name, cases in graphs})
