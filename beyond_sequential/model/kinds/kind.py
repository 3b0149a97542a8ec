"""What one row of the table of Keras kinds says.

Tests: tests/beyond_sequential/model/test_kinds.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Family = Literal[
    "input", "core", "recurrent", "activation", "merge", "shape", "norm", "operation", "other"
]
"""The group that a drawing colours a box by.  "core" is any layer without a group of its own."""

Merge = Literal[
    "", "add", "multiply", "average", "maximum", "minimum", "subtract", "divide", "concatenate"
]


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of Keras layers or operations.

    name                 the class name; "ops." stands before that of an operation
    family               the group that a drawing colours it by
    merge                the merge that it computes, "" if it is none
    activation           the activation function that it computes, "" if it is none
    runnable             whether the judge may build and run it
    has_state            whether it may have variables
    random               whether two calls on the same tensors may differ in training
    differs_in_training  whether it computes something else in training, without being random
    activation_last      whether its setting `activation` is the last thing applied to the output
    activation_default   the activation that a label leaves out because it is the usual one
    window               whether a window of `kernel_size` or `pool_size` moves over the input
    axis_of_output       whether its setting `axis` counts the axes of the output
    state_is_output      whether it is a recurrent layer whose first state is its last output
    keeps_numbers        whether it gives the numbers that it reads, in another shape
    slices               whether it picks some of the numbers that it reads
    drops                whether in training it leaves a share `rate` of the numbers out
    arguments            the names of the positional arguments of a call; "0" is the first one
    wrapped              the settings that hold a wrapped layer
    exported             the name in keras.layers, where it is not the class name
    since, until         the Keras versions that have it, as far as this package supports them:
                         "" for all; `since` is the oldest tested version that has it
    """

    name: str
    family: Family = "core"
    merge: Merge = ""
    activation: str = ""
    runnable: bool = False
    has_state: bool = False
    random: bool = False
    differs_in_training: bool = False
    activation_last: bool = False
    activation_default: str = "linear"
    window: bool = False
    axis_of_output: bool = False
    state_is_output: bool = False
    keeps_numbers: bool = False
    slices: bool = False
    drops: bool = False
    arguments: tuple[str, ...] = ()
    wrapped: tuple[str, ...] = ()
    exported: str = ""
    since: str = ""
    until: str = ""


def rows(names: str, **facts: Any) -> tuple[Kind, ...]:
    """Return one Kind for each of the names, which are separated by spaces, all with `facts`."""
    return tuple(Kind(name, **facts) for name in names.split())


def numbered(stem: str) -> str:
    """Return the names of the variants for 1, 2 and 3 dimensions: "Conv" as "Conv1D Conv2D ..."."""
    before, _, after = stem.partition("#")
    return " ".join(f"{before}{n}D{after}" for n in (1, 2, 3))
