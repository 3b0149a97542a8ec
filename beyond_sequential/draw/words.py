"""What is written on a box: its family, its settings, its shapes, and how wide a text is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from ..equivalence import is_generated
from ..i18n import _
from ..model.graph import Call, Layer, ModelGraph, Tensor, parameter_count, refs


def heading(graph: ModelGraph) -> tuple[str, str]:
    """A title, and what stands beside it: the name that somebody gave, or else the kind, and how
    large the model is."""
    count = f"{parameter_count(graph):,}"
    facts = _("{n} calls, {count} parameters").format(n=len(graph.calls), count=count)
    if graph.kind == "Tensor":
        return _("the calls behind a tensor"), facts
    if is_generated(graph.kind, graph.name):
        return graph.kind, facts
    facts = _("{kind}, {n} calls, {count} parameters")
    return graph.name, facts.format(kind=graph.kind, n=len(graph.calls), count=count)


# --- families -------------------------------------------------------------------------------------

FAMILIES = (
    "input",
    "core",
    "recurrent",
    "activation",
    "merge",
    "shape",
    "norm",
    "nested",
    "operation",
    "other",
    "output",
)

_MERGES = {"Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"}
_MERGE_OPS = _MERGES | {"Divide", "TrueDivide", "Matmul", "Stack", "Hstack", "Vstack", "Append"}
_ACTIVATIONS = {"Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"}
_ACTIVATION_OPS = {
    "Relu",
    "Relu6",
    "LeakyRelu",
    "Elu",
    "Selu",
    "Gelu",
    "Celu",
    "Glu",
    "Silu",
    "Swish",
    "Sigmoid",
    "HardSigmoid",
    "HardSilu",
    "LogSigmoid",
    "Softmax",
    "LogSoftmax",
    "Softplus",
    "Softsign",
    "Tanh",
    "Mish",
    "Exponential",
}
_RECURRENT = {
    "LSTM",
    "GRU",
    "SimpleRNN",
    "RNN",
    "Bidirectional",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "TimeDistributed",
    "LSTMCell",
    "GRUCell",
    "SimpleRNNCell",
    "StackedRNNCells",
}
_NORMS = ("Normalization", "Dropout", "GaussianNoise", "ActivityRegularization", "LayerScale")
_SHAPES = (
    "Pooling",
    "Pool1D",
    "Pool2D",
    "Pool3D",
    "Flatten",
    "Reshape",
    "Permute",
    "RepeatVector",
    "Padding",
    "Cropping",
    "UpSampling",
    "Resizing",
    "Transpose",
    "ExpandDims",
    "Squeeze",
    "GetItem",
)


def family(layer: Layer) -> str:
    """The group of layers that a box is coloured by."""
    if layer.body is not None:
        return "nested"
    kind = layer.kind.removeprefix("ops.")
    is_op = layer.kind.startswith("ops.")
    if kind == "InputLayer":
        return "input"
    if kind in (_MERGE_OPS if is_op else _MERGES):
        return "merge"
    if kind in (_ACTIVATION_OPS if is_op else _ACTIVATIONS):
        return "activation"
    if kind in _RECURRENT:
        return "recurrent"
    if kind.endswith(_NORMS):
        return "norm"
    if any(part in kind for part in _SHAPES):
        return "shape"
    if is_op:
        return "operation"
    return "core" if layer.variables and not kind.startswith("custom.") else "other"


def family_name(name: str) -> str:
    """The words of the legend."""
    return {
        "input": _("input"),
        "core": _("layer with weights"),
        "recurrent": _("recurrent layer"),
        "activation": _("activation"),
        "merge": _("merge"),
        "shape": _("pooling, shape"),
        "norm": _("normalization, dropout"),
        "nested": _("model used as a layer"),
        "operation": _("operation"),
        "other": _("other layer"),
        "output": _("output"),
    }[name]


# --- settings -------------------------------------------------------------------------------------

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


def title(layer: Layer) -> str:
    """The kind of a layer as it is read: "Dense", "ops.Add" as "Add"."""
    return layer.kind.removeprefix("ops.").removeprefix("custom.")


def summary(layer: Layer, call: Call) -> str:
    """The few settings worth showing on a box."""
    settings = layer.settings
    if layer.body is not None or layer.kind == "InputLayer":
        return ""
    if layer.kind == "Embedding":
        return f"{settings.get('input_dim', '?')} → {settings.get('output_dim', '?')}"
    if layer.kind.endswith("Normalization"):
        return ""
    parts = [
        *constants(layer, call),
        *_sizes(settings),
        *_window(settings),
        *_activation(layer),
        *_named(settings),
    ]
    return ", ".join(parts)


_SYMMETRIC = {"ops.Add", "ops.Multiply", "ops.Maximum", "ops.Minimum"}


def constants(layer: Layer, call: Call) -> list[str]:
    """What an operation is called with beside tensors: "8" of x / 8, "1, …" of 1 - x, "[:, 0]"."""
    if not layer.kind.startswith("ops."):
        return []
    if layer.kind == "ops.GetItem":
        return [_index(item) for item in call.args[1:]]
    found = ["…" if any(refs(value)) else _constant(value) for value in call.args]
    if layer.kind in _SYMMETRIC or found[:1] == ["…"]:
        found = [text for text in found if text != "…"]
    return found if set(found) - {"…"} else []


def _constant(value: Any) -> str:
    if isinstance(value, Mapping) and "array" in value:
        return _("numbers of shape {shape}").format(shape=tuple(value["array"]))
    return short(value)


def _index(item: Any) -> str:
    """An index as code writes it."""
    parts = item if isinstance(item, (list, tuple)) else [item]
    return f"[{', '.join(map(_index_part, parts))}]"


def _index_part(part: Any) -> str:
    if not isinstance(part, Mapping) or "slice" not in part:
        return str(part)
    start, stop, step = ("" if value is None else str(value) for value in part["slice"])
    return f"{start}:{stop}" + (f":{step}" if step else "")


def _sizes(settings: Mapping[str, Any]) -> Iterable[str]:
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
    ordinary = "tanh" if layer.kind in _RECURRENT else "linear"
    if isinstance(value, Mapping):
        value = value.get("class_name", "?")
    if value is not None and (value != ordinary or layer.kind == "Activation"):
        yield str(value)


def _named(settings: Mapping[str, Any]) -> Iterable[str]:
    for key in _NAMED:
        value = settings.get(key)
        if value is True:
            yield key
        elif value not in (None, False):
            yield f"{key}={short(value)}"


def short(value: Any) -> str:
    """A value in few characters: a long list cut off, an object as its class."""
    if isinstance(value, (list, tuple)):
        text = ", ".join(short(item) for item in value[:4])
        return f"({text}{', …' if len(value) > 4 else ''})"
    if isinstance(value, Mapping):
        return str(value.get("class_name", "{…}"))
    if isinstance(value, float):
        return f"{value:.4g}"
    return clip(str(value), 40)


def times(value: Any) -> str:
    """[3, 3] as 3×3."""
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, int) for item in value):
        return "×".join(map(str, value))
    return short(value)


def _single(value: Any) -> Any:
    """3 for 3 and for [3, 3]."""
    if isinstance(value, (list, tuple)) and value and all(item == value[0] for item in value):
        return value[0]
    return value


def all_settings(layer: Layer) -> list[str]:
    """Every setting that is not about how weights start or are held, one a line."""
    lines = []
    for key, value in layer.settings.items():
        if value is not None and not str(key).endswith(_HIDDEN):
            lines.append(f"{key} = {short(value)}")
    return lines


# --- shapes and numbers ---------------------------------------------------------------------------


def shape(tensor: Tensor) -> str:
    """(None, 100), and the dtype where it is not the usual one."""
    if tensor.shape is None:
        text = "(?)"
    else:
        inside = ", ".join("None" if n is None else str(n) for n in tensor.shape)
        text = f"({inside}{',' if len(tensor.shape) == 1 else ''})"
    return text if tensor.dtype == "float32" else f"{text} {tensor.dtype}"


def number(count: int) -> str:
    """20861480 as 20.9M; exact up to 99999."""
    for size, letter in ((10**9, "B"), (10**6, "M")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return f"{count:,}"


# --- text -----------------------------------------------------------------------------------------

_NARROW = set("iljtfrI1.,:;'|!()[]{} `\"-/")
_WIDE = set("mwMW@%—…→×")


@lru_cache(8192)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """A generous estimate: the reader's browser chooses the font."""
    total = 0.0
    for char in text:
        if unicodedata.east_asian_width(char) in "WF":
            total += 1.0
        elif unicodedata.combining(char):
            continue
        elif char in _NARROW:
            total += 0.38
        elif char in _WIDE:
            total += 0.95
        elif char.isupper() or ord(char) > 0x2000:
            total += 0.7
        else:
            total += 0.59
    return total * size * (1.18 if bold else 1.0)


def clip(text: str, length: int) -> str:
    """A text of at most `length` characters, cut in its middle."""
    if len(text) <= length:
        return text
    head = (length - 1) // 2
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"


def fit(text: str, width: float, size: float, bold: bool = False, middle: bool = True) -> str:
    """The text, cut in its middle or at its end until it is no wider than `width`."""
    cut = text
    length = len(text)
    while length > 3 and text_width(cut, size, bold) > width:
        length -= 1
        cut = clip(text, length) if middle else text[: length - 1].rstrip(" ,") + "…"
    return cut


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """The text in lines; broken at spaces, between CJK characters, and where nothing else helps."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and text_width((line + piece).rstrip(), size, bold) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line or piece.strip() else ""
    return [fit(item, width, size, bold) for item in [*lines, line.rstrip()] if item]


def _pieces(text: str) -> Iterable[str]:
    piece = ""
    for char in text:
        if unicodedata.east_asian_width(char) == "W":
            if piece:
                yield piece
            yield char
            piece = ""
        else:
            piece += char
            if char == " ":
                yield piece
                piece = ""
    if piece:
        yield piece


def printable(text: str) -> str:
    """Without the characters that XML does not know."""
    return "".join(
        char
        if char in "\n\t"
        or (
            ord(char) >= 0x20
            and not 0xD800 <= ord(char) <= 0xDFFF
            and ord(char) not in (0xFFFE, 0xFFFF, 0x7F)
        )
        else "�"
        for char in text
    )
