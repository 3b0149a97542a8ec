"""A small case of a failure: the recipe loses whatever the failure does not need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.fuzzer.kinds import CannotBuild
from tests.fuzzer.recipe import (
    MAIN,
    Entry,
    Recipe,
    Step,
    pruned,
    redirected,
    shapes,
    steps,
    with_body,
)

MAX_TRIALS = 400


def shrunk(recipe: Recipe, fails: Callable[[Recipe], bool]) -> Recipe:
    """A recipe that still fails, and from which nothing more can be taken, or not in time."""
    trials = 0
    going = True
    while going:
        going = False
        for smaller in _smaller(recipe):
            try:
                shapes(smaller)
            except CannotBuild:
                continue
            trials += 1
            if trials > MAX_TRIALS:
                return recipe
            if fails(smaller):
                recipe, going = smaller, True
                break
    return recipe


def _smaller(recipe: Recipe) -> Iterator[Recipe]:
    """Recipes with a little less, those with the least first."""
    yield from map(_tidy, _with_an_input_for_a_step(recipe))
    yield from map(_tidy, _with_fewer_outputs(recipe))
    sizes = shapes(recipe)
    for key, step in reversed(list(steps(recipe))):
        if len(sizes[step.uid]) == 1:
            yield _tidy(_without(recipe, key, step))
        yield from (_tidy(smaller) for smaller in _with_fewer_operands(recipe, key, step))


def _tidy(recipe: Recipe) -> Recipe:
    recipe = pruned(recipe)
    body = recipe.body
    read = {uid for step in body.steps for uid, _ in step.reads} | {uid for uid, _ in body.outputs}
    entries = tuple(entry for entry in body.inputs if entry.uid in read)
    return with_body(recipe, MAIN, replace(body, inputs=entries))


def _with_an_input_for_a_step(recipe: Recipe) -> Iterator[Recipe]:
    sizes = shapes(recipe)
    for step in reversed(recipe.body.steps):
        if len(sizes[step.uid]) == 1 and (step.uid, 0) not in recipe.body.outputs:
            entry = Entry(step.uid, sizes[step.uid][0])
            rest = tuple(other for other in recipe.body.steps if other is not step)
            body = replace(recipe.body, inputs=(*recipe.body.inputs, entry), steps=rest)
            yield with_body(recipe, MAIN, body)


def _with_fewer_outputs(recipe: Recipe) -> Iterator[Recipe]:
    outputs = recipe.body.outputs
    for number in range(len(outputs) if len(outputs) > 1 else 0):
        rest = outputs[:number] + outputs[number + 1 :]
        names = tuple(f"out_{n}" for n in range(len(rest)))
        smaller = with_body(recipe, MAIN, replace(recipe.body, outputs=rest))
        yield replace(smaller, output_names=names)


def _without(recipe: Recipe, key: str, step: Step) -> Recipe:
    body = redirected(recipe.bodies[key], (step.uid, 0), step.reads[0])
    rest = tuple(other for other in body.steps if other.uid != step.uid)
    return with_body(recipe, key, replace(body, steps=rest))


def _with_fewer_operands(recipe: Recipe, key: str, step: Step) -> Iterator[Recipe]:
    for number in range(len(step.reads) if len(step.reads) > 2 else 0):
        fewer = replace(step, reads=step.reads[:number] + step.reads[number + 1 :])
        body = recipe.bodies[key]
        rows = tuple(fewer if other is step else other for other in body.steps)
        yield with_body(recipe, key, replace(body, steps=rows))
