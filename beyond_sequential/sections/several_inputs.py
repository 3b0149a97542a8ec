"""7.1.2 Several inputs: a text and a question make an answer.

The world: a text tells where an animal is, what colour it has and how it feels, one of three
values each, in any order.  A question asks for one of the three.  No answer fits two questions,
so a network that only adds up what its two branches say can find the answer, and a network that
is blind to one of them is right once in three.
"""

from __future__ import annotations

import numpy as np

from ..exercise import Exercise
from ..randomness import randomness

VOCABULARY = 10000
LENGTH = 100
ANSWERS = 500  # the answer is one of the first 500 words; nine of them are in use
SAMPLES = 2000

_WORDS = {
    1: "the", 3: "in", 4: "is", 31: "what", 44: "how", 57: "where", 98: "does", 320: "feel",
    149: "white", 187: "black", 238: "red",
    166: "street", 214: "garden", 391: "kitchen",
    305: "happy", 467: "sad", 489: "calm",
    640: "dog", 812: "colour", 903: "horse", 1104: "cat", 1371: "bird", 2790: "goat",
    4518: "duck", 6210: "fox", 8045: "owl", 9377: "hare",
}  # fmt: skip
_ANIMALS = ("dog", "horse", "cat", "bird", "goat", "duck", "fox", "owl", "hare")
_ATTRIBUTES = (
    # what the text says, the question, the values
    ("the {animal} is in the {value}", "where is the {animal}", ("street", "garden", "kitchen")),
    ("the {animal} is {value}", "what colour is the {animal}", ("white", "black", "red")),
    ("the {animal} is {value}", "how does the {animal} feel", ("happy", "sad", "calm")),
)
_ID = {word: id_ for id_, word in _WORDS.items()}


def training(seed: int = 0, *, shuffled: bool = False) -> dict[str, np.ndarray]:
    """`text` and `question` (2000, 100) and `answers` (2000,), all of them word ids.

    `words` has the word for each id, so that `words[text]` can be read.  `shuffled` deals the
    answers out anew.
    """
    drawn = _draw(SAMPLES, randomness("several-inputs", "training", seed))
    if shuffled:
        order = randomness("several-inputs", "shuffle", seed).permutation(SAMPLES)
        drawn["answers"] = drawn["answers"][order]
    return {**drawn, "words": _words()}


def holdout(seed: int, samples: int = 500) -> dict[str, np.ndarray]:
    """Other texts and questions of the same world, with one-hot targets `y` (samples, 500)."""
    drawn = _draw(samples, randomness("several-inputs", "holdout", seed))
    answers = drawn.pop("answers")
    return {**drawn, "y": np.eye(ANSWERS, dtype="float32")[answers]}


def _words() -> np.ndarray:
    table = np.full(VOCABULARY, "?", dtype="<U8")
    table[0] = ""  # padding
    for id_, word in _WORDS.items():
        table[id_] = word
    return table


def _draw(samples: int, random: np.random.RandomState) -> dict[str, np.ndarray]:
    animals = random.randint(len(_ANIMALS), size=samples, dtype="int64")
    values = random.randint(3, size=(samples, 3), dtype="int64")
    asked = random.randint(3, size=samples, dtype="int64")
    texts, questions, answers = [], [], []
    for number, value, ask in zip(animals, values, asked, strict=True):
        animal = _ANIMALS[number]
        said = [
            says.format(animal=animal, value=choices[chosen])
            for (says, _, choices), chosen in zip(_ATTRIBUTES, value, strict=True)
        ]
        texts.append(" ".join(said[i] for i in random.permutation(3)))
        _, question, choices = _ATTRIBUTES[ask]
        questions.append(question.format(animal=animal))
        answers.append(_ID[choices[value[ask]]])
    return {
        "text": _padded(texts),
        "question": _padded(questions),
        "answers": np.array(answers, dtype="int32"),
    }


def _padded(sentences: list[str]) -> np.ndarray:
    """Word ids, one sentence a row, padded in front."""
    ids = np.zeros((len(sentences), LENGTH), dtype="int32")
    for row, sentence in zip(ids, sentences, strict=True):
        spelt = [_ID[word] for word in sentence.split()]
        row[-len(spelt) :] = spelt
    return ids


EXERCISES: tuple[Exercise, ...] = ()
