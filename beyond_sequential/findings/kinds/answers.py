"""What was not handed in, is not finished, or is not of the right type.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from collections.abc import Callable

from ...i18n import N_
from ..kind import Context, FindingKind, Variant, equals

NAMED = {"name": str}
NAMED_TYPE = {"name": str, "type": str}


def _of_type(*names: str) -> Callable[[Context], bool]:
    return lambda context: context.detail.get("type") in names


_ARRAYS = _of_type("EagerTensor", "ndarray", "Tensor", "ArrayImpl", "Array")
_GENERATOR = Variant(
    "generator",
    _of_type("generator"),
    idea=N_("A function with `yield` makes a generator. To hand back its result, write `return`."),
)

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
        "gives_none",
        N_("`{name}` gives nothing back: there is no `return` with a value in it."),
        N_("What a function makes is lost unless `return` hands it back."),
        fields=NAMED_TYPE,
        variants=(
            Variant(
                "value",
                lambda context: bool(context.detail.get("type")),
                sentence=N_("`{name}` gives back `{type}`, and that is nothing: None."),
                idea=N_("Do that on a line of its own, and return the object that you made."),
            ),
        ),
    ),
    FindingKind(
        "is_none",
        N_("`{name}` is what `{type}` gives back, and that is nothing: None."),
        N_("It changes an object in place. Give the object a name first, then call this on it."),
        fields=NAMED_TYPE,
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
        variants=(
            Variant(
                "history",
                _of_type("History"),
                idea=N_(
                    "`fit` gives back the history of the training, not the model: call it on a line of its own."
                ),
            ),
            _GENERATOR,
        ),
    ),
    FindingKind(
        "not_a_tensor",
        N_("`{name}` gives an object of the type {type}; it must give the output tensor."),
        N_("A layer called on a tensor gives a tensor; a model is made of tensors later."),
        fields=NAMED_TYPE,
        variants=(
            Variant(
                "array",
                _ARRAYS,
                idea=N_(
                    "That holds numbers already: a layer was called on an array, not on the function's argument."
                ),
            ),
            _GENERATOR,
        ),
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
        "closed_number",
        N_("`{name}` must be a number."),
        N_("Write it in digits, without quotation marks: `1234.5`."),
        fields={"name": str, "found": str},
        variants=(
            Variant(
                "text",
                equals("found", "text"),
                sentence=N_("`{name}` is a text; a number is asked for."),
                idea=N_("Write it in digits, without quotation marks: `1234.5`."),
            ),
            Variant(
                "digits",
                equals("found", "digits"),
                sentence=N_("`{name}` is a text with commas or blanks; a number is asked for."),
                idea=N_("Write large numbers without commas and quotation marks: `1234567`."),
            ),
            Variant(
                "groups",
                equals("found", "groups"),
                sentence=N_("`{name}` is several numbers; one is asked for."),
                idea=N_(
                    "In Python, a comma stands between two numbers: `1,234` is 1 and 234. Write `1234`."
                ),
            ),
        ),
    ),
    FindingKind(
        "closed_text",
        N_("`{name}` is a number; a text is asked for."),
        N_('Write the letter in quotation marks, as in `"x"`.'),
        fields={"name": str, "found": str},
    ),
    FindingKind(
        "closed_list",
        N_("`{name}` is one number; a list of numbers is asked for."),
        N_("Write them in square brackets, with commas between them."),
        fields={"name": str, "found": str},
        variants=(
            Variant(
                "text",
                equals("found", "text"),
                sentence=N_("`{name}` is a text; a list of numbers is asked for."),
                idea=N_("Write them in square brackets, with commas between them."),
            ),
        ),
    ),
    FindingKind(
        "rounded",
        N_("`{name}` is close, but not rounded rightly."),
        N_("Round once, at the end, or not at all."),
        fields=NAMED,
    ),
    FindingKind(
        "closed",
        N_("`{name}` is not right yet."),
        N_("{idea}"),
        fields={"name": str, "idea": str},
    ),
)
