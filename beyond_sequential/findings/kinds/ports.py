"""Where the inputs and outputs of two graphs differ.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from collections.abc import Mapping

from ...i18n import N_
from ...model.labels import is_generated
from ..kind import Context, FindingKind, Variant, equals, has

NAMED = {"name": str}


def _unnamed(context: Context) -> list[bool]:
    """Say of each input or output that was found whether Keras made its name up."""
    names = context.detail.get("found")
    names = names if isinstance(names, list) else [names]
    kinds = [place.kind for place in context.difference.found] if context.difference else []
    if len(kinds) != len(names):
        kinds = ["InputLayer"] * len(names)
    return [is_generated(kind, str(name)) for kind, name in zip(kinds, names, strict=True)]


def _some_unnamed(context: Context) -> bool:
    return any(_unnamed(context))


def _all_unnamed(context: Context) -> bool:
    return all(_unnamed(context))


def _one_name(context: Context) -> bool:
    names = context.detail.get("expected")
    return isinstance(names, list) and len(names) == 1


KINDS = (
    FindingKind(
        "input_cut",
        N_("The model begins too late: {wanted} was cut off, with all that comes before it."),
        N_("An intermediate tensor was given to `keras.Model` as an input. Keep the Input's name."),
        fields=NAMED,
        category="wiring",
        on_expected=N_("the model that was found starts later"),
        on_found=N_("taken as an input: what comes before is cut off"),
    ),
    FindingKind(
        "input_missing",
        N_("The input {wanted} is not among the model's inputs, and nothing reads it."),
        N_("Whoever computes the output without it can't know what it says."),
        fields=NAMED,
        optional={"declared": bool},
        variants=(
            Variant(
                "declared",
                equals("declared", False),
                sentence=N_("The input {wanted} is used, but it is not among the model's inputs."),
                idea=N_("A model must be given every Input that its outputs are computed from."),
                on_expected=N_("used, but not among the model's inputs"),
            ),
        ),
        category="shape",
        on_expected=N_("missing among the inputs"),
        on_found=N_("used, but not among the model's inputs"),
        lacks_layers=True,
    ),
    FindingKind(
        "input_extra",
        N_("{got} is an input of the model, but should not be."),
        fields=NAMED,
        category="shape",
        on_found=N_("not expected as an input"),
    ),
    FindingKind(
        "input_shape",
        N_("The input {wanted} is {found}; expected {expected}."),
        fields={**NAMED, "expected": Mapping[str, object], "found": Mapping[str, object]},
        category="settings",
        on_expected=N_("{expected}"),
        on_found=N_("{found}, expected {expected}"),
    ),
    FindingKind(
        "input_order",
        N_("The inputs stand in the order {found}; expected: {expected}."),
        N_("Arrays in a list are fed in the order of the inputs, whatever their names."),
        fields={"name": str, "expected": list[str], "found": list[str]},
        optional={"swapped": bool},
        variants=(
            Variant(
                "swapped",
                has("swapped"),
                sentence=N_(
                    "The inputs {expected} are exchanged: what should read one reads another."
                ),
                idea=N_("Where shapes agree, nothing complains; follow the names with a finger."),
                on_found=N_("goes by the name of another"),
            ),
            Variant(
                "unnamed",
                _some_unnamed,
                sentence=N_("The inputs stand in another order than expected."),
                idea=N_(
                    "Arrays in a list are fed in the order of the inputs, whatever their names."
                ),
            ),
        ),
        category="wiring",
        on_expected=N_("an input in another place"),
        on_found=N_("an input in another place than expected"),
    ),
    FindingKind(
        "input_name",
        N_("The inputs are named {found}; expected: {expected}."),
        fields={"name": str, "expected": list[str], "found": list[str]},
        variants=(
            Variant(
                "unnamed_one",
                lambda context: _one_name(context) and _all_unnamed(context),
                sentence=N_("An input has no name of its own; expected: {expected}."),
                idea=N_("`keras.Input` takes a `name`; dicts of arrays find their Input by it."),
            ),
            Variant(
                "unnamed",
                _all_unnamed,
                sentence=N_("The inputs have no names of their own; expected: {expected}."),
                idea=N_("`keras.Input` takes a `name`; dicts of arrays find their Input by it."),
                on_found=N_("no name, expected {expected}"),
            ),
            Variant(
                "one", _one_name, sentence=N_("An input is named {found}; expected: {expected}.")
            ),
        ),
        category="settings",
        on_expected=N_("name {expected}"),
        on_found=N_("name {found}, expected {expected}"),
    ),
    FindingKind(
        "output_missing",
        N_("{wanted} is not among the model's outputs."),
        fields=NAMED,
        category="shape",
        on_expected=N_("missing among the outputs"),
    ),
    FindingKind(
        "output_extra",
        N_("{got} is an output of the model, but should not be."),
        fields=NAMED,
        category="shape",
        on_found=N_("not expected as an output"),
    ),
    FindingKind(
        "output_order",
        N_("The outputs stand in the order {found}; expected: {expected}."),
        fields={"name": str, "expected": list[str], "found": list[str]},
        optional={"swapped": bool},
        variants=(
            Variant(
                "swapped",
                has("swapped"),
                sentence=N_(
                    "The outputs {expected} are exchanged: each is computed as another one should be."
                ),
                idea=N_(
                    "An output is called after its layer; dicts of losses and targets use that name."
                ),
                on_found=N_("goes by the name of another"),
            ),
        ),
        category="wiring",
        on_expected=N_("an output in another place"),
        on_found=N_("an output in another place than expected"),
    ),
    FindingKind(
        "output_name",
        N_("The outputs are named {found}; expected: {expected}."),
        N_("An output is called after its layer; dicts of losses and targets use that name."),
        fields={"name": str, "expected": list[str], "found": list[str]},
        variants=(
            Variant(
                "unnamed_one",
                lambda context: _one_name(context) and _all_unnamed(context),
                sentence=N_("An output has no name of its own; expected: {expected}."),
                idea=N_(
                    "An output is called after its layer; dicts of losses and targets use that name."
                ),
            ),
            Variant(
                "unnamed",
                _all_unnamed,
                sentence=N_("The outputs have no names of their own; expected: {expected}."),
                idea=N_(
                    "An output is called after its layer; dicts of losses and targets use that name."
                ),
            ),
            Variant(
                "one",
                _one_name,
                sentence=N_("An output is named {found}; expected: {expected}."),
                idea=N_(
                    "An output is called after its layer; dicts of losses and targets use that name."
                ),
            ),
        ),
        category="settings",
        on_expected=N_("name {expected}"),
        on_found=N_("name {found}, expected {expected}"),
    ),
)
