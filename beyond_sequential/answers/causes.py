"""Why Keras refused a call: read off the refused call itself, not off the error's text.

Keras's texts and exception types change from version to version.  What was passed to which
function does not: it stands in the frames between the student's line and the exception.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import starmap
from types import FunctionType
from typing import Any

from ..model.kinds import MERGE_FUNCTIONS, kind_of
from ..model.types import Json
from .answer import Cause

_log = logging.getLogger(__name__)
_Cause = dict[str, Any]  # a code and its details


def cause(error: BaseException) -> Cause | None:
    """Return why Keras refused a call (one of CAUSES); None if no rule of this module applies."""
    try:
        found = _cause(error)
    except Exception:  # a rule that fails on a strange object must not hide the student's error
        _log.exception("no cause could be found for %s", type(error).__name__)
        return None
    return Cause(found.pop("code"), found) if found else None


def _cause(error: BaseException) -> _Cause:
    if isinstance(error, TypeError) and "'KerasTensor' object does not support" in str(error):
        return {"code": "symbolic"}  # item assignment: Python refuses it, before any call
    students: dict[str, object] = {}  # the student's own names
    made: dict[str, object] = {}  # what stands outside the student's functions
    inside_tensorflow = False
    for frame, _line in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] == "tensorflow" and students:
            inside_tensorflow = True
        if not module.startswith("keras."):
            students |= frame.f_locals
            made.update(frame.f_globals)
            continue
        if inside_tensorflow and frame.f_code.co_qualname == "KerasTensor.__tf_tensor__":
            return {"code": "tensorflow"}
        rule = _RULES.get(frame.f_code.co_qualname)
        if rule is not None and (found := rule(frame.f_locals)):
            outside = _made_outside(found, made)
            return {**found, **_whose_input(found, students), **outside}
    return {}


# --- the causes there are -------------------------------------------------------------------------


def _is_text(data: Json) -> bool:
    return isinstance(data, str)


def _is_number(data: Json) -> bool:
    return isinstance(data, int) and not isinstance(data, bool)


def _is_shape(data: Json) -> bool:
    return isinstance(data, list) and all(size is None or _is_number(size) for size in data)


def _are_shapes(data: Json) -> bool:
    return isinstance(data, list) and len(data) > 1 and all(map(_is_shape, data))


@dataclass(frozen=True, slots=True)
class CauseKind:
    """Which details a cause has, and those of each variant beside them."""

    details: Mapping[str, Callable[[Json], bool]] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Callable[[Json], bool]]] = field(default_factory=dict)

    def fits(self, detail: Mapping[str, Json]) -> bool:
        """Return whether these are the details of this cause, each of its type."""
        details = dict(self.details)
        if "variant" in detail:
            variant = str(detail["variant"])
            if variant not in self.variants:
                return False
            details |= {"variant": _is_text, **self.variants[variant]}
        return detail.keys() == details.keys() and all(
            check(detail[key]) for key, check in details.items()
        )


_APART: Mapping[str, Mapping[str, Callable[[Json], bool]]] = {
    "padding": {},
    "stride": {},
    "built_on": {},
}
CAUSES: Mapping[str, CauseKind] = {
    "again": CauseKind(
        {"layer": _is_text, "shape": _is_shape, "before": _is_shape}, {"outside": {}}
    ),
    "another_input": CauseKind({"input": _is_text}),
    "cut": CauseKind(),
    "exchanged": CauseKind(),
    "input_shape": CauseKind({"shape": _is_number}),
    "join_ranks": CauseKind({"shapes": _are_shapes}),
    "join_shapes": CauseKind({"shapes": _are_shapes, "axis": _is_number}, _APART),
    "keywords": CauseKind({"keyword": _is_text}),
    "no_list": CauseKind(),
    "open_size": CauseKind({"layer": _is_text, "shape": _is_shape}),
    "rank": CauseKind({"layer": _is_text, "shape": _is_shape, "rank": _is_number}),
    "same_model": CauseKind({"again": _is_text}),
    "same_name": CauseKind({"again": _is_text}),
    "shapes": CauseKind({"layer": _is_text, "shapes": _are_shapes}, {**_APART, "channels": {}}),
    "slash": CauseKind({"slashed": _is_text}),
    "symbolic": CauseKind(),
    "tensorflow": CauseKind(),
    "uncalled": CauseKind({"layer": _is_text}),
    "unreachable": CauseKind({"input": _is_text}, {"model": {"model": _is_text}}),
    "unread": CauseKind({"input": _is_text}),
}
"""Each cause by its code; the finding on it has the code `error_` and this."""


# --- the rules ------------------------------------------------------------------------------------


def _whose_input(found: _Cause, names: Mapping[str, object]) -> _Cause:
    """Return the model whose own Input it is that can't be reached: its output was built on."""
    import keras

    if found["code"] != "unreachable":
        return {}
    models = {key: value for key, value in names.items() if isinstance(value, keras.Model)}
    for key, model in models.items():
        if found["input"] in _inputs_behind(_leaves(getattr(model, "outputs", None))).values():
            return {"variant": "model", "model": key}
    return {}


def _model(names: Mapping[str, Any]) -> _Cause:
    """keras.Model(inputs, outputs)."""
    outputs, inputs = _leaves(names.get("outputs")), _leaves(names.get("inputs"))
    if loose := _layers_in([*inputs, *outputs]):
        return {"code": "uncalled", "layer": loose[0]}
    if (
        outputs
        and all(map(_is_input, outputs))
        and not set(map(id, outputs)) & set(map(id, inputs))
    ):
        before = {id(node) for node in _nodes_behind(inputs)}
        if all(not _is_input(t) or _is_copy(t) for t in inputs) or before & {
            id(node) for node in _nodes_behind(outputs)
        }:
            return {"code": "exchanged"}
    if any(not _is_input(tensor) for tensor in inputs):
        return {"code": "cut"}
    reached = _inputs_behind(outputs)
    given = {id(tensor): tensor._keras_history.operation.name for tensor in inputs}
    lost = [name for key, name in reached.items() if key not in given]
    if not lost:
        unread = [name for key, name in given.items() if key not in reached]
        return {"code": "unread", "input": unread[0]} if unread else _same_name(outputs)
    code = "another_input" if lost[0] in given.values() else "unreachable"
    return {"code": code, "input": lost[0]}


def _is_copy(tensor: Any) -> bool:
    """Whether an Input is what Keras makes of an intermediate tensor that is given as an input."""
    return str(tensor._keras_history.operation.name).endswith("CLONE")


def _made_outside(found: _Cause, names: Mapping[str, object]) -> _Cause:
    """Whether a layer that is called again was made outside the function that calls it."""
    layer = found.pop("object", None)
    if found["code"] != "again" or not any(value is layer for value in names.values()):
        return {}
    return {"variant": "outside"}


def _same_name(outputs: list[Any]) -> _Cause:
    """Return two layers of one name; two models, where one is a clone of the other."""
    import keras

    seen: dict[str, object] = {}
    for node in _nodes_behind(outputs):
        operation = node.operation
        other = seen.setdefault(operation.name, operation)
        if other is not operation:
            models = isinstance(operation, keras.Model) and isinstance(other, keras.Model)
            return {"code": "same_model" if models else "same_name", "again": operation.name}
    return {}


def _slash(names: Mapping[str, object]) -> _Cause:
    """layers.Dense(..., name=name)."""
    name = names.get("name")
    return {"code": "slash", "slashed": name} if isinstance(name, str) and "/" in name else {}


def _model_keywords(names: Mapping[str, Any]) -> _Cause:
    wrong = {"input": "inputs", "output": "outputs"}.keys() & (names.get("kwargs") or {}).keys()
    return {"code": "keywords", "keyword": sorted(wrong)[0]} if wrong else {}


def _input(names: Mapping[str, object]) -> _Cause:
    """keras.Input(shape)."""
    shape = names.get("shape")
    return {"code": "input_shape", "shape": shape} if isinstance(shape, int) else {}


def _merge_function(names: Mapping[str, object]) -> _Cause:
    """layers.concatenate(inputs), layers.add(inputs), ops.concatenate(xs) ..."""
    inputs = names.get("inputs", names.get("xs"))
    if inputs is None or isinstance(inputs, (list, tuple, Mapping)):
        return {}
    return {"code": "no_list"}


def _layer_call(names: Mapping[str, Any]) -> _Cause:
    """layer(tensor): `args` as Keras's error handler got them, the layer first."""
    import keras

    args = names.get("args") or ()
    if not args or not isinstance(args[0], keras.Layer):
        return {}
    layer, passed = args[0], args[1:]
    tensors = [leaf for leaf in _leaves(passed) if isinstance(leaf, keras.KerasTensor)]
    if loose := _layers_in(_leaves(passed)):
        return {"code": "uncalled", "layer": loose[0]}
    if _is_merge(layer):
        one = len(passed) > 1 or not isinstance(passed[0] if passed else [], (list, tuple))
        return {"code": "no_list"} if one else _different_shapes(layer, tensors)
    return _does_not_fit(layer, tensors[0]) if tensors else {}


def _operation_call(names: Mapping[str, object]) -> _Cause:
    """ops.concatenate([a, b]), a + b ..."""
    import keras

    operation, passed = names.get("self"), _leaves(names.get("args"))
    if not kind_of(f"ops.{type(operation).__name__}").merge or isinstance(operation, keras.Layer):
        return {}
    if loose := _layers_in(passed):
        return {"code": "uncalled", "layer": loose[0]}
    return _different_shapes(operation, [t for t in passed if isinstance(t, keras.KerasTensor)])


def _different_shapes(merge: Any, tensors: list[Any]) -> _Cause:
    shapes = [list(t.shape) for t in tensors]
    if all(shape == shapes[0] for shape in shapes):
        return {}
    if hasattr(merge, "axis") and len({len(shape) for shape in shapes}) > 1:
        return {"code": "join_ranks", "shapes": shapes}
    apart = {"shapes": shapes, **_how_far_apart(shapes, channels=not hasattr(merge, "axis"))}
    if apart.get("variant") in ("stride", "padding") and _one_built_on_another(tensors):
        apart["variant"] = "built_on"
    if hasattr(merge, "axis"):
        return {"code": "join_shapes", "axis": merge.axis, **apart}
    return {"code": "shapes", "layer": type(merge).__name__, **apart}


def _one_built_on_another(tensors: list[Any]) -> bool:
    """Whether one of several branches begins where another one ends, and not at an Input."""
    ends = {id(tensor) for tensor in tensors if not _is_input(tensor)}
    return any(
        id(tensor) in ends
        for end in tensors
        for node in _nodes_behind([end])
        for tensor in node.input_tensors
    )


def _how_far_apart(shapes: list[list[int | None]], channels: bool) -> _Cause:
    """Whether pictures or sequences differ in channels, by a whole step, or by less: by what a
    window loses at the rim.
    """
    if len({len(shape) for shape in shapes}) > 1 or len(shapes[0]) < 3:
        return {}
    if channels and len({shape[-1] for shape in shapes}) > 1:
        return {"variant": "channels"}
    sizes = [
        {size for size in axis if size is not None}
        for axis in zip(*(shape[1:-1] for shape in shapes), strict=True)
    ]
    most = [(max(axis), min(axis)) for axis in sizes if len(axis) > 1]
    if not most:
        return {}
    return {"variant": "stride" if all(starmap(_is_step, most)) else "padding"}


def _is_step(large: int, small: int) -> bool:
    """Return whether strides make the one size of the other."""
    step = round(large / max(small, 1))
    return step > 1 and small in (large // step, -(-large // step))


def _does_not_fit(layer: Any, tensor: Any) -> _Cause:
    shape = list(tensor.shape)
    before = [t for node in layer._inbound_nodes for t in node.input_tensors]
    if any(list(t.shape)[1:] != shape[1:] for t in before):
        return {
            "code": "again",
            "layer": type(layer).__name__,
            "object": layer,
            "shape": shape,
            "before": list(before[0].shape),
        }
    for spec in _leaves(layer.input_spec):
        ranks = (spec.ndim, spec.min_ndim)
        if (ranks[0] and ranks[0] != len(shape)) or (ranks[1] and ranks[1] > len(shape)):
            return {
                "code": "rank",
                "layer": type(layer).__name__,
                "shape": shape,
                "rank": (ranks[0] or ranks[1]) - 1,
            }
    if shape and shape[-1] is None and not layer.built:
        return {"code": "open_size", "layer": type(layer).__name__, "shape": shape}
    return {}


def _symbolic(names: Mapping[str, object]) -> _Cause:
    return {"code": "symbolic"}


_RULES: dict[str, Callable[[Mapping[str, Any]], _Cause]] = {
    "Functional.__init__": _model,
    "Model.__init__": _model_keywords,
    "Model.__new__": _model_keywords,
    "functional_init_arguments": _model_keywords,
    "Input": _input,
    "filter_traceback.<locals>.error_handler": _layer_call,
    "Operation.symbolic_call": _operation_call,
    "Operation.__init__": _slash,
    **dict.fromkeys(
        (
            f"KerasTensor.__{name}__"
            for name in ("array", "bool", "float", "int", "iter", "tf_tensor")
        ),
        _symbolic,
    ),
    **dict.fromkeys(MERGE_FUNCTIONS, _merge_function),
}


def _leaves(tree: object) -> list[Any]:
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in _leaves(item)]
    if isinstance(tree, Mapping):
        return [leaf for item in tree.values() for leaf in _leaves(item)]
    return [] if tree is None else [tree]


def _layers_in(values: list[object]) -> list[str]:
    import keras

    return [
        type(value).__name__ for value in values if isinstance(value, (keras.Layer, FunctionType))
    ]


def _is_input(tensor: object) -> bool:
    history = getattr(tensor, "_keras_history", None)
    return history is not None and history.operation._inbound_nodes[history.node_index].is_input


def _is_merge(layer: object) -> bool:
    return any(cls.__name__ == "Merge" for cls in type(layer).__mro__)


def _inputs_behind(tensors: list[Any]) -> dict[int, str]:
    """Return the Inputs that tensors are computed from: names by the identity of their tensors."""
    return {
        id(tensor): node.operation.name
        for node in _nodes_behind(tensors)
        if node.is_input
        for tensor in node.output_tensors
    }


def _nodes_behind(tensors: list[object]) -> list[Any]:
    """Return the calls, as Keras notes them, that tensors are computed by."""
    found: dict[int, object] = {}
    todo = [t for t in tensors if hasattr(t, "_keras_history")]
    while todo:
        history = todo.pop()._keras_history
        node = history.operation._inbound_nodes[history.node_index]
        if id(node) not in found:
            found[id(node)] = node
            todo.extend(node.arguments.keras_tensors)
    return list(found.values())
