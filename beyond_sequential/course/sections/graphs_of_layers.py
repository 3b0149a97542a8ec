"""7.1.4 Directed acyclic graphs of layers: small images, with facts at three scales.

The world: in each image lie red or blue dots (a fact of single pixels), two white pixels that
touch side by side or one above the other (a fact of close neighbours), and two bright green
squares far apart, again side by side or one above the other.  The three facts make eight classes.

Nothing but the distance of the squares tells how they lie: it is even, since a layer with strides
of 2 sees odd distances in which pixels it skips; and 6, since four empty pixels between them are
more than two convolutions of size 3 span.

Tests: tests/beyond_sequential/course/test_signals.py
"""

from __future__ import annotations

import numpy as np

from ...model.spec import Argument, Spec
from ..exercise import AskFunction, AskModel, AskValue, Closed, Exercise, SameGraph, Trained
from ..randomness import randomness

SIZE = 12
SAMPLES = 1500
CLASSES = 8
DISTANCE = 6  # of the squares, from corner to corner
SQUARE = 2
DOTS = 3
NOISE = 0.1
GREEN = 4.0  # how bright the squares are: averaging must not hide them

_RED, _GREEN, _BLUE = 0, 1, 2


def training(seed: int = 0, *, shuffled: bool = False) -> dict[str, np.ndarray]:
    """`images` (1500, 12, 12, 3), their classes `y` one-hot (1500, 8), and one of the three facts
    on its own: `y_far` (1500, 1), 1 where the squares lie one above the other.
    """
    drawn = _draw(SAMPLES, randomness("graphs-of-layers", "training", seed))
    if shuffled:
        order = randomness("graphs-of-layers", "shuffle", seed).permutation(SAMPLES)
        drawn["y"], drawn["y_far"] = drawn["y"][order], drawn["y_far"][order]
    return drawn


def holdout(seed: int, samples: int = 1000) -> dict[str, np.ndarray]:
    """Other images of the same world."""
    return _draw(samples, randomness("graphs-of-layers", "holdout", seed))


def _draw(samples: int, random: np.random.RandomState) -> dict[str, np.ndarray]:
    images = NOISE * random.random_sample((samples, SIZE, SIZE, 3))
    blue, near, far = random.randint(2, size=(3, samples), dtype="int64")
    rows, columns = _places(far, DISTANCE + SQUARE, SQUARE, random)
    for i in range(SQUARE):
        for j in range(SQUARE):
            _paint(images, rows + i, columns + j, (_GREEN,), GREEN)
            beyond = rows + i + DISTANCE * far, columns + j + DISTANCE * (1 - far)
            _paint(images, *beyond, (_GREEN,), GREEN)
    rows, columns = _places(near, 2, 1, random)
    _paint(images, rows, columns, (_RED, _BLUE), 1.0)
    _paint(images, rows + near, columns + 1 - near, (_RED, _BLUE), 1.0)
    for _ in range(DOTS):
        rows, columns = random.randint(SIZE, size=(2, samples), dtype="int64")
        _paint(images, rows, columns, (_RED, _GREEN, _BLUE), 0.0)
        _paint(images, rows, columns, np.where(blue, _BLUE, _RED), 1.0)
    return {
        "images": images.astype("float32"),
        "y": np.eye(CLASSES, dtype="float32")[4 * blue + 2 * near + far],
        "y_far": far[:, None].astype("float32"),
    }


def _places(
    upright: np.ndarray, long: int, short: int, random: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of a corner for things that are `long` one way and `short` the other."""
    along = random.randint(SIZE - long + 1, size=len(upright), dtype="int64")
    across = random.randint(SIZE - short + 1, size=len(upright), dtype="int64")
    return np.where(upright, along, across), np.where(upright, across, along)


def _paint(
    images: np.ndarray,
    rows: np.ndarray,
    columns: np.ndarray,
    channels: tuple[int, ...] | np.ndarray,
    value: float,
) -> None:
    """Set one pixel of each image, in the channels given for all or for each."""
    every = [channels] if isinstance(channels, np.ndarray) else channels
    for channel in every:
        images[np.arange(len(images)), rows, columns, channel] = value


# --- exercises ------------------------------------------------------------------------------------


def _images(*shapes: tuple[int | None, ...]) -> tuple[tuple[Spec, ...], ...]:
    return tuple((Spec(shape, name="x"),) for shape in shapes)


def _filters(count: int, shape: tuple[int, ...]) -> tuple[tuple[Spec | Argument, ...], ...]:
    """Return two calls with another number of filters: by keyword and by place."""
    return tuple((Spec(shape, name="x"), Argument(count, keyword)) for keyword in ("filters", ""))


EXERCISES = (
    Exercise(
        "graphs-of-layers-sizes",
        asks=(AskValue("heights"),),
        parts=(
            Closed(
                "heights",
                kind="list",
                answers=("cb5ed791b1e9b52c",),
                traps={
                    "48b298e4811afca7": "So it would be with another padding than the default.",
                    "2b663445176f0ac5": "That is for 28 rows; here there are 32.",
                    "3352a8a222d4617e": "In branch c a convolution follows the pooling.",
                    "2c25396c5f2ff69a": "Branch d has a convolution of size 3 before the last one.",
                },
                idea="Go along each branch, one layer at a time, with the formula.",
            ),
        ),
        hints=(
            "A window of size 1 with a step of 1 leaves the size as it is.",
            "Branch b: 32 rows, windows of size 3, a step of 2: (32 - 3) / 2, rounded down, plus 1.",
            "Branch d: after the second convolution there are 30 rows.",
        ),
    ),
    Exercise(
        "graphs-of-layers-inception",
        asks=(
            AskFunction(
                "inception",
                cases=(
                    *_images((28, 28, 192), (35, 35, 16), (None, None, 3)),
                    *_filters(16, (12, 12, 3)),
                ),
                tensor=True,
            ),
        ),
        parts=(SameGraph("inception"),),
        hints=(
            "Which layers have a window larger than 1? Those decide whether the branches meet.",
            "A pooling has a padding, too.",
            "Use a new name where a branch begins: all four read `x`, none reads another branch.",
        ),
    ),
    Exercise(
        "graphs-of-layers-count",
        asks=(AskValue("branch_parameters"),),
        parts=(
            Closed(
                "branch_parameters",
                kind="number",
                answers=("6a419a02fd28b042",),
                traps={
                    "016e5370f80d7e10": "The weights are right, but each filter has a bias, too.",
                    "bb1baa156fa5ccbd": "That is size 3 directly on x; branch b has two layers.",
                    "4b34abd9f374847f": "The second layer reads the 128 channels of the first.",
                    "a89613055d5e65aa": "That is the second layer alone.",
                    "4189c53498bc0e86": "That is the first layer alone.",
                },
                idea="Two layers: from 192 channels to 128 with size 1, from 128 to 128 with size 3.",
            ),
        ),
        hints=(
            "The strides and the size of the picture don't matter: the same weights everywhere.",
        ),
    ),
    Exercise(
        "graphs-of-layers-inception-training",
        asks=(AskModel("classifier", weights=True),),
        parts=(Trained("classifier", "graphs_of_layers", "accuracy", floor=0.55, bar=0.65),),
        hints=(
            "The Input has a name; `inception` is called on it with `filters=16`.",
            "About one half right? Then one of the three facts is not seen: draw the model.",
            "A learning rate of 0.01 makes ten epochs enough.",
        ),
    ),
    Exercise(
        "graphs-of-layers-residual",
        asks=(
            AskFunction(
                "residual",
                cases=(
                    *_images((14, 14, 128), (7, 9, 128), (None, None, 128)),
                    *_filters(16, (6, 6, 16)),
                ),
                tensor=True,
            ),
        ),
        parts=(SameGraph("residual"),),
        hints=(
            "`x` is read twice: by the first convolution and by the sum. Give the chain another name.",
            "`layers.add` takes a list of tensors of the same shape.",
        ),
    ),
    Exercise(
        "graphs-of-layers-which",
        asks=(AskValue("graph"),),
        parts=(
            Closed(
                "graph",
                kind="text",
                answers=("1a8e461569367f30",),
                traps={
                    "785458807f7800ec": "Does the sum read `x`? And who reads the first `z`?",
                    "6a657b8315a8ee03": "Who reads the first `z`? The line after it begins at `y`.",
                    "18b9bdb92452e411": "The sum reads `y`. Which tensor is that?",
                },
                idea="Begin at the sum and walk back: which calls do you meet?",
            ),
        ),
        hints=(
            "The third line gives the name `z` to another tensor. Did anybody use the old one?",
        ),
    ),
    Exercise(
        "graphs-of-layers-shrinking",
        asks=(
            AskFunction(
                "shrinking",
                cases=(
                    *_images((28, 28, 64), (16, 32, 128), (12, 12, 3)),
                    *_filters(48, (12, 12, 3)),
                ),
                tensor=True,
            ),
        ),
        parts=(SameGraph("shrinking"),),
        hints=(
            "Both ways begin at `x` and must end with the same shape.",
            "The short way halves the size, too: which argument of `Conv2D` does that?",
        ),
    ),
    Exercise(
        "graphs-of-layers-odd",
        asks=(AskValue("long_rows"), AskValue("short_rows")),
        parts=(
            Closed(
                "long_rows",
                kind="number",
                answers=("bed08dae71dc46b7",),
                idea="The default padding drops what is left over: the formula of section 4.2.",
            ),
            Closed(
                "short_rows",
                kind="number",
                answers=("d363dd114f36e856",),
                idea="With the padding `same` a step of 2 halves the size and rounds up.",
            ),
        ),
        hints=("One of the two ways rounds down, the other one up. Which padding has which?",),
    ),
    Exercise(
        "graphs-of-layers-residual-training",
        asks=(AskModel("deep", weights=True),),
        parts=(
            Trained("deep", "graphs_of_layers", "accuracy", floor=0.6, bar=0.9, output="y_far"),
        ),
        hints=(
            "A loop helps: the name `x` stands for the result of the last block so far.",
            "Does the training end at 50 percent? Then draw it: is there a way past each block?",
            "One sigmoid unit and targets of 0 and 1 want `binary_crossentropy`.",
        ),
    ),
)
