"""The picture in words: for a terminal, a screen reader, and a notebook that shows no pictures.

Tests: tests/beyond_sequential/draw/test_draw.py
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..i18n import _
from ..model.graph import Body, Layer, ModelGraph, Ref, read_by, refs
from ..model.kinds import short_name
from ..model.labels import summary
from . import words

Notes = Mapping[tuple[str | None, int], tuple[Any, ...]]


def describe(graph: ModelGraph, notes: Notes | None = None) -> str:
    """Return a line for each call: what it is and reads; nested models indented, each once.

    `notes` are words on calls, by the layer whose body they are in and their number.
    """
    name, facts = words.heading(graph)
    head = _("{name}: {facts}").format(name=name, facts=facts)
    return "\n".join([head, *_body(graph, None, "  ", set(), notes or {})])


def _body(
    graph: ModelGraph, owner: str | None, indent: str, described: set[str], notes: Notes
) -> list[str]:
    nested = None if owner is None else graph.layers[owner].body
    body = graph.body if nested is None else nested
    uses = Counter(call.layer for call in body.calls)
    seen: Counter[str] = Counter()
    lines = []
    for number, call in enumerate(body.calls):
        layer = graph.layers[call.layer]
        seen[layer.id] += 1
        line = indent + _call(graph, body, number, layer)
        if uses[layer.id] > 1:
            line += "; " + _("shared: call {n} of {total}").format(
                n=seen[layer.id], total=uses[layer.id]
            )
        lines.append(line)
        lines += [
            f"{indent}  [{note.number}] {note.text}" for note in notes.get((owner, number), ())
        ]
        if layer.body is not None and layer.id not in described:
            described.add(layer.id)
            lines += _body(graph, layer.id, indent + "    ", described, notes)
    for ref in refs(body.outputs):
        lines.append(indent + _("output: {name}").format(name=_name(graph, body, ref)))
    return lines


def _call(graph: ModelGraph, body: Body, number: int, layer: Layer) -> str:
    call = body.calls[number]
    line = f"{layer.name}: {short_name(layer.kind)}"
    settings = summary(layer, call)
    if settings:
        line += f"({settings})"
    read = [_name(graph, body, ref) for ref in read_by(call)]
    if read:
        line += " ← " + ", ".join(read)
    return f"{line} → {', '.join(words.shape(tensor) for tensor in call.outputs)}"


def _name(graph: ModelGraph, body: Body, ref: Ref) -> str:
    """Return a tensor by the layer that makes it, and by its call where there are several."""
    call = body.calls[ref.call]
    name = graph.layers[call.layer].name
    same = [n for n, other in enumerate(body.calls) if other.layer == call.layer]
    if len(same) > 1:
        name += f" ({same.index(ref.call) + 1})"
    return f"{name}[{ref.output}]" if len(call.outputs) > 1 else name
