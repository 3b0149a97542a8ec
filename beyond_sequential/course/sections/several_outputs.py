"""7.1.3 Several outputs: the posts of a person give age, income and gender.

The world: made-up people whose posts hold three kinds of marks among words that mean nothing.
Four pairs of words tell the age: which word of a pair is used adds 8, 4, 2 or 1 years to 18.  The
pastime that a person keeps coming back to tells the class of income.  The gender shows in nothing
but the order of two words, which both genders use.

Left to itself, the squared error of the age is so much larger than the other two losses that the
trunk learns what the age needs, and never gets to look at an order.

Tests: tests/beyond_sequential/course/test_signals.py
"""

from __future__ import annotations

import numpy as np

from ..exercise import (
    AskArrays,
    AskFunction,
    AskModel,
    AskValue,
    Closed,
    Compiled,
    Exercise,
    Fed,
    SameGraph,
    Starts,
    Trained,
)
from ..randomness import randomness

LENGTH = 32
VOCABULARY = 100
INCOMES = 10
SAMPLES = 2000
MENTIONS = 8  # of the pastime

_AGE = (("school", "office", 8), ("bus", "car", 4), ("flat", "house", 2), ("film", "book", 1))
_YOUNGEST = 18
_PASTIMES = (
    "football", "fishing", "cycling", "chess", "cooking", "gardening", "surfing", "opera",
    "skiing", "sailing",
)  # fmt: skip
_ORDER = ("tea", "coffee")
_FILLERS = (
    "the a and or but so then now here there this that my your our with for from of to in on at "
    "by up down out over again still very quite just too also well good nice great fine long "
    "short new old big small first last next some any all most every each other same day night "
    "morning evening week month year time people friend family street city door window table "
    "weather rain sun wind snow sea"
).split()
_WORDS = ["", *(w for low, high, _ in _AGE for w in (low, high)), *_PASTIMES, *_ORDER, *_FILLERS]
_ID = {word: id_ for id_, word in enumerate(_WORDS)}
_FIRST_FILLER = _ID[_FILLERS[0]]


def training(seed: int = 0, *, shuffled: bool = False) -> dict[str, np.ndarray]:
    """`posts` (2000, 32) of word ids, and what they tell: `age` in years and `gender`, 0 or 1,
    (2000, 1) each, `income` one-hot (2000, 10).
    """
    drawn = _draw(SAMPLES, randomness("several-outputs", "training", seed))
    if shuffled:
        random = randomness("several-outputs", "shuffle", seed)
        for key in ("age", "income", "gender"):
            drawn[key] = drawn[key][random.permutation(SAMPLES)]
    return {**drawn, "words": np.array(_WORDS)}


def holdout(seed: int, samples: int = 1000) -> dict[str, np.ndarray]:
    """Other people of the same world; the targets are `y_age`, `y_income` and `y_gender`."""
    drawn = _draw(samples, randomness("several-outputs", "holdout", seed))
    return {key if key == "posts" else f"y_{key}": array for key, array in drawn.items()}


def _draw(samples: int, random: np.random.RandomState) -> dict[str, np.ndarray]:
    older = random.randint(2, size=(samples, len(_AGE)), dtype="int64")
    income = random.randint(INCOMES, size=samples, dtype="int64")
    gender = random.randint(2, size=samples, dtype="int64")
    posts = random.randint(_FIRST_FILLER, VOCABULARY, size=(samples, LENGTH), dtype="int64")
    # A place is two neighbouring words, so that no mark overwrites another.
    places = np.argsort(random.random_sample((samples, LENGTH // 2)), axis=1)
    offsets = random.randint(2, size=places.shape, dtype="int64")
    singles = (2 * places + offsets).T
    people = np.arange(samples)
    for i, (low, high, _) in enumerate(_AGE):
        posts[people, singles[i]] = np.where(older[:, i], _ID[high], _ID[low])
    for i in range(len(_AGE), len(_AGE) + MENTIONS):
        posts[people, singles[i]] = _ID[_PASTIMES[0]] + income
    first = 2 * places[:, -1]
    posts[people, first] = _ID[_ORDER[0]] + gender
    posts[people, first + 1] = _ID[_ORDER[1]] - gender
    age = _YOUNGEST + older @ np.array([years for _, _, years in _AGE])
    return {
        "posts": posts.astype("int32"),
        "age": age[:, None].astype("float32"),
        "income": np.eye(INCOMES, dtype="float32")[income],
        "gender": gender[:, None].astype("float32"),
    }


# --- exercises ------------------------------------------------------------------------------------

HEADS = ("age", "income", "gender")
_LOSSES = {
    "age": "mean_squared_error",
    "income": "categorical_crossentropy",
    "gender": "binary_crossentropy",
}
_WEIGHTS = {"age": 0.25, "income": 1.0, "gender": 10.0}

EXERCISES = (
    Exercise(
        "several-outputs-model",
        asks=(AskFunction("build_profiler"),),
        parts=(SameGraph("build_profiler", names=True),),
        hints=(
            "Make the trunk first: one chain, each line reading what the line before it gave.",
            "All three heads read one and the same tensor, the end of the trunk.",
            "The model's outputs are a list of three tensors; each head has its name in its brackets.",
        ),
    ),
    Exercise(
        "several-outputs-lengths",
        asks=(AskValue("remaining"), AskValue("shortest")),
        parts=(
            Closed(
                "remaining",
                kind="number",
                answers=("08b6f10ae09231af",),
                traps={
                    "45e2e5d3e6d9febc": "Two more convolutions come after that.",
                    "21a0dc3b02eef9b1": "One more convolution comes after that.",
                    "544f92827bdcc009": "That is the number of filters, not the length.",
                },
                idea="Each Conv1D of size 5 takes 4 away, each MaxPooling1D of size 5 divides by 5.",
            ),
            Closed(
                "shortest",
                kind="number",
                answers=("ea2c3a58738d14b3",),
                traps={
                    "d4c732d2d0aba867": "The first convolution takes 4 away before that.",
                    "e53d477ded592645": "With that, one of the layers gets one too few.",
                },
                idea="Go upwards: at the end there must be 1 place. How many did the layer above need?",
            ),
        ),
        hints=(
            "500 words: 496 after the first convolution. What does the pooling leave of them?",
            "Upwards: 1 place at the end, 5 before the last convolution, 9 before the one above it.",
            "Upwards, a pooling of size 5 turns 9 into 45: fewer would not give nine full fives.",
        ),
    ),
    Exercise(
        "several-outputs-count",
        asks=(AskValue("head_parameters"),),
        parts=(
            Closed(
                "head_parameters",
                kind="number",
                answers=("925b71ae2838ec65",),
                traps={
                    "49cb5f6f6d2a1d39": "The tables are right, but each unit has a bias, too.",
                    "724728f233d34cec": "That is the head of the income alone.",
                    "bbc2557be9a3b8ac": "The last Dense of the trunk is not a head.",
                },
                idea="Each head is a Dense on the trunk's 128 numbers: 1, 10 and 1 units.",
            ),
        ),
        hints=("A Dense with n units on 128 numbers has 128 n weights and n biases.",),
    ),
    Exercise(
        "several-outputs-reader",
        asks=(AskFunction("build_reader", weights=True),),
        parts=(
            SameGraph("build_reader", names=True, weight=3.0),
            Starts("build_reader", "age", 25.0),
        ),
        hints=(
            "It is the profiler with a trunk of three layers.",
            "`bias_initializer` stands in the brackets of the age head, beside its name.",
        ),
    ),
    Exercise(
        "several-outputs-losses",
        asks=(AskModel("by_order"), AskModel("by_name")),
        parts=(
            Compiled("by_order", "rmsprop", _LOSSES, outputs=HEADS, container="list"),
            Compiled("by_name", "rmsprop", _LOSSES, outputs=HEADS, container="dict"),
        ),
        hints=(
            "The order of a list is the order of the outputs in `keras.Model`.",
            "The keys of a dict are the names of the heads.",
        ),
    ),
    Exercise(
        "several-outputs-shares",
        asks=(AskValue("share_plain"), AskValue("share_weighted")),
        parts=(
            Closed(
                "share_plain",
                kind="number",
                answers=("6e4adbb22b5d3c8a",),
                decimals=2,
                rounded=(
                    "6e4adbb22b5d3c8a",
                    "dfedc969056302f4",
                    "b0f3075f483c29fb",
                    "8074bf403c9029fc",
                    "f3c359d6376158a8",
                ),
                traps={
                    "5e189ba44bc777ff": "One loss of three, but the losses are not equal.",
                    "63d4498b26b70a52": "That is in percent; a share lies between 0 and 1.",
                    "2bd67b9e87fcd90d": "That is in percent; a share lies between 0 and 1.",
                },
                idea="The part that one head adds, divided by the sum of all three.",
            ),
            Closed(
                "share_weighted",
                kind="number",
                answers=("cc66be67df0cb37f",),
                decimals=2,
                rounded=(
                    "cc66be67df0cb37f",
                    "72dc902334dff5f4",
                    "a12330bcb15dda51",
                    "64747de59039a1af",
                    "a19c46b7e75c27ef",
                ),
                traps={
                    "6806633495a47299": "That is a share of the weights; each multiplies a loss.",
                    "22911f5ce10a6409": "The age's weight is missing from the sum.",
                    "fdd826db7f46a674": "The sum below the line is weighted, too.",
                    "18aa2923c9aca45e": "That is in percent; a share lies between 0 and 1.",
                },
                idea="Multiply each loss by its weight first, in the sum as well.",
            ),
        ),
        hints=(
            "Without weights the sum is 21.3 + 2.3 + 0.7.",
            "With weights, `gender` adds 10 times 0.7, and `age` a quarter of 21.3.",
        ),
    ),
    Exercise(
        "several-outputs-weights",
        asks=(AskModel("weighted_by_order"), AskModel("weighted_by_name")),
        parts=(
            Compiled(
                "weighted_by_order",
                "rmsprop",
                _LOSSES,
                loss_weights=_WEIGHTS,
                outputs=HEADS,
                container="list",
            ),
            Compiled(
                "weighted_by_name",
                "rmsprop",
                _LOSSES,
                loss_weights=_WEIGHTS,
                outputs=HEADS,
                container="dict",
            ),
        ),
        hints=(
            "`loss_weights` is an argument of `compile`, beside `loss`, and is written like it.",
            "The keys of both dicts are the names of the heads.",
        ),
    ),
    Exercise(
        "several-outputs-targets",
        asks=(AskArrays("targets_by_order"), AskArrays("targets_by_name")),
        parts=(
            Fed(
                "targets_by_order",
                HEADS,
                "several_outputs",
                HEADS,
                container="list",
                side="outputs",
            ),
            Fed(
                "targets_by_name",
                HEADS,
                "several_outputs",
                HEADS,
                container="dict",
                side="outputs",
            ),
        ),
        hints=(
            "Each target goes to the head of its name: `train` has an array for each.",
            "The list follows the outputs of the model, whatever order `train` has.",
        ),
    ),
    Exercise(
        "several-outputs-training",
        asks=(AskModel("reader", weights=True),),
        parts=(
            Trained(
                "reader",
                "several_outputs",
                "mean_absolute_error",
                floor=3.0,
                bar=1.5,
                output="y_age",
                head="age",
                heads=HEADS,
            ),
            Trained(
                "reader",
                "several_outputs",
                "accuracy",
                floor=0.3,
                bar=0.8,
                output="y_income",
                head="income",
                heads=HEADS,
            ),
            Trained(
                "reader",
                "several_outputs",
                "accuracy",
                floor=0.6,
                bar=0.9,
                output="y_gender",
                head="gender",
                heads=HEADS,
            ),
        ),
        hints=(
            "Compile before you fit, with the three losses and their weights.",
            "Is one head no better than chance? Then give its loss more weight.",
            "Is the age far off, and the income too? Let the bias of the age head start at 25.",
        ),
    ),
)
