"""What a student handed in, as typed plain data.

`capture` makes an `Answer` of a notebook's variables, `files` writes one to a file and reads it
back.  Whatever a file claims is checked there, so that a judge meets no malformed data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import TypeAlias, Union

import numpy as np

from ..model.graph import ModelGraph
from ..model.types import Json

SCHEMA = 1  # of the file format

# Why capture refuses an object; each is the code of a finding.
REFUSALS = (
    "not_a_function",
    "not_a_model",
    "not_a_tensor",
    "not_called",
    "not_a_value",
    "gives_none",
    "is_none",
    "opaque",
    "unbuilt",
    "other_keras",
)


class AnswerError(ValueError):
    """A file is not an answer that can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Named:
    """A loss or a metric given as an object: its kind, and the settings that can change it."""

    kind: str
    settings: Mapping[str, bool | int | float | str | None] = field(default_factory=dict)


Spelling: TypeAlias = Union[  # noqa: UP007
    bool, int, float, str, Named, list["Spelling"], dict[str, "Spelling"], None
]
"""Losses, loss weights or metrics as they were written: one, a list, or a dict by output."""


@dataclass(frozen=True, slots=True)
class CompileSettings:
    """How a model was compiled.  `steps` counts the batches that it was trained on."""

    optimizer: str
    optimizer_settings: Mapping[str, bool | int | float | str]
    steps: int
    loss: Spelling = None
    loss_weights: Spelling = None
    metrics: Spelling = None


@dataclass(frozen=True, slots=True)
class GraphCase:
    """A model, or the calls behind a tensor.

    Two names with the same `identity` hold one and the same object.  `held` has a number for each
    variable id: the same one for the same variable, in whichever case of the answer.  `trained`
    has the numbers of the variables that the model's optimizer moves, empty before the first step.
    `weights` has the arrays by variable id, where the exercise asks for them.  `in_training` is
    what a class of the student's own computes in training, where that is another graph.
    """

    graph: ModelGraph
    identity: int = 0
    compiled: CompileSettings | None = None
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    trained: tuple[int, ...] = ()
    in_training: ModelGraph | None = None


@dataclass(frozen=True, slots=True)
class ValueCase:
    """A number, a text, a boolean, None, or a short nest of lists and dicts of those."""

    value: Json


@dataclass(frozen=True, slots=True)
class ArrayFacts:
    """What is handed in of an array: not the numbers, but a digest of them."""

    shape: tuple[int, ...]
    dtype: str
    digest: str
    zero: bool


ArrayTree: TypeAlias = Union[ArrayFacts, list["ArrayTree"], dict[str, "ArrayTree"]]  # noqa: UP007


@dataclass(frozen=True, slots=True)
class ArraysCase:
    """One array, or a list or dict of arrays."""

    tree: ArrayTree


@dataclass(frozen=True, slots=True)
class StubCase:
    """The exercise's None or ..., not replaced yet."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why Keras refused a call: a code, and what fills the words of its finding."""

    code: str
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErrorCase:
    """An exception of the student's code.

    `line` is the last line of the student's own code in the traceback, `number` its number in the
    cell; empty and None where there is none.
    """

    type: str
    text: str = ""
    line: str = ""
    number: int | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class RefusedCase:
    """An object of a kind that is not asked for: why (one of REFUSALS), and its type's name."""

    code: str
    type: str


Case: TypeAlias = GraphCase | ValueCase | ArraysCase | StubCase | ErrorCase | RefusedCase


@dataclass(frozen=True, slots=True)
class Answer:
    """What was handed in for one exercise.

    `values` has, for each name that the notebook holds, one case; for a function one case for each
    set of Inputs that it was called with.
    """

    exercise: str
    values: Mapping[str, tuple[Case, ...]]
    versions: Mapping[str, str] = field(default_factory=dict)

    def cases(self, name: str) -> tuple[Case, ...]:
        """Return the cases of a name; none if the notebook has no such name."""
        return self.values.get(name, ())

    def graph(self, name: str, case: int = 0) -> ModelGraph | None:
        """Return the graph in one case of `name`; None if there is none."""
        cases = self.cases(name)
        found = cases[case] if case < len(cases) else None
        return found.graph if isinstance(found, GraphCase) else None


@cache
def helper_version() -> str:
    """Return the version of this package: targets, answers and verdicts belong to one."""
    return metadata.version("beyond-sequential")
