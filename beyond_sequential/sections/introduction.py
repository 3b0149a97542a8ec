"""7.1.1 Introduction: one input, one output.

The world: each of ten classes has a direction in 64 dimensions, and a sample lies near that
direction or near its opposite.  The two halves of a class cancel for any linear function, so the
hidden layers' activations are needed; with them, eighty steps of training are enough.
"""

from __future__ import annotations

import numpy as np

from ..exercise import Exercise
from ..randomness import randomness

FEATURES = 64
CLASSES = 10
SAMPLES = 1000
DISTANCE = 2.0  # of the two halves of a class from the origin, in each feature
NOISE = 0.5

_DIRECTIONS = randomness("introduction", "world").standard_normal((CLASSES, FEATURES))


def training(seed: int = 0, *, shuffled: bool = False) -> dict[str, np.ndarray]:
    """`x` (1000, 64) and one-hot `y` (1000, 10); `shuffled` deals the targets out anew."""
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


EXERCISES: tuple[Exercise, ...] = ()
