"""7.1.3 Several outputs: the posts of a person give age, income and gender.

The world: made-up people whose posts hold three kinds of marks among words that mean nothing.
Four pairs of words tell the age: which word of a pair is used adds 8, 4, 2 or 1 years to 18.  The
pastime that a person keeps coming back to tells the class of income.  The gender shows in nothing
but the order of two words, which both genders use.

Left to itself, the squared error of the age is so much larger than the other two losses that the
trunk learns what the age needs, and never gets to look at an order.
"""

from __future__ import annotations

import numpy as np

from ..exercise import Exercise
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

    `words` has the word for each id, so that `words[posts]` can be read.  `shuffled` deals each
    of the three targets out anew.
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


EXERCISES: tuple[Exercise, ...] = ()
