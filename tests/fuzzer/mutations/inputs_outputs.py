"""Mistakes with inputs and outputs: order, names, shapes, which tensors they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.fuzzer.mutations.base import Changed, mutation
from tests.fuzzer.mutations.layers import outputs_of
from tests.fuzzer.recipe import (
    MAIN,
    Entry,
    Recipe,
    Value,
    pruned,
    redirected,
    shapes,
    steps,
    with_body,
)


def _with_entries(recipe: Recipe, entries: tuple[Entry, ...]) -> Recipe:
    return with_body(recipe, MAIN, replace(recipe.body, inputs=entries))


def _changed_entry(recipe: Recipe, entry: Entry, **changes: Any) -> Recipe:
    entries = recipe.body.inputs
    return _with_entries(recipe, tuple(replace(e, **changes) if e is entry else e for e in entries))


@mutation
def input_overwritten(recipe: Recipe) -> Iterator[Changed]:
    """a = Dense(8)(a), and then Model(a, ...): all before it is cut off."""
    body = recipe.body
    for step in body.steps:
        made = recipe.layers.get(step.what)
        entry = next((e for e in body.inputs if (e.uid, 0) in step.reads), None)
        if made is None or entry is None or len(step.reads) > 1 or entry.dtype == "int32":
            continue
        if sum((entry.uid, 0) in other.reads for other in body.steps) > 1:
            continue
        (shape,) = shapes(recipe)[step.uid]
        cut = Entry(step.uid, shape, cut=True)
        entries = tuple(cut if e is entry else e for e in body.inputs)
        rest = tuple(s for s in body.steps if s is not step)
        changed = with_body(recipe, MAIN, replace(body, inputs=entries, steps=rest))
        yield changed, step.uid, {"input_cut"}, {step.uid, entry.uid}


@mutation
def input_left_out(recipe: Recipe) -> Iterator[Changed]:
    """An input is not among the model's inputs."""
    if len(recipe.body.inputs) > 1:
        for entry in recipe.body.inputs:
            wrong = _changed_entry(recipe, entry, declared=False)
            yield wrong, entry.uid, {"input_missing"}, {entry.uid}


@mutation
def inputs_in_another_order(recipe: Recipe) -> Iterator[Changed]:
    entries = recipe.body.inputs
    for n in range(len(entries) - 1):
        swapped = (*entries[:n], entries[n + 1], entries[n], *entries[n + 2 :])
        one, two = entries[n].uid, entries[n + 1].uid
        yield _with_entries(recipe, swapped), f"{one}/{two}", {"input_order"}, {one, two}


@mutation
def wrong_input(recipe: Recipe) -> Iterator[Changed]:
    """The second branch reads the first input."""
    body = recipe.body
    for entry in body.inputs:
        readers = {s.uid for s in body.steps if (entry.uid, 0) in s.reads}
        for other in body.inputs:
            if other is not entry and (other.shape, other.dtype) == (entry.shape, entry.dtype):
                changed = with_body(recipe, MAIN, redirected(body, (entry.uid, 0), (other.uid, 0)))
                kinds = {"wiring", "input_missing"}
                yield changed, f"{entry.uid}={other.uid}", kinds, readers | {entry.uid}


@mutation
def one_input_for_two(recipe: Recipe) -> Iterator[Changed]:
    """The second input does not exist: its branch reads the first."""
    for changed, site, kinds, where in wrong_input(recipe):
        gone = site.split("=")[0]
        entries = tuple(e for e in changed.body.inputs if e.uid != gone)
        yield _with_entries(changed, entries), site, kinds, where


@mutation
def other_input_shape(recipe: Recipe) -> Iterator[Changed]:
    for entry in recipe.body.inputs:
        for axis, n in enumerate(entry.shape):
            if n is not None:
                shape = (*entry.shape[:axis], n + 1, *entry.shape[axis + 1 :])
                wrong = _changed_entry(recipe, entry, shape=shape)
                yield wrong, f"{entry.uid}.{axis}", {"input_shape"}, {entry.uid}


@mutation
def other_input_name(recipe: Recipe) -> Iterator[Changed]:
    if recipe.names:
        for entry in recipe.body.inputs:
            if entry.name is not None:
                wrong = _changed_entry(recipe, entry, name="another")
                yield wrong, entry.uid, {"input_name"}, {entry.uid}


def _with_outputs(recipe: Recipe, outputs: tuple[Value, ...]) -> Recipe:
    known = dict(zip(recipe.body.outputs, recipe.output_names, strict=True))
    names = [known.get(value, f"other_{number}") for number, value in enumerate(outputs)]
    if not recipe.named:
        names = [f"out_{number}" for number, _ in enumerate(outputs)]
    changed = with_body(recipe, MAIN, replace(recipe.body, outputs=outputs))
    return replace(changed, output_names=tuple(names))


@mutation
def other_output_name(recipe: Recipe) -> Iterator[Changed]:
    if recipe.named:
        for number, (value, name) in enumerate(
            zip(recipe.body.outputs, recipe.output_names, strict=True)
        ):
            names = (*recipe.output_names[:number], "another", *recipe.output_names[number + 1 :])
            yield replace(recipe, output_names=names), name, {"output_name"}, {value[0]}


@mutation
def output_left_out(recipe: Recipe) -> Iterator[Changed]:
    outputs = recipe.body.outputs
    if len(outputs) > 1:
        for n, value in enumerate(outputs):
            changed = _with_outputs(recipe, outputs[:n] + outputs[n + 1 :])
            gone = {s.uid for _, s in steps(recipe)} - {s.uid for _, s in steps(pruned(changed))}
            yield changed, f"{value[0]}.{value[1]}", {"output_missing"}, {value[0]} | gone


@mutation
def extra_output(recipe: Recipe) -> Iterator[Changed]:
    for step in recipe.body.steps:
        for value in outputs_of(recipe, step):
            if value not in recipe.body.outputs:
                changed = _with_outputs(recipe, (*recipe.body.outputs, value))
                yield changed, f"{value[0]}.{value[1]}", {"output_extra"}, {step.uid}


@mutation
def outputs_in_another_order(recipe: Recipe) -> Iterator[Changed]:
    outputs = recipe.body.outputs
    for n in range(len(outputs) - 1):
        swapped = (*outputs[:n], outputs[n + 1], outputs[n], *outputs[n + 2 :])
        one, two = outputs[n], outputs[n + 1]
        site = f"{one[0]}.{one[1]}/{two[0]}.{two[1]}"
        yield _with_outputs(recipe, swapped), site, {"output_order"}, {one[0], two[0]}


@mutation
def wrong_output(recipe: Recipe) -> Iterator[Changed]:
    """An output is taken from elsewhere."""
    outputs = recipe.body.outputs
    for n, right in enumerate(outputs):
        for step in recipe.body.steps:
            for value in outputs_of(recipe, step):
                if value not in outputs:
                    changed = _with_outputs(recipe, (*outputs[:n], value, *outputs[n + 1 :]))
                    where = {right[0], step.uid}
                    site = f"{right[0]}.{right[1]}={value[0]}.{value[1]}"
                    yield changed, site, {"wiring", "missing"}, where
