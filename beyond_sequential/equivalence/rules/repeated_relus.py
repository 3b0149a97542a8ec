"""relu leaves alone what is not negative.

A second relu, or one behind a pooling of what a relu gave, changes nothing.
"""

from __future__ import annotations

from ..form import Form, Node, renumbered
from .sums import consed

_KEEPING = ("add", "multiply", "average", "maximum", "minimum", "concatenate", "slice", "Flatten")
_KEEPING_PREFIXES = ("MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling")
_POSITIVE = ("relu", "sigmoid", "softmax", "softplus", "exponential")
_RELU = {"activation": "relu"}


def repeated_relus(form: Form, merge: bool) -> Form:
    """Return the form without each relu of what is not negative."""
    positive: list[bool] = []
    moved: dict[int, int] = {}
    for number, node in enumerate(form.nodes):
        inputs = [positive[source] for _, (source, _) in node.reads]
        is_relu = node.kind == "activation" and node.settings == _RELU
        if is_relu and all(inputs) and node.reads[0][1][1] == 0:
            source = node.reads[0][1][0]
            moved[number] = moved.get(source, source)
        positive.append(_is_positive(node, inputs))
    if not moved:
        return form
    form = renumbered(form, [n for n in range(len(form.nodes)) if n not in moved], moved)
    return consed(form) if merge else form


def _is_positive(node: Node, inputs: list[bool]) -> bool:
    """Return whether no number that a node gives is negative."""
    if node.kind == "activation":
        return set(node.settings) == {"activation"} and node.settings["activation"] in _POSITIVE
    keeps = node.kind in _KEEPING or node.kind.startswith(_KEEPING_PREFIXES)
    return keeps and not node.settings.get("constants") and bool(inputs) and all(inputs)
