"""The arrays that are given to a model.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from ...i18n import N_
from ..kind import FindingKind, Shape, Variant, equals, given_variant

ARRAY = {"name": str, "key": str}
SHAPES = {**ARRAY, "expected": Shape, "found": Shape}

KINDS = (
    FindingKind(
        "container",
        N_("`{name}` must be a {expected}."),
        fields={"name": str, "expected": str},
    ),
    FindingKind(
        "keys",
        N_("`{name}` has the keys {found}; expected: {expected}."),
        N_("Keras matches a dict's keys with the names of the Inputs."),
        fields={"name": str, "side": str, "expected": list[str], "found": list[str]},
        variants=(
            Variant(
                "outputs",
                equals("side", "outputs"),
                idea=N_("Keras matches a dict's keys with the names of the output layers."),
            ),
        ),
    ),
    FindingKind(
        "length",
        N_(
            "The number of arrays in `{name}` is {found}; expected, one for each input: {expected}."
        ),
        fields={"name": str, "side": str, "expected": int, "found": int},
        variants=(
            Variant(
                "outputs",
                equals("side", "outputs"),
                sentence=N_(
                    "The number of arrays in `{name}` is {found}; expected, one for each output: {expected}."
                ),
            ),
        ),
    ),
    FindingKind(
        "swapped",
        N_("In `{name}`, the data of `{other}` stands where `{key}` is read."),
        N_("Shapes that fit prove nothing: arrays of the same shape can be exchanged unnoticed."),
        fields={**ARRAY, "other": str},
        optional={"variant": str},
        variants=(
            given_variant(
                "other_shape",
                N_(
                    "Not even the shapes agree: one column is compared with each of many, without an error."
                ),
            ),
        ),
    ),
    FindingKind(
        "not_one_hot",
        N_(
            "In `{name}`, `{key}` has the shape {found}; expected {expected}: one column for each class."
        ),
        N_("`categorical_crossentropy` wants one-hot rows; class numbers go with the sparse loss."),
        fields=SHAPES,
    ),
    FindingKind(
        "array_shape",
        N_("In `{name}`, `{key}` has the shape {found}; expected {expected}."),
        fields=SHAPES,
        optional={"variant": str},
        variants=(
            given_variant(
                "broadcast",
                N_("Each of the columns is compared with the one output, and nothing complains."),
            ),
        ),
    ),
    FindingKind(
        "array_zero",
        N_("In `{name}`, every number of `{key}` is zero."),
        N_("A one-hot row holds a single 1. Without any, the loss is 0 whatever the model says."),
        fields=SHAPES,
    ),
    FindingKind(
        "array_values",
        N_("In `{name}`, `{key}` has the right shape, but other numbers than expected."),
        fields=SHAPES,
    ),
)
