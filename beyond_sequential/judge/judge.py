"""From an exercise and an answer to a `Verdict`: a pure function of plain data.

The judge never sees a live object of a student's.  It runs in the notebook for the student, and
in a process without student code when a class is graded; the two differ only in the seed of the
holdout on which a trained model is measured.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import resources
from itertools import zip_longest
from typing import Any

import numpy as np

from ..answers.answer import Answer, array_digest, helper_version
from ..compare import Difference, Place, compare
from ..compare.places import body_at
from ..course import metrics, sections
from ..course.exercise import (
    Closed,
    Compiled,
    Exercise,
    Fed,
    Part,
    SameGraph,
    SameWeights,
    Trained,
    digest,
)
from ..findings.verdict import Finding, Mark, Picture, Verdict
from ..model.graph import Body, ModelGraph, calls_behind, from_json, parameter_count, refs
from .compiling import compile_findings, unfit

PUBLIC_SEED = 20_07  # the holdout that students measure themselves on
STEP = 0.25  # training earns its points in quarters, so that a hair does not decide

# The rubric: which part of a graph's points one mistake costs, the same in every exercise.  "shape"
# is which layers, inputs and outputs there are.
RUBRIC = {
    "shape": 0.5,
    "wiring": 0.5,
    "sharing": 0.5,
    "settings": 0.25,
}
CATEGORY = {
    "missing": "shape",
    "extra": "shape",
    "replaced": "shape",
    "input_missing": "shape",
    "input_extra": "shape",
    "output_missing": "shape",
    "output_extra": "shape",
    "wiring": "wiring",
    "input_order": "wiring",
    "input_cut": "wiring",
    "output_order": "wiring",
    "not_shared": "sharing",
    "shared": "sharing",
    "setting": "settings",
    "trainable": "settings",
    "input_shape": "settings",
    "input_name": "settings",
    "output_name": "settings",
}

# Kinds of objects that capture refuses.
REFUSALS = (
    "not_a_function",
    "not_a_model",
    "not_a_tensor",
    "not_called",
    "not_a_value",
    "opaque",
    "unbuilt",
    "other_keras",
)

# A part's own result: the fraction earned (None: not attempted), findings and pictures.
_Result = tuple[float | None, list[Finding], list[Picture]]


def judge(
    exercise: Exercise,
    answer: Answer,
    seed: int = PUBLIC_SEED,
    target: Mapping[str, Any] | None = None,
) -> Verdict:
    """Decide what an answer is worth, and why.

    `seed` draws the holdout for training exercises.  `target` is the exercise's target data, by
    default what the course was built with.  A forged or unreadable answer is wrong, never an
    error.
    """
    target = load_target(exercise.id) if target is None else target
    total = sum(part.weight for part in exercise.parts)
    earned, attempted = 0.0, False
    findings: list[Finding] = []
    pictures: list[Picture] = []
    marks: list[Mark] = []
    told: set[str] = set()
    for part in exercise.parts:
        fraction, found, drawn = _judge_part(part, exercise, answer, target, seed)
        attempted = attempted or fraction is not None
        mistakes = [_mistake(finding, drawn) for finding in found]
        new = [f for f, mistake in zip(found, mistakes, strict=True) if mistake not in told]
        told.update(mistakes)
        for finding in new:
            shift = None if finding.picture is None else finding.picture + len(pictures)
            findings.append(replace(finding, picture=shift))
        if any(finding.picture is not None for finding in new):
            pictures.extend(drawn)
        earned += (fraction or 0.0) * part.weight
        marks.append(_mark(part, fraction or 0.0, part.weight / total, found, drawn))
    findings.extend(_other_version(answer))
    fraction = round(earned / total, 4)
    return Verdict(
        exercise.id,
        _outcome(attempted, fraction),
        fraction,
        tuple(findings),
        tuple(pictures),
        tuple(marks),
    )


def _mistake(finding: Finding, pictures: list[Picture]) -> str:
    """What stands for a mistake, in whichever part it shows: a model that is handed in alone and
    within another is made once."""
    difference = finding.difference
    if difference is None or finding.picture is None:
        return repr(finding)
    picture = pictures[finding.picture]
    layers = [
        {(place.kind, repr(_settings_at(graph, place))) for place in places}
        for graph, places in (
            (picture.expected, difference.expected),
            (picture.found, difference.found),
        )
    ]
    plain = {key: item for key, item in difference.detail.items() if not isinstance(item, Mapping)}
    return repr((finding.code, plain, list(map(sorted, layers))))


def _settings_at(graph: ModelGraph, place: Place) -> Any:
    body, _owner = body_at(graph, place.path[:-1])
    if body is None:
        return None
    layer = graph.layers[body.calls[place.path[-1]].layer]
    return sorted(item for item in layer.settings.items() if item[0] != "name")


def _mark(
    part: Part, fraction: float, share: float, findings: list[Finding], pictures: list[Picture]
) -> Mark:
    differences = [f.difference for f in findings if f.difference is not None]
    rubric: tuple[tuple[str, int, float], ...] = ()
    if isinstance(part, SameGraph) and differences:
        rubric = _rubric(part, pictures[0].expected, differences)
    return Mark(type(part).__name__, ", ".join(_names(part)), fraction, share, rubric)


def _other_version(answer: Answer) -> list[Finding]:
    """A note, at no cost, if the answer comes from another version than the targets."""
    theirs, ours = str(answer.versions.get("helper", "?"))[:20], helper_version()
    return [] if theirs == ours else [Finding("version", {"found": theirs, "expected": ours})]


def _outcome(attempted: bool, fraction: float) -> str:
    if not attempted:
        return "not attempted"
    if fraction >= 1:
        return "right"
    return "partly right" if fraction > 0 else "wrong"


def _judge_part(
    part: Part, exercise: Exercise, answer: Answer, target: Mapping[str, Any], seed: int
) -> _Result:
    try:
        blocked = _blocked(_names(part), answer)
        if blocked is not None:
            return blocked
        return _JUDGES[type(part)](part, exercise, answer, target, seed)
    except Exception as error:  # the one place where forged data ends, whatever is wrong with it
        text = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return 0.0, [Finding("unreadable", {"name": _names(part)[0], "text": text})], []


def _names(part: Part) -> tuple[str, ...]:
    return (part.first, part.second) if isinstance(part, SameWeights) else (part.name,)


def _blocked(names: tuple[str, ...], answer: Answer) -> _Result | None:
    """A result for what can't be judged at all: missing, a stub, an exception, a wrong kind."""
    states = {name: answer.values.get(name, {}).get("state", "missing") for name in names}
    absent = [_absent(n, state) for n, state in states.items() if state in ("missing", "stub")]
    if absent:
        return None, absent, []
    findings = []
    for name in names:
        for case in answer.cases(name):
            if "stub" in case:
                findings.append(_absent(name, "stub"))
            elif "error" in case:
                findings.append(_error(name, case["error"]))
            elif "refused" in case:
                findings.append(_refused(name, case["refused"]))
            else:
                continue
            break
    return (0.0, findings, []) if findings else None


def _refused(name: str, refused: Mapping[str, Any]) -> Finding:
    if refused["code"] not in REFUSALS:
        raise ValueError("an unknown refusal")
    return Finding(refused["code"], {"name": name, "type": str(refused["type"])[:80]})


def _error(name: str, error: Mapping[str, Any]) -> Finding:
    """An exception; where its cause is known, that is what the finding is about."""
    detail = {"name": name, "line": "", "type": "?", "text": "", **error}
    detail |= error.get("cause") or {}
    why = str(detail.pop("code", ""))
    detail.pop("cause", None)
    return Finding(f"error_{why}" if why else "error", detail)


def _absent(name: str, state: str) -> Finding:
    return Finding("missing_name" if state == "missing" else "stub", {"name": name})


# --- graphs -------------------------------------------------------------------------------------


def _same_graph(
    part: SameGraph, exercise: Exercise, answer: Answer, target: Any, seed: int
) -> _Result:
    worst: _Result = 1.0, [], []
    for number, expected_json in enumerate(target["graphs"][part.name]):
        expected = from_json(expected_json)
        found = answer.graph(part.name, number)
        if found is None:
            return 0.0, [_absent(part.name, "missing")], []
        differences = compare(expected, found, concat_order=part.concat_order, names=part.names)
        cost = sum(cost for _, _, cost in _rubric(part, expected, differences))
        fraction = max(0.0, 1.0 - cost)
        # The same mistake shows in every case: say it once.
        if differences and (not worst[1] or fraction < (worst[0] or 0.0)):
            findings = [Finding(d.kind, {"name": part.name, **d.detail}, d, 0) for d in differences]
            worst = fraction, findings, [Picture(part.name, expected, found)]
    return worst


def _rubric(
    part: SameGraph, expected: ModelGraph, differences: list[Difference]
) -> tuple[tuple[str, int, float], ...]:
    """Of each category how many mistakes there are, and what they cost.

    Layers that are not there cost no less than their share of the model, rounded up to a quarter:
    otherwise a model that lacks all layers but one would earn half.
    """
    counts = Counter(CATEGORY[difference.kind] for difference in differences)
    # Two settings that are exchanged are two that are wrong.
    counts["settings"] += sum(d.kind == "setting" and "swapped" in d.detail for d in differences)
    costs = {
        category: counts[category] * (1.0 if category == part.point else cost)
        for category, cost in RUBRIC.items()
    }
    lacking = sum(
        place.kind != "InputLayer"
        for difference in differences
        if difference.kind in ("missing", "replaced", "input_missing")
        for place in difference.expected
    )
    share = lacking / max(1, _call_count(expected, expected.body))
    costs["shape"] = max(costs["shape"], math.ceil(share / STEP) * STEP)
    return tuple((category, counts[category], min(1.0, costs[category])) for category in RUBRIC)


def _call_count(graph: ModelGraph, body: Body) -> int:
    """The calls of a graph and of what is nested in it, but for Inputs."""
    total = 0
    for call in body.calls:
        layer = graph.layers[call.layer]
        if layer.body is not None:
            total += _call_count(graph, layer.body)
        elif layer.kind != "InputLayer":
            total += 1
    return total


def _same_weights(
    part: SameWeights, exercise: Exercise, answer: Answer, target: Any, seed: int
) -> _Result:
    cases = [answer.cases(name)[0] for name in (part.first, part.second)]
    names = {"first": part.first, "second": part.second}
    if cases[0]["identity"] == cases[1]["identity"]:
        return 0.0, [Finding("same_object", names)], []
    graphs = [from_json(case["graph"]) for case in cases]
    first, second = (_weight_list(answer, name) for name in (part.first, part.second))
    equal = [
        np.shape(a) == np.shape(b) and np.allclose(a, b, atol=1e-6)
        for a, b in zip_longest(first, second, fillvalue=())
    ]
    if not first or not all(equal):
        detail = {**names, "unequal": equal.count(False), "of": len(equal)}
        frozen = {"variant": "frozen"} if parameter_count(graphs[1], trainable=True) == 0 else {}
        return 0.0, [Finding("weights_differ", {**detail, **frozen})], []
    # What is frozen says which weights will move, not what they are.
    differences = [d for d in compare(*graphs) if d.kind != "trainable"]
    findings = [Finding(d.kind, {"name": part.second, **d.detail}, d, 0) for d in differences]
    pictures = [Picture(part.second, *graphs)] if differences else []
    return (0.5 if differences else 1.0), findings, pictures


def _weight_list(answer: Answer, name: str) -> list[Any]:
    """A model's arrays in the order of its layers.  Raises ValueError for arrays of others."""
    case = answer.cases(name)[0]
    graph = from_json(case["graph"])
    arrays = []
    for layer in graph.layers.values():
        for variable in layer.variables:
            array = answer.arrays[case["weights"][variable.id]]
            if array.shape != variable.shape:
                raise ValueError(f"the weight {variable.name} has another shape than its array")
            arrays.append(array)
    return arrays


# --- compile, data, training ----------------------------------------------------------------------


def _compiled(
    part: Compiled, exercise: Exercise, answer: Answer, target: Any, seed: int
) -> _Result:
    compiled = answer.cases(part.name)[0].get("compile")
    if compiled is None:
        return 0.0, [Finding("not_compiled", {"name": part.name})], []
    names = _output_names(from_json(answer.cases(part.name)[0]["graph"]))
    fraction, findings = compile_findings(part, compiled, names)
    return fraction, findings, []


def _fed(part: Fed, exercise: Exercise, answer: Answer, target: Any, seed: int) -> _Result:
    given = answer.cases(part.name)[0]["arrays"]
    arrays = sections.section(part.data).training()
    wanted = {
        key: _expected_digest(arrays[name], part.one_hot)
        for key, name in zip(part.keys, part.arrays, strict=True)
    }
    side = {"name": part.name, "side": part.side}
    if part.container and part.container not in given:
        return 0.0, [Finding("container", {"name": part.name, "expected": part.container})], []
    if "dict" in given:
        found = dict(given["dict"])
        if set(found) != set(part.keys):
            return (
                0.0,
                [
                    Finding(
                        "keys",
                        {**side, "expected": list(part.keys), "found": sorted(found)},
                    )
                ],
                [],
            )
    else:
        items = given["list"] if "list" in given else [given]
        if len(items) != len(part.keys):
            return (
                0.0,
                [
                    Finding(
                        "length",
                        {**side, "expected": len(part.keys), "found": len(items)},
                    )
                ],
                [],
            )
        found = dict(zip(part.keys, items, strict=True))
    return _fed_arrays(part, wanted, found)


def _fed_arrays(part: Fed, wanted: dict[str, Any], found: dict[str, Any]) -> _Result:
    findings: list[Finding] = []
    swapped: dict[str, str] = {}
    for key, (shape, text) in wanted.items():
        item = found[key]
        if item.get("digest") == text:
            continue
        others = [other for other, (_, t) in wanted.items() if item.get("digest") == t]
        detail = {
            "name": part.name,
            "key": key,
            "expected": list(shape),
            "found": item.get("shape"),
        }
        if others:
            swapped[key] = others[0]
        elif part.one_hot is not None and item.get("shape") in ([shape[0]], [shape[0], 1]):
            findings.append(Finding("not_one_hot", detail))
        elif item.get("shape") != list(shape):
            broadcast = {"variant": "broadcast"} if _broadcasts(item.get("shape"), shape) else {}
            findings.append(Finding("array_shape", {**detail, **broadcast}))
        elif item.get("zero"):
            findings.append(Finding("array_zero", detail))
        else:
            findings.append(Finding("array_values", detail))
    fraction = 1.0 - (len(findings) + len(swapped)) / len(wanted)
    for key, other in swapped.items():
        if swapped.get(other) != key or key < other:  # exchanged: one mistake, not two
            same = wanted[key][0] == wanted[other][0]
            variant = {} if same else {"variant": "other_shape"}
            findings.append(
                Finding("swapped", {"name": part.name, "key": key, "other": other, **variant})
            )
    return fraction, findings, []


def _broadcasts(found: Any, expected: tuple[int, ...]) -> bool:
    """Whether an array of several columns stands where there should be one: Keras takes it."""
    return isinstance(found, list) and found[:-1] == list(expected[:-1]) and expected[-1] == 1


def _expected_digest(array: Any, one_hot: int | None) -> tuple[tuple[int, ...], str]:
    if one_hot is not None:
        array = np.eye(one_hot, dtype="float32")[np.ravel(array)]
    return tuple(array.shape), array_digest(array)


def _trained(part: Trained, exercise: Exercise, answer: Answer, target: Any, seed: int) -> _Result:
    from .evaluate import EvaluateError, input_names

    case = answer.cases(part.name)[0]
    graph = from_json(case["graph"])
    weights = {id_: answer.arrays[key] for id_, key in case["weights"].items()}
    holdout = dict(sections.section(part.data).holdout(seed))
    true = holdout.pop(part.output)
    inputs = _inputs_of(holdout)
    name = {"name": part.name}
    names = input_names(graph)
    if len(names) != len(inputs):
        lacking = [key for key in inputs if key not in names] or list(inputs)
        detail = {**name, "expected": len(inputs), "found": len(names), "input": lacking[0]}
        return 0.0, [Finding("input_count", detail)], []
    outputs = len(list(refs(graph.outputs)))
    if outputs < len(part.heads):
        detail = {**name, "expected": len(part.heads), "found": outputs}
        return 0.0, [Finding("output_count", detail)], []
    try:
        score = _score(part, graph, weights, inputs, true)
    except EvaluateError as error:
        return 0.0, [Finding("not_evaluated", {**name, "text": str(error)})], []
    except _WrongShape as error:
        detail = {**name, "expected": list(true.shape), "found": list(error.args[0])}
        return 0.0, [Finding("output_shape", detail)], []
    fraction = _training_fraction(score, part.floor, part.bar)
    if fraction >= 1:
        return 1.0, [], []
    why = _why_untrained(part, case, graph, weights, inputs, true)
    if why is None:
        figures = {"score": round(score, 3), "floor": part.floor, "bar": part.bar}
        head = {} if part.head is None else {"head": part.head}
        why = Finding("training", {**name, **head, "metric": part.metric, **figures})
    return fraction, [why], []


class _WrongShape(ValueError):
    """The outputs have another shape than the targets; the only argument is theirs."""


def _score(part: Trained, graph: ModelGraph, weights: Any, inputs: Any, true: Any) -> float:
    from .evaluate import predict

    predicted = predict(graph, weights, inputs)[_head_number(part, graph)]
    if predicted.shape != true.shape:
        raise _WrongShape(predicted.shape)
    return float(getattr(metrics, part.metric)(predicted, true))


def _output_names(graph: ModelGraph) -> list[str]:
    """What the outputs are called, in order: by their keys, or else by their layers."""
    if isinstance(graph.outputs, Mapping):
        return list(graph.outputs)
    return [graph.layer_of(ref).name for ref in refs(graph.outputs)]


def _head_number(part: Trained, graph: ModelGraph) -> int:
    """Which of the model's outputs is measured: by key, by its layer's name, or by order."""
    if part.head is None:
        return 0
    if isinstance(graph.outputs, Mapping) and part.head in graph.outputs:
        return list(graph.outputs).index(part.head)
    names = [graph.layer_of(ref).name for ref in refs(graph.outputs)]
    return names.index(part.head) if part.head in names else part.heads.index(part.head)


def _why_untrained(
    part: Trained, case: Any, graph: ModelGraph, weights: Any, inputs: Any, true: Any
) -> Finding | None:
    """What can be told, from the answer alone, of why a model does not reach the bar."""
    name = {"name": part.name}
    compiled = case.get("compile")
    if compiled is not None and part.head is not None:
        outputs = _output_names(graph)
        if found := unfit(part.name, compiled, outputs, outputs[_head_number(part, graph)]):
            return found
    if compiled is None or not compiled["steps"]:
        still = compiled is not None and parameter_count(graph, trainable=True) == 0
        return Finding("never_trained", {**name, "variant": "frozen"} if still else name)
    if unread := _unread_inputs(graph):
        return Finding("unread_input", {**name, "input": unread[0]})
    if len(inputs) == 2 and len({array.shape for array in inputs.values()}) == 1:
        (first, one), (second, other) = inputs.items()
        score = _score(part, graph, weights, {first: other, second: one}, true)
        if _training_fraction(score, part.floor, part.bar) >= 1:
            return Finding("trained_swapped", {**name, "first": first, "second": second})
    return None


def _unread_inputs(graph: ModelGraph) -> list[str]:
    """Inputs from which no way leads to an output."""
    reached = calls_behind(graph.body, (ref.call for ref in refs(graph.outputs)))
    return [graph.layer_of(ref).name for ref in refs(graph.inputs) if ref.call not in reached]


def _inputs_of(holdout: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in holdout.items() if not key.startswith("y")}


def _training_fraction(score: float, floor: float, bar: float) -> float:
    """0 at the floor, 1 from the bar on, in steps between; NaN is 0."""
    way = (score - floor) / (bar - floor)
    if not way > 0:
        return 0.0
    return 1.0 if way >= 1 else min(1.0 - STEP, math.ceil(way / STEP) * STEP)


def _closed(part: Closed, exercise: Exercise, answer: Answer, target: Any, seed: int) -> _Result:
    text = digest(exercise.id, answer.cases(part.name)[0]["value"], part.decimals)
    if text in part.answers:
        return 1.0, [], []
    idea = part.traps.get(text, part.idea)
    return 0.0, [Finding("closed", {"name": part.name, "idea": idea})], []


_JUDGES: dict[type, Callable[..., _Result]] = {
    SameGraph: _same_graph,
    SameWeights: _same_weights,
    Compiled: _compiled,
    Fed: _fed,
    Trained: _trained,
    Closed: _closed,
}


# --- targets --------------------------------------------------------------------------------------


def target_of(exercise: Exercise, answer: Answer) -> dict[str, Any] | None:
    """What the judge compares with, taken from the solution's answer; None if nothing is.

    Only graphs: what an exercise shows anyway, not the code that makes it.
    """
    graphs = {}
    for part in exercise.parts:
        if isinstance(part, SameGraph):
            cases = answer.cases(part.name)
            if not cases or any("graph" not in case for case in cases):
                raise ValueError(f"{exercise.id}: the solution hands in no graph as {part.name}")
            graphs[part.name] = [case["graph"] for case in cases]
    return {"graphs": graphs} if graphs else None


def load_target(id_: str) -> dict[str, Any]:
    """The target data that the course was built with; empty where an exercise needs none."""
    file = resources.files("beyond_sequential.course") / "targets" / f"{id_}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
