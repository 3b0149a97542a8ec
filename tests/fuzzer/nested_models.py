"""Blocks of a recipe, and some of its steps, written as nested models or step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.fuzzer.graph_writer import Trail
from tests.fuzzer.kinds import Shape
from tests.fuzzer.recipe import (
    Body,
    Step,
    Value,
)

if TYPE_CHECKING:
    from tests.fuzzer.respell import Respeller


def call_of_block(
    respeller: Respeller, writer: Any, step: Step, read: list[Any], trail: Trail
) -> list[Any]:
    """A call of a block: of a nested model, or its steps written out."""
    body = respeller.recipe.bodies[step.what]
    if _is_written_out(respeller, step.what):
        given = {(e.uid, 0): value for e, value in zip(body.inputs, read, strict=True)}
        respeller.steps(writer, body, given, trail, step.what)
        return [given[value] for value in body.outputs]
    handle, form = _block_model(respeller, step.what, body)
    out = [respeller.shapes[uid][output] for uid, output in body.outputs]
    argument = _argument(form, read, [_key((entry.uid, 0)) for entry in body.inputs])
    return _called(respeller, writer, handle, argument, out, trail, step.training)


def _is_written_out(respeller: Respeller, block: str) -> bool:
    return respeller.maybe(0.45, "flat", block)


def _stands_in_a_row(respeller: Respeller, block: str) -> bool:
    """Whether a block is a model that gives one tensor, and not a list of one."""
    if _is_written_out(respeller, block):
        return False
    outputs = _block_model(respeller, block, respeller.recipe.bodies[block])[0].outputs
    return not isinstance(outputs, (Mapping, list))


def _called(
    respeller: Respeller,
    writer: Any,
    handle: Any,
    argument: Any,
    out: list[Shape],
    trail: Trail,
    training: bool | None = None,
) -> list[Any]:
    keys = sorted(handle.outputs) if isinstance(handle.outputs, Mapping) else None
    if keys is None:
        return writer.call(handle, (argument,), out, trail, training)
    places = [int(key[1:]) for key in keys]
    results = writer.call(handle, (argument,), [out[place] for place in places], trail, training)
    return [results[places.index(place)] for place in range(len(out))]


def _block_model(respeller: Respeller, key: str, body: Body) -> tuple[Any, str]:
    if key not in respeller.blocks:
        runs = list(body.steps)
        needed = [(entry.uid, 0) for entry in body.inputs]
        kind = _style(respeller, body, runs, needed, list(body.outputs), key)
        respeller.blocks[key] = _nested(
            respeller, body, runs, needed, list(body.outputs), key, kind
        )
    return respeller.blocks[key]


def _style(
    respeller: Respeller,
    body: Body,
    run: list[Step],
    needed: list[Value],
    outputs: list[Value],
    topic: Any,
) -> str:
    styles = ["Functional", "custom.Part"]
    if _is_chain(respeller, run, needed, outputs):
        styles += ["Sequential", "Sequential"]
    return respeller.choose(styles, "style", topic)


def _is_chain(
    respeller: Respeller, run: list[Step], needed: list[Value], outputs: list[Value]
) -> bool:
    last = needed[0] if len(needed) == 1 else None
    if len({step.what for step in run}) < len(run):
        return False
    for step in run:
        if step.reads != (last,) or len(respeller.shapes[step.uid]) > 1 or step.training:
            return False
        if respeller.recipe.is_block(step.what) and not _stands_in_a_row(respeller, step.what):
            return False
        last = (step.uid, 0)
    return outputs == [last]


def wrap(
    respeller: Respeller,
    writer: Any,
    body: Body,
    run: list[Step],
    values: dict[Value, Any],
    outer: Trail,
    topic: Any,
) -> None:
    """Write some steps as a nested model, called once."""
    made = {step.uid for step in run}
    needed = dict.fromkeys(v for step in run for v in step.reads if v[0] not in made)
    rest = [v for step in body.steps if step.uid not in made for v in step.reads]
    wanted = [v for v in (*rest, *body.outputs) if v[0] in made]
    outputs = list(dict.fromkeys(wanted))
    name = (*outer, topic, run[0].uid)
    style = _style(respeller, body, run, list(needed), outputs, name)
    handle, form = _nested(respeller, body, run, list(needed), outputs, name, style, outer)
    argument = _argument(form, [values[v] for v in needed], [_key(v) for v in needed])
    out = [respeller.shapes[uid][output] for uid, output in outputs]
    results = _called(respeller, writer, handle, argument, out, ())
    values.update(zip(outputs, results, strict=True))


def _nested(
    respeller: Respeller,
    body: Body,
    run: list[Step],
    needed: list[Value],
    outputs: list[Value],
    topic: Any,
    style: str,
    outer: Trail = (),
) -> tuple[Any, str]:
    """A nested model of some steps, and the form of its inputs."""
    writer = respeller.graph_writer.body_writer()
    entries = {entry.uid: entry for entry in body.inputs}
    form = respeller.choose(["list", "dict"], "form", topic) if len(needed) > 1 else "one"
    given: dict[Value, Any] = {}
    for uid, output in needed:
        entry = entries.get(uid)
        dtype = entry.dtype if entry else "float32"
        name = _key((uid, output)) if form == "dict" else None
        given[uid, output] = writer.input(respeller.shapes[uid][output], dtype, name, (uid,))
    inputs = _argument(form, list(given.values()), [_key(v) for v in needed])
    inside = dict(given)
    for step in run:
        respeller.step(writer, step, inside, outer, plain=style == "Sequential")
    results = [inside[value] for value in outputs]
    whole: Any = results
    if len(results) == 1 and respeller.choose([True, False], "one output", topic):
        whole = results[0]
    elif style != "Sequential" and respeller.maybe(0.3, "named outputs", topic):
        whole = {f"o{number}": result for number, result in enumerate(results)}
    if style == "Sequential":
        whole = results[0]
    handle = respeller.graph_writer.model(
        writer, inputs, whole, style, respeller.name("model", topic)
    )
    return handle, form


def _key(value: Value) -> str:
    return f"{value[0]}_{value[1]}"


def _argument(form: str, values: list[Any], names: list[str]) -> Any:
    if form == "one":
        return values[0]
    return list(values) if form == "list" else dict(zip(names, values, strict=True))
