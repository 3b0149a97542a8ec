"""Wrong tensors read, layers exchanged, layers shared or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.fuzzer.kinds import MERGES
from tests.fuzzer.mutations.base import Changed, calls_of, mutation, unused_uid, variables_of_layers
from tests.fuzzer.mutations.layers import merge_group, values_before
from tests.fuzzer.recipe import (
    Body,
    Recipe,
    Step,
    shapes,
    steps,
    with_layer,
    with_step,
)


@mutation
def wrong_source(recipe: Recipe) -> Iterator[Changed]:
    """A layer reads another tensor than it should."""
    sizes = shapes(recipe)
    for key, step in steps(recipe):
        for number, right in enumerate(step.reads):
            for value in values_before(recipe, key, step):
                same = sizes[value[0]][value[1]] == sizes[right[0]][right[1]]
                if value in step.reads or not (same or len(step.reads) == 1):
                    continue
                reads = (*step.reads[:number], value, *step.reads[number + 1 :])
                changed = with_step(recipe, replace(step, reads=reads))
                site = f"{step.uid}.{number}={value[0]}.{value[1]}"
                yield changed, site, {"wiring", "missing"}, _reader(recipe, step)


def _reader(recipe: Recipe, step: Step) -> set[str]:
    is_merge = not recipe.is_block(step.what) and recipe.layers[step.what].kind in MERGES
    return merge_group(recipe, step) if is_merge else {step.uid}


@mutation
def merged_with_itself(recipe: Recipe) -> Iterator[Changed]:
    """add([y, y])."""
    for _, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if (
            made is not None
            and made.kind in MERGES
            and len(set(step.reads)) == 2 == len(step.reads)
        ):
            for kept in step.reads:
                changed = with_step(recipe, replace(step, reads=(kept, kept)))
                site = f"{step.uid}={kept[0]}.{kept[1]}"
                yield changed, site, {"wiring", "missing"}, merge_group(recipe, step)


@mutation
def operands_exchanged(recipe: Recipe) -> Iterator[Changed]:
    for _, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if made is not None and made.kind in ("Subtract", "Concatenate"):
            changed = with_step(recipe, replace(step, reads=step.reads[::-1]))
            yield changed, step.uid, {"wiring"}, merge_group(recipe, step)


@mutation
def branches_exchanged(recipe: Recipe) -> Iterator[Changed]:
    """Two layers read each other's source."""
    for key, body in recipe.bodies.items():
        for number, one in enumerate(body.steps):
            for two in body.steps[number + 1 :]:
                if len(one.reads) != 1 or len(two.reads) != 1 or one.reads == two.reads:
                    continue
                if two.reads[0] not in values_before(recipe, key, one):
                    continue
                changed = with_step(recipe, replace(one, reads=two.reads))
                changed = with_step(changed, replace(two, reads=one.reads))
                yield changed, f"{one.uid}/{two.uid}", {"wiring"}, {one.uid, two.uid}


@mutation
def layers_exchanged(recipe: Recipe) -> Iterator[Changed]:
    """Two layers in a row, exchanged."""
    for body in recipe.bodies.values():
        for one in body.steps:
            readers = [s for s in body.steps if (one.uid, 0) in s.reads]
            if len(readers) != 1 or len(readers[0].reads) != 1 or len(one.reads) != 1:
                continue
            two = readers[0]
            if one.what == two.what or (one.uid, 0) in body.outputs:
                continue
            if recipe.is_block(one.what) or recipe.is_block(two.what):
                continue
            kinds = {"wiring"}
            made = {recipe.layers[one.what].kind, recipe.layers[two.what].kind}
            if made & {"Activation", "ReLU", "LeakyReLU"}:
                kinds.add("setting")
            swapped = with_step(recipe, replace(one, what=two.what, training=two.training))
            swapped = with_step(swapped, replace(two, what=one.what, training=one.training))
            yield swapped, f"{one.uid}/{two.uid}", kinds, {one.uid, two.uid}


@mutation
def two_in_place_of_one(recipe: Recipe) -> Iterator[Changed]:
    """Two instances in place of one shared layer (or block)."""
    new = unused_uid(recipe, "l")
    for _, step in steps(recipe):
        calls = calls_of(recipe, step.what)
        if len(calls) < 2 or step.what not in variables_of_layers(recipe):
            continue
        changed = with_layer(recipe, new, recipe.layers[step.what])
        yield with_step(changed, replace(step, what=new)), step.uid, {"not_shared"}, calls


@mutation
def block_made_twice(recipe: Recipe) -> Iterator[Changed]:
    """The base is built once for each call."""
    for _, step in steps(recipe):
        if recipe.is_block(step.what) and len(calls_of(recipe, step.what)) > 1:
            for changed, site, where in _copied(recipe, step, every=True):
                yield changed, site, {"not_shared"}, where


@mutation
def partly_shared(recipe: Recipe) -> Iterator[Changed]:
    """The embedding is shared, the LSTM is not."""
    for _, step in steps(recipe):
        if recipe.is_block(step.what) and len(calls_of(recipe, step.what)) > 1:
            for changed, site, where in _copied(recipe, step, every=False):
                yield changed, site, {"not_shared"}, where


def _copied(recipe: Recipe, step: Step, every: bool) -> Iterator[tuple[Recipe, str, set[str]]]:
    """The block of one call copied, with all or with one of its layers new."""
    body = recipe.bodies[step.what]
    held = [s.what for s in body.steps if s.what in variables_of_layers(recipe)]
    inner = [s for s in body.steps if recipe.is_block(s.what)]
    if not held or inner or (not every and len(held) < 2):
        return
    groups = [held] if every else [[key] for key in dict.fromkeys(held)]
    for group in groups:
        names = {key: f"{key}c" for key in group}
        uids = {s.uid: f"{s.uid}c" for s in body.steps} | {e.uid: f"{e.uid}c" for e in body.inputs}
        entries = tuple(replace(e, uid=uids[e.uid]) for e in body.inputs)
        rows = tuple(
            replace(
                s,
                uid=uids[s.uid],
                what=names.get(s.what, s.what),
                reads=tuple((uids[u], n) for u, n in s.reads),
            )
            for s in body.steps
        )
        copy = Body(entries, rows, tuple((uids[u], n) for u, n in body.outputs))
        layers = {**recipe.layers, **{new: recipe.layers[old] for old, new in names.items()}}
        bodies: dict[str, Body] = {}
        for key, other in recipe.bodies.items():
            bodies[key] = other
            if key == step.what:
                bodies[f"{key}c"] = copy
        changed = replace(recipe, layers=layers, bodies=bodies)
        changed = with_step(changed, replace(step, what=f"{step.what}c"))
        touched = {s.uid for s in body.steps if s.what in group}
        touched |= {uids[uid] for uid in touched}
        yield changed, f"{step.uid}:{','.join(group)}", touched


@mutation
def one_in_place_of_two(recipe: Recipe) -> Iterator[Changed]:
    """One instance is used twice where two are meant."""
    held = variables_of_layers(recipe)
    keys = list(held)
    for number, one in enumerate(keys):
        for two in keys[number + 1 :]:
            same = recipe.layers[one] == recipe.layers[two] and held[one] == held[two]
            if not same:
                continue
            changed = recipe
            for _, step in steps(recipe):
                if step.what == two:
                    changed = with_step(changed, replace(step, what=one))
            where = calls_of(recipe, one) | calls_of(recipe, two)
            yield changed, f"{one}/{two}", {"shared"}, where
