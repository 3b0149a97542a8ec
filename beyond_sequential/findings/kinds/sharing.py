"""Where layers are shared, or frozen, in one of two graphs only.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from collections.abc import Iterable

from ...compare import Place
from ...compare.places import lifted
from ...i18n import N_
from ...model.graph import Layer, ModelGraph
from ..kind import Context, FindingKind, Variant, equals
from ..places import locate

NAMED = {"name": str}
COUNTS = {"name": str, "expected": int, "found": int}


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


KINDS = (
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
