"""The last of all steps is what a recurrent layer gives without return_sequences.

LSTM(3, return_sequences=True)(x)[:, -1] is LSTM(3)(x).
"""

from __future__ import annotations

from dataclasses import replace

from ...model.kinds import kind_of
from ..form import Form, Node, frozen, pruned
from ..spellings import is_random
from .slices import ALL
from .sums import consed


def last_steps(form: Form, merge: bool) -> Form:
    """Return the form with a recurrent layer of one output in place of each last step."""
    nodes = list(form.nodes)
    for number, node in enumerate(nodes):
        if node.kind == "slice":
            (source, output) = node.reads[0][1]
            layer = form.nodes[source]
            if output == 0 and _is_last_step(node, layer):
                settings = {**layer.settings, "return_sequences": False}
                nodes[number] = replace(
                    layer,
                    settings=settings,
                    places=(*layer.places, *node.places),
                    tensors=node.tensors,
                    key=(layer.kind, frozen(settings)),
                )
    if nodes == list(form.nodes):
        return form
    form = pruned(replace(form, nodes=tuple(nodes)))
    return consed(form) if merge else form


def _is_last_step(node: Node, layer: Node) -> bool:
    if (
        not kind_of(layer.kind).state_is_output
        or layer.settings.get("return_sequences") is not True
    ):
        return False
    shape = layer.tensors[0].shape
    if layer.settings.get("return_state") or shape is None or is_random(layer.kind, layer.settings):
        return False
    last = -1 if shape[1] is None else shape[1] - 1
    return node.key == ("slice", frozen([ALL, last]))
