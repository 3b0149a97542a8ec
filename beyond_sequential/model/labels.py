"""The text that stands for a layer: `Dense(32, relu)` in a sentence, its settings on a box."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..i18n import _
from .graph import Call, Layer, refs
from .kinds import COMMUTATIVE, LABEL_SETTINGS, is_operation, kind_of, short_name

ArrayShape = tuple[int, ...]  # of an array that an operation is called with


@dataclass(frozen=True, slots=True)
class Label:
    """What a layer is called: a title and the values in brackets behind it.

    `str` puts it into the active language.
    """

    title: str
    values: tuple[str | ArrayShape, ...] = ()

    def __str__(self) -> str:
        values = ", ".join(map(_value_text, self.values))
        return f"{self.title}({values})" if values else self.title


def is_generated(kind: str, name: str) -> bool:
    """Return whether the name of a layer or model is one that Keras makes up if none is given."""
    kind = kind.rpartition(".")[2]
    snake = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", snake).lower()
    pattern = rf"({re.escape(snake)}|input_layer|input|keras_tensor)(_\d+)?(CLONE)?"
    return re.fullmatch(pattern, name) is not None


def layer_label(layer: Layer, call: Call | None = None) -> Label:
    """Return a layer as code would write it: `Dense(32, relu)`, and with its call `Multiply(0.1)`;
    an Input by its name, and a nested model too if somebody gave it one.
    """
    named = layer.body is not None and not is_generated(layer.kind, layer.name)
    if layer.kind == "InputLayer" and is_generated(layer.kind, layer.name):
        return Label("Input", () if call is None else (_sample_shape(call),))
    if layer.kind == "InputLayer" or named:
        return Label(layer.name)
    values: list[str | ArrayShape] = [
        _in_code(layer.settings[key]) for key in LABEL_SETTINGS if key in layer.settings
    ]
    activation = layer.settings.get("activation")
    if isinstance(activation, str) and activation not in ("linear", "tanh"):
        values.append(activation)
    if call is not None:
        values += constants(layer, call)
    return Label(short_name(layer.kind), tuple(values))


def _sample_shape(call: Call) -> str:
    """Return the shape of one sample that an Input takes, as code writes it."""
    shape = call.outputs[0].shape if call.outputs else None
    if shape is None:
        return "…"
    sizes = ", ".join(map(str, shape[1:]))
    return f"({sizes},)" if len(shape) == 2 else f"({sizes})"


def _in_code(value: object) -> str:
    if isinstance(value, list) and len(set(map(str, value))) == 1:
        return str(value[0])
    return str(tuple(value)) if isinstance(value, list) else str(value)


# --- constants of a call ----------------------------------------------------------------------


def constants(layer: Layer, call: Call) -> list[str | ArrayShape]:
    """Return what an operation is called with beside tensors: "8" of x / 8, "1, …" of 1 - x,
    "[:, 0]" of an index, and of an array its shape.
    """
    if not is_operation(layer.kind):
        return []
    if layer.kind == "ops.GetItem":
        return [index_text(item) for item in call.args[1:]]
    found = ["…" if any(refs(value)) else _constant(value) for value in call.args]
    if kind_of(layer.kind).merge in COMMUTATIVE or found[:1] == ["…"]:
        found = [value for value in found if value != "…"]
    return found if set(found) - {"…"} else []


def _constant(value: object) -> str | ArrayShape:
    if isinstance(value, Mapping) and "array" in value:
        return tuple(value["array"])
    return short(value)


def _value_text(value: str | ArrayShape) -> str:
    return value if isinstance(value, str) else _("numbers of shape {shape}").format(shape=value)


def index_text(item: object) -> str:
    """Return an index of a tensor as code writes it: "[:, 0]"."""
    parts = item if isinstance(item, (list, tuple)) else [item]
    return f"[{', '.join(map(_index_part, parts))}]"


def _index_part(part: object) -> str:
    if not isinstance(part, Mapping) or "slice" not in part:
        return str(part)
    start, stop, step = ("" if value is None else str(value) for value in part["slice"])
    return f"{start}:{stop}" + (f":{step}" if step else "")


# --- settings ---------------------------------------------------------------------------------

_SIZES = ("filters", "output_dim", "n", "target_shape", "newshape", "cropping")
_NAMED = (
    "axis",
    "axes",
    "dims",
    "size",
    "max_value",
    "negative_slope",
    "normalize",
    "return_sequences",
    "go_backwards",
    "merge_mode",
)
_HIDDEN = (
    "_initializer",
    "_regularizer",
    "_constraint",
    "quantization_config",
    "data_format",
    "registered_name",
)


def summary(layer: Layer, call: Call) -> str:
    """Return the few settings worth showing on a box."""
    settings = layer.settings
    if layer.body is not None or layer.kind == "InputLayer":
        return ""
    if layer.kind == "Embedding":
        return f"{settings.get('input_dim', '?')} → {settings.get('output_dim', '?')}"
    if layer.kind.endswith("Normalization"):
        return ""
    parts = [
        *map(_value_text, constants(layer, call)),
        *_sizes(settings),
        *_window(settings),
        *_activation(layer),
        *_named(settings),
    ]
    return ", ".join(parts)


def all_settings(layer: Layer) -> list[str]:
    """Return every setting that is not about how weights start or are held, one a line."""
    lines = []
    for key, value in layer.settings.items():
        if value is not None and not str(key).endswith(_HIDDEN):
            lines.append(f"{key} = {short(value)}")
    return lines


def _sizes(settings: Mapping[str, object]) -> Iterable[str]:
    for key in _SIZES:
        if settings.get(key) is not None:
            yield times(settings[key])
    if settings.get("units") is not None:
        units = settings["units"]
        yield (_("1 unit") if units == 1 else _("{n} units")).format(n=units)
    if settings.get("num_heads") is not None:
        yield _("{n} heads of {size}").format(
            n=settings["num_heads"], size=settings.get("key_dim", settings.get("head_dim", "?"))
        )
    if settings.get("rate") is not None:
        yield _("rate {n}").format(n=short(settings["rate"]))


def _window(settings: Mapping[str, Any]) -> Iterable[str]:
    size, step = settings.get("kernel_size"), 1
    if settings.get("pool_size") is not None:
        size = step = settings["pool_size"]
        text = times(size)
        yield text if "×" in text else _("window {n}").format(n=text)
    elif size is not None:
        yield times(size)
    strides = settings.get("strides")
    if size is not None and strides is not None and _single(strides) != _single(step):
        yield _("stride {n}").format(n=times(_single(strides)))
    padding = settings.get("padding")
    if padding in ("same", "causal"):
        yield str(padding)
    elif isinstance(padding, (list, tuple)):
        yield times(padding)
    if _single(settings.get("dilation_rate", 1)) != 1:
        yield _("dilation {n}").format(n=times(_single(settings["dilation_rate"])))


def _activation(layer: Layer) -> Iterable[str]:
    value = layer.settings.get("activation")
    if isinstance(value, Mapping):
        value = value.get("class_name", "?")
    if value is not None and value != kind_of(layer.kind).activation_default:
        yield str(value)


def _named(settings: Mapping[str, object]) -> Iterable[str]:
    for key in _NAMED:
        value = settings.get(key)
        if value is True:
            yield key
        elif value not in (None, False):
            yield f"{key}={short(value)}"


# --- values -----------------------------------------------------------------------------------


def short(value: object) -> str:
    """Return a value in few characters: a long list cut off, an object as its class."""
    if isinstance(value, (list, tuple)):
        text = ", ".join(short(item) for item in value[:4])
        return f"({text}{', …' if len(value) > 4 else ''})"
    if isinstance(value, Mapping):
        return str(value.get("class_name", "{…}"))
    if isinstance(value, float):
        return f"{value:.4g}"
    return clip(str(value), 40)


def times(value: object) -> str:
    """Return [3, 3] as 3×3."""
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, int) for item in value):
        return "×".join(map(str, value))
    return short(value)


def clip(text: str, length: int) -> str:
    """Return a text of at most `length` characters, cut in its middle."""
    if len(text) <= length:
        return text
    head = (length - 1) // 2
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"


def _single(value: object) -> Any:
    """Return 3 for 3 and for [3, 3]."""
    if isinstance(value, (list, tuple)) and value and all(item == value[0] for item in value):
        return value[0]
    return value
