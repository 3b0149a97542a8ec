"""The text that stands for a layer, in a sentence and on a box."""

from __future__ import annotations

from typing import Any

import pytest

from beyond_sequential.model.graph import Body, Call, Layer, Ref
from beyond_sequential.model.labels import (
    all_settings,
    is_generated,
    layer_label,
    short,
    summary,
    times,
)


def layer(kind: str, **settings: Any) -> Layer:
    return Layer("layer0", kind, "named", settings)


def call(*args: Any) -> Call:
    return Call("layer0", args)


@pytest.mark.parametrize(
    ("described", "text"),
    [
        (layer("Dense", units=32, activation="relu"), "Dense(32, relu)"),
        (layer("Dense", units=32, activation="linear"), "Dense(32)"),
        (layer("Conv2D", filters=8, kernel_size=[3, 3]), "Conv2D(8, 3)"),
        (layer("Conv2D", filters=8, kernel_size=[3, 1]), "Conv2D(8, (3, 1))"),
        (layer("Flatten"), "Flatten"),
        (layer("InputLayer"), "named"),
        (layer("custom.Thing", units=2), "Thing(2)"),
        (layer("ops.Sin"), "Sin"),
    ],
)
def test_a_label_is_a_layer_as_code_would_write_it(described: Layer, text: str) -> None:
    assert str(layer_label(described)) == text


def test_a_model_is_labelled_by_the_name_that_somebody_gave_it() -> None:
    body = Body((), [], [])
    assert str(layer_label(Layer("a", "Functional", "encoder", body=body))) == "encoder"
    assert str(layer_label(Layer("a", "Functional", "functional_3", body=body))) == "Functional"


@pytest.mark.parametrize(
    ("kind", "args", "text"),
    [
        ("ops.Multiply", (Ref(0), 0.1), "Multiply(0.1)"),
        ("ops.Multiply", (0.1, Ref(0)), "Multiply(0.1)"),
        ("ops.Divide", (Ref(0), 8), "Divide(8)"),
        ("ops.Subtract", (1, Ref(0)), "Subtract(1, …)"),
        ("ops.Add", (Ref(0), Ref(1)), "Add"),
        ("ops.GetItem", (Ref(0), [{"slice": [None, None, None]}, 0]), "GetItem([:, 0])"),
        ("ops.GetItem", (Ref(0), ["...", {"slice": [4, None, 2]}]), "GetItem([..., 4::2])"),
    ],
)
def test_a_label_of_a_call_has_its_constants(kind: str, args: tuple[Any, ...], text: str) -> None:
    assert str(layer_label(layer(kind), call(*args))) == text


@pytest.mark.parametrize(
    ("described", "text"),
    [
        (layer("Dense", units=1, activation="sigmoid"), "1 unit, sigmoid"),
        (
            layer("LSTM", units=8, activation="tanh", return_sequences=True),
            "8 units, return_sequences",
        ),
        (layer("Activation", activation="linear"), "linear"),
        (layer("Embedding", input_dim=100, output_dim=8), "100 → 8"),
        (layer("MaxPooling2D", pool_size=[2, 2], strides=[2, 2], padding="valid"), "2×2"),
        (
            layer("Conv1D", filters=4, kernel_size=[3], strides=[2], padding="same"),
            "4, 3, stride 2, same",
        ),
        (layer("BatchNormalization", axis=-1), ""),
        (layer("Dropout", rate=0.5), "rate 0.5"),
    ],
)
def test_a_box_shows_the_settings_worth_showing(described: Layer, text: str) -> None:
    assert summary(described, call(Ref(0))) == text


def test_all_settings_leave_out_how_weights_start() -> None:
    described = layer("Dense", units=3, kernel_initializer={"class_name": "Zeros"}, use_bias=True)
    assert all_settings(described) == ["units = 3", "use_bias = True"]


@pytest.mark.parametrize(
    ("kind", "name", "generated"),
    [
        ("Dense", "dense", True),
        ("Dense", "dense_12", True),
        ("Dense", "head", False),
        ("MaxPooling2D", "max_pooling2d_1", True),
        ("InputLayer", "keras_tensor_3CLONE", True),
        ("custom.TwoPart", "two_part", True),
    ],
)
def test_a_generated_name_is_known(kind: str, name: str, generated: bool) -> None:
    assert is_generated(kind, name) is generated


def test_long_values_are_cut() -> None:
    assert short([1, 2, 3, 4, 5]) == "(1, 2, 3, 4, …)"
    assert short(0.123456) == "0.1235"
    assert len(short("x" * 100)) == 40
    assert times([3, 3]) == "3×3"
