"""Which models are called, and whose weights they are.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from ...i18n import N_
from ..kind import FindingKind, Variant, has

NAMED = {"name": str}
MODEL = {"model": str}

KINDS = (
    FindingKind(
        "other_model",
        N_("The model that is called is not `{model}`: {got}."),
        N_("Two models of one form have weights of their own. Use the name that is there."),
        fields=NAMED,
        optional=MODEL,
        category="sharing",
        on_expected=N_("the model of that name"),
        on_found=N_("another model"),
        names_models=True,
    ),
    FindingKind(
        "model_not_called",
        N_("{wanted} is not called as a model here."),
        N_("Call the model like a layer: `model(tensor)`. Then all that is in it comes along."),
        fields=NAMED,
        optional=MODEL,
        variants=(
            Variant(
                "model",
                has("model"),
                sentence=N_("`{model}` is not called as often as it should be."),
                idea=N_(
                    "Call the model like a layer: `model(tensor)`. Then all that is in it comes along."
                ),
            ),
        ),
        category="sharing",
        on_expected=N_("a call of a model"),
        on_found=N_("not in a call of the model"),
        names_models=True,
    ),
    FindingKind(
        "not_own",
        N_("Two calls of `{name}` give the same weights: {got}."),
        N_("What a function should make anew must be made inside of it."),
        fields=NAMED,
        optional=MODEL,
        variants=(
            Variant(
                "model",
                has("model"),
                sentence=N_("`{name}` has the weights of `{model}`: {got}."),
                idea=N_(
                    "It should have weights of its own. Another `keras.Model` around the same layers makes none."
                ),
            ),
        ),
        category="sharing",
        on_found=N_("weights of another model"),
        names_models=True,
    ),
    FindingKind(
        "in_training",
        N_("In training, `{name}` computes something else than at other times."),
        N_(
            "The `call` of a class of your own runs in both; the picture shows what it does in training."
        ),
        fields=NAMED,
    ),
)
