"""Other layers, layers too few and too many, branches left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.fuzzer.kinds import ASSOCIATIVE, MERGES, full_config
from tests.fuzzer.mutations.base import Changed, calls_of, mutation, unused_uid, variables_of_layers
from tests.fuzzer.mutations.settings import has_activation
from tests.fuzzer.recipe import (
    LayerConfig,
    Recipe,
    Step,
    Value,
    redirected,
    shapes,
    steps,
    with_body,
    with_layer,
    with_step,
)

_ALIKE = (
    ("LSTM", "GRU"),
    ("GRU", "SimpleRNN"),
    ("SimpleRNN", "LSTM"),
    ("Conv2D", "SeparableConv2D"),
    ("SeparableConv2D", "Conv2D"),
    *((f"MaxPooling{n}D", f"AveragePooling{n}D") for n in (1, 2)),
    *((f"AveragePooling{n}D", f"MaxPooling{n}D") for n in (1, 2)),
    *((f"GlobalMaxPooling{n}D", f"GlobalAveragePooling{n}D") for n in (1, 2)),
    *((f"GlobalAveragePooling{n}D", f"GlobalMaxPooling{n}D") for n in (1, 2)),
    *((f"GlobalMaxPooling{n}D", "Flatten") for n in (1, 2)),
    ("Flatten", "GlobalMaxPooling1D"),
    ("Flatten", "GlobalAveragePooling2D"),
    ("BatchNormalization", "LayerNormalization"),
    ("LayerNormalization", "BatchNormalization"),
    ("Dropout", "GaussianNoise"),
    ("Conv1D", "Dense"),
    ("Dense", "LSTM"),
)


@mutation
def other_layer(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        for kind, other in _ALIKE:
            if made.kind != kind or (kind == "Dense" and has_activation(made)):
                continue
            given = {"stddev": 0.2} if other == "GaussianNoise" else {}
            size = made.settings.get("units", made.settings.get("filters"))
            config = full_config(other, **given)
            kept = config.keys() & made.settings.keys() - {"axis"}
            config |= {name: made.settings[name] for name in kept}
            if "units" in config:
                config["units"] = size
            if kind == "Dense":
                config |= {"activation": "tanh"}
            new = with_layer(recipe, key, LayerConfig(other, config, made.trainable))
            yield new, f"{key}={other}", {"replaced"}, calls_of(recipe, key)


@mutation
def other_merge(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if made.kind in MERGES:
            for other in ("Add", "Concatenate", "Multiply", "Average"):
                if other != made.kind:
                    new = with_layer(recipe, key, LayerConfig(other, full_config(other)))
                    yield new, f"{key}={other}", {"replaced"}, calls_of(recipe, key)


def _without(recipe: Recipe, key: str, step: Step) -> Recipe:
    body = redirected(recipe.bodies[key], (step.uid, 0), step.reads[0])
    rest = tuple(other for other in body.steps if other.uid != step.uid)
    return with_body(recipe, key, replace(body, steps=rest))


@mutation
def dead_step(recipe: Recipe) -> Iterator[Changed]:
    """y = Dense(5)(x), and the next line goes on from x."""
    for key, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if len(step.reads) == 1 and len(outputs_of(recipe, step)) == 1:
            kinds = {"missing"}
            if made is not None and made.kind in ("Activation", "ReLU"):
                kinds.add("setting")
            where = {step.uid, step.reads[0][0]} if "setting" in kinds else {step.uid}
            if _is_inert(recipe, key, step):
                continue
            yield _without(recipe, key, step), step.uid, kinds, where


def _is_inert(recipe: Recipe, key: str, step: Step) -> bool:
    """Whether the model's output would then be one of its inputs, or twice the same."""
    body = recipe.bodies[key]
    entries = {entry.uid for entry in body.inputs}
    given = (step.uid, 0) in body.outputs
    return given and (step.reads[0][0] in entries or step.reads[0] in body.outputs)


def outputs_of(recipe: Recipe, step: Step) -> list[Value]:
    count = len(recipe.bodies[step.what].outputs) if recipe.is_block(step.what) else 1
    return [(step.uid, number) for number in range(count)]


def _inserted(recipe: Recipe, key: str, value: Value, step: Step) -> Recipe:
    """A step more, behind a value, for all that read it."""
    body = redirected(recipe.bodies[key], value, (step.uid, 0))
    place = next((n + 1 for n, s in enumerate(body.steps) if s.uid == value[0]), 0)
    rows = (*body.steps[:place], step, *body.steps[place:])
    return with_body(recipe, key, replace(body, steps=rows))


@mutation
def extra_layer(recipe: Recipe) -> Iterator[Changed]:
    sizes = shapes(recipe)
    new, uid = unused_uid(recipe, "l"), unused_uid(recipe, "s")
    for key, step in steps(recipe):
        for value in outputs_of(recipe, step):
            extra = [
                LayerConfig("Dropout", full_config("Dropout", rate=0.4)),
                LayerConfig("BatchNormalization", full_config("BatchNormalization")),
            ]
            width = sizes[step.uid][value[1]][-1]
            if width is not None:
                extra.append(
                    LayerConfig("Dense", full_config("Dense", units=width, activation="relu"))
                )
            for made in extra:
                wrong = _inserted(
                    with_layer(recipe, new, made), key, value, Step(uid, new, (value,))
                )
                yield wrong, f"{value[0]}.{value[1]}+{made.kind}", {"extra"}, {uid}


@mutation
def repeated_layer(recipe: Recipe) -> Iterator[Changed]:
    """y = dense(dense(x))."""
    uid = unused_uid(recipe, "s")
    for key, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if made is not None and len(step.reads) == 1 and step.what in variables_of_layers(recipe):
            again = Step(uid, step.what, ((step.uid, 0),))
            wrong = _inserted(recipe, key, (step.uid, 0), again)
            yield wrong, step.uid, {"extra", "wiring"}, {uid, step.uid}


def merge_group(recipe: Recipe, step: Step) -> set[str]:
    """The uids of a merge and of the merges of its kind that it is grouped with: where brackets
    stand in a + b + c is a matter of spelling."""
    made = recipe.layers[step.what]
    found, size = {step.uid}, 0
    if made.kind not in ASSOCIATIVE:
        return found
    while len(found) > size:
        size = len(found)
        for _, other in steps(recipe):
            if recipe.layers.get(other.what) != made:
                continue
            for _, reader in steps(recipe):
                read = recipe.layers.get(reader.what) == made
                if read and (other.uid, 0) in reader.reads and {other.uid, reader.uid} & found:
                    found |= {other.uid, reader.uid}
    return found


@mutation
def left_out_branch(recipe: Recipe) -> Iterator[Changed]:
    """A branch is not among what is joined or added."""
    for key, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if made is None or len(step.reads) < 2 or made.kind == "Subtract":
            continue
        for number in range(len(step.reads)):
            rest = step.reads[:number] + step.reads[number + 1 :]
            if step.reads[number] in rest:
                continue
            where = {*merge_group(recipe, step), step.reads[number][0]}
            kinds = {"missing", "wiring"}
            if len(rest) > 1:
                changed = with_step(recipe, replace(step, reads=rest))
            else:
                changed = _without(recipe, key, replace(step, reads=rest))
                if _is_inert(recipe, key, replace(step, reads=rest)):
                    continue
            left = step.reads[number]
            yield changed, f"{step.uid}-{left[0]}.{left[1]}", kinds, where


@mutation
def extra_branch(recipe: Recipe) -> Iterator[Changed]:
    """Something more is joined or added."""
    for key, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if made is None or made.kind not in MERGES - {"Subtract"}:
            continue
        for value in values_before(recipe, key, step):
            if value not in step.reads:
                changed = with_step(recipe, replace(step, reads=(*step.reads, value)))
                yield (
                    changed,
                    f"{step.uid}+{value[0]}.{value[1]}",
                    {"wiring", "extra"},
                    merge_group(recipe, step),
                )


def values_before(recipe: Recipe, key: str, step: Step) -> list[Value]:
    """The values that a step could read."""
    body = recipe.bodies[key]
    values: list[Value] = [(entry.uid, 0) for entry in body.inputs]
    for other in body.steps:
        if other.uid == step.uid:
            break
        values += outputs_of(recipe, other)
    return values
