"""Every exercise of the course: its target respelled and mutated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from beyond_sequential.answers.answer import Answer, GraphCase, helper_version
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import Exercise, SameGraph
from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.judge import judge
from beyond_sequential.judge.targets import load_target
from beyond_sequential.model.graph import ModelGraph
from tests.fuzzer.mutations import MUTATIONS, some_sites
from tests.fuzzer.oracle import same
from tests.fuzzer.read import read, reduced
from tests.fuzzer.respell import respell

Case = tuple[Exercise, SameGraph, int]


def cases() -> list[Case]:
    """Every graph that an exercise asks for: each part, for each of the Inputs it is tried on."""
    return [
        (exercise, part, number)
        for exercise in sections.exercises().values()
        for part in exercise.parts
        if isinstance(part, SameGraph)
        for number, _ in enumerate(load_target(exercise.id).graphs[part.name])
    ]


def verdict(case: Case, found: ModelGraph) -> Verdict:
    """The verdict on this graph, where all else that the exercise asks for is not asked."""
    exercise, part, number = case
    part = replace(part, calls=0, model="", own=None)  # those are about other objects too
    target = load_target(exercise.id)
    graphs = [found if at == number else g for at, g in enumerate(target.graphs[part.name])]
    values = {part.name: tuple(map(GraphCase, graphs))}
    answer = Answer(exercise.id, values, versions={"helper": helper_version()})
    return judge(replace(exercise, parts=(part,)), answer, target=target)


def target_of(case: Case) -> ModelGraph:
    exercise, part, number = case
    return load_target(exercise.id).graphs[part.name][number]


def rejected(case: Case, count: int) -> Iterator[tuple[str | None, Verdict]]:
    """Of so many spellings of the solution those that are not right: the seed, and what is said."""
    recipe = read(target_of(case), case[1].concat_order, case[1].names)
    for seed in (None, *map(str, range(count))):
        said = verdict(case, respell(recipe, seed).graph)
        if said.outcome != "right" or said.findings:
            yield seed, said


def let_through(case: Case, count: int) -> Iterator[tuple[str, str]]:
    """Mutants of the solution that score full marks though the oracle finds them different:
    `count` of each mutation are tried."""
    recipe = read(target_of(case), case[1].concat_order, case[1].names)
    small = reduced(recipe, recipe)
    for name in MUTATIONS:
        for mutant in some_sites(recipe, name, Random(f"{case[0].id}/{name}"), count):
            seed = f"{mutant.mutation}/{mutant.site}"
            if verdict(case, respell(mutant.recipe, seed).graph).outcome == "right":
                wrong = respell(reduced(mutant.recipe, recipe), seed)
                if not same(respell(small), wrong, small):
                    yield mutant.mutation, mutant.site
