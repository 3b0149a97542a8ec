"""Mistakes in the settings of one layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.fuzzer.kinds import WITH_ACTIVATION, l2
from tests.fuzzer.mutations.base import Changed, calls_of, mutation, variables_of_layers
from tests.fuzzer.recipe import (
    LayerConfig,
    Recipe,
    steps,
    with_layer,
    with_step,
)


def _other(recipe: Recipe, key: str, made: LayerConfig) -> Changed:
    return with_layer(recipe, key, made), key, {"setting"}, calls_of(recipe, key)


@mutation
def other_size(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        for name in ("units", "filters", "output_dim", "input_dim", "n"):
            if name in made.settings:
                changed = made.having(**{name: made.settings[name] + 1})
                new, _, kinds, where = _other(recipe, key, changed)
                yield new, f"{key}.{name}", kinds, where


@mutation
def other_window(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        for name in ("kernel_size", "pool_size"):
            if name in made.settings:
                window = made.settings[name]
                for other in ([1] * len(window), [n + 1 for n in window], [n + 2 for n in window]):
                    if other != window:
                        new, _, kinds, where = _other(recipe, key, made.having(**{name: other}))
                        yield new, f"{key}.{name}={other}", kinds, where


@mutation
def other_stride(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if "strides" in made.settings:
            strides = [2 if n == 1 else 1 for n in made.settings["strides"]]
            yield _other(recipe, key, made.having(strides=strides))


@mutation
def other_padding(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        padding = made.settings.get("padding")
        if padding in ("same", "valid"):
            other = "valid" if padding == "same" else "same"
            yield _other(recipe, key, made.having(padding=other))


def has_activation(made: LayerConfig) -> bool:
    return made.kind in WITH_ACTIVATION and made.settings["activation"] != "linear"


@mutation
def no_activation(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if has_activation(made):
            yield _other(recipe, key, made.having(activation="linear"))


@mutation
def other_activation(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if has_activation(made) or made.kind in ("Activation", "LSTM", "GRU", "SimpleRNN"):
            for name in ("relu", "sigmoid", "tanh", "softmax"):
                if name != made.settings["activation"]:
                    new, _, kinds, where = _other(recipe, key, made.having(activation=name))
                    yield new, f"{key}={name}", kinds, where


@mutation
def added_activation(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if made.kind in WITH_ACTIVATION and made.settings["activation"] == "linear":
            yield _other(recipe, key, made.having(activation="relu"))


@mutation
def moved_activation(recipe: Recipe) -> Iterator[Changed]:
    """The activation stands with the layer before or after."""
    for _, step in steps(recipe):
        for _, later in steps(recipe):
            one, two = recipe.layers.get(step.what), recipe.layers.get(later.what)
            if later.reads != ((step.uid, 0),) or one is None or two is None or one is two:
                continue
            if {one.kind, two.kind} <= WITH_ACTIVATION and has_activation(one) != has_activation(
                two
            ):
                names = one.settings["activation"], two.settings["activation"]
                new = with_layer(recipe, step.what, one.having(activation=names[1]))
                new = with_layer(new, later.what, two.having(activation=names[0]))
                where = calls_of(recipe, step.what) | calls_of(recipe, later.what)
                yield new, f"{step.what}/{later.what}", {"setting"}, where


@mutation
def other_bias(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if "use_bias" in made.settings:
            yield _other(recipe, key, made.having(use_bias=not made.settings["use_bias"]))


@mutation
def other_return_sequences(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if "return_sequences" in made.settings:
            flipped = not made.settings["return_sequences"]
            yield _other(recipe, key, made.having(return_sequences=flipped))


@mutation
def exchanged_arguments(recipe: Recipe) -> Iterator[Changed]:
    """Embedding(width, vocabulary)."""
    for key, made in recipe.layers.items():
        if made.kind == "Embedding":
            a, b = made.settings["input_dim"], made.settings["output_dim"]
            yield _other(recipe, key, made.having(input_dim=b, output_dim=a))


@mutation
def other_number(recipe: Recipe) -> Iterator[Changed]:
    """A rate, a momentum, a slope."""
    for key, made in recipe.layers.items():
        for name in ("rate", "momentum", "epsilon", "stddev", "negative_slope", "scale", "offset"):
            value = made.settings.get(name)
            if isinstance(value, float):
                new, _, kinds, where = _other(recipe, key, made.having(**{name: value / 2 + 0.05}))
                yield new, f"{key}.{name}", kinds, where


@mutation
def other_regularizer(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if "kernel_regularizer" in made.settings and key in variables_of_layers(recipe):
            rule = None if made.settings["kernel_regularizer"] else l2(0.01)
            yield _other(recipe, key, made.having(kernel_regularizer=rule))


@mutation
def other_axis(recipe: Recipe) -> Iterator[Changed]:
    for key, made in recipe.layers.items():
        if made.kind == "Concatenate":
            for axis in (1, 2, -1):
                if axis != made.settings["axis"]:
                    new, _, kinds, where = _other(recipe, key, made.having(axis=axis))
                    yield new, f"{key}={axis}", kinds, where


@mutation
def asked_for_training(recipe: Recipe) -> Iterator[Changed]:
    """training=True, which a layer then does in inference as well."""
    for _, step in steps(recipe):
        made = recipe.layers.get(step.what)
        if made and made.kind in ("Dropout", "BatchNormalization", "GaussianNoise"):
            changed = with_step(recipe, replace(step, training=True))
            yield changed, step.uid, {"setting"}, {step.uid}


@mutation
def other_freezing(recipe: Recipe) -> Iterator[Changed]:
    for key in variables_of_layers(recipe):
        made = recipe.layers[key]
        changed = replace(made, trainable=not made.trainable)
        yield with_layer(recipe, key, changed), key, {"trainable"}, calls_of(recipe, key)
