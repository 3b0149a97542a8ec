"""7.1.6 Models as layers: two cameras, one backbone.

The world: two cameras side by side look at a bright spot.  The nearer it is, the further apart
the two pictures of it: the shift from one picture to the other, the disparity, is the target.
Where the spot stands, its size and its light say nothing about it, so one camera is not enough.
"""

from __future__ import annotations

import numpy as np

from ..exercise import Exercise
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

    `y` (2000, 1) is the disparity in pixels, `y_depth` (2000, 1) the distance in metres.
    `shuffled` deals the targets out anew.
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
    light = random.uniform(0.7, 1.0, size=samples)

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
    """A bell curve along `length` pixels, one for each centre and width."""
    pixels = np.arange(length)[None, :]
    return np.exp(-((pixels - centre[:, None]) ** 2) / (2 * width[:, None] ** 2))


EXERCISES: tuple[Exercise, ...] = ()
