"""What was not handed in, is not finished, or is not of the right type.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from ...i18n import N_
from ..kind import FindingKind

NAMED = {"name": str}
NAMED_TYPE = {"name": str, "type": str}

KINDS = (
    FindingKind(
        "missing_name",
        N_("There is no `{name}` yet. Run the cell that makes it."),
        N_("If that cell stops with an error, read it first: the name was never given."),
        fields=NAMED,
    ),
    FindingKind(
        "stub",
        N_("`{name}` still waits for your code."),
        fields=NAMED,
    ),
    FindingKind(
        "not_a_function",
        N_("`{name}` is of the type {type}; it must stay a function."),
        fields=NAMED_TYPE,
    ),
    FindingKind(
        "not_a_model",
        N_("`{name}` gives an object of the type {type}; it must give a model."),
        N_("A model is made of its input tensors and its output tensors."),
        fields=NAMED_TYPE,
    ),
    FindingKind(
        "not_a_tensor",
        N_("`{name}` gives an object of the type {type}; it must give the output tensor."),
        N_("A layer called on a tensor gives a tensor; a model is made of tensors later."),
        fields=NAMED_TYPE,
    ),
    FindingKind(
        "not_called",
        N_("`{name}` gives a layer, {type}, that was made, but not called."),
        N_("Making a layer and calling it on a tensor are two steps."),
        fields=NAMED_TYPE,
    ),
    FindingKind(
        "not_a_value",
        N_("`{name}` is of the type {type}; it must be a number or a text."),
        fields=NAMED_TYPE,
    ),
    FindingKind(
        "opaque",
        N_("The calls inside the model of class `{type}` can't be followed."),
        N_("Make it of Inputs and outputs: `keras.Model(inputs, outputs)`."),
        fields=NAMED_TYPE,
    ),
    FindingKind(
        "unbuilt",
        N_("The model `{type}` does not know its input's shape yet, so it has no weights."),
        N_("Begin it with an Input."),
        fields=NAMED_TYPE,
    ),
    FindingKind(
        "other_keras",
        N_("`{name}` gives an object of the type {type}; this course uses `keras`."),
        N_("Two packages called Keras do not mix: each knows only its own tensors."),
        fields=NAMED_TYPE,
    ),
    FindingKind(
        "judge_failed",
        N_("The judge failed on `{name}`."),
        N_(
            "That is an error in the judge, not in your answer, which does not count as wrong. "
            "Please tell your teacher."
        ),
        fields=NAMED,
    ),
    FindingKind(
        "version",
        N_("Handed in with version {found} of this course, graded with version {expected}."),
        fields={"found": str, "expected": str},
    ),
    FindingKind(
        "closed",
        N_("`{name}` is not right yet."),
        N_("{idea}"),
        fields={"name": str, "idea": str},
    ),
)
