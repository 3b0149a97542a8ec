"""Where the layers of two graphs differ: which there are, their settings, wires and sharing.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from collections.abc import Mapping

from ...compare import Place
from ...i18n import N_
from ...model.graph import read_by, refs
from ...model.kinds import MERGE_LAYERS
from ...model.labels import is_generated
from ..kind import Context, FindingKind, PlaceJson, Variant, equals, has, lacks
from ..places import locate, place_names

NAMED = {"name": str}
COUNTS = {"name": str, "expected": int, "found": int}


# --- conditions of variants -----------------------------------------------------------------------


def _softmax_of_one(context: Context) -> bool:
    """Return a softmax over a single number."""
    detail, difference = context.detail, context.difference
    is_one = detail.get("setting") == "units" and detail.get("found") == 1
    return is_one and "softmax" in str(difference)


def _is_lambda(context: Context) -> bool:
    difference = context.difference
    return difference is not None and "Lambda" in {place.kind for place in difference.found}


def _are_merges(context: Context) -> bool:
    """Return one way of merging stands in place of another."""
    if context.difference is None:
        return False
    sides = (context.difference.expected, context.difference.found)
    kinds = [{place.kind for place in places} for places in sides]
    return all(side and side <= MERGE_LAYERS for side in kinds)


def _between_layers(context: Context) -> bool:
    """Two layers have each other's value of one setting."""
    return bool(context.detail.get("swapped")) and "/" not in str(context.detail.get("setting"))


def _is_input(place: object) -> bool:
    return isinstance(place, Mapping) and place.get("kind") == "InputLayer"


def _is_about_input(context: Context) -> bool:
    return _is_input(context.detail.get("expected"))


def _is_foreign(context: Context) -> bool:
    """What is read is an Input of another model: not of this one, whatever it is called."""
    found, graph = context.detail.get("found"), context.found
    if graph is None or not isinstance(found, Mapping) or not _is_input(found):
        return False
    if graph.kind != "Tensor":
        return False
    path = Place.from_json(found).path
    return len(path) == 1 and path[0] not in {ref.call for ref in refs(graph.inputs)}


def _are_unnamed_inputs(context: Context) -> bool:
    """Two Inputs are exchanged, and those that were found have no names of their own."""
    wanted, found = (context.detail.get(end) for end in ("expected", "found"))
    return (
        bool(context.detail.get("swapped"))
        and _is_input(wanted)
        and isinstance(found, Mapping)
        and _is_input(found)
        and is_generated("InputLayer", str(found["name"]))
    )


def _look_alike(context: Context) -> bool:
    """What is read and what should be read have one name: naming both says nothing."""
    names = [
        str(place_names(graph, [Place.from_json(place)]))
        for end, graph in (("expected", context.expected), ("found", context.found))
        if graph is not None and isinstance(place := context.detail.get(end), Mapping)
    ]
    return len(names) == 2 and names[0] == names[1]


def _is_reused(context: Context) -> bool:
    """Others read the tensor that should be read too, as before a shortcut, and none of the Inputs
    stands in its place.
    """
    wanted, found = (context.detail.get(end) for end in ("expected", "found"))
    graph = context.expected
    if graph is None or not isinstance(wanted, Mapping) or _is_input(found):
        return False
    path = Place.from_json(wanted).path
    body, _call, _layer = locate(graph, path)
    return sum(path[-1] in {ref.call for ref in read_by(call)} for call in body.calls) > 1


# --- the kinds ------------------------------------------------------------------------------------

KINDS = (
    FindingKind(
        "missing",
        N_("The model lacks {wanted}."),
        N_("Only what lies on the way from the outputs back to the inputs is in a model."),
        fields=NAMED,
        optional={"join": PlaceJson},
        variants=(
            Variant(
                "join",
                has("join"),
                sentence=N_("Nothing arrives at {join} from {wanted}."),
                idea=N_("A branch that nothing reads vanishes from the model without a word."),
            ),
        ),
        category="shape",
        on_expected=N_("missing"),
        on_found=N_("something is missing here"),
        lacks_layers=True,
    ),
    FindingKind(
        "extra",
        N_("The model should do without {got}."),
        fields=NAMED,
        optional={"join": PlaceJson},
        variants=(Variant("join", has("join"), sentence=N_("Too much arrives at {join}: {got}.")),),
        category="shape",
        on_found=N_("not expected here"),
    ),
    FindingKind(
        "replaced",
        N_("The model has {got} in the place of {wanted}."),
        fields={**NAMED, "expected": str, "found": str},
        variants=(
            Variant(
                "lambda",
                _is_lambda,
                idea=N_(
                    "Keras doesn't look into a Lambda: the weights of what its function calls are not the model's."
                ),
            ),
            Variant(
                "merge",
                _are_merges,
                idea=N_(
                    "A sum mixes numbers place by place and keeps the shape; joining keeps all of them side by side."
                ),
            ),
        ),
        category="shape",
        on_expected=N_("found here: {found}"),
        on_found=N_("expected here: {expected}"),
        lacks_layers=True,
    ),
    FindingKind(
        "setting",
        N_("{wanted}: `{setting}` is `{found}`; expected `{expected}`."),
        fields={**NAMED, "setting": str, "expected": object, "found": object},
        optional={"swapped": bool, "moved": bool},
        variants=(
            Variant(
                "softmax_of_one",
                _softmax_of_one,
                idea=N_("The softmax of a single number is always 1, whatever the number is."),
            ),
            Variant(
                "activation",
                equals("setting", "activation"),
                sentence=N_("{wanted}: the activation is `{found}`; expected `{expected}`."),
                idea=N_(
                    "Nothing complains about a missing or wrong activation; only the result does."
                ),
            ),
            Variant(
                "return_sequences",
                equals("setting", "return_sequences"),
                sentence=N_("{wanted}: `return_sequences` is `{found}`; expected `{expected}`."),
                idea=N_(
                    "With it, an LSTM gives a vector for each step; without it, one for the sequence."
                ),
            ),
            Variant(
                "axis",
                equals("setting", "axis"),
                sentence=N_("{wanted}: the axis is `{found}`; expected `{expected}`."),
                idea=N_("Axis 0 counts samples, the last axis features."),
            ),
            Variant(
                "weights",
                equals("setting", "weights"),
                sentence=N_("{wanted} has weights of other sizes than expected."),
                idea=N_(
                    "A layer keeps the weights of its first call. Was it made outside, or for tensors of another size?"
                ),
                on_expected=N_("weights {expected}"),
                on_found=N_("weights {found}, expected {expected}"),
            ),
            Variant(
                "dtype",
                equals("setting", "dtype"),
                sentence=N_("{wanted}: the numbers are of the type {found}; expected {expected}."),
                idea=N_(
                    "Was a setting for all of Keras changed, as by `set_floatx` or a mixed-precision policy? It holds for every model made since."
                ),
            ),
            Variant(
                "swapped_between",
                _between_layers,
                sentence=N_("{wanted}: the numbers of `{setting}` are exchanged."),
                idea=N_(
                    "Each branch has a size of its own; after the join nothing tells them apart."
                ),
                on_expected=N_("{setting} in this order"),
                on_found=N_("numbers of {setting} exchanged"),
            ),
            Variant(
                "swapped",
                has("swapped"),
                sentence=N_("{wanted}: the numbers of `{setting}` are exchanged."),
                idea=N_("The parameter count is the same either way; only the meaning is not."),
                on_expected=N_("{setting} in this order"),
                on_found=N_("numbers of {setting} exchanged"),
            ),
        ),
        category="settings",
        on_expected=N_("{setting} = {expected}"),
        on_found=N_("{setting} = {found}, expected {expected}"),
    ),
    FindingKind(
        "wiring",
        N_("{wanted} reads {found}; it must read {expected}."),
        fields={**NAMED, "expected": PlaceJson | None, "found": PlaceJson | None},
        optional={
            "argument": str | None,
            "output": str | None,
            "swapped": bool,
            "moved": bool,
            "vanished": list[PlaceJson],
        },
        variants=(
            Variant(
                "swapped_inputs",
                _are_unnamed_inputs,
                sentence=N_(
                    "{wanted} read each other's Input: the model's inputs stand in the other order."
                ),
                idea=N_(
                    "Arrays in a list are fed in the order of the inputs, whatever their names."
                ),
            ),
            Variant(
                "swapped_alike",
                lambda context: bool(context.detail.get("swapped")) and _look_alike(context),
                sentence=N_("{wanted} read each other's tensor."),
                idea=N_("Where shapes agree, nothing complains; follow the names with a finger."),
            ),
            Variant(
                "swapped",
                has("swapped"),
                sentence=N_(
                    "{wanted} read each other's tensor: {found} and {expected} are exchanged."
                ),
                idea=N_("Where shapes agree, nothing complains; follow the names with a finger."),
            ),
            Variant(
                "moved",
                has("moved"),
                sentence=N_("{wanted}: at another point of the path than expected."),
                on_expected=N_("stands here"),
                on_found=N_("expected at another point of this path"),
            ),
            Variant(
                "vanished",
                has("vanished"),
                idea=N_("What nothing reads any more has vanished from the model: {vanished}."),
            ),
            Variant(
                "output",
                has("output"),
                sentence=N_("The model ends at {found}; it must end at {expected}."),
                idea=N_("The outputs are the tensors that you give to `keras.Model`."),
                on_expected=N_("the output is taken here"),
                on_found=N_("not where the output is expected"),
            ),
            Variant(
                "no_expected",
                lacks("expected"),
                sentence=N_("{wanted} also reads {found}; it should not."),
            ),
            Variant("no_found", lacks("found"), sentence=N_("{wanted} does not read {expected}.")),
            Variant(
                "foreign",
                _is_foreign,
                sentence=N_(
                    "{wanted} reads an Input that is not the function's argument; it must read {expected}."
                ),
                idea=N_(
                    "That Input was made in the function, is a global one, or belongs to another model, as does that model's `output`. Use the argument."
                ),
            ),
            Variant(
                "reused",
                _is_reused,
                idea=N_(
                    "Several layers read that tensor. Has its name been given to a newer one on the way?"
                ),
            ),
            Variant("input", _is_about_input, idea=N_("Each branch reads its own Input.")),
        ),
        category="wiring",
        on_expected=N_("reads {expected}"),
        on_found=N_("reads {found}, expected {expected}"),
    ),
    FindingKind(
        "join_moved",
        N_("{wanted} stands at another height: it joins {found}; it must join {expected}."),
        N_("What comes before a join is done in each branch, what comes after it once for all."),
        fields={**NAMED, "expected": list[PlaceJson], "found": list[PlaceJson]},
        category="wiring",
        on_expected=N_("joined here"),
        on_found=N_("joined at another height than expected"),
    ),
)
