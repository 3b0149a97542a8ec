"""The vocabulary in which a section says what its exercises ask and how they are judged.

An `Exercise` is plain data: `asks` name what the student makes, `parts` what is judged of it.
Nothing here runs student code (`answer` does) or decides anything (`judge` does).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..model.spec import Argument, Spec

# --- what a student makes ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskModel:
    """A variable that holds a model (or, with `tensor`, what a chain of calls returned).

    `weights` hands in the arrays too.  `inputs` is only for models that do not know their own
    inputs: subclasses with a `call` method.  `given` says that the notebook gives the model to the
    student: it is handed in if it is there, so that others can be compared with it.
    """

    name: str
    weights: bool = False
    tensor: bool = False
    inputs: tuple[Spec, ...] = ()
    given: bool = False


@dataclass(frozen=True, slots=True)
class AskFunction:
    """A function, called once for each case with fresh Inputs; it returns a model or tensors.

    A case is what one call is given, in this order: Inputs of these shapes, and other arguments by
    place or keyword.  A parameter that the text names needs a case with another value for it.
    """

    name: str
    cases: tuple[tuple[Spec | Argument, ...], ...] = ((),)
    weights: bool = False
    tensor: bool = False
    inputs: tuple[Spec, ...] = ()


@dataclass(frozen=True, slots=True)
class AskValue:
    """A number, a text, or a short list or dict of those."""

    name: str


@dataclass(frozen=True, slots=True)
class AskArrays:
    """Arrays in a list, tuple or dict: handed in as shapes, dtypes and digests, not in full."""

    name: str


Ask = AskModel | AskFunction | AskValue | AskArrays


# --- what is judged of it -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SameGraph:
    """The graph in `name` is the target's, in any equivalent spelling.

    `point` names the category of the judge's rubric that the part is all about, if there is one: a
    mistake in it costs all of the part's points.

    `calls` is how often a model must be called in the graph, 0 where a nested model and its layers
    one by one are alike; `model` names the model that it is, "" for any.  `own` names models whose
    variables must not be in the graph, nor in that of another call of a function; None allows both.
    """

    name: str
    concat_order: bool = False
    names: bool = False
    point: str | None = None
    calls: int = 0
    model: str = ""
    own: tuple[str, ...] | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Starts:
    """The bias of the output `head` starts at `value`, and no other variable does."""

    name: str
    head: str
    value: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class InputNames:
    """The Inputs of the model in `name` have these names, in any order."""

    name: str
    names: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class SameWeights:
    """Two models hold equal weights, one for one, in the order of their layers.

    `unmoved_by` names a model that was trained and must not have moved the weights of `second`.
    """

    first: str
    second: str
    unmoved_by: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Compiled:
    """The model in `name` is compiled so; None leaves a setting free.

    For several outputs, `loss` and `loss_weights` go by output name, and `outputs` gives the order
    in which a list of them is read; `container` ("list" or "dict") asks for one way of writing.
    """

    name: str
    optimizer: str | None = None
    loss: str | Mapping[str, str] | None = None
    metrics: tuple[str, ...] = ()
    loss_weights: Mapping[str, float] | None = None
    outputs: tuple[str, ...] = ()
    container: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Trained:
    """The model in `name` predicts a holdout: nothing at `floor`, full marks from `bar` on.

    `metric` names a function of `metrics`; `data` the section whose holdout it is; `output` the
    target array.  For an error (lower is better) the floor lies above the bar.  Of several outputs
    the one called `head` is measured; `heads` is their order where they have no names.
    """

    name: str
    data: str
    metric: str
    floor: float
    bar: float
    output: str = "y"
    head: str | None = None
    heads: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed question: the value's digest is one of `answers` (see `digest`).

    A student's installation holds digests, so that a look at this file answers nothing.  Where
    `decimals` are compared, `rounded` has the digests of what the right value may be rounded to,
    up to MOST_DECIMALS.  `traps` maps digests of foreseen wrong answers to what to tell their
    author.  `kind` says what is asked for, "number", "text" or "list" (of numbers); "" says nothing
    about it.
    """

    name: str
    answers: tuple[str, ...]
    kind: str = ""
    decimals: int | None = None
    rounded: tuple[str, ...] = ()
    traps: Mapping[str, str] = field(default_factory=dict)
    idea: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Fed:
    """The arrays in `name` are the section's own, under the right keys or in the right order.

    `keys` are the names that a dict must have, in the order that a list must have.  `data` names
    the section; `arrays` the arrays of its training data, one a key.  `side` says whether they are
    for the model's "inputs" or "outputs".
    """

    name: str
    keys: tuple[str, ...]
    data: str
    arrays: tuple[str, ...]
    container: str | None = None
    one_hot: int | None = None
    side: str = "inputs"
    weight: float = 1.0


Part = SameGraph | InputNames | Starts | SameWeights | Compiled | Trained | Closed | Fed


@dataclass(frozen=True, slots=True)
class Exercise:
    """One graded exercise.  Its points stand in the solution notebook, nowhere else."""

    id: str
    asks: tuple[Ask, ...]
    parts: tuple[Part, ...]
    hints: tuple[str, ...] = ()

    @property
    def is_trained(self) -> bool:
        """Whether the judge has to evaluate a trained model."""
        return any(isinstance(part, Trained) for part in self.parts)


MOST_DECIMALS = 6
"""How many decimals of a closed answer count: a value in single precision has no more."""

_BETWEEN = re.compile(r"[\s,;，、]+")
_HUGE = re.compile(r"e[+-]?[\d_]{5,}")
_LETTERS = re.compile(rf"[a-z](?:{_BETWEEN.pattern}[a-z])+")


def comparable(value: Any, decimals: int | None = None) -> Any:
    """A closed answer as it is compared: case, blanks and number types do not matter, nor what
    stands between single letters.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) > 2**53:
        return repr(value)
    if isinstance(value, (int, float)):
        number = round(float(value), decimals) if decimals is not None else float(value)
        return repr(number + 0.0)
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value)  # full-width letters and brackets
        text = " ".join(text.lower().split()).strip("().,;:、。“”‘’'\" ")
        if _HUGE.search(text):  # Fraction would write all of its zeros
            return text
        try:
            return comparable(float(Fraction(text)), decimals)
        except (ValueError, ZeroDivisionError, OverflowError):
            return _BETWEEN.sub("", text) if _LETTERS.fullmatch(text) else text
    if isinstance(value, (list, tuple)) and len(value) == 1 and isinstance(value[0], str):
        return comparable(value[0], decimals)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(comparable(item, decimals) for item in value) + "]"
    if isinstance(value, Mapping):
        items = sorted((str(key), comparable(item, decimals)) for key, item in value.items())
        return "{" + ",".join(f"{key}:{item}" for key, item in items) + "}"
    return "null" if value is None else str(value)


def digest(exercise: str, value: Any, decimals: int | None = None) -> str:
    """Return what stands for a closed answer in the course's code."""
    text = f"{exercise}={comparable(value, decimals)}"
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
