"""Changes of a recipe that leave the model equal: spellings that no form of `respell` writes.

Each is applied at every place of a recipe where it fits.  That the changed model is equal is
checked by the oracle, which runs both.

Tests: tests/fuzzer/test_known_faults.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from beyond_sequential.model.graph import to_json
from tests.fuzzer.kinds import WITH_ACTIVATION, CannotBuild, Shape, full_config
from tests.fuzzer.oracle import Undecided, same
from tests.fuzzer.recipe import (
    LayerConfig,
    Recipe,
    Step,
    redirected,
    shapes,
    steps,
    with_body,
    with_layer,
    with_step,
)
from tests.fuzzer.respell import respell
from tests.fuzzer.run import recipe_of, verdict

Spelling = Callable[[Recipe], Recipe]
MORE_SPELLINGS: dict[str, Spelling] = {}


def spelling(function: Spelling) -> Spelling:
    """Register a spelling under the name of its function."""
    MORE_SPELLINGS[function.__name__] = function
    return function


def used_and_rejected(name: str, numbers: Iterable[int]) -> tuple[int, list[int]]:
    """In how many random recipes a spelling fits, and the numbers of those that are not right.

    Raises AssertionError if a changed recipe is not equal to the recipe.
    """
    used, rejected = 0, []
    for number in numbers:
        recipe = recipe_of(16, number)
        changed = MORE_SPELLINGS[name](recipe)
        if changed == recipe:
            continue
        plain, found = respell(recipe), respell(changed)
        try:
            assert same(plain, found, recipe), f"{name} makes another model of recipe {number}"
        except Undecided:
            continue
        used += 1
        given = verdict(recipe, to_json(plain.graph), found.graph)
        if given.outcome != "right" or given.findings:
            rejected.append(number)
    return used, rejected


# --- steps more ---------------------------------------------------------------------------------


def _places(recipe: Recipe) -> Iterator[tuple[str, Step, LayerConfig, Shape]]:
    """Each call of a layer: the key of its body, the step, the layer and the output's shape.

    The layers that give a model's outputs keep their names, so nothing follows them.
    """
    sizes = shapes(recipe)
    ends = {uid for uid, _ in recipe.body.outputs} if recipe.named else set()
    for key, step in steps(recipe):
        if not recipe.is_block(step.what) and step.uid not in ends:
            yield key, step, recipe.layers[step.what], sizes[step.uid][0]


def _followed(recipe: Recipe, key: str, step: Step, made: LayerConfig) -> Recipe:
    """The recipe with one more layer after a step, for all that read it."""
    uid = f"more_{step.uid}"
    body = redirected(recipe.bodies[key], (step.uid, 0), (uid, 0))
    place = next(n for n, other in enumerate(body.steps) if other.uid == step.uid) + 1
    more = Step(uid, uid, ((step.uid, 0),))
    body = replace(body, steps=(*body.steps[:place], more, *body.steps[place:]))
    return with_body(with_layer(recipe, uid, made), key, body)


def _without_effect(
    recipe: Recipe, make: Callable[[LayerConfig, Shape], LayerConfig | None]
) -> Recipe:
    """The recipe with a layer that changes nothing after each step for which `make` gives one."""
    changed = recipe
    for key, step, made, shape in _places(recipe):
        # The oracle does not see through a layer between two joins.
        if made.kind != "Concatenate" and (more := make(made, shape)) is not None:
            changed = _followed(changed, key, step, more)
    return changed


@spelling
def flatten_on_vector(recipe: Recipe) -> Recipe:
    flat = LayerConfig("Flatten", full_config("Flatten"))
    return _without_effect(recipe, lambda made, shape: flat if len(shape) == 1 else None)


@spelling
def reshape_to_itself(recipe: Recipe) -> Recipe:
    def make(made: LayerConfig, shape: Shape) -> LayerConfig | None:
        if None in shape:
            return None
        return LayerConfig("Reshape", full_config("Reshape", target_shape=list(shape)))

    return _without_effect(recipe, make)


@spelling
def dropout_of_nothing(recipe: Recipe) -> Recipe:
    made = LayerConfig("Dropout", full_config("Dropout", rate=0.0))
    return _without_effect(recipe, lambda _made, _shape: made)


@spelling
def second_relu(recipe: Recipe) -> Recipe:
    relu = LayerConfig("ReLU", full_config("ReLU"))
    return _without_effect(recipe, lambda made, _shape: relu if _ends_in_relu(made) else None)


def _ends_in_relu(made: LayerConfig) -> bool:
    relu = made.settings.get("activation") == "relu"
    return made.kind == "ReLU" or (relu and made.kind in WITH_ACTIVATION | {"Activation"})


@spelling
def rescaling_by_one(recipe: Recipe) -> Recipe:
    made = LayerConfig("Rescaling", full_config("Rescaling", scale=1.0))
    return _without_effect(recipe, lambda _made, _shape: made)


# --- other layers -------------------------------------------------------------------------------


@spelling
def reshape_for_flatten(recipe: Recipe) -> Recipe:
    changed = recipe
    for _key, step, made, shape in _places(recipe):
        if made.kind == "Flatten" and None not in shape:
            size = math.prod(n for n in shape if n is not None)
            other = LayerConfig("Reshape", full_config("Reshape", target_shape=[size]))
            changed = _if_it_can_be_built(with_layer(changed, step.what, other), changed)
    return changed


@spelling
def padding_then_valid(recipe: Recipe) -> Recipe:
    changed = recipe
    for key, step, made, _shape in _places(recipe):
        window = made.settings.get("kernel_size", ())
        fits = made.kind in ("Conv1D", "Conv2D") and made.settings["padding"] == "same"
        if not fits or len(set(window)) > 1 or window[0] in (1, 2):
            continue
        if max(made.settings["strides"]) > 1 or _count(recipe, step.what) > 1:
            continue
        side = [(window[0] - 1) // 2] * 2
        pads = side if made.kind == "Conv1D" else [side, side]
        padding = f"ZeroPadding{len(window)}D"
        uid = f"pad_{step.uid}"
        changed = with_layer(changed, uid, LayerConfig(padding, full_config(padding, padding=pads)))
        changed = with_layer(changed, step.what, made.having(padding="valid"))
        body = with_step(changed, replace(step, reads=((uid, 0),))).bodies[key]
        place = next(n for n, other in enumerate(body.steps) if other.uid == step.uid)
        rows = (*body.steps[:place], Step(uid, uid, step.reads), *body.steps[place:])
        changed = with_body(changed, key, replace(body, steps=rows))
    return changed


@spelling
def relu_after_the_join(recipe: Recipe) -> Recipe:
    changed = recipe
    for key, step, made, _shape in _places(recipe):
        body = recipe.bodies[key]
        before = [other for other in body.steps if (other.uid, 0) in step.reads]
        if made.kind != "Concatenate" or len(before) < len(step.reads):
            continue
        if all(_can_wait(recipe, key, other) for other in before):
            for other in before:
                linear = changed.layers[other.what].having(activation="linear")
                changed = with_layer(changed, other.what, linear)
            relu = LayerConfig("Activation", full_config("Activation", activation="relu"))
            changed = _followed(changed, key, step, relu)
    return changed


def _can_wait(recipe: Recipe, key: str, step: Step) -> bool:
    """Whether the relu of a step may come after the one step that reads it."""
    body, made = recipe.bodies[key], recipe.layers.get(step.what)
    if made is None or made.kind not in WITH_ACTIVATION or made.settings["activation"] != "relu":
        return False
    readers = sum((step.uid, 0) in other.reads for other in body.steps)
    return readers == 1 and (step.uid, 0) not in body.outputs and _count(recipe, step.what) == 1


def _count(recipe: Recipe, key: str) -> int:
    return sum(step.what == key for _, step in steps(recipe))


def _if_it_can_be_built(changed: Recipe, recipe: Recipe) -> Recipe:
    try:
        shapes(changed)
    except CannotBuild:
        return recipe
    return changed
