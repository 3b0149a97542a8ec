"""Every mutant that the oracle finds different is refused by the second look, too."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from beyond_sequential.judge.second_look import same_function
from tests.fuzzer.graph_writer import SpelledGraph
from tests.fuzzer.mutations import mutants
from tests.fuzzer.oracle import Undecided, same
from tests.fuzzer.recipe import Recipe
from tests.fuzzer.respell import respell
from tests.fuzzer.run import recipe_of

RECIPES = 200
PART = 40
MUTANTS = 1
# What makes these another answer is no matter of the function; `unexplained` keeps them.
NAMES = ("other_input_name", "other_output_name")


def mutated(recipe: Recipe, seed: str) -> Iterator[tuple[str, SpelledGraph]]:
    for mutant in mutants(recipe, Random(f"{seed}/second look"), MUTANTS):
        if mutant.mutation not in NAMES:
            yield mutant.mutation, respell(mutant.recipe, f"{seed}/a")


def accepted(numbers: range) -> list[str]:
    """Return the mutants of these recipes that the second look accepts and the oracle does not."""
    found = []
    for number in numbers:
        recipe = recipe_of(3, number)
        target = respell(recipe)
        for name, other in mutated(recipe, f"3/{number}"):
            free = not recipe.concat_order
            if same_function(target.graph, other.graph, concat_order=not free):
                try:
                    if not same(target, other, recipe):
                        found.append(f"{number} {name}")
                except Undecided:
                    pass
    return found


@pytest.mark.parametrize("start", range(0, RECIPES, PART))
def test_no_mutant_passes_for_the_same_function(start: int) -> None:
    assert accepted(range(start, start + PART)) == []
