"""How a model is compiled.

Tests: tests/beyond_sequential/findings/test_kinds.py
"""

from __future__ import annotations

from ...i18n import N_
from ..kind import Context, FindingKind, Variant, equals, given_variant

SETTING = {"name": str, "setting": str}
OUTPUTS = {**SETTING, "outputs": list[str]}


def _from_logits(context: Context) -> bool:
    return "from_logits" in str(context.detail.get("found"))


KINDS = (
    FindingKind(
        "not_compiled",
        N_("`{name}` is not compiled."),
        N_("Compiling tells a model how to learn: by which optimizer, from which loss."),
        fields={"name": str},
    ),
    FindingKind(
        "compile",
        N_("`{name}` is compiled with the {setting} `{found}`; expected `{expected}`."),
        fields={**SETTING, "expected": object, "found": object},
        variants=(
            Variant(
                "loss",
                equals("setting", "loss"),
                sentence=N_("`{name}` is compiled with the loss `{found}`; expected `{expected}`."),
                idea=N_(
                    "The loss must fit what the last layer gives and how the targets are written."
                ),
            ),
        ),
    ),
    FindingKind(
        "compile_metric",
        N_("`{name}` is compiled without the metric `{metric}`."),
        fields={"name": str, "metric": str},
    ),
    FindingKind(
        "compile_none",
        N_("`{name}` is compiled without `{setting}`; each of the outputs {outputs} needs one."),
        fields=OUTPUTS,
        optional={"heads": int},
    ),
    FindingKind(
        "compile_one_for_all",
        N_("`{name}` is compiled with one `{setting}`, {found}, for all outputs: {outputs}."),
        N_("A number, a class and a yes or no are measured in different ways."),
        fields={**OUTPUTS, "found": object},
        optional={"heads": int},
        after_run=True,
    ),
    FindingKind(
        "compile_container",
        N_("`{name}`: write `{setting}` as a {expected} here."),
        fields={**OUTPUTS, "expected": str, "found": str},
        optional={"heads": int},
    ),
    FindingKind(
        "compile_key",
        N_(
            "`{name}`: `{key}` in `{setting}` is not the name of an output; the outputs are {outputs}."
        ),
        N_("The keys are the names of the output layers, letter by letter."),
        fields={**OUTPUTS, "key": str},
        optional={"heads": int},
        after_run=True,
    ),
    FindingKind(
        "compile_head_missing",
        N_("`{name}`: the output `{head}` has nothing in `{setting}`."),
        N_("An output without a loss never trains."),
        fields={**OUTPUTS, "head": str},
        variants=(
            Variant(
                "loss_weights",
                equals("setting", "loss_weights"),
                idea=N_("A loss that is given no weight has the weight 1."),
            ),
        ),
        after_run=True,
    ),
    FindingKind(
        "compile_order",
        N_(
            "`{name}`: `{setting}` has the right values in another order than the outputs {outputs}."
        ),
        N_("A list is read in the order of the model's outputs; a dict needs no order."),
        fields=OUTPUTS,
        optional={"heads": int, "variant": str},
        variants=(
            given_variant(
                "by_name",
                N_("A dict finds each output by its name. Which value belongs to which output?"),
                N_("`{name}`: `{setting}` has the right values, but under each other's names."),
            ),
        ),
    ),
    FindingKind(
        "compile_head",
        N_("`{name}`: for the output `{head}`, `{setting}` is {found}; expected {expected}."),
        fields={**OUTPUTS, "head": str, "expected": object, "found": object},
        variants=(
            Variant(
                "from_logits",
                _from_logits,
                idea=N_(
                    "`from_logits=True` wants numbers from before softmax or sigmoid; this head gives probabilities."
                ),
            ),
            Variant(
                "loss",
                equals("setting", "loss"),
                idea=N_("The loss must fit what the head gives and how its targets are written."),
            ),
        ),
    ),
    FindingKind(
        "metrics_flat",
        N_("`{name}` has one flat list of metrics for several outputs: {outputs}."),
        N_("Keras refuses that when data come. Say by name which metrics each output has."),
        fields={"name": str, "outputs": list[str]},
        after_run=True,
    ),
)
