"""7.1.1 Introduction: one input, one output.

The world: each of ten classes has a direction in 64 dimensions, and a sample lies near that
direction or near its opposite.  The two halves of a class cancel for any linear function, so the
hidden layers' activations are needed; with them, eighty steps of training are enough.

Tests: tests/beyond_sequential/course/test_signals.py
"""

from __future__ import annotations

import numpy as np

from ...model.spec import Spec
from ..exercise import (
    AskFunction,
    AskModel,
    AskValue,
    Closed,
    Compiled,
    Exercise,
    SameGraph,
    SameWeights,
    Trained,
)
from ..randomness import randomness

FEATURES = 64
CLASSES = 10
SAMPLES = 1000
DISTANCE = 2.0  # of the two halves of a class from the origin, in each feature
NOISE = 0.5

_DIRECTIONS = randomness("introduction", "world").standard_normal((CLASSES, FEATURES))


def training(seed: int = 0, *, shuffled: bool = False) -> dict[str, np.ndarray]:
    """`x` (1000, 64) and one-hot `y` (1000, 10); `shuffled` puts the targets in random order."""
    drawn = _draw(SAMPLES, randomness("introduction", "training", seed))
    if shuffled:
        order = randomness("introduction", "shuffle", seed).permutation(SAMPLES)
        drawn["y"] = drawn["y"][order]
    return drawn


def holdout(seed: int, samples: int = SAMPLES) -> dict[str, np.ndarray]:
    """Other samples of the same world."""
    return _draw(samples, randomness("introduction", "holdout", seed))


def _draw(samples: int, random: np.random.RandomState) -> dict[str, np.ndarray]:
    classes = random.permutation(np.arange(samples) % CLASSES)
    half = random.randint(2, size=(samples, 1), dtype="int64") * 2 - 1
    noise = random.standard_normal((samples, FEATURES))
    x = DISTANCE * half * _DIRECTIONS[classes] + NOISE * noise
    return {"x": x.astype("float32"), "y": np.eye(CLASSES, dtype="float32")[classes]}


# --- exercises ------------------------------------------------------------------------------------

EXERCISES = (
    Exercise(
        "introduction-layer",
        asks=(AskFunction("one_layer", cases=((Spec((32,)),), (Spec((8,)),)), tensor=True),),
        parts=(SameGraph("one_layer"),),
        hints=(
            "Two steps in one line: make the layer, then call it on `inputs`.",
            "The first brackets hold the settings of the layer, the second ones the tensor.",
        ),
    ),
    Exercise(
        "introduction-twin",
        asks=(
            AskFunction("build_twin"),
            AskModel("sequential_model", given=True),
        ),
        parts=(SameGraph("build_twin", own=("sequential_model",)),),
        hints=(
            "Begin with an Input of the shape that the list begins with.",
            "Each line calls one new layer on the tensor that the line before it gave.",
            "Check the last line: does the model begin at the Input and end at the third Dense?",
        ),
    ),
    Exercise(
        "introduction-count",
        asks=(AskValue("parameters"),),
        parts=(
            Closed(
                "parameters",
                kind="number",
                answers=("f6f98d930f389619",),
                traps={
                    "10485cfaaee9d9f5": "The tables are right, but each unit has a bias, too.",
                    "9d8616c3900aef5c": "That is the last layer alone; there are three.",
                },
                idea="For each Dense: inputs times units, and one bias for each unit.",
            ),
        ),
        hints=(
            "The first layer reads 64 numbers and has 32 units.",
            "The second layer reads what the first one writes: 32 numbers.",
        ),
    ),
    Exercise(
        "introduction-weights",
        asks=(AskModel("sequential_model", weights=True), AskModel("twin", weights=True)),
        parts=(SameWeights("sequential_model", "twin"),),
        hints=(
            "`get_weights` takes the arrays out of one model.",
            "`set_weights` puts a list of arrays into the other one.",
        ),
    ),
    Exercise(
        "introduction-disconnected",
        asks=(AskValue("reason"), AskFunction("connected_model")),
        parts=(
            Closed(
                "reason",
                kind="text",
                answers=("7941835ab3225ba7",),
                idea="Walk back from `outputs` with a finger: which Input do you arrive at?",
            ),
            SameGraph("connected_model"),
        ),
        hints=(
            "In `cut_model`, what does the name `x` stand for on the last line?",
            "Give the Input a name that no other line uses.",
        ),
    ),
    Exercise(
        "introduction-compile",
        asks=(AskModel("classifier"),),
        parts=(Compiled("classifier", optimizer="rmsprop", loss="categorical_crossentropy"),),
        hints=("`compile` takes an optimizer and a loss; both may be given by name.",),
    ),
    Exercise(
        "introduction-chance",
        asks=(AskValue("chance_loss"),),
        parts=(
            Closed(
                "chance_loss",
                kind="number",
                answers=("cabe4e9be3faa43a",),
                decimals=1,
                rounded=(
                    "cabe4e9be3faa43a",
                    "d6748db7228271ed",
                    "e80a59e6ac4da7cc",
                    "eae33575c9321118",
                    "fc9532a23bbe4f3e",
                ),
                traps={
                    "821fb31730a6f64f": "That is the probability; the loss is a logarithm of it.",
                    "1421038ceb67ae2b": "The number is right, the sign is not: a loss is positive.",
                    "a4b1780f54289259": "That is the logarithm to the base 10; here it is the natural one.",
                },
                idea="A sample's loss is minus the logarithm of its class's probability.",
            ),
        ),
        hints=("Ten classes, each with the same probability: how large is it?",),
    ),
    Exercise(
        "introduction-training",
        asks=(AskModel("classifier", weights=True),),
        parts=(Trained("classifier", "introduction", "accuracy", floor=0.4, bar=0.8),),
        hints=(
            "`fit` takes the samples, the targets, the number of epochs and the size of a batch.",
            "If the accuracy stays low: are the hidden layers' activations there?",
        ),
    ),
)
