"""Judge how a model was compiled: settings in any spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..answers.answer import CompileSettings, GraphCase, Named, Spelling
from ..course.exercise import Compiled
from ..findings.finding import Finding
from ..model.types import Json
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
    compiled = evidence.case(part.name, GraphCase).compiled
    if compiled is None:
        return wrong("not_compiled", name=part.name)
    names = output_names(evidence.graph(part.name))
    fraction, findings = compile_findings(part, compiled, names)
    other = _other_name(part, evidence)
    if other and any(finding.code == "compile_container" for finding in findings):
        both = Finding("same_object", {"first": other, "second": part.name})
        findings = [both if f.code == "compile_container" else f for f in findings]
    return Result(fraction, tuple(findings))


def _other_name(part: Compiled, evidence: Evidence) -> str:
    """Return another name that holds the same model, "" if there is none."""
    identity = evidence.case(part.name, GraphCase).identity
    for name, cases in evidence.answer.values.items():
        if name != part.name and any(
            isinstance(case, GraphCase) and case.identity == identity for case in cases
        ):
            return name
    return ""


def compile_findings(
    part: Compiled, compiled: CompileSettings, names: Sequence[str]
) -> tuple[float, list[Finding]]:
    """Return the fraction of what is asked that holds, and a finding for each thing that does not.

    `names` are those of the model's outputs, where the keys of a dict have to be among them.
    """
    asked = 0
    findings: list[Finding] = []
    if part.optimizer is not None:
        asked += 1
        if compiled.optimizer != part.optimizer:
            findings.append(_setting(part, "optimizer", part.optimizer, compiled.optimizer))
    for setting, wanted, given in (
        ("loss", part.loss, compiled.loss),
        ("loss_weights", part.loss_weights, compiled.loss_weights),
    ):
        if isinstance(wanted, Mapping):
            asked += len(wanted)
            findings += _by_output(part, setting, wanted, given, names)
        elif wanted is not None:
            asked += 1
            found = _alone(spelled(given))
            if found != spelled(wanted):
                findings.append(_setting(part, setting, wanted, found))
    metrics = _metric_names(compiled.metrics)
    missing = [metric for metric in part.metrics if spelled(metric) not in metrics]
    asked += len(part.metrics)
    findings += [Finding("compile_metric", {"name": part.name, "metric": m}) for m in missing]
    lost = sum(map(_heads, findings))
    fraction = max(0.0, 1.0 - lost / asked)
    exchanged = sum(_heads(finding) for finding in findings if finding.code == "compile_order")
    if exchanged and part.outputs:  # what is right besides does not train these heads
        fraction = min(fraction, max(0.0, 1.0 - exchanged / len(part.outputs)))
    return fraction, findings


def _heads(finding: Finding) -> int:
    """Return how many of a model's outputs a finding is about."""
    heads = finding.detail.get("heads")
    return heads if isinstance(heads, int) else 1


def _setting(part: Compiled, setting: str, expected: Json, found: Json) -> Finding:
    detail = {"name": part.name, "setting": setting, "expected": expected, "found": found}
    return Finding("compile", detail)


def spelled(given: Spelling) -> Json:
    """Return losses or metrics by their long names; settings that change them stay visible."""
    if isinstance(given, Named):
        changed = [key for key, value in given.settings.items() if value]
        return " ".join([_ALIASES.get(given.kind, given.kind), *changed])
    if isinstance(given, dict):
        return {key: spelled(item) for key, item in given.items()}
    if isinstance(given, list):
        return [spelled(item) for item in given]
    if isinstance(given, float) and given.is_integer():
        return int(given)
    return _ALIASES.get(given, given) if isinstance(given, str) else given


def _alone(loss: Json) -> Json:
    """Return the one loss of a list or dict that holds one."""
    values = list(loss.values()) if isinstance(loss, dict) else loss
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _metric_names(metrics: Spelling) -> set[str]:
    if isinstance(metrics, (str, Named)):
        return {str(spelled(metrics))}
    items = list(metrics.values()) if isinstance(metrics, dict) else metrics
    if not isinstance(items, list):
        return set()
    return {name for item in items for name in _metric_names(item)}


# --- several outputs ------------------------------------------------------------------------------


def _by_output(
    part: Compiled,
    setting: str,
    wanted: Mapping[str, str | float],
    given: Spelling,
    names: Sequence[str],
) -> list[Finding]:
    """Return one finding for each cause: a wrong form, key, length or value of a head."""
    detail = {"name": part.name, "setting": setting, "outputs": list(part.outputs)}
    count = len(wanted)
    if given is None:
        return [Finding("compile_none", {**detail, "heads": count})]
    if not isinstance(given, (dict, list)):
        found = spelled(given)
        return [Finding("compile_one_for_all", {**detail, "found": found, "heads": count})]
    form = "dict" if isinstance(given, dict) else "list"
    if part.container is not None and form != part.container:
        return [
            Finding(
                "compile_container",
                {**detail, "expected": part.container, "found": form, "heads": count},
            )
        ]
    if isinstance(given, dict):
        other = [key for key in given if key not in wanted]
        if other:
            return [Finding("compile_key", {**detail, "key": other[0], "heads": len(other)})]
        lost = [key for key in given if key not in names]
        if lost:
            own = {"outputs": list(names), "key": lost[0], "heads": len(lost)}
            return [Finding("compile_key", {**detail, **own})]
        values = {key: spelled(value) for key, value in given.items()}
    else:
        values = dict(zip(part.outputs, map(spelled, given), strict=False))
    return _head_findings(detail, wanted, values, form)


def _head_findings(
    detail: Mapping[str, object],
    wanted: Mapping[str, str | float],
    values: Mapping[str, Json],
    container: str,
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
        by_name = {"variant": "by_name"} if container == "dict" else {}
        return [*findings, Finding("compile_order", {**detail, "heads": len(wrong), **by_name})]
    findings += [
        Finding(
            "compile_head",
            {**detail, "head": head, "expected": expected[head], "found": values[head]},
        )
        for head in wrong
    ]
    return findings


def unfit(name: str, compiled: CompileSettings, names: Sequence[str], head: str) -> Finding | None:
    """Return what in the settings of a model with several outputs keeps `head` from training.

    `names` are those of the outputs, in order; which losses and weights do well is not judged.
    """
    loss, metrics = compiled.loss, compiled.metrics
    detail = {"name": name, "setting": "loss", "outputs": list(names)}
    if isinstance(loss, dict):
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
