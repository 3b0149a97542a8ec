"""Trained models, run on data that they have not seen, and copied weights.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from ...i18n import N_
from ..kind import FindingKind, Shape, Variant, equals, given_variant, has

TWO = {"first": str, "second": str}

KINDS = (
    FindingKind(
        "same_object",
        N_("`{first}` and `{second}` are two names of one and the same model."),
        N_("A second name is no second model: whatever happens to one happens to both."),
        fields=TWO,
        optional={"variant": str},
        variants=(
            given_variant(
                "variables",
                N_("Another `keras.Model` around the same layers has the same weights."),
                N_("`{first}` and `{second}` have the very same weights: neither is a copy."),
            ),
        ),
    ),
    FindingKind(
        "weights_constant",
        N_("In `{first}`, each table of weights holds one number only."),
        N_(
            "Equal weights show a copy only where the weights are as Keras or a training made them."
        ),
        fields=TWO,
    ),
    FindingKind(
        "moved_by",
        N_("The training of `{model}` moved the weights of `{second}`: it was not frozen yet."),
        N_("What should stay as it is must be frozen before `compile`."),
        fields={"second": str, "model": str},
        optional={"variant": str},
        variants=(
            given_variant(
                "unknown",
                N_("Has `fit` been called since the last `compile`?"),
                N_(
                    "`{model}` was not trained as it is compiled now: did `{second}` stay as it was?"
                ),
            ),
        ),
    ),
    FindingKind(
        "no_head",
        N_("`{name}` has no output `{head}` with a bias."),
        fields={"name": str, "head": str},
    ),
    FindingKind(
        "starts",
        N_("In `{name}`, the bias of `{head}` starts at {found}; expected: {expected}."),
        N_("A `Dense` has an initializer for its table, and another one for its bias."),
        fields={"name": str, "head": str, "expected": float, "found": float},
    ),
    FindingKind(
        "starts_elsewhere",
        N_(
            "In `{name}`, {variable} of `{layer}` starts at {expected}: only the bias of `{head}` should."
        ),
        N_("A `Dense` has an initializer for its table, and another one for its bias."),
        fields={"name": str, "head": str, "expected": float, "layer": str, "variable": str},
    ),
    FindingKind(
        "input_names",
        N_("The Inputs of `{name}` are named {found}; expected: {expected}."),
        N_("Arrays in a dict go to the Inputs by these names."),
        fields={"name": str, "expected": list[str], "found": list[str]},
    ),
    FindingKind(
        "weights_differ",
        N_("`{first}` and `{second}` differ in {unequal} of {of} weights."),
        N_("The same graph with other weights is another function."),
        fields={**TWO, "unequal": int, "of": int},
        optional={"variant": str},
        variants=(
            given_variant(
                "frozen",
                N_(
                    "`{second}` is frozen now. Was it before `compile`? And did `{first}` get its weights before that?"
                ),
            ),
        ),
    ),
    FindingKind(
        "not_evaluated",
        N_("`{name}` could not be run on the holdout: {text}"),
        fields={"name": str, "text": str},
    ),
    FindingKind(
        "output_shape",
        N_("`{name}` gives outputs of shape {found} for targets of shape {expected}."),
        N_("The first number counts samples: joined along axis 0, samples multiply."),
        fields={"name": str, "expected": Shape, "found": Shape},
        after_run=True,
    ),
    FindingKind(
        "output_count",
        N_("The number of outputs of `{name}` is {found}; expected: {expected}."),
        fields={"name": str, "expected": int, "found": int},
    ),
    FindingKind(
        "input_count",
        N_(
            "`{input}` is left out: the number of inputs of `{name}` is {found}; expected: {expected}."
        ),
        N_("A model must be given every Input that its outputs are computed from."),
        fields={"name": str, "input": str, "expected": int, "found": int},
    ),
    FindingKind(
        "nan_weights",
        N_("`{name}` has weights that are not numbers (NaN)."),
        N_(
            "The training ran away. A smaller learning rate, and data without NaN, keep weights finite. Make the model anew: these are lost."
        ),
        fields={"name": str},
        after_run=True,
    ),
    FindingKind(
        "never_trained",
        N_("`{name}` has not made a single training step."),
        N_("Has `fit` been called on this very model, and did it come to its end?"),
        fields={"name": str},
        optional={"variant": str},
        variants=(
            given_variant(
                "frozen",
                N_("Freeze the part that is to stay as it is, and not the model around it."),
                N_("Nothing in `{name}` is trainable, so no step of training can change it."),
            ),
            given_variant(
                "not_compiled",
                N_(
                    "Compile it and fit it. A model that is loaded with `compile=False` is not compiled either."
                ),
                N_(
                    "`{name}` is not compiled, so nobody can see how it was trained; it has not reached the bar."
                ),
            ),
        ),
        after_run=True,
    ),
    FindingKind(
        "unread_input",
        N_("In `{name}`, no way leads from the input `{input}` to the output."),
        N_("Each branch reads its own Input."),
        fields={"name": str, "input": str},
        after_run=True,
    ),
    FindingKind(
        "trained_swapped",
        N_("`{name}` is right when `{first}` and `{second}` change places: it was fitted so."),
        N_("Arrays in a list go to the inputs by their order alone."),
        fields={"name": str, "first": str, "second": str},
        after_run=True,
    ),
    FindingKind(
        "training",
        N_("`{name}` reaches {score} on data that it has not seen; full marks start at {bar}."),
        N_("Is it fitted on all the training data? Then draw it: does it see all that it needs?"),
        fields={"name": str, "metric": str, "score": float, "floor": float, "bar": float},
        optional={"head": str},
        variants=(
            Variant(
                "head",
                has("head"),
                sentence=N_(
                    "`{name}`, output `{head}`: {metric} is {score} on unseen data; full marks start at {bar}."
                ),
                idea=N_(
                    "Does this output have its own loss, weighted so that it is not drowned by the others?"
                ),
            ),
            Variant(
                "accuracy",
                equals("metric", "accuracy"),
                sentence=N_(
                    "`{name}` is right on {score:.0%} of the samples that it has not seen; full marks start at {bar:.0%}."
                ),
                idea=N_(
                    "Is it fitted on all the training data? Then draw it: does it see all that it needs?"
                ),
            ),
        ),
        after_run=True,
    ),
)
