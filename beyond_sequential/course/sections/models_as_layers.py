"""7.1.6 Models as layers: two cameras, one backbone.

The world: two cameras side by side look at a spot on a wall.  The nearer it is, the further apart
the two pictures of it: the shift from one picture to the other, the disparity, is the target.
Where the spot stands, its size and its light say nothing about it, so one camera is not enough.
It is brighter or darker than the wall, so no weighted sum of the pixels tells anything either.

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
    Exercise,
    SameGraph,
    SameWeights,
    Trained,
)
from ..randomness import randomness

HEIGHT = 10
WIDTH = 20
SAMPLES = 2000
DISPARITY = (2.0, 8.0)  # in pixels
SCALE = 16.0  # depth times disparity: the cameras' distance times their focal length
MARGIN = 4.5  # of the point halfway between the two pictures of the spot from the sides
NOISE = 0.1


def training(seed: int = 0, *, shuffled: bool = False) -> dict[str, np.ndarray]:
    """`left` and `right` (2000, 10, 20, 1) with two targets for each pair of pictures.

    `y` (2000, 1) is the disparity in pixels, `y_depth` (2000, 1) the distance in metres. `shuffled`
    puts the targets in random order.
    """
    drawn = _draw(SAMPLES, randomness("models-as-layers", "training", seed))
    if shuffled:
        order = randomness("models-as-layers", "shuffle", seed).permutation(SAMPLES)
        drawn |= {name: drawn[name][order] for name in ("y", "y_depth")}
    return drawn


def holdout(seed: int, samples: int = 500) -> dict[str, np.ndarray]:
    """Other pairs of pictures of the same world."""
    return _draw(samples, randomness("models-as-layers", "holdout", seed))


def _draw(samples: int, random: np.random.RandomState) -> dict[str, np.ndarray]:
    disparity = random.uniform(*DISPARITY, size=samples)
    middle = random.uniform(MARGIN, WIDTH - 1 - MARGIN, size=samples)
    row = random.uniform(2.0, HEIGHT - 3.0, size=samples)
    size = random.uniform(0.8, 1.4, size=samples)
    light = random.uniform(0.7, 1.0, size=samples) * random.choice([-1.0, 1.0], size=samples)

    def camera(column: np.ndarray) -> np.ndarray:
        spot = light[:, None, None] * _bell(HEIGHT, row, size)[:, :, None]
        picture = spot * _bell(WIDTH, column, size)[:, None, :]
        picture = picture + NOISE * random.standard_normal(picture.shape)
        return picture[..., None].astype("float32")

    return {
        "left": camera(middle + disparity / 2),
        "right": camera(middle - disparity / 2),
        "y": disparity[:, None].astype("float32"),
        "y_depth": (SCALE / disparity)[:, None].astype("float32"),
    }


def _bell(length: int, centre: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return a bell curve along `length` pixels, one for each centre and width."""
    pixels = np.arange(length)[None, :]
    return np.exp(-((pixels - centre[:, None]) ** 2) / (2 * width[:, None] ** 2))


_NUMBERS = (Spec((24,), name="numbers"),)

EXERCISES = (
    Exercise(
        "models-as-layers-call",
        asks=(
            AskFunction("mended", cases=(_NUMBERS, _NUMBERS), tensor=True),
            AskModel("base", given=True),
        ),
        parts=(SameGraph("mended", calls=1, own=("base",)),),
        hints=(
            "`base.output` is a tensor of the model's own graph: it hangs on the model's own Input.",
            "A model is called like a layer, in brackets, on the tensor that it is to read.",
        ),
    ),
    Exercise(
        "models-as-layers-sizes",
        asks=(AskValue("sizes"),),
        parts=(
            Closed(
                "sizes",
                kind="list",
                answers=("e291e832db441ada",),
                traps={
                    "2aa5d1d70c7f7e2d": "A Lambda runs the model, but Keras can't see it.",
                    "4ed2f1fc13d3a24b": "A Lambda runs the model, but Keras can't see it.",
                    "7da75fa51e912cac": "Program c has a model in a model: whose weights?",
                    "8f5abecdecff2b4d": "Program d calls layers. Were any layers made?",
                    "cb2d558ffd2310b9": "Calling a layer by another way makes no weights.",
                    "8b45b76fdfc9db59": "A second call of a model makes no weights.",
                },
                idea="Count the models that are made, not those that are called.",
            ),
        ),
        hints=(
            "Each run of `make_base()` makes 100 parameters; nothing else in these programs does.",
            "A Lambda is a layer around any Python function. What does it list as its weights?",
        ),
    ),
    Exercise(
        "models-as-layers-two-cameras",
        asks=(AskModel("two_cameras"), AskModel("xception")),
        parts=(SameGraph("two_cameras", concat_order=True, calls=2, model="xception"),),
        hints=(
            "Make the Xception once, and give it a name.",
            "Two Inputs, two calls of the one Xception, one concatenate.",
            "`include_top=False` leaves the classifier off, `weights=None` downloads nothing.",
        ),
    ),
    Exercise(
        "models-as-layers-shapes",
        asks=(
            AskValue("merged_shape"),
            AskValue("pooled_shape"),
            AskValue("parameters"),
            AskValue("parameters_of_two"),
        ),
        parts=(
            Closed(
                "merged_shape",
                kind="list",
                answers=("b4d4e5c038431645",),
                traps={
                    "6af66b06d08b3451": "The shape of one sample does not say how many there are.",
                    "b63debf38483ff74": "Joined end to end, two times 2048 channels become more.",
                    "079b1f4c0036e36f": "That is another axis: the features are joined on the last one.",
                },
                idea="Joining on the last axis adds the channels up and leaves the places alone.",
            ),
            Closed(
                "pooled_shape",
                kind="list",
                answers=("ef85ede17989a0d5", "95a944b85124cf34"),
                traps={
                    "f33c4d828d375110": "The shape of one sample does not say how many there are.",
                    "ee2235bfd2911324": "That is one camera; there are two.",
                },
                idea="Pooling over all places leaves one number for each channel.",
            ),
            Closed(
                "parameters",
                kind="number",
                answers=("0acc7ec2ddd199b0",),
                traps={"a583fd6bc987fcfc": "That would be two sets of weights."},
                idea="A model that is called twice still has one set of weights.",
            ),
            Closed(
                "parameters_of_two",
                kind="number",
                answers=("a583fd6bc987fcfc",),
                traps={"0acc7ec2ddd199b0": "Two models were made here, so there are two sets."},
                idea="Each model that is made brings its own weights.",
            ),
        ),
        hints=(
            "Neither the Inputs nor the concatenate have weights.",
            "Pooling turns (8, 8, 2048) into (2048,); then two of them are joined.",
        ),
    ),
    Exercise(
        "models-as-layers-stereo",
        asks=(
            AskFunction("build_eye"),
            AskModel("eye"),
            AskModel("stereo"),
        ),
        parts=(
            SameGraph("build_eye"),
            SameGraph("stereo", names=True, calls=2, model="eye"),
        ),
        hints=(
            "An eye is a model with one Input. A Sequential will do.",
            "`build_eye()` makes a new eye each time. How often does `stereo` need one?",
            "The head reads both codes, joined.",
        ),
    ),
    Exercise(
        "models-as-layers-training",
        asks=(AskModel("stereo", weights=True),),
        parts=(Trained("stereo", "models_as_layers", "r2", floor=0.3, bar=0.7),),
        hints=(
            "Near 0? Does the model read both cameras? Does the eye keep the places (Flatten)?",
            "`mean_squared_error` is the loss for a number without bounds.",
            "`keras.optimizers.Adam(learning_rate=0.003)` makes ten epochs enough.",
        ),
    ),
    Exercise(
        "models-as-layers-freezing",
        asks=(AskValue("moving"),),
        parts=(
            Closed(
                "moving",
                kind="text",
                answers=("4fd9ae63b8dba47d", "1bce284214b46d3a"),
                traps={
                    "a020d6cd70b89e86": "There is one more, with weights that no gradient moves.",
                    "8e3b4f3d2bcdb171": "There is one more: when does Keras write the training step down?",
                    "6389737de4d872a4": "In d the base is one object, frozen for whoever uses it.",
                    "63f9f63305e81ce4": "In d the base is one object, frozen for whoever uses it.",
                },
                idea="Ask of each: was the base frozen when `compile` was called, and all of it?",
            ),
        ),
        hints=(
            "The training step is written down once, by the first fit after compile.",
            "A BatchNormalization keeps a running mean, which is updated without any gradient.",
            "`observe(program_a)` in a cell of your own tries a program out.",
        ),
    ),
    Exercise(
        "models-as-layers-depth",
        asks=(
            AskModel("eye_before", weights=True),
            AskModel("eye", weights=True),
            AskModel("depth_model", weights=True),
        ),
        parts=(
            SameWeights("eye_before", "eye", unmoved_by="depth_model"),
            SameGraph("depth_model", calls=2, model="eye"),
            Trained(
                "depth_model",
                "models_as_layers",
                "r2",
                floor=0.3,
                bar=0.65,
                output="y_depth",
                weight=4.0,
            ),
        ),
        hints=(
            "First the copy, then the freezing, then the model, then compile, then fit.",
            "If the eye's weights differ, something was frozen too late, or not at all.",
            "If R2 is near 0, look which eye your model is built on: it must be the trained one.",
        ),
    ),
)
