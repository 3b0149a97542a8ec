"""What learners get wrong, as changes of a recipe: the registry and what all mutations need.

Each mutation yields a `Mutant` for every site at which the mistake can be made.  What Keras would
refuse to build is left out; see `sites`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from tests.fuzzer.kinds import CannotBuild
from tests.fuzzer.recipe import (
    Recipe,
    pruned,
    shapes,
    shapes_and_weights,
    steps,
)


@dataclass(frozen=True)
class Mutant:
    """A recipe with one mistake.

    `site` says where it is made, `kinds` which kinds of difference name it correctly, and `where`
    the uids of the steps and entries of which one must be named.
    """

    recipe: Recipe
    mutation: str
    site: str
    kinds: frozenset[str]
    where: frozenset[str]


Changed = tuple[Recipe, str, set[str], set[str]]
Mutation = Callable[[Recipe], Iterator[Changed]]
MUTATIONS: dict[str, Mutation] = {}


def mutation(function: Mutation) -> Mutation:
    MUTATIONS[function.__name__] = function
    return function


def sites(recipe: Recipe, name: str) -> Iterator[Mutant]:
    """Every mutant of one kind that can be built; what no output needs is left out of it."""
    for changed in MUTATIONS[name](recipe):
        mutant = _mutant(recipe, name, changed)
        if mutant is not None:
            yield mutant


def some_sites(recipe: Recipe, name: str, chance: Random, count: int) -> list[Mutant]:
    """Some mutants of one kind, without trying which of all others can be built."""
    possible = list(MUTATIONS[name](recipe))
    chance.shuffle(possible)
    found = (_mutant(recipe, name, changed) for changed in possible)
    return list(islice((mutant for mutant in found if mutant is not None), count))


def _mutant(recipe: Recipe, name: str, changed: Changed) -> Mutant | None:
    made, site, kinds, where = changed
    wrong = pruned(made)
    if wrong == recipe:
        return None
    try:
        shapes(wrong)
    except CannotBuild:
        return None
    gone = {s.uid for _, s in steps(recipe)} - {s.uid for _, s in steps(wrong)}
    if gone and "missing" in kinds:
        where = where | gone
    return Mutant(wrong, name, site, frozenset(kinds), frozenset(where))


def mutants(recipe: Recipe, chance: Random, count: int) -> list[Mutant]:
    """Some mutants, of as many kinds as there are."""
    names = sorted(MUTATIONS)
    chance.shuffle(names)
    found: list[Mutant] = []
    for name in names:
        if len(found) < count:
            found += some_sites(recipe, name, chance, 1)
    return found


def calls_of(recipe: Recipe, key: str) -> set[str]:
    """The uids of the steps that call a layer or block."""
    return {step.uid for _, step in steps(recipe) if step.what == key}


def variables_of_layers(recipe: Recipe) -> dict[str, Any]:
    """The variables of the layers that have some."""
    return {key: held for key, held in shapes_and_weights(recipe)[1].items() if held}


def unused_uid(recipe: Recipe, letter: str) -> str:
    """A uid that is not in use."""
    taken = {s.uid for _, s in steps(recipe)} | recipe.layers.keys() | recipe.bodies.keys()
    return next(f"{letter}x{n}" for n in range(10**6) if f"{letter}x{n}" not in taken)
