"""Judge how a model was compiled: settings in any spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..course.exercise import Compiled
from ..findings.verdict import Finding
from .evaluate import output_names
from .evidence import Evidence
from .result import Result, wrong

# Keras's short names.
_ALIASES = {
    "acc": "accuracy",
    "bce": "binary_crossentropy",
    "categorical_accuracy": "accuracy",
    "binary_accuracy": "accuracy",
    "kld": "kl_divergence",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}


def judge_compiled(part: Compiled, evidence: Evidence) -> Result:
    """Return the fraction of the settings asked for that hold."""
    case = evidence.answer.cases(part.name)[0]
    compiled = case.get("compile")
    if compiled is None:
        return wrong("not_compiled", name=part.name)
    names = output_names(evidence.graph(part.name))
    fraction, findings = compile_findings(part, compiled, names)
    return Result(fraction, tuple(findings))


def compile_findings(
    part: Compiled, compiled: Mapping[str, Any], names: Sequence[str]
) -> tuple[float, list[Finding]]:
    """The fraction of what is asked that holds, and a finding for each thing that does not.

    `names` are those of the model's outputs, where the keys of a dict have to be among them.
    """
    asked = 0
    findings: list[Finding] = []
    if part.optimizer is not None:
        asked += 1
        found = compiled["optimizer"]["kind"]
        if found != part.optimizer:
            findings.append(_setting(part, "optimizer", part.optimizer, found))
    for setting, wanted in (("loss", part.loss), ("loss_weights", part.loss_weights)):
        if isinstance(wanted, Mapping):
            asked += len(wanted)
            findings += _by_output(part, setting, wanted, compiled[setting], names)
        elif wanted is not None:
            asked += 1
            found = _alone(spelled(compiled[setting]))
            if found != spelled(wanted):
                findings.append(_setting(part, setting, wanted, found))
    given = _metric_names(compiled["metrics"])
    missing = [metric for metric in part.metrics if spelled(metric) not in given]
    asked += len(part.metrics)
    findings += [Finding("compile_metric", {"name": part.name, "metric": m}) for m in missing]
    lost = sum(finding.detail.get("heads", 1) for finding in findings)
    return max(0.0, 1.0 - lost / asked), findings


def _setting(part: Compiled, setting: str, expected: Any, found: Any) -> Finding:
    detail = {"name": part.name, "setting": setting, "expected": expected, "found": found}
    return Finding("compile", detail)


def spelled(loss: Any) -> Any:
    """A loss or metric by its long name; settings that change it stay visible."""
    if _is_one(loss):
        changed = [str(key) for key, value in loss.items() if key != "kind" and value]
        return " ".join([spelled(loss["kind"]), *changed])
    if isinstance(loss, Mapping):
        return {key: spelled(item) for key, item in loss.items()}
    if isinstance(loss, list):
        return [spelled(item) for item in loss]
    if isinstance(loss, float) and loss.is_integer():
        return int(loss)
    return _ALIASES.get(loss, loss) if isinstance(loss, str) else loss


def _is_one(loss: Any) -> bool:
    """Whether this is a loss with its settings, and not one for each of several outputs."""
    settings = {"from_logits", "label_smoothing"}
    return isinstance(loss, Mapping) and {"kind"} <= loss.keys() <= {"kind", *settings}


def _alone(loss: Any) -> Any:
    """The one loss of a list or dict that holds one."""
    values = list(loss.values()) if isinstance(loss, Mapping) else loss
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _metric_names(metrics: Any) -> set[str]:
    if isinstance(metrics, str) or _is_one(metrics):
        return {spelled(metrics)}
    items = list(metrics.values()) if isinstance(metrics, Mapping) else metrics
    return {n for item in items or () for n in _metric_names(item)} if items else set()


# --- several outputs ------------------------------------------------------------------------------


def _by_output(
    part: Compiled, setting: str, wanted: Mapping[str, Any], given: Any, names: Sequence[str]
) -> list[Finding]:
    """One finding for each cause: a wrong form, key or length, or a head with a wrong value."""
    detail = {"name": part.name, "setting": setting, "outputs": list(part.outputs)}
    count = len(wanted)
    if given is None:
        return [Finding("compile_none", {**detail, "heads": count})]
    is_dict = isinstance(given, Mapping) and not _is_one(given)
    form = "dict" if is_dict else "list" if isinstance(given, list) else "one"
    if form == "one":
        found = spelled(given)
        return [Finding("compile_one_for_all", {**detail, "found": found, "heads": count})]
    if part.container is not None and form != part.container:
        return [
            Finding(
                "compile_container",
                {**detail, "expected": part.container, "found": form, "heads": count},
            )
        ]
    if form == "dict":
        wrong = [key for key in given if key not in wanted]
        if wrong:
            return [Finding("compile_key", {**detail, "key": wrong[0], "heads": len(wrong)})]
        lost = [key for key in given if key not in names]
        if lost:
            own = {"outputs": list(names), "key": lost[0], "heads": len(lost)}
            return [Finding("compile_key", {**detail, **own})]
        values = {key: spelled(value) for key, value in given.items()}
    else:
        values = dict(zip(part.outputs, map(spelled, given), strict=False))
    return _head_findings(detail, wanted, values)


def _head_findings(
    detail: dict[str, Any], wanted: Mapping[str, Any], values: Mapping[str, Any]
) -> list[Finding]:
    expected = {head: spelled(value) for head, value in wanted.items()}
    absent = [head for head in expected if values.get(head) is None]
    wrong = [head for head in expected if head not in absent and values[head] != expected[head]]
    findings = [Finding("compile_head_missing", {**detail, "head": head}) for head in absent]
    if detail["setting"] == "loss" and len(wrong) > 1 and len(set(map(str, values.values()))) == 1:
        found = {"found": values[wrong[0]], "heads": len(wrong)}
        return [*findings, Finding("compile_one_for_all", {**detail, **found})]
    if len(wrong) > 1 and sorted(map(str, (values[h] for h in wrong))) == sorted(
        str(expected[h]) for h in wrong
    ):
        return [*findings, Finding("compile_order", {**detail, "heads": len(wrong)})]
    findings += [
        Finding(
            "compile_head",
            {**detail, "head": head, "expected": expected[head], "found": values[head]},
        )
        for head in wrong
    ]
    return findings


def unfit(
    name: str, compiled: Mapping[str, Any], names: Sequence[str], head: str
) -> Finding | None:
    """What in the settings of a model with several outputs keeps the output `head` from training.

    `names` are those of the outputs, in order; which losses and weights do well is not judged.
    """
    loss, metrics = compiled["loss"], compiled["metrics"]
    detail = {"name": name, "setting": "loss", "outputs": list(names)}
    if isinstance(loss, Mapping) and not _is_one(loss):
        if wrong := [key for key in loss if key not in names]:
            return Finding("compile_key", {**detail, "key": wrong[0]})
        if loss.get(head) is None:
            return Finding("compile_head_missing", {**detail, "head": head})
    elif isinstance(loss, list):
        if head in names[len(loss) :]:
            return Finding("compile_head_missing", {**detail, "head": head})
    elif loss is not None and len(names) > 1:
        return Finding("compile_one_for_all", {**detail, "found": spelled(loss)})
    if isinstance(metrics, list) and len(metrics) not in (0, len(names)):
        return Finding("metrics_flat", {"name": name, "outputs": list(names)})
    return None
