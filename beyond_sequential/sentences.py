"""What a finding says: where, what was expected, what was found, and the idea behind it.

Each sentence is one function of a finding and its verdict; the first line names the fault, the
second, where there is one, the idea.  No sentence gives the code of the solution.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from .compare import Place
from .graph import Body, Call, Layer, ModelGraph, read_by, refs
from .i18n import _
from .judge import Finding, Verdict

# Settings that tell layers of one kind apart, in the order in which code gives them.
_TELLING = ("units", "filters", "kernel_size", "input_dim", "output_dim", "pool_size", "rate")


def sentence(finding: Finding, verdict: Verdict) -> str:
    """One finding in the active language: one line for what is wrong, perhaps one for the idea."""
    message, idea = _choose(finding)
    fields = {key: _value(value) for key, value in finding.detail.items()}
    if "idea" in fields:
        fields["idea"] = _(fields["idea"])
    if finding.difference is not None:
        fields |= _both(finding, verdict)
    lines = [_(message).format_map(fields), _(idea).format_map(fields)]
    return "\n".join(filter(None, lines))


def _choose(finding: Finding) -> tuple[str, str]:
    """The message and the idea for a finding; a variant of a code has a key of its own."""
    for key in _keys(finding):
        if key in _WORDS:
            return _WORDS[key]
    return N_("Something is not as it should be: {code}.").replace("{code}", finding.code), ""


def _keys(finding: Finding) -> list[str]:
    """From the most special to the most general."""
    detail, code = finding.detail, finding.code
    if code == "error":
        at = "error_at" if detail.get("line") else "error"
        return [f"{at}.{detail.get('type')}", at]
    return [f"{code}.{detail.get('setting') or detail.get('metric')}", code]


def N_(message: str) -> str:
    """Mark a text for the catalogue; it is looked up when it is shown."""
    return message


# --- naming places ------------------------------------------------------------------------------


def _locate(graph: ModelGraph, place: Place) -> tuple[Body, Call, Layer]:
    """The call that a place names, with its layer and the body that it stands in."""
    body = graph.body
    for number in place.path[:-1]:
        nested = graph.layers[body.calls[number].layer].body
        assert nested is not None
        body = nested
    call = body.calls[place.path[-1]]
    return body, call, graph.layers[call.layer]


def layer_label(layer: Layer) -> str:
    """A layer as code would write it: `Dense(32, relu)`; an Input by its name."""
    if layer.kind == "InputLayer":
        return layer.name
    values = [_short(layer.settings[key]) for key in _TELLING if key in layer.settings]
    activation = layer.settings.get("activation")
    if isinstance(activation, str) and activation not in ("linear", "tanh"):
        values.append(activation)
    kind = layer.kind.removeprefix("ops.").removeprefix("custom.")
    return f"{kind}({', '.join(values)})" if values else kind


def _short(value: Any) -> str:
    if isinstance(value, list) and len(set(map(str, value))) == 1:
        return str(value[0])
    return str(tuple(value)) if isinstance(value, list) else str(value)


def _where(graph: ModelGraph, place: Place) -> str:
    """A place as a reader can find it: the layer, which one of several, and its branch."""
    body, call, layer = _locate(graph, place)
    if layer.kind == "InputLayer":
        return f"`{layer.name}`"
    label = layer_label(layer)
    words = f"`{label}`"
    alike = [c for c in body.calls if layer_label(graph.layers[c.layer]) == label]
    inputs = _inputs_behind(graph, body, place.path[-1])
    alone = len(list(refs(body.inputs))) > 1 and len(inputs) == 1
    if alone:
        words = _("{layer} in the branch of `{input}`").format(layer=words, input=inputs[0])
        alike = [c for c in alike if _inputs_behind(graph, body, body.calls.index(c)) == inputs]
    if len(alike) > 1:
        words = _("{layer} (number {number} of {total})").format(
            layer=words, number=alike.index(call) + 1, total=len(alike)
        )
    return words


def _inputs_behind(graph: ModelGraph, body: Body, number: int) -> list[str]:
    todo, seen = [number], set()
    while todo:
        at = todo.pop()
        if at not in seen:
            seen.add(at)
            todo.extend(ref.call for ref in read_by(body.calls[at]))
    layers = (graph.layers[body.calls[at].layer] for at in sorted(seen))
    return [layer.name for layer in layers if layer.kind == "InputLayer"]


def _places(graph: ModelGraph, places: tuple[Place, ...]) -> str:
    counted = Counter(_where(graph, place) for place in places)
    return ", ".join(words if n == 1 else f"{words} ×{n}" for words, n in counted.items())


def _graphs(finding: Finding, verdict: Verdict) -> tuple[ModelGraph, ModelGraph]:
    assert finding.picture is not None
    picture = verdict.pictures[finding.picture]
    return picture.expected, picture.found


def _both(finding: Finding, verdict: Verdict) -> dict[str, Any]:
    """The expected and the found places of a difference in words, as they are found."""
    expected, found = _graphs(finding, verdict)
    assert finding.difference is not None
    return {
        "wanted": _places(expected, finding.difference.expected),
        "got": _places(found, finding.difference.found),
    }


def _value(value: Any) -> Any:
    """Numbers stay numbers, for formats such as a percentage."""
    if isinstance(value, list):
        return ", ".join(f"`{v}`" if isinstance(v, str) else str(v) for v in value)
    return value


# --- the words ------------------------------------------------------------------------------------

_SIGNATURE = N_("Look at the brackets and at the names of the arguments in this line.")
_TENSORS = N_(
    "Read the line from the inside out: is each layer called, on a tensor, of a shape it can take?"
)
_ERROR_AT = N_("`{name}` stops with a {type} at `{line}`: {text}")

# For each finding's code (or "code.variant"): what is wrong, and the idea behind it.
_WORDS: dict[str, tuple[str, str]] = {
    # not there, not finished, not of the right kind
    "missing_name": (N_("There is no `{name}` yet. Run the cell that makes it."), ""),
    "stub": (N_("`{name}` still waits for your code."), ""),
    "error": (N_("`{name}` stops with a {type}: {text}"), ""),
    "error_at": (_ERROR_AT, ""),
    "error_at.TypeError": (_ERROR_AT, _SIGNATURE),
    "error_at.ValueError": (_ERROR_AT, _TENSORS),
    "error_at.AttributeError": (_ERROR_AT, _TENSORS),
    "not_a_function": (N_("`{name}` is a {type}; it must stay a function."), ""),
    "not_a_model": (
        N_("`{name}` is a {type}; it must be a model."),
        N_("A model is made of its input tensors and its output tensors."),
    ),
    "not_a_tensor": (
        N_("`{name}` gives a {type}; it must give the output tensor."),
        N_("A layer called on a tensor gives a tensor; a model is made of tensors later."),
    ),
    "not_called": (
        N_("`{name}` is a {type} layer that was made, but not called."),
        N_("Making a layer and calling it on a tensor are two steps."),
    ),
    "unbuilt": (
        N_("The model `{type}` does not know its input's shape yet, so it has no weights."),
        N_("Begin it with an Input."),
    ),
    "other_keras": (
        N_("`{name}` is a {type}; this course uses `keras`."),
        N_("Two packages called Keras do not mix: each knows only its own tensors."),
    ),
    "unreadable": (N_("`{name}` can't be read: {text}"), ""),
    # compile, data, training
    "not_compiled": (
        N_("`{name}` is not compiled."),
        N_("Compiling tells a model how to learn: by which optimizer, from which loss."),
    ),
    "compile": (
        N_("`{name}` is compiled with the {setting} `{found}`; expected `{expected}`."),
        "",
    ),
    "compile.loss": (
        N_("`{name}` is compiled with the loss `{found}`; expected `{expected}`."),
        N_("The loss must fit what the last layer gives and how the targets are written."),
    ),
    "compile_metric": (N_("`{name}` is compiled without the metric `{metric}`."), ""),
    "container": (N_("`{name}` must be a {expected}."), ""),
    "keys": (
        N_("`{name}` has the keys {found}; expected: {expected}."),
        N_("Keras matches a dict's keys with the names of the Inputs."),
    ),
    "length": (N_("`{name}` holds {found} arrays; the model has {expected} inputs."), ""),
    "swapped": (
        N_("In `{name}`, the data of `{other}` stands where `{key}` is read."),
        N_("Shapes that fit prove nothing: arrays of the same shape can be exchanged unnoticed."),
    ),
    "array_shape": (N_("In `{name}`, `{key}` has the shape {found}; expected {expected}."), ""),
    "array_values": (
        N_("In `{name}`, `{key}` has the right shape, but other numbers than expected."),
        "",
    ),
    "weights_shape": (N_("`{first}` and `{second}` have weights of different shapes."), ""),
    "weights_differ": (
        N_("`{first}` and `{second}` differ in {unequal} of {of} weights."),
        N_("The same graph with other weights is another function."),
    ),
    "not_evaluated": (N_("`{name}` could not be run on the holdout: {text}"), ""),
    "output_shape": (
        N_("`{name}` gives outputs of shape {found} for each sample; expected {expected}."),
        "",
    ),
    "training": (
        N_("`{name}` reaches {score} on data that it has not seen; full marks start at {bar}."),
        N_("Fit the finished model on all the training data, then check again."),
    ),
    "training.accuracy": (
        N_(
            "`{name}` is right on {score:.0%} of the samples that it has not seen; "
            "full marks start at {bar:.0%}."
        ),
        N_("Fit the finished model on all the training data, then check again."),
    ),
    "closed": (N_("`{name}` is not right yet."), N_("{idea}")),
}
