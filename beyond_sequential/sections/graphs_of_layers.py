"""7.1.4 Directed acyclic graphs of layers: small images, with facts at three scales.

The world: in each image lie red or blue dots (a fact of single pixels), two white pixels that
touch side by side or one above the other (a fact of close neighbours), and two bright green
squares far apart, again side by side or one above the other.  The three facts make eight classes.

Nothing but the distance of the squares tells how they lie: it is even, since a layer with strides
of 2 sees odd distances in which pixels it skips; and 6, since four empty pixels between them are
more than two convolutions of size 3 span.
"""

from __future__ import annotations

import numpy as np

from ..exercise import Exercise
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

    A class's number is 4 for blue dots, plus 2 for touching pixels and 1 for far squares that lie
    one above the other.  `shuffled` deals the targets out anew.
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


EXERCISES: tuple[Exercise, ...] = ()
