"""Where the layers of two graphs differ: which there are, their settings, wires and sharing.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...compare import Place
from ...compare.places import lifted
from ...i18n import N_
from ...model.graph import Layer, ModelGraph, read_by, refs
from ...model.kinds import MERGE_LAYERS
from ..kind import Context, FindingKind, PlaceJson, Variant, equals, has, lacks
from ..places import locate

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


def _is_input(place: object) -> bool:
    return isinstance(place, Mapping) and place.get("kind") == "InputLayer"


def _is_about_input(context: Context) -> bool:
    return _is_input(context.detail.get("expected"))


def _is_foreign(context: Context) -> bool:
    """What is read is an Input of another model: not of this one, whatever it is called."""
    found, graph = context.detail.get("found"), context.found
    if graph is None or not isinstance(found, Mapping) or not _is_input(found):
        return False
    path = Place.from_json(found).path
    return len(path) == 1 and path[0] not in {ref.call for ref in refs(graph.inputs)}


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


def _are_models(context: Context) -> bool:
    """Nested models stand where one model is expected."""
    return context.difference is not None and all(
        layer.body is not None for layer in _layers(context.found, context.difference.found)
    )


def _is_chain(context: Context) -> bool:
    """Several layers in a row are expected to be shared."""
    if context.difference is None:
        return False
    layers = _layers(context.expected, context.difference.expected)
    return len({layer.id for layer in layers}) > 1


def _layers(graph: ModelGraph | None, places: Iterable[Place]) -> list[Layer]:
    """Return the layers at these places; a nested model in place of all that is in it."""
    if graph is None:
        return []
    return [locate(graph, path)[2] for path in lifted(graph, [place.path for place in places])]


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
                "swapped",
                has("swapped"),
                sentence=N_("{wanted}: the numbers of `{setting}` are exchanged."),
                idea=N_("The parameter count is the same either way; only the meaning is not."),
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
                idea=N_(
                    "That Input belongs to another model, and so does that model's `output`. Call the model on your tensor."
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
        "not_shared",
        N_("{found} layers stand where one shared layer is expected: {got}."),
        N_(
            "To share a layer, make it once and call it several times. Copied weights part at the first step."
        ),
        fields=COUNTS,
        variants=(
            Variant(
                "models",
                _are_models,
                sentence=N_(
                    "{found} models stand where one model, called several times, is expected: {got}."
                ),
                idea=N_(
                    "To share a model, make it once and call it several times. A clone or a copy parts at the first step."
                ),
            ),
            Variant(
                "chain",
                _is_chain,
                sentence=N_(
                    "{wanted}: made {found} times, where one of each, called several times, is expected."
                ),
                idea=N_(
                    "To share layers, make each once and call it several times. Copied weights part at the first step."
                ),
            ),
        ),
        category="sharing",
        names_models=True,
        on_expected=N_("one shared layer"),
        on_found=N_("a layer of its own, expected a shared one"),
    ),
    FindingKind(
        "shared",
        N_("{got}: used in several places, where each place should have a layer of its own."),
        N_("Calling a layer again uses the same weights again; a new layer has its own."),
        fields=COUNTS,
        category="sharing",
        on_expected=N_("a layer of its own"),
        on_found=N_("shared, expected a layer of its own"),
    ),
    FindingKind(
        "trainable",
        N_("{wanted}: trainable is `{found}`; expected `{expected}`."),
        fields={**NAMED, "expected": bool, "found": bool},
        variants=(
            Variant(
                "frozen",
                equals("expected", True),
                idea=N_(
                    "Freezing belongs to the layer or model itself: it holds in every model that uses it."
                ),
            ),
            Variant(
                "moving",
                equals("expected", False),
                idea=N_(
                    "Freeze the whole model, before `compile`. What is left moves: batch statistics even without a gradient."
                ),
            ),
        ),
        category="settings",
        on_expected=N_("trainable = {expected}"),
        on_found=N_("trainable = {found}, expected {expected}"),
    ),
)
