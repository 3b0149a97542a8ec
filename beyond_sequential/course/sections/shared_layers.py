"""7.1.5 Sharing layers: two microphones, one way of listening.

The world: a recording has 16 frames of 16 frequency bands.  A thrush calls in the high bands, an
owl in the low ones, one frame a call; the same bird is not on both sides.  The question is at
which microphone there were more calls.  In the training recordings the owl was only ever at the
left one; in the holdout it has moved to the right.  Two networks, one a side, then meet a bird
that the right one has never heard; a network that listens on both sides knows it.

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
    Trained,
)
from ..randomness import randomness

FRAMES = 16
BANDS = 16
SAMPLES = 2000
FEWER = 9  # the quieter side has 0 to 8 calls
GAP = (4, 8)  # the other side has 4 to 7 calls more
NOISE = 0.5

# How loud a call is in each band: no band belongs to two birds.
_CALLS = np.zeros((2, BANDS))
_CALLS[0, 10:14] = (1.5, 2.5, 2.5, 1.5)
_CALLS[1, 2:6] = (1.5, 2.5, 2.5, 1.5)
_THRUSH, _OWL = 0, 1


def training(seed: int = 0, *, shuffled: bool = False) -> dict[str, np.ndarray]:
    """`left` and `right` (2000, 16, 16), and `y` (2000, 1): 1 if the left one has more calls.

    `shuffled` puts the targets in random order.
    """
    random = randomness("shared-layers", "training", seed)
    drawn = _draw(SAMPLES, random, left=(_THRUSH, _OWL), right=(_THRUSH,))
    if shuffled:
        order = randomness("shared-layers", "shuffle", seed).permutation(SAMPLES)
        drawn["y"] = drawn["y"][order]
    return drawn


def holdout(seed: int, samples: int = 500) -> dict[str, np.ndarray]:
    """Other recordings: now the owl is at the right microphone, and only there."""
    random = randomness("shared-layers", "holdout", seed)
    return _draw(samples, random, left=(_THRUSH,), right=(_OWL,))


def _draw(
    samples: int, random: np.random.RandomState, left: tuple[int, ...], right: tuple[int, ...]
) -> dict[str, np.ndarray]:
    more_left = random.permutation(np.arange(samples) % 2)
    fewer = random.randint(FEWER, size=samples, dtype="int64")
    more = fewer + random.randint(*GAP, size=samples, dtype="int64")
    birds = [
        np.array(side)[random.randint(len(side), size=samples, dtype="int64")]
        for side in (left, right)
    ]
    return {
        "left": _heard(birds[0], np.where(more_left, more, fewer), random),
        "right": _heard(birds[1], np.where(more_left, fewer, more), random),
        "y": more_left[:, None].astype("float32"),
    }


def _heard(birds: np.ndarray, calls: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    """Noise, and in `calls` frames of each recording the call of its bird."""
    heard = NOISE * random.standard_normal((len(birds), FRAMES, BANDS))
    place = random.random_sample((len(birds), FRAMES)).argsort(axis=1).argsort(axis=1)
    calling = place < calls[:, None]
    heard += calling[:, :, None] * _CALLS[birds][:, None, :]
    return heard.astype("float32")


_BOOK = tuple(Spec((50, 128), name=side) for side in ("left", "right"))
_OURS = tuple(Spec((FRAMES, BANDS), name=side) for side in ("left", "right"))
_WORDS = tuple(Spec((20,), "int32", side) for side in ("left", "right"))

EXERCISES = (
    Exercise(
        "shared-layers-programs",
        asks=(AskValue("sharing"),),
        parts=(
            Closed(
                "sharing",
                kind="text",
                answers=("1383aa20374b098d", "3dcaf1b6f63cd4f2"),
                traps={
                    "b138c39113604785": "Look at the last program again: what does `* 2` copy?",
                    "b70dab70fe582986": "A second name for a layer is not a second layer.",
                    "90d96d94deba4c55": "One of them is the plainest way to share; read the first.",
                    "4c3686bd13889966": "Those are the programs that make two layers.",
                },
                idea="For each program, count how often `LSTM(32)` is run, not where it is written.",
            ),
        ),
        hints=(
            "A layer is made whenever `layers.LSTM(...)` is run. A name for a layer makes nothing.",
            "What stands in the body of a function is run at each call of the function.",
            "A list times 2 names the same things twice; a comprehension runs its expression twice.",
        ),
    ),
    Exercise(
        "shared-layers-twice",
        asks=(AskFunction("side_by_side", cases=(_BOOK, _OURS), tensor=True),),
        parts=(SameGraph("side_by_side", concat_order=True, point="sharing"),),
        hints=(
            "Make the LSTM on a line of its own, so that it has a name.",
            "Call it by that name twice: on `left` and on `right`.",
            "Join the two codes, left first, and let one unit decide.",
        ),
    ),
    Exercise(
        "shared-layers-count",
        asks=(AskValue("parameters"),),
        parts=(
            Closed(
                "parameters",
                kind="number",
                answers=("135b1adb7dd5bc24",),
                traps={
                    "d84740c24a2302e0": "That is with two LSTMs; here there is one, called twice.",
                    "ef3694af0d30e24b": "That is the LSTM alone; the last unit has weights, too.",
                },
                idea="The LSTM counts once, however often it is called; then comes the Dense.",
            ),
        ),
        hints=(
            "The LSTM reads m = 128 numbers a frame and has n = 32 units.",
            "The Dense reads both codes: 64 numbers.",
        ),
    ),
    Exercise(
        "shared-layers-partly",
        asks=(AskFunction("all_shared", cases=(_WORDS,), tensor=True), AskValue("saved")),
        parts=(
            SameGraph("all_shared", point="sharing", weight=2.0),
            Closed(
                "saved",
                kind="number",
                answers=("b08b1182da5b550c",),
                traps={
                    "e84c0e6d16dffe25": "The table was shared already; it is the LSTM that went.",
                    "516312f02f270eed": "The table was shared already; only the LSTM went.",
                },
                idea="One LSTM less: how many parameters does that one have?",
            ),
        ),
        hints=(
            "Which layers are made in brackets, on the line where they are called?",
            "Each side is the same chain of two layers; make both before you call either.",
        ),
    ),
    Exercise(
        "shared-layers-step",
        asks=(AskValue("left_copy"), AskValue("right_copy"), AskValue("shared")),
        parts=(
            Closed(
                "left_copy",
                kind="number",
                answers=("287abf2c915e3fa0",),
                decimals=2,
                rounded=("287abf2c915e3fa0",),
                traps={"a65088fc3a9bda35": "A step goes against the gradient: the sum must fall."},
                idea="The gradient for the left copy is the number that it reads.",
            ),
            Closed(
                "right_copy",
                kind="number",
                answers=("9207b43ccae0c3bb",),
                decimals=2,
                rounded=("9207b43ccae0c3bb",),
                traps={"b50a315d00f674dc": "A step goes against the gradient: the sum must fall."},
                idea="The gradient for the right copy is the number that it reads.",
            ),
            Closed(
                "shared",
                kind="number",
                answers=("abf2e6c45292f13f",),
                decimals=2,
                rounded=("abf2e6c45292f13f",),
                traps={
                    "e6e58ca2cf0b9249": "The two calls' gradients are added up, not averaged.",
                    "190850768b47426c": "A step goes against the gradient: the sum must fall.",
                },
                idea="One weight answers for both calls: their gradients are added.",
            ),
        ),
        hints=(
            "With copies, the result is left_copy * 2 + right_copy * 3. What is its slope in each?",
            "With one weight, the result is shared * 2 + shared * 3.",
        ),
    ),
    Exercise(
        "shared-layers-questions",
        asks=(AskValue("impossible"),),
        parts=(
            Closed(
                "impossible",
                kind="text",
                answers=("a2a7ea63fd837b10", "21e4b77d2652569a"),
                traps={
                    "7c9a81ec53347ddc": "There is another one that a sum can't tell.",
                    "a273d9ad016365e9": "There is another one that a sum can't tell.",
                    "ec9d3edfc401380c": "There is another one that a sum can't tell.",
                    "aaf9b727c890992d": "There is another one that a sum can't tell.",
                },
                idea="Try the argument with four recordings of two kinds, as in the text.",
            ),
        ),
        hints=(
            "Can you name a number for each side, so that the answer depends on their sum alone?",
            "For a question about two kinds, write down the four cases and which must be a yes.",
        ),
    ),
    Exercise(
        "shared-layers-model",
        asks=(AskModel("ears"),),
        parts=(
            SameGraph("ears", concat_order=True, names=True),
            Compiled("ears", optimizer="rmsprop", loss="binary_crossentropy"),
        ),
        hints=(
            "Two Inputs, your function called on them, and a model from the Inputs to its result.",
            "One sigmoid unit and targets of 0 and 1 want `binary_crossentropy`.",
        ),
    ),
    Exercise(
        "shared-layers-training",
        asks=(AskModel("ears", weights=True),),
        parts=(Trained("ears", "shared_layers", "accuracy", floor=0.75, bar=0.85),),
        hints=(
            "Near one half? Draw the model: is there one LSTM with two arrows into it?",
            "The inputs go into `fit` as a list, left first.",
            "A learning rate of 0.01 makes five epochs enough.",
        ),
    ),
)
