"""7.1.2 Several inputs: a text and a question make an answer.

The world: a text tells where an animal is, what colour it has and how it feels, one of three
values each, in any order.  A question asks for one of the three.  No answer fits two questions,
so a network that only adds up what its two branches say can find the answer, and a network that
is blind to one of them is right once in three.

Tests: tests/beyond_sequential/course/test_signals.py
"""

from __future__ import annotations

import numpy as np

from ...model.spec import Spec
from ..exercise import (
    AskArrays,
    AskFunction,
    AskModel,
    AskValue,
    Closed,
    Exercise,
    Fed,
    InputNames,
    SameGraph,
    Trained,
)
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

    `words` has the word for each id, so that `words[text]` can be read.  `shuffled` puts the
    answers in random order.
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


# --- exercises ------------------------------------------------------------------------------------

_TEXT = Spec((LENGTH,), "int32", "text")
_QUESTION = Spec((LENGTH,), "int32", "question")

EXERCISES = (
    Exercise(
        "several-inputs-branches",
        asks=(
            AskFunction("text_branch", cases=((_TEXT,),), tensor=True),
            AskFunction("question_branch", cases=((_QUESTION,),), tensor=True),
        ),
        parts=(SameGraph("text_branch"), SameGraph("question_branch")),
        hints=(
            "Each function makes two layers and calls both: the second on what the first gave.",
            "`Embedding` takes the size of the vocabulary first, then the length of a row.",
            "A branch ends with one vector: the LSTM gives back its last notes only.",
        ),
    ),
    Exercise(
        "several-inputs-model",
        asks=(AskFunction("build_qa_model"),),
        parts=(SameGraph("build_qa_model", names=True),),
        hints=(
            "Begin with the two Inputs; each has a shape, a dtype and a name.",
            "`concatenate` takes one list of tensors.",
            "`keras.Model` takes the two Inputs in a list. Does the question's branch read the question?",
        ),
    ),
    Exercise(
        "several-inputs-blind",
        asks=(AskValue("blind_accuracy"),),
        parts=(
            Closed(
                "blind_accuracy",
                kind="number",
                answers=("3d646164c4fce610",),
                decimals=2,
                rounded=(
                    "3d646164c4fce610",
                    "a7e5e170de6949ad",
                    "f6e54eea2f25335a",
                    "95453cb24c71d337",
                    "a2776fd9ccad6ebe",
                ),
                traps={
                    "006ace7fde403c92": "That is for a model that is blind to both; this one reads the text.",
                    "5824407c54f0a205": "There are three kinds of question, not two.",
                },
                idea="The text leaves three answers: one for each question that may be asked.",
            ),
        ),
        hints=("Read a text yourself, without a question. How many answers are still possible?",),
    ),
    Exercise(
        "several-inputs-embedding",
        asks=(
            AskValue("clue"),
            AskValue("numbers_in_batch"),
            AskFunction("embedded", cases=((_TEXT,),), tensor=True),
        ),
        parts=(
            Closed(
                "clue",
                kind="text",
                answers=("3d5b06ea5649bbe0",),
                traps={
                    "43216c6e2e7c038c": "64 times 10000 and 10000 times 64 are the same number."
                },
                idea="Compare with the same fact about the right layer: is it another one?",
            ),
            Closed(
                "numbers_in_batch",
                kind="number",
                answers=("e9760f0c27314519",),
                traps={
                    "d305760aebeefc52": "That is what the right layer writes; this one writes longer rows.",
                    "5fcf86bf0973e8b9": "That is one text; a batch has 128 of them.",
                    "a786e90858d350dc": "That is one word of each text; a text has 100.",
                },
                idea="Texts in the batch, times words in a text, times numbers for each word.",
            ),
            SameGraph("embedded"),
        ),
        hints=(
            "Print `swapped_rows.shape` and read it from left to right.",
            "Which of the two arguments counts words, and which one numbers for a word?",
        ),
    ),
    Exercise(
        "several-inputs-feeding",
        asks=(AskArrays("inputs_list"), AskArrays("inputs_dict"), AskArrays("targets")),
        parts=(
            Fed(
                "inputs_list",
                keys=("text", "question"),
                data="several_inputs",
                arrays=("text", "question"),
                container="list",
            ),
            Fed(
                "inputs_dict",
                keys=("text", "question"),
                data="several_inputs",
                arrays=("text", "question"),
                container="dict",
            ),
            Fed(
                "targets",
                keys=("targets",),
                data="several_inputs",
                arrays=("answers",),
                one_hot=ANSWERS,
            ),
        ),
        hints=(
            "The list has the order of the model's inputs; the dict has the names of the Inputs.",
            "The targets have one row for each sample and one column for each of the 500 words.",
        ),
    ),
    Exercise(
        "several-inputs-training",
        asks=(AskModel("qa", weights=True),),
        parts=(
            InputNames("qa", ("text", "question")),
            Trained("qa", "several_inputs", "accuracy", floor=0.4, bar=0.85, weight=4.0),
        ),
        hints=(
            "Stuck near 0.33? Then the model does not see one of its inputs. Draw it.",
            "Stuck lower? A larger learning rate or a few more epochs may help.",
        ),
    ),
)
