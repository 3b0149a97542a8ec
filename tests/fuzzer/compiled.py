"""How a model is compiled, as an exercise asks for it: respelled and mutated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from beyond_sequential.answers.answer import Answer, GraphCase, helper_version
from beyond_sequential.answers.format import compiled_from_json
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import Compiled, Exercise
from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.judge import judge
from beyond_sequential.judge.targets import Target
from tests.fuzzer.kinds import full_config
from tests.fuzzer.recipe import MAIN, Body, Entry, LayerConfig, Recipe, Step
from tests.fuzzer.respell import respell

Settings = dict[str, Any]


def cases() -> list[tuple[Exercise, Compiled]]:
    return [
        (exercise, part)
        for exercise in sections.exercises().values()
        for part in exercise.parts
        if isinstance(part, Compiled)
    ]


def verdict(exercise: Exercise, part: Compiled, compiled: Settings) -> Verdict:
    """The verdict on a model with the outputs asked for that is compiled so."""
    heads = part.outputs or ("head",)
    rows = tuple(Step(head, head, (("i", 0),)) for head in heads)
    layers = {head: LayerConfig("Dense", full_config("Dense", units=1)) for head in heads}
    body = Body((Entry("i", (4,)),), rows, tuple((head, 0) for head in heads))
    graph = respell(Recipe({MAIN: body}, layers, heads, names=True, named=True)).graph
    values = {part.name: (GraphCase(graph, compiled=compiled_from_json(compiled)),)}
    answer = Answer(exercise.id, values, versions={"helper": helper_version()})
    return judge(replace(exercise, parts=(part,)), answer, target=Target())


def right(part: Compiled) -> Settings:
    """What a model compiled as asked hands over."""

    def written(wanted: Any) -> Any:
        if not isinstance(wanted, Mapping):
            return wanted
        if part.container == "list":
            return [wanted[head] for head in part.outputs]
        return dict(wanted)

    return {
        "optimizer": {"kind": part.optimizer or "adam", "settings": {"learning_rate": 0.001}},
        "steps": 0,
        "loss": written(part.loss),
        "loss_weights": written(part.loss_weights),
        "metrics": list(part.metrics) or None,
    }


def respelled(part: Compiled) -> Iterator[Settings]:
    """The same in other words: objects for names, more metrics, another learning rate."""
    plain = right(part)
    yield plain
    as_objects = _each(plain["loss"], lambda loss: {"kind": loss, "from_logits": False})
    yield {**plain, "loss": as_objects}
    yield {**plain, "metrics": [*part.metrics, "mean_absolute_error"]}
    yield {**plain, "optimizer": {"kind": plain["optimizer"]["kind"], "settings": {}}}
    if plain["loss_weights"] is not None:
        yield {**plain, "loss_weights": _each(plain["loss_weights"], float)}


def _each(tree: Any, change: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key: change(item) for key, item in tree.items()}
    return [change(item) for item in tree] if isinstance(tree, list) else change(tree)


def mutated(part: Compiled) -> Iterator[tuple[str, Settings]]:
    """Each mistake, with a word for it."""
    plain = right(part)
    if part.optimizer is not None:
        yield "optimizer", {**plain, "optimizer": {"kind": "sgd", "settings": {}}}
    for name in ("loss", "loss_weights"):
        wanted = plain[name]
        if wanted is None:
            continue
        yield f"no {name}", {**plain, name: None}
        if not isinstance(wanted, (list, dict)):
            yield f"other {name}", {**plain, name: "hinge"}
            yield "from logits", {**plain, name: {"kind": wanted, "from_logits": True}}
            continue
        for word, changed in _several(wanted, "hinge" if name == "loss" else 7.5):
            yield f"{name}: {word}", {**plain, name: changed}
    for metric in part.metrics:
        rest = [other for other in part.metrics if other != metric]
        yield f"no {metric}", {**plain, "metrics": rest or None}


def _several(wanted: Any, other: Any) -> Iterator[tuple[str, Any]]:
    """What goes wrong with one value for each output."""
    keys = list(wanted) if isinstance(wanted, Mapping) else list(range(len(wanted)))
    for key in keys:
        changed = dict(wanted) if isinstance(wanted, Mapping) else list(wanted)
        changed[key] = other
        yield f"other for {key}", changed
    for one, two in pairwise(keys):
        if wanted[one] != wanted[two]:
            changed = dict(wanted) if isinstance(wanted, Mapping) else list(wanted)
            changed[one], changed[two] = changed[two], changed[one]
            yield f"{one} and {two} exchanged", changed
    first = wanted[keys[0]]
    yield "one for all", first
    if isinstance(wanted, Mapping):
        yield "one too few", {key: wanted[key] for key in keys[1:]}
        yield "a wrong key", {f"{keys[0]}s": first, **{key: wanted[key] for key in keys[1:]}}
        yield "a list for a dict", list(wanted.values())
    else:
        yield "one too few", wanted[:-1]
        yield "a dict for a list", dict(enumerate(wanted))
