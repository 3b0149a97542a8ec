"""What a finding says: where, what was expected, what was found, and the idea behind it.

Each sentence is one function of a finding and its verdict; the first line names the fault, the
second, where there is one, the idea.  No sentence gives the code of the solution.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..compare import Place
from ..compare.places import Path, body_at, lifted
from ..findings.verdict import Finding, Verdict
from ..i18n import _
from ..model.graph import Body, Call, Layer, ModelGraph, calls_behind, read_by, refs
from ..model.kinds import MERGE_LAYERS
from ..model.labels import layer_label

_NO_BLANK = re.compile(r"(?<=[）。，；：、]) ")  # Chinese punctuation brings its own room
MOST_PLACES = 5  # that one sentence names


def sentence(finding: Finding, verdict: Verdict | None) -> str:
    """One finding in the active language: one line for what is wrong, perhaps one for the idea."""
    message, idea = _choose(finding, verdict)
    fields = {key: _value(value) for key, value in finding.detail.items()}
    if "idea" in fields:
        fields["idea"] = _(fields["idea"])
    if finding.difference is not None and verdict is not None:
        fields |= _both(finding, verdict)
    lines = [_filled(message, fields), _filled(idea, fields)]
    return _NO_BLANK.sub("", "\n".join(filter(None, lines)))


def _filled(message: str, fields: Mapping[str, Any]) -> str:
    """The message with its fields; a field that forged data lacks or spoils is a question mark."""
    try:
        return _(message).format_map(fields)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError):
        return _(message).format_map(defaultdict(lambda: "?"))


def _choose(finding: Finding, verdict: Verdict | None) -> tuple[str, str]:
    """The message and the idea for a finding; a variant of a code has a key of its own."""
    for key in _keys(finding, verdict):
        if key in _WORDS:
            return _WORDS[key]
    return N_("Something is not as it should be: {code}.").replace("{code}", finding.code), ""


def _keys(finding: Finding, verdict: Verdict | None) -> list[str]:
    """From the most special to the most general."""
    detail, code = finding.detail, finding.code
    if code == "error":
        at = "error_at" if detail.get("line") else "error"
        return [f"{at}.{detail.get('type')}", at]
    variants = [detail.get("variant"), "head" if "head" in detail else None, detail.get("side")]
    if "from_logits" in str(detail.get("found")):
        variants.append("from_logits")
    variants += [detail.get("setting"), detail.get("metric")]
    if detail.get("setting") == "units" and detail.get("found") == 1:
        variants.insert(0, "softmax_of_one" if "softmax" in str(finding.difference) else None)
    if code.endswith("_name") and len(detail.get("expected") or ()) == 1:
        variants.append("one")
    if finding.difference is not None:
        flags = ("declared", "swapped", "moved", "vanished", "output", "join")
        variants += [flag for flag in flags if detail.get(flag) is not None]
        variants += [f"no_{end}" for end in ("expected", "found") if detail.get(end, 0) is None]
        if verdict is not None:
            variants += _looked_up(finding, verdict)
        ends = (finding.difference.expected, finding.difference.found)
        kinds = [{place.kind for place in places} for places in ends]
        if "Lambda" in kinds[1]:
            variants.append("lambda")
        if all(found and found <= MERGE_LAYERS for found in kinds):
            variants.append("merge")
        if code == "trainable":
            variants.append("frozen" if detail.get("expected") else "moving")
        if _is_input(detail.get("expected")):
            variants.append("input")
    return [*(f"{code}.{variant}" for variant in variants if variant), code]


def _is_foreign(finding: Finding, verdict: Verdict) -> bool:
    """Whether what is read is an Input of another model: not of this one, whatever it is called."""
    found = finding.detail.get("found")
    if not isinstance(found, Mapping) or not _is_input(found):
        return False
    graph = _graphs(finding, verdict)[1]
    path = Place.from_json(found).path
    return len(path) == 1 and path[0] not in {ref.call for ref in refs(graph.inputs)}


def _is_input(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("kind") == "InputLayer"


def _looked_up(finding: Finding, verdict: Verdict) -> Iterator[str]:
    """Variants that only the two graphs can tell."""
    if _is_foreign(finding, verdict):
        yield "foreign"
    if _is_reused(finding, verdict):
        yield "reused"
    if finding.code == "not_shared" and finding.difference is not None:
        expected, found = (
            [_locate(graph, path)[2] for path in lifted(graph, [p.path for p in places])]
            for graph, places in zip(
                _graphs(finding, verdict),
                (finding.difference.expected, finding.difference.found),
                strict=True,
            )
        )
        if all(layer.body is not None for layer in found):
            yield "models"
        elif len({layer.id for layer in expected}) > 1:
            yield "chain"


def _is_reused(finding: Finding, verdict: Verdict) -> bool:
    """Whether the tensor that should be read is read by others too, as before a shortcut, and none
    of the Inputs stands in its place."""
    wanted, found = (finding.detail.get(end) for end in ("expected", "found"))
    if not isinstance(wanted, Mapping) or "path" not in wanted or _is_input(found):
        return False
    place = Place.from_json(wanted)
    body, _call, _layer = _locate(_graphs(finding, verdict)[0], place.path)
    return sum(place.path[-1] in {ref.call for ref in read_by(c)} for c in body.calls) > 1


def N_(message: str) -> str:
    """Mark a text for the catalogue; it is looked up when it is shown."""
    return message


# --- naming places ------------------------------------------------------------------------------


def _locate(graph: ModelGraph, path: Path) -> tuple[Body, Call, Layer]:
    """The call that a path names, with its layer and the body that it stands in."""
    body, _owner = body_at(graph, path[:-1])
    assert body is not None
    call = body.calls[path[-1]]
    return body, call, graph.layers[call.layer]


def _where(graph: ModelGraph, path: Path) -> str:
    """A place as a reader can find it: the layer, which one of several, and its branch."""
    body, call, layer = _locate(graph, path)
    label = layer_label(layer, call)
    words = f"`{label}`"
    if layer.kind == "InputLayer":
        return words
    alike = [c for c in body.calls if layer_label(graph.layers[c.layer], c) == label]
    inputs = _inputs_behind(graph, body, path[-1])
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
    behind = sorted(calls_behind(body, [number]))
    layers = (graph.layers[body.calls[at].layer] for at in behind)
    return [layer.name for layer in layers if layer.kind == "InputLayer"]


def _places(graph: ModelGraph, places: Iterable[Place], models: bool = False) -> str:
    """Places in words: a layer that is called several times once, and where they are many (or
    `models` are asked for) a nested model in place of all that is in it."""
    paths = [place.path for place in places]
    calls = Counter(_locate(graph, path)[2].id for path in paths)
    if models or len(calls) > MOST_PLACES:
        paths = lifted(graph, paths)
        calls = Counter(_locate(graph, path)[2].id for path in paths)
    counted: Counter[str] = Counter()
    told: set[str] = set()
    for path in paths:
        layer = _locate(graph, path)[2]
        if calls[layer.id] == 1:
            counted[_where(graph, path)] += 1
        elif layer.id not in told:
            told.add(layer.id)
            counted[f"`{layer_label(layer)}`"] += 1
    words = [words if n == 1 else f"{words} ×{n}" for words, n in counted.items()]
    if len(words) > MOST_PLACES:
        more = len(words) - MOST_PLACES + 1
        words[-more:] = [_("{n} more").format(n=more)]
    return _(", ").join(words)


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
        "got": _places(found, finding.difference.found, models=finding.code == "not_shared"),
        **_ends(finding, expected, found),
        **_as_written(finding, found),
    }


def _as_written(finding: Finding, found: ModelGraph) -> dict[str, Any]:
    """An axis as the student wrote it; comparing counts it from the end."""
    difference = finding.difference
    if finding.detail.get("setting") != "axis" or difference is None or not difference.found:
        return {}
    layer = _locate(found, difference.found[0].path)[2]
    return {"found": layer.settings["axis"]} if "axis" in layer.settings else {}


def _ends(finding: Finding, expected: ModelGraph, found: ModelGraph) -> dict[str, str]:
    """What a difference's detail expects and found, where those are places."""
    words = {}
    for key, graph in (("expected", expected), ("found", found)):
        value = finding.detail.get(key)
        if isinstance(value, Mapping) and "path" in value:
            words[key] = _where(graph, Place.from_json(value).path)
        elif isinstance(value, Mapping) and "shape" in value:
            words[key] = f"{_shape(value['shape'])} {value['dtype']}"
    vanished = finding.detail.get("vanished") or ()
    words["vanished"] = _places(expected, tuple(map(Place.from_json, vanished)))
    if finding.detail.get("join"):
        graph = expected if finding.code == "missing" else found
        words["join"] = _where(graph, Place.from_json(finding.detail["join"]).path)
    return words


def _shape(shape: Any) -> str:
    if shape is None:
        return "?"
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _value(value: Any) -> Any:
    """Numbers stay numbers, for formats such as a percentage; lists of numbers are shapes."""
    if isinstance(value, list) and all(v is None or isinstance(v, int) for v in value):
        return _shape(value)
    if isinstance(value, list) and value and isinstance(value[0], list):
        return _(", ").join(map(_shape, value))
    if isinstance(value, list):
        return _(", ").join(f"`{v}`" if isinstance(v, str) else str(v) for v in value)
    return value


# --- the words ------------------------------------------------------------------------------------

_ERROR_AT = N_("`{name}` stops at `{line}` with {type}: {text}")

# For each finding's code (or "code.variant"): what is wrong, and the idea behind it.
_WORDS: dict[str, tuple[str, str]] = {
    # not there, not finished, not of the right kind
    "missing_name": (
        N_("There is no `{name}` yet. Run the cell that makes it."),
        N_("If that cell stops with an error, read it first: the name was never given."),
    ),
    "stub": (N_("`{name}` still waits for your code."), ""),
    "error": (N_("`{name}` stops with {type}: {text}"), ""),
    "error_at": (_ERROR_AT, ""),
    "error_at.TypeError": (
        _ERROR_AT,
        N_("Look at the brackets and at the names of the arguments in this line."),
    ),
    "error_keywords": (
        N_("`{name}` stops at `{line}`: `{keyword}` is not an argument of `keras.Model`."),
        N_("The two arguments are called `inputs` and `outputs`."),
    ),
    "error_unreachable": (
        N_(
            "`{name}` stops at `{line}`: the outputs are computed from the Input `{input}`, which is not among the model's inputs."
        ),
        N_("Every output must be computable from the inputs that you name, and from nothing else."),
    ),
    "error_unreachable.model": (
        N_(
            "`{name}` stops at `{line}`: the outputs are computed from `{input}`, the Input of `{model}`."
        ),
        N_(
            "What a model carries around, such as `{model}.output`, hangs on its own Input. To use it on other tensors, call it."
        ),
    ),
    "error_uncalled": (
        N_(
            "`{name}` stops at `{line}`: a tensor is expected there, and {layer} is a layer that was made, but not called."
        ),
        N_("Making a layer and calling it on a tensor are two steps, with brackets of their own."),
    ),
    "error_input_shape": (
        N_("`{name}` stops at `{line}`: {shape} is a number; a shape is a tuple."),
        N_("A tuple of one number is written with a comma: `({shape},)`."),
    ),
    "error_no_list": (
        N_("`{name}` stops at `{line}`: the tensors to be merged must be given as one list."),
        N_(
            "A merge takes one argument, a list in square brackets, however many tensors there are."
        ),
    ),
    "error_again": (
        N_(
            "`{name}` stops at `{line}`: this {layer} was called before, on a tensor of shape {before}; now it gets {shape}."
        ),
        N_(
            "A layer that is called again brings the weights it has. Where two layers are meant, make two."
        ),
    ),
    "error_rank": (
        N_(
            "`{name}` stops at `{line}`: {layer} wants a tensor with another number of axes for each sample ({rank}), and gets one of shape {shape}."
        ),
        N_("Compare with what the layer before gives: a sequence, a picture, or one vector?"),
    ),
    "error_open_size": (
        N_(
            "`{name}` stops at `{line}`: {layer} can't know how many weights it needs for a tensor of shape {shape}."
        ),
        N_(
            "An axis of open size must be summed up before a layer can count on it, by a pooling or an LSTM."
        ),
    ),
    "error_cut": (
        N_(
            "`{name}` stops at `{line}`: an intermediate tensor was given to `keras.Model` as an input."
        ),
        N_(
            "Was the variable of the Input overwritten on the way? Give the Input a name of its own."
        ),
    ),
    "error_unread": (
        N_(
            "`{name}` stops at `{line}`: nothing on the way to the outputs reads the Input `{input}`."
        ),
        N_("Each branch reads its own Input. Which one reads another's?"),
    ),
    "error_another_input": (
        N_(
            "`{name}` stops at `{line}`: the outputs are computed from another Input that is called `{input}`, too; it was made earlier."
        ),
        N_(
            "Running a cell again makes new Inputs; what was built on the old ones stays with those."
        ),
    ),
    "error_join_shapes": (
        N_(
            "`{name}` stops at `{line}`: tensors of the shapes {shapes} can't be joined along the axis {axis}."
        ),
        N_("All other axes must agree. Vectors of features are joined along the last axis, -1."),
    ),
    "error_join_shapes.padding": (
        N_(
            "`{name}` stops at `{line}`: tensors of the shapes {shapes} can't be joined along the axis {axis}."
        ),
        N_(
            'The branches lose different numbers of places at the rim. Padding "same" in each layer with a window, pooling too, lets them meet.'
        ),
    ),
    "error_join_shapes.stride": (
        N_(
            "`{name}` stops at `{line}`: tensors of the shapes {shapes} can't be joined along the axis {axis}."
        ),
        N_("One branch takes larger steps than another: do all of them have their strides?"),
    ),
    "error_join_ranks": (
        N_(
            "`{name}` stops at `{line}`: a sequence and a vector can't be joined; the shapes are {shapes}."
        ),
        N_("A recurrent layer with `return_sequences` gives a sequence, without it one vector."),
    ),
    "error_shapes": (
        N_("`{name}` stops at `{line}`: `{layer}` wants tensors of one shape, and gets {shapes}."),
        N_("Adding mixes numbers place by place. To keep all of them side by side, concatenate."),
    ),
    "error_shapes.channels": (
        N_("`{name}` stops at `{line}`: `{layer}` wants tensors of one shape, and gets {shapes}."),
        N_(
            "Where channels differ, the way past needs a projection: a convolution of size 1 with as many filters, and with the same strides."
        ),
    ),
    "error_shapes.padding": (
        N_("`{name}` stops at `{line}`: `{layer}` wants tensors of one shape, and gets {shapes}."),
        N_('Each window loses places at the rim. With padding "same" a step of 1 keeps the size.'),
    ),
    "error_shapes.stride": (
        N_("`{name}` stops at `{line}`: `{layer}` wants tensors of one shape, and gets {shapes}."),
        N_("One way takes larger steps than the other: both need the same strides."),
    ),
    "error_symbolic": (
        N_(
            "`{name}` stops at `{line}`: it asks a Keras tensor for its numbers, and it has none yet."
        ),
        N_(
            "A model is built before data comes. Use layers and `keras.ops`, not numpy, `if` or item assignment."
        ),
    ),
    "error_same_name": (
        N_("`{name}` stops at `{line}`: two layers of the model are called `{again}`."),
        N_("A name stands for one layer; losses and targets find their output by it."),
    ),
    "error_same_model": (
        N_("`{name}` stops at `{line}`: two models in it are called `{again}`."),
        N_(
            "A clone has weights of its own, and its original's name. To share a model, call the one model several times."
        ),
    ),
    "error_slash": (
        N_("`{name}` stops at `{line}`: there is a slash in the name `{slashed}`."),
        N_("Keras writes paths of weights with slashes. Letters, digits and underscores will do."),
    ),
    "not_a_function": (N_("`{name}` is of the type {type}; it must stay a function."), ""),
    "not_a_model": (
        N_("`{name}` gives an object of the type {type}; it must give a model."),
        N_("A model is made of its input tensors and its output tensors."),
    ),
    "not_a_tensor": (
        N_("`{name}` gives an object of the type {type}; it must give the output tensor."),
        N_("A layer called on a tensor gives a tensor; a model is made of tensors later."),
    ),
    "not_called": (
        N_("`{name}` gives a layer, {type}, that was made, but not called."),
        N_("Making a layer and calling it on a tensor are two steps."),
    ),
    "unbuilt": (
        N_("The model `{type}` does not know its input's shape yet, so it has no weights."),
        N_("Begin it with an Input."),
    ),
    "other_keras": (
        N_("`{name}` gives an object of the type {type}; this course uses `keras`."),
        N_("Two packages called Keras do not mix: each knows only its own tensors."),
    ),
    "version": (
        N_("Handed in with version {found} of this course, graded with version {expected}."),
        "",
    ),
    "not_a_value": (N_("`{name}` is of the type {type}; it must be a number or a text."), ""),
    "opaque": (
        N_("The calls inside the model of class `{type}` can't be followed."),
        N_("Make it of Inputs and outputs: `keras.Model(inputs, outputs)`."),
    ),
    "judge_failed": (
        N_("The judge failed on `{name}`."),
        N_(
            "That is an error in the judge, not in your answer, which does not count as wrong. "
            "Please tell your teacher."
        ),
    ),
    # where two graphs part
    "missing": (
        N_("The model lacks {wanted}."),
        N_("Only what lies on the way from the outputs back to the inputs is in a model."),
    ),
    "missing.join": (
        N_("Nothing arrives at {join} from {wanted}."),
        N_("A branch that nothing reads vanishes from the model without a word."),
    ),
    "extra": (N_("The model should do without {got}."), ""),
    "extra.join": (N_("Too much arrives at {join}: {got}."), ""),
    "replaced": (N_("The model has {got} in the place of {wanted}."), ""),
    "replaced.lambda": (
        N_("The model has {got} in the place of {wanted}."),
        N_(
            "Keras doesn't look into a Lambda: the weights of what its function calls are not the model's."
        ),
    ),
    "replaced.merge": (
        N_("The model has {got} in the place of {wanted}."),
        N_(
            "A sum mixes numbers place by place and keeps the shape; joining keeps all of them side by side."
        ),
    ),
    "setting": (N_("{wanted}: `{setting}` is `{found}`; expected `{expected}`."), ""),
    "setting.swapped": (
        N_("{wanted}: the numbers of `{setting}` are exchanged."),
        N_("The parameter count is the same either way; only the meaning is not."),
    ),
    "setting.moved": (
        N_("The activation `{expected}` stands behind another layer than {wanted}."),
        "",
    ),
    "setting.activation": (
        N_("{wanted}: the activation is `{found}`; expected `{expected}`."),
        N_("Nothing complains about a missing or wrong activation; only the result does."),
    ),
    "setting.softmax_of_one": (
        N_("{wanted}: `{setting}` is `{found}`; expected `{expected}`."),
        N_("The softmax of a single number is always 1, whatever the number is."),
    ),
    "setting.return_sequences": (
        N_("{wanted}: `return_sequences` is `{found}`; expected `{expected}`."),
        N_("With it, an LSTM gives a vector for each step; without it, one for the sequence."),
    ),
    "setting.axis": (
        N_("{wanted}: the axis is `{found}`; expected `{expected}`."),
        N_("Axis 0 counts samples, the last axis features."),
    ),
    "wiring": (N_("{wanted} reads {found}; it must read {expected}."), ""),
    "wiring.input": (
        N_("{wanted} reads {found}; it must read {expected}."),
        N_("Each branch reads its own Input."),
    ),
    "wiring.foreign": (
        N_("{wanted} reads {found}; it must read {expected}."),
        N_(
            "That Input belongs to another model, and so does that model's `output`. Call the model on your tensor."
        ),
    ),
    "wiring.reused": (
        N_("{wanted} reads {found}; it must read {expected}."),
        N_("Several layers read that tensor. Has its name been given to a newer one on the way?"),
    ),
    "wiring.vanished": (
        N_("{wanted} reads {found}; it must read {expected}."),
        N_("What nothing reads any more has vanished from the model: {vanished}."),
    ),
    "wiring.swapped": (
        N_("{wanted} read each other's tensor: {found} and {expected} are exchanged."),
        N_("Where shapes agree, nothing complains; follow the names with a finger."),
    ),
    "wiring.moved": (N_("{wanted}: at another point of the path than expected."), ""),
    "wiring.output": (
        N_("The model ends at {found}; it must end at {expected}."),
        N_("The outputs are the tensors that you give to `keras.Model`."),
    ),
    "wiring.no_expected": (N_("{wanted} also reads {found}; it should not."), ""),
    "wiring.no_found": (N_("{wanted} does not read {expected}."), ""),
    "not_shared": (
        N_("{found} layers stand where one shared layer is expected: {got}."),
        N_(
            "To share a layer, make it once and call it several times. Copied weights part at the first step."
        ),
    ),
    "not_shared.chain": (
        N_("{wanted}: made {found} times, where one of each, called several times, is expected."),
        N_(
            "To share layers, make each once and call it several times. Copied weights part at the first step."
        ),
    ),
    "not_shared.models": (
        N_("{found} models stand where one model, called several times, is expected: {got}."),
        N_(
            "To share a model, make it once and call it several times. A clone or a copy parts at the first step."
        ),
    ),
    "shared": (
        N_("{got}: used in several places, where each place should have a layer of its own."),
        N_("Calling a layer again uses the same weights again; a new layer has its own."),
    ),
    "trainable": (
        N_("{wanted}: trainable is `{found}`; expected `{expected}`."),
        "",
    ),
    "trainable.frozen": (
        N_("{wanted}: trainable is `{found}`; expected `{expected}`."),
        N_("Freezing belongs to the layer or model itself: it holds in every model that uses it."),
    ),
    "trainable.moving": (
        N_("{wanted}: trainable is `{found}`; expected `{expected}`."),
        N_(
            "Freeze the whole model, before `compile`. What is left moves: batch statistics even without a gradient."
        ),
    ),
    "input_missing": (
        N_("The input {wanted} is not among the model's inputs, and nothing reads it."),
        N_("Whoever computes the output without it can't know what it says."),
    ),
    "input_missing.declared": (
        N_("The input {wanted} is used, but it is not among the model's inputs."),
        N_("A model must be given every Input that its outputs are computed from."),
    ),
    "input_extra": (N_("{got} is an input of the model, but should not be."), ""),
    "input_cut": (
        N_("The model begins too late: {wanted} was cut off, with all that comes before it."),
        N_("An intermediate tensor was given to `keras.Model` as an input. Keep the Input's name."),
    ),
    "input_order": (
        N_("The inputs stand in the order {found}; expected: {expected}."),
        N_("Arrays in a list are fed in the order of the inputs, whatever their names."),
    ),
    "input_order.swapped": (
        N_("The inputs {expected} are exchanged: what should read one reads another."),
        N_("Where shapes agree, nothing complains; follow the names with a finger."),
    ),
    "input_shape": (N_("The input {wanted} is {found}; expected {expected}."), ""),
    "input_name": (N_("The inputs are named {found}; expected: {expected}."), ""),
    "input_name.one": (N_("An input is named {found}; expected: {expected}."), ""),
    "output_missing": (N_("{wanted} is not among the model's outputs."), ""),
    "output_extra": (N_("{got} is an output of the model, but should not be."), ""),
    "output_order": (N_("The outputs stand in the order {found}; expected: {expected}."), ""),
    "output_order.swapped": (
        N_("The outputs {expected} are exchanged: each is computed as another one should be."),
        N_("An output is called after its layer; dicts of losses and targets use that name."),
    ),
    "output_name": (
        N_("The outputs are named {found}; expected: {expected}."),
        N_("An output is called after its layer; dicts of losses and targets use that name."),
    ),
    "output_name.one": (
        N_("An output is named {found}; expected: {expected}."),
        N_("An output is called after its layer; dicts of losses and targets use that name."),
    ),
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
    "compile_none": (
        N_("`{name}` is compiled without `{setting}`; each of the outputs {outputs} needs one."),
        "",
    ),
    "compile_one_for_all": (
        N_("`{name}` is compiled with one `{setting}`, {found}, for all outputs: {outputs}."),
        N_("A number, a class and a yes or no are measured in different ways."),
    ),
    "compile_container": (
        N_("`{name}`: write `{setting}` as a {expected} here."),
        "",
    ),
    "compile_key": (
        N_(
            "`{name}`: `{key}` in `{setting}` is not the name of an output; the outputs are {outputs}."
        ),
        N_("The keys are the names of the output layers, letter by letter."),
    ),
    "compile_head_missing": (
        N_("`{name}`: the output `{head}` has nothing in `{setting}`."),
        N_("An output without a loss never trains."),
    ),
    "compile_head_missing.loss_weights": (
        N_("`{name}`: the output `{head}` has nothing in `{setting}`."),
        N_("A loss that is given no weight has the weight 1."),
    ),
    "compile_order": (
        N_(
            "`{name}`: `{setting}` has the right values in another order than the outputs {outputs}."
        ),
        N_("A list is read in the order of the model's outputs; a dict needs no order."),
    ),
    "compile_head": (
        N_("`{name}`: for the output `{head}`, `{setting}` is {found}; expected {expected}."),
        "",
    ),
    "compile_head.from_logits": (
        N_("`{name}`: for the output `{head}`, `{setting}` is {found}; expected {expected}."),
        N_(
            "`from_logits=True` wants numbers from before softmax or sigmoid; this head gives probabilities."
        ),
    ),
    "compile_head.loss": (
        N_("`{name}`: for the output `{head}`, `{setting}` is {found}; expected {expected}."),
        N_("The loss must fit what the head gives and how its targets are written."),
    ),
    "metrics_flat": (
        N_("`{name}` has one flat list of metrics for several outputs: {outputs}."),
        N_("Keras refuses that when data come. Say by name which metrics each output has."),
    ),
    "container": (N_("`{name}` must be a {expected}."), ""),
    "keys": (
        N_("`{name}` has the keys {found}; expected: {expected}."),
        N_("Keras matches a dict's keys with the names of the Inputs."),
    ),
    "keys.outputs": (
        N_("`{name}` has the keys {found}; expected: {expected}."),
        N_("Keras matches a dict's keys with the names of the output layers."),
    ),
    "length": (
        N_(
            "The number of arrays in `{name}` is {found}; expected, one for each input: {expected}."
        ),
        "",
    ),
    "length.outputs": (
        N_(
            "The number of arrays in `{name}` is {found}; expected, one for each output: {expected}."
        ),
        "",
    ),
    "swapped": (
        N_("In `{name}`, the data of `{other}` stands where `{key}` is read."),
        N_("Shapes that fit prove nothing: arrays of the same shape can be exchanged unnoticed."),
    ),
    "swapped.other_shape": (
        N_("In `{name}`, the data of `{other}` stands where `{key}` is read."),
        N_(
            "Not even the shapes agree: one column is compared with each of many, without an error."
        ),
    ),
    "not_one_hot": (
        N_(
            "In `{name}`, `{key}` has the shape {found}; expected {expected}: one column for each class."
        ),
        N_("`categorical_crossentropy` wants one-hot rows; class numbers go with the sparse loss."),
    ),
    "array_shape": (N_("In `{name}`, `{key}` has the shape {found}; expected {expected}."), ""),
    "array_shape.broadcast": (
        N_("In `{name}`, `{key}` has the shape {found}; expected {expected}."),
        N_("Each of the columns is compared with the one output, and nothing complains."),
    ),
    "array_zero": (
        N_("In `{name}`, every number of `{key}` is zero."),
        N_("A one-hot row holds a single 1. Without any, the loss is 0 whatever the model says."),
    ),
    "array_values": (
        N_("In `{name}`, `{key}` has the right shape, but other numbers than expected."),
        "",
    ),
    "same_object": (
        N_("`{first}` and `{second}` are two names of one and the same model."),
        N_("A second name is no second model: whatever happens to one happens to both."),
    ),
    "weights_differ": (
        N_("`{first}` and `{second}` differ in {unequal} of {of} weights."),
        N_("The same graph with other weights is another function."),
    ),
    "weights_differ.frozen": (
        N_("`{first}` and `{second}` differ in {unequal} of {of} weights."),
        N_(
            "`{second}` is frozen now. Was it before `compile`? And did `{first}` get its weights before that?"
        ),
    ),
    "not_evaluated": (N_("`{name}` could not be run on the holdout: {text}"), ""),
    "output_shape": (
        N_("`{name}` gives outputs of shape {found} for targets of shape {expected}."),
        N_("The first number counts samples: joined along axis 0, samples multiply."),
    ),
    "output_count": (N_("The number of outputs of `{name}` is {found}; expected: {expected}."), ""),
    "input_count": (
        N_(
            "`{input}` is left out: the number of inputs of `{name}` is {found}; expected: {expected}."
        ),
        N_("A model must be given every Input that its outputs are computed from."),
    ),
    "never_trained": (
        N_("`{name}` has not made a single training step."),
        N_("Has `fit` been called on this very model, and did it come to its end?"),
    ),
    "never_trained.frozen": (
        N_("Nothing in `{name}` is trainable, so no step of training can change it."),
        N_("Freeze the part that is to stay as it is, and not the model around it."),
    ),
    "unread_input": (
        N_("In `{name}`, no way leads from the input `{input}` to the output."),
        N_("Each branch reads its own Input."),
    ),
    "trained_swapped": (
        N_("`{name}` is right when `{first}` and `{second}` change places: it was fitted so."),
        N_("Arrays in a list go to the inputs by their order alone."),
    ),
    "training": (
        N_("`{name}` reaches {score} on data that it has not seen; full marks start at {bar}."),
        N_("Is it fitted on all the training data? Then draw it: does it see all that it needs?"),
    ),
    "training.accuracy": (
        N_(
            "`{name}` is right on {score:.0%} of the samples that it has not seen; "
            "full marks start at {bar:.0%}."
        ),
        N_("Is it fitted on all the training data? Then draw it: does it see all that it needs?"),
    ),
    "training.head": (
        N_(
            "`{name}`, output `{head}`: {metric} is {score} on unseen data; full marks start at {bar}."
        ),
        N_("Does this output have its own loss, weighted so that it is not drowned by the others?"),
    ),
    "closed": (N_("`{name}` is not right yet."), N_("{idea}")),
}
