"""What the mill knows of each kind of layer: settings, and what shapes and numbers it makes.

Shapes are without the batch; None is an open size.  Arrays are of shape (samples, ...), float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

Shape = tuple[int | None, ...]
Settings = Mapping[str, Any]
Weight = tuple[str, tuple[int, ...], bool]  # name, shape, trainable


class Misfit(ValueError):
    """Keras would refuse to build this."""


@dataclass
class Way:
    """How a model is run: in training or not; `chance` gives the numbers that a call draws,
    `updates` gathers what training does to weights besides gradients."""

    training: bool = False
    chance: Callable[[tuple[int, ...]], np.ndarray] = np.zeros
    updates: list[tuple[int, np.ndarray]] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """One kind of layer.

    `config` is how Keras 3.15 writes its settings; `shape` is the output's shape; `weights` the
    variables; `run` maps settings, weights and inputs to the output.
    """

    config: Settings
    shape: Callable[[Settings, Sequence[Shape]], Shape]
    run: Callable[[Settings, Sequence[np.ndarray], Sequence[np.ndarray], Way], np.ndarray]
    weights: Callable[[Settings, Shape], list[Weight]] = lambda settings, shape: []


def made_of(kind: str, **given: Any) -> dict[str, Any]:
    """The whole config of a layer, from the settings that are not Keras's defaults."""
    config = dict(KINDS[kind].config)
    unknown = given.keys() - config.keys()
    assert not unknown, f"{kind} has no {unknown}"
    return config | given


def initializer(name: str, **config: Any) -> dict[str, Any]:
    return {
        "module": "keras.initializers",
        "class_name": name,
        "config": config,
        "registered_name": None,
    }


GLOROT = initializer("GlorotUniform", seed=None, input_axes=None, output_axes=None)
ZEROS, ONES = initializer("Zeros"), initializer("Ones")
UNIFORM = initializer("RandomUniform", seed=None, minval=-0.05, maxval=0.05)
ORTHOGONAL = initializer("Orthogonal", seed=None, gain=1.0)


def l2(strength: float) -> dict[str, Any]:
    return {
        "module": "keras.regularizers",
        "class_name": "L2",
        "config": {"l2": strength},
        "registered_name": None,
    }


def _of_weights(*names: str, kinds: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that each named weight has."""
    config: dict[str, Any] = {f"{name}_initializer": kinds.get(name, GLOROT) for name in names}
    config |= {f"{name}_regularizer": None for name in names}
    config |= {f"{name}_constraint": None for name in names}
    return config


# --- Activations ------------------------------------------------------------------------------


def _softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -700, 700)))


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "softmax": _softmax,
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "softplus": lambda x: np.logaddexp(x, 0),
}


def activated(settings: Settings, x: np.ndarray, name: str = "activation") -> np.ndarray:
    """The activation in a setting: a name, or an object as Keras writes it."""
    value = settings.get(name) or "linear"
    if isinstance(value, Mapping):
        return KINDS[value["class_name"]].run(value["config"], [], [x], Way())
    return ACTIVATIONS[value](x)


def _relu(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    assert not settings.get("threshold")
    x = inputs[0]
    top = settings.get("max_value")
    return np.minimum(np.where(x > 0, x, settings["negative_slope"] * x), top or np.inf)


def _same(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return shapes[0]


# --- Dense and Embedding ----------------------------------------------------------------------


def size(n: int | None) -> int:
    if n is None:
        raise Misfit("an open size where a weight needs one")
    return n


def _rank(shape: Shape, rank: int) -> Shape:
    if len(shape) != rank:
        raise Misfit(f"rank {rank} is needed, {shape} found")
    return shape


def _dense_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if not shapes[0]:
        raise Misfit("no axis")
    return (*shapes[0][:-1], settings["units"])


def _bias(settings: Settings, n: int) -> list[Weight]:
    return [("bias", (n,), True)] if settings["use_bias"] else []


def _dense_weights(settings: Settings, shape: Shape) -> list[Weight]:
    units = settings["units"]
    return [("kernel", (size(shape[-1]), units), True), *_bias(settings, units)]


def _dense(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    x = inputs[0] @ w[0]
    return activated(settings, x + w[1] if settings["use_bias"] else x)


def _embedding(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    return w[0][inputs[0].astype(int) % len(w[0])]


# --- Convolutions and pools -------------------------------------------------------------------


def _window(n: int | None, window: int, stride: int, padding: str) -> int | None:
    if n is None:
        return None
    out = -(-n // stride) if padding == "same" else (n - window) // stride + 1
    if out < 1:
        raise Misfit("nothing is left")
    return out


def _slid(settings: Settings, shape: Shape, window: Sequence[int]) -> Shape:
    _rank(shape, len(window) + 1)
    dilation = settings.get("dilation_rate") or [1] * len(window)
    if max(dilation) > 1 and max(settings["strides"]) > 1:
        raise Misfit("both strides and dilation")
    spans = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    return tuple(
        _window(n, span, stride, settings["padding"])
        for n, span, stride in zip(shape, spans, settings["strides"], strict=False)
    )


def _conv_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return (*_slid(settings, shapes[0], settings["kernel_size"]), settings["filters"])


def _conv_weights(settings: Settings, shape: Shape) -> list[Weight]:
    kernel = (*settings["kernel_size"], size(shape[-1]), settings["filters"])
    return [("kernel", kernel, True), *_bias(settings, settings["filters"])]


def _windows(
    settings: Settings, x: np.ndarray, window: Sequence[int], fill: float
) -> list[tuple[tuple[int, ...], np.ndarray]]:
    """For each position in the window, what of x stands under it."""
    strides = settings["strides"]
    dilation = settings.get("dilation_rate") or [1] * len(window)
    pads, outs = [(0, 0)], []
    for n, k, s, d in zip(x.shape[1:-1], window, strides, dilation, strict=True):
        out = _window(n, (k - 1) * d + 1, s, settings["padding"])
        assert out is not None
        total = max((out - 1) * s + (k - 1) * d + 1 - n, 0)
        total = total if settings["padding"] == "same" else 0
        pads.append((total // 2, total - total // 2))
        outs.append(out)
    padded = np.pad(x, [*pads, (0, 0)], constant_values=fill)
    found = []
    for place in product(*map(range, window)):
        cut = tuple(
            slice(p * d, p * d + (o - 1) * s + 1, s)
            for p, d, o, s in zip(place, dilation, outs, strides, strict=True)
        )
        found.append((place, padded[(slice(None), *cut)]))
    return found


def _conv(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    parts = _windows(settings, inputs[0], settings["kernel_size"], 0.0)
    x = sum(part @ w[0][place] for place, part in parts)
    return activated(settings, x + w[1] if settings["use_bias"] else x)


def _depthwise_weights(settings: Settings, shape: Shape) -> list[Weight]:
    multiplier, channels = settings["depth_multiplier"], size(shape[-1])
    kernel = (*settings["kernel_size"], channels, multiplier)
    return [("kernel", kernel, True), *_bias(settings, channels * multiplier)]


def _depthwise_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    channels = size(shapes[0][-1]) * settings["depth_multiplier"]
    return (*_slid(settings, shapes[0], settings["kernel_size"]), channels)


def _by_channel(settings: Settings, kernel: np.ndarray, x: np.ndarray) -> np.ndarray:
    parts = _windows(settings, x, settings["kernel_size"], 0.0)
    total: Any = sum(part[..., None] * kernel[place] for place, part in parts)
    return total.reshape(*total.shape[:-2], -1)


def _depthwise(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    x = _by_channel(settings, w[0], inputs[0])
    return activated(settings, x + w[1] if settings["use_bias"] else x)


def _separable_weights(settings: Settings, shape: Shape) -> list[Weight]:
    multiplier, channels = settings["depth_multiplier"], size(shape[-1])
    window, filters = settings["kernel_size"], settings["filters"]
    return [
        ("depthwise_kernel", (*window, channels, multiplier), True),
        ("pointwise_kernel", (*[1] * len(window), channels * multiplier, filters), True),
        *_bias(settings, filters),
    ]


def _separable(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    x = _by_channel(settings, w[0], inputs[0]) @ w[1].reshape(w[1].shape[-2:])
    return activated(settings, x + w[2] if settings["use_bias"] else x)


def _pool_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return (*_slid(settings, shapes[0], settings["pool_size"]), shapes[0][-1])


def _max_pool(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    parts = _windows(settings, inputs[0], settings["pool_size"], -np.inf)
    return np.max([part for _, part in parts], axis=0)


def _mean_pool(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    x = inputs[0]
    parts = _windows(settings, x, settings["pool_size"], 0.0)
    counts = _windows(settings, np.ones_like(x), settings["pool_size"], 0.0)
    total: Any = sum(part for _, part in parts)
    return total / sum(part for _, part in counts)


def _global_shape(rank: int) -> Callable[[Settings, Sequence[Shape]], Shape]:
    def shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
        _rank(shapes[0], rank + 1)
        ones = (1,) * rank if settings["keepdims"] else ()
        return (*ones, shapes[0][-1])

    return shape


def _spatial_shape(rank: int) -> Callable[[Settings, Sequence[Shape]], Shape]:
    def shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
        _rank(shapes[0], rank + 1)
        return shapes[0]

    return shape


def _global(reduce: Any) -> Any:
    def run(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
        axes = tuple(range(1, inputs[0].ndim - 1))
        return reduce(inputs[0], axis=axes, keepdims=settings["keepdims"])

    return run


# --- Recurrent layers -------------------------------------------------------------------------


def _rnn_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    _rank(shapes[0], 2)
    units = settings["units"]
    return (shapes[0][0], units) if settings["return_sequences"] else (units,)


def _rnn_weights(gates: int) -> Callable[[Settings, Shape], list[Weight]]:
    def weights(settings: Settings, shape: Shape) -> list[Weight]:
        units, wide = settings["units"], settings["units"] * gates
        bias = (2, wide) if settings.get("reset_after") else (wide,)
        held = [
            ("kernel", (size(shape[-1]), wide), True),
            ("recurrent_kernel", (units, wide), True),
        ]
        return [*held, ("bias", bias, True)] if settings["use_bias"] else held

    return weights


def _rnn(step: Any, states: int) -> Any:
    def run(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
        x = inputs[0]
        x = x[:, ::-1] if settings["go_backwards"] else x
        held = [np.zeros((len(x), settings["units"]))] * states
        told = []
        for moment in range(x.shape[1]):
            held = step(settings, w, x[:, moment], held)
            told.append(held[0])
        return np.stack(told, 1) if settings["return_sequences"] else told[-1]

    return run


def _bias_of(settings: Settings, w: Any) -> Any:
    return w[2] if settings["use_bias"] else np.zeros(1)


def _simple_step(settings: Settings, w: Any, x: np.ndarray, held: list[Any]) -> list[Any]:
    return [activated(settings, x @ w[0] + held[0] @ w[1] + _bias_of(settings, w))]


def _lstm_step(settings: Settings, w: Any, x: np.ndarray, held: list[Any]) -> list[Any]:
    h, c = held
    gates = np.split(x @ w[0] + h @ w[1] + _bias_of(settings, w), 4, -1)
    i, f, o = (activated(settings, gates[n], "recurrent_activation") for n in (0, 1, 3))
    c = f * c + i * activated(settings, gates[2])
    return [o * activated(settings, c), c]


def _gru_step(settings: Settings, w: Any, x: np.ndarray, held: list[Any]) -> list[Any]:
    assert settings["reset_after"]
    h, bias = held[0], w[2] if settings["use_bias"] else np.zeros((2, 1))
    xz, xr, xh = np.split(x @ w[0] + bias[0], 3, -1)
    hz, hr, hh = np.split(h @ w[1] + bias[1], 3, -1)
    z = activated(settings, xz + hz, "recurrent_activation")
    r = activated(settings, xr + hr, "recurrent_activation")
    return [z * h + (1 - z) * activated(settings, xh + r * hh)]


# --- Wrappers ---------------------------------------------------------------------------------


def _inner(settings: Settings) -> tuple[Kind, Settings]:
    return KINDS[settings["layer"]["class_name"]], settings["layer"]["config"]


def _each_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if len(shapes[0]) < 2:
        raise Misfit("no time")
    kind, config = _inner(settings)
    return (shapes[0][0], *kind.shape(config, [shapes[0][1:]]))


def _each_weights(settings: Settings, shape: Shape) -> list[Weight]:
    kind, config = _inner(settings)
    return kind.weights(config, shape[1:])


def _each(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    kind, config = _inner(settings)
    moments = range(inputs[0].shape[1])
    return np.stack([kind.run(config, w, [inputs[0][:, m]], way) for m in moments], 1)


def _both_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    kind, config = _inner(settings)
    shape = kind.shape(config, shapes)
    return (*shape[:-1], 2 * size(shape[-1])) if settings["merge_mode"] == "concat" else shape


def _both_weights(settings: Settings, shape: Shape) -> list[Weight]:
    kind, config = _inner(settings)
    return kind.weights(config, shape) * 2


def _both(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    kind, config = _inner(settings)
    half = len(w) // 2
    ahead = kind.run(config, w[:half], inputs, way)
    back = kind.run({**config, "go_backwards": True}, w[half:], inputs, way)
    back = back[:, ::-1] if config["return_sequences"] else back
    if settings["merge_mode"] == "concat":
        return np.concatenate([ahead, back], -1)
    return {"sum": ahead + back, "mul": ahead * back, "ave": (ahead + back) / 2}[
        settings["merge_mode"]
    ]


def wrapped(kind: str, config: Settings, **names: Any) -> dict[str, Any]:
    """A layer inside another, as Keras writes it."""
    policy = {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": "float32"},
        "registered_name": None,
    }
    head = {"name": kind.lower(), "trainable": True, "dtype": policy, **names}
    return {
        "module": "keras.layers",
        "class_name": kind,
        "config": {**head, **config},
        "registered_name": None,
    }


def bidirectional(kind: str, merge_mode: str = "concat", **given: Any) -> dict[str, Any]:
    # Keras sets the last itself.
    config = {**made_of(kind, **given), "zero_output_for_mask": given["return_sequences"]}
    ahead = wrapped(kind, config, name=f"forward_{kind.lower()}")
    back = wrapped(kind, {**config, "go_backwards": True}, name=f"backward_{kind.lower()}")
    return {"merge_mode": merge_mode, "layer": ahead, "backward_layer": back}


# --- Normalization and chance -----------------------------------------------------------------


def _norm_weights(settings: Settings, shape: Shape) -> list[Weight]:
    n = (size(shape[-1]),)
    names = (("gamma", settings["scale"]), ("beta", settings["center"]))
    return [(name, n, True) for name, present in names if present]


def _batch_weights(settings: Settings, shape: Shape) -> list[Weight]:
    n = (size(shape[-1]),)
    moving = [("moving_mean", n, False), ("moving_variance", n, False)]
    return [*_norm_weights(settings, shape), *moving]


def _normed(settings: Settings, w: Any, x: np.ndarray) -> np.ndarray:
    x = x * w[0] if settings["scale"] else x
    return x + w[1 if settings["scale"] else 0] if settings["center"] else x


def _batch_norm(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    x, mean, variance = inputs[0], w[-2], np.abs(w[-1])
    if way.training:
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axes), x.var(axes)
        pace = 1 - settings["momentum"]
        way.updates += [(len(w) - 2, pace * mean), (len(w) - 1, pace * variance)]
    return _normed(settings, w, (x - mean) / np.sqrt(variance + settings["epsilon"]))


def _layer_norm(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    x = inputs[0]
    mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return _normed(settings, w, (x - mean) / np.sqrt(variance + settings["epsilon"]))


def _dropout(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    x, rate = inputs[0], settings["rate"]
    if not way.training or not rate:
        return x
    return np.where(way.chance(x.shape) >= rate, x / (1 - rate), 0.0)


def _spatial(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    x, rate = inputs[0], settings["rate"]
    if not way.training or not rate:
        return x
    drawn = way.chance((len(x), *[1] * (x.ndim - 2), x.shape[-1]))
    return np.where(drawn >= rate, x / (1 - rate), 0.0)


def _noise(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    x = inputs[0]
    return x + settings["stddev"] * (way.chance(x.shape) - 0.5) if way.training else x


# --- Other shapes of the same numbers ---------------------------------------------------------


def _flat_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return (None if None in shapes[0] else math.prod(map(size, shapes[0])),)


def _reshape_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if math.prod(map(size, shapes[0])) != math.prod(settings["target_shape"]):
        raise Misfit("another count")
    return tuple(settings["target_shape"])


def _repeat_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    return (settings["n"], *_rank(shapes[0], 1))


def _permute_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    _rank(shapes[0], len(settings["dims"]))
    return tuple(shapes[0][n - 1] for n in settings["dims"])


def _upsample_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    times = settings["size"]
    times = times if isinstance(times, (list, tuple)) else [times]
    _rank(shapes[0], len(times) + 1)
    grown = [None if n is None else n * t for n, t in zip(shapes[0], times, strict=False)]
    return (*grown, shapes[0][-1])


def _upsample(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    times = settings["size"]
    x = inputs[0]
    for axis, n in enumerate(times if isinstance(times, (list, tuple)) else [times]):
        x = np.repeat(x, n, axis + 1)
    return x


def _pads(settings: Settings) -> list[tuple[int, ...]]:
    padding = settings["padding"]
    pairs = padding if isinstance(padding[0], (list, tuple)) else [padding]
    return [tuple(pair) for pair in pairs]


def _padded_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    pads = _pads(settings)
    _rank(shapes[0], len(pads) + 1)
    grown = [None if n is None else n + sum(p) for n, p in zip(shapes[0], pads, strict=False)]
    return (*grown, shapes[0][-1])


def _padded(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    pads = _pads(settings)
    return np.pad(inputs[0], [(0, 0), *pads, (0, 0)])


# --- Merges -----------------------------------------------------------------------------------


def _merge_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if len(shapes) < 2:
        raise Misfit("a merge takes two tensors")
    if len({len(shape) for shape in shapes}) > 1:
        raise Misfit("ranks differ")
    merged: list[int | None] = []
    for sizes in zip(*shapes, strict=True):
        known = {n for n in sizes if n is not None} - {1}
        if len(known) > 1:
            raise Misfit("sizes differ")
        merged.append(None if None in sizes else max(map(size, sizes)))
    return tuple(merged)


def _pair_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if len(shapes) != 2:
        raise Misfit("two tensors")
    return _merge_shape(settings, shapes)


def _joined_shape(settings: Settings, shapes: Sequence[Shape]) -> Shape:
    if len(shapes) < 2:
        raise Misfit("a merge takes two tensors")
    rank, axis = len(shapes[0]), settings["axis"]
    axis = axis if axis < 0 else axis - rank - 1
    if not -rank <= axis < 0:
        raise Misfit("the samples, or no axis at all")
    joined: list[int | None] = []
    for place in range(-rank, 0):
        sizes = [shape[place] for shape in shapes if len(shape) == rank]
        if len(sizes) < len(shapes):
            raise Misfit("ranks differ")
        if place == axis:
            joined.append(None if None in sizes else sum(map(size, sizes)))
        elif len(set(sizes)) > 1:
            raise Misfit("sizes differ")
        else:
            joined.append(sizes[0])
    return tuple(joined)


def _folded(operation: Any) -> Any:
    def run(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
        total = inputs[0]
        for other in inputs[1:]:
            total = operation(total, other)
        return total

    return run


def _average(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    return sum(inputs[1:], inputs[0]) / len(inputs)


def _join(settings: Settings, w: Any, inputs: Sequence[np.ndarray], way: Way) -> np.ndarray:
    return np.concatenate(inputs, settings["axis"])


# --- The table --------------------------------------------------------------------------------


def _plain(run: Any) -> Any:
    return lambda settings, w, inputs, way: run(inputs[0])


def _activation_op(name: str) -> Kind:
    config = {"axis": -1} if name == "softmax" else {}
    return Kind(config, _same, _plain(ACTIVATIONS[name]))


def _convolution(rank: int) -> dict[str, Any]:
    return {
        "kernel_size": [1] * rank,
        "strides": [1] * rank,
        "padding": "valid",
        "data_format": "channels_last",
        "dilation_rate": [1] * rank,
        "activation": "linear",
        "use_bias": True,
        "activity_regularizer": None,
    }


def _pooling(rank: int) -> dict[str, Any]:
    return {
        "pool_size": [2] * rank,
        "padding": "valid",
        "strides": [2] * rank,
        "data_format": "channels_last",
    }


def _recurrent(**more: Any) -> dict[str, Any]:
    return {
        "return_sequences": False,
        "return_state": False,
        "go_backwards": False,
        "stateful": False,
        "unroll": False,
        "zero_output_for_mask": False,
        "units": None,
        "activation": "tanh",
        "use_bias": True,
        **_of_weights(
            "kernel", "recurrent", "bias", kinds={"recurrent": ORTHOGONAL, "bias": ZEROS}
        ),
        "activity_regularizer": None,
        "dropout": 0.0,
        "recurrent_dropout": 0.0,
        **more,
    }


_KERNEL = _of_weights("kernel", "bias", kinds={"bias": ZEROS})
_NORM = _of_weights("beta", "gamma", kinds={"beta": ZEROS, "gamma": ONES})
_GLOBAL = {"data_format": "channels_last", "keepdims": False}
_RELU = {"negative_slope": 0.0, "max_value": None, "threshold": 0.0}

KINDS: dict[str, Kind] = {
    "Dense": Kind(
        {
            "units": None,
            "activation": "linear",
            "use_bias": True,
            **_KERNEL,
            "quantization_config": None,
        },
        _dense_shape,
        _dense,
        _dense_weights,
    ),
    "Embedding": Kind(
        {
            "input_dim": None,
            "output_dim": None,
            **_of_weights("embeddings", kinds={"embeddings": UNIFORM}),
            "activity_regularizer": None,
            "mask_zero": False,
            "quantization_config": None,
        },
        lambda settings, shapes: (*shapes[0], settings["output_dim"]),
        _embedding,
        lambda settings, shape: [
            ("embeddings", (settings["input_dim"], settings["output_dim"]), True)
        ],
    ),
    "BatchNormalization": Kind(
        {
            "axis": -1,
            "momentum": 0.99,
            "epsilon": 0.001,
            "center": True,
            "scale": True,
            **_NORM,
            "moving_mean_initializer": ZEROS,
            "moving_variance_initializer": ONES,
            "synchronized": False,
            "renorm": False,
            "renorm_clipping": None,
            "renorm_momentum": 0.99,
        },
        _same,
        _batch_norm,
        _batch_weights,
    ),
    "LayerNormalization": Kind(
        {
            "axis": [-1],
            "epsilon": 0.001,
            "center": True,
            "scale": True,
            "rms_scaling": False,
            **_NORM,
        },
        _same,
        _layer_norm,
        _norm_weights,
    ),
    "LSTM": Kind(
        _recurrent(recurrent_activation="sigmoid", unit_forget_bias=True, seed=None),
        _rnn_shape,
        _rnn(_lstm_step, 2),
        _rnn_weights(4),
    ),
    "GRU": Kind(
        _recurrent(recurrent_activation="sigmoid", reset_after=True, seed=None),
        _rnn_shape,
        _rnn(_gru_step, 1),
        _rnn_weights(3),
    ),
    "SimpleRNN": Kind(_recurrent(), _rnn_shape, _rnn(_simple_step, 1), _rnn_weights(1)),
    "TimeDistributed": Kind({"layer": None}, _each_shape, _each, _each_weights),
    "Bidirectional": Kind(
        {"merge_mode": "concat", "layer": None, "backward_layer": None},
        _both_shape,
        _both,
        _both_weights,
    ),
    "Dropout": Kind({"rate": None, "seed": None, "noise_shape": None}, _same, _dropout),
    "GaussianNoise": Kind({"stddev": None, "seed": None}, _same, _noise),
    "Flatten": Kind(
        {"data_format": "channels_last"}, _flat_shape, _plain(lambda x: x.reshape(len(x), -1))
    ),
    "Reshape": Kind(
        {"target_shape": None},
        _reshape_shape,
        lambda s, w, inputs, way: inputs[0].reshape(len(inputs[0]), *s["target_shape"]),
    ),
    "RepeatVector": Kind(
        {"n": None},
        _repeat_shape,
        lambda s, w, inputs, way: np.repeat(inputs[0][:, None], s["n"], 1),
    ),
    "Permute": Kind(
        {"dims": None}, _permute_shape, lambda s, w, inputs, way: inputs[0].transpose(0, *s["dims"])
    ),
    "Rescaling": Kind(
        {"scale": None, "offset": 0.0},
        _same,
        lambda s, w, inputs, way: inputs[0] * s["scale"] + s["offset"],
    ),
    "UpSampling1D": Kind({"size": 2}, _upsample_shape, _upsample),
    "UpSampling2D": Kind(
        {"size": [2, 2], "data_format": "channels_last", "interpolation": "nearest"},
        _upsample_shape,
        _upsample,
    ),
    "ZeroPadding1D": Kind(
        {"padding": [1, 1], "data_format": "channels_last"}, _padded_shape, _padded
    ),
    "ZeroPadding2D": Kind(
        {"padding": [[1, 1], [1, 1]], "data_format": "channels_last"}, _padded_shape, _padded
    ),
    "Identity": Kind({}, _same, _plain(lambda x: x)),
    "Activation": Kind(
        {"activation": None}, _same, lambda s, w, inputs, way: activated(s, inputs[0])
    ),
    "ReLU": Kind(_RELU, _same, _relu),
    "LeakyReLU": Kind({"negative_slope": 0.3}, _same, _relu),
    "ELU": Kind({"alpha": 1.0}, _same, _plain(ACTIVATIONS["elu"])),
    "Softmax": Kind({"axis": -1}, _same, _plain(_softmax)),
    "ops.ReLU": Kind(_RELU, _same, _relu),
    "ops.Relu": _activation_op("relu"),
    "ops.Sigmoid": _activation_op("sigmoid"),
    "ops.Tanh": _activation_op("tanh"),
    "ops.Softmax": _activation_op("softmax"),
    "Add": Kind({}, _merge_shape, _folded(np.add)),
    "Multiply": Kind({}, _merge_shape, _folded(np.multiply)),
    "Maximum": Kind({}, _merge_shape, _folded(np.maximum)),
    "Minimum": Kind({}, _merge_shape, _folded(np.minimum)),
    "Average": Kind({}, _merge_shape, _average),
    "Subtract": Kind({}, _pair_shape, _folded(np.subtract)),
    "Concatenate": Kind({"axis": -1}, _joined_shape, _join),
    "ops.Concatenate": Kind({"axis": -1}, _joined_shape, _join),
    "ops.Add": Kind({}, _pair_shape, _folded(np.add)),
    "ops.Multiply": Kind({}, _pair_shape, _folded(np.multiply)),
    "ops.Maximum": Kind({}, _pair_shape, _folded(np.maximum)),
    "ops.Minimum": Kind({}, _pair_shape, _folded(np.minimum)),
    "ops.Subtract": Kind({}, _pair_shape, _folded(np.subtract)),
}
for _n in (1, 2):
    KINDS |= {
        f"Conv{_n}D": Kind(
            {"filters": None, **_convolution(_n), "groups": 1, **_KERNEL},
            _conv_shape,
            _conv,
            _conv_weights,
        ),
        f"MaxPooling{_n}D": Kind(_pooling(_n), _pool_shape, _max_pool),
        f"AveragePooling{_n}D": Kind(_pooling(_n), _pool_shape, _mean_pool),
        f"GlobalMaxPooling{_n}D": Kind(_GLOBAL, _global_shape(_n), _global(np.max)),
        f"GlobalAveragePooling{_n}D": Kind(_GLOBAL, _global_shape(_n), _global(np.mean)),
        f"SpatialDropout{_n}D": Kind(
            {"rate": None, "seed": None} | ({"data_format": "channels_last"} if _n == 2 else {}),
            _spatial_shape(_n),
            _spatial,
        ),
    }
KINDS |= {
    "SeparableConv2D": Kind(
        {
            "depth_multiplier": 1,
            "filters": None,
            **_convolution(2),
            **_of_weights("depthwise", "pointwise", "bias", kinds={"bias": ZEROS}),
        },
        _conv_shape,
        _separable,
        _separable_weights,
    ),
    "DepthwiseConv2D": Kind(
        {
            "depth_multiplier": 1,
            **_convolution(2),
            **_of_weights("depthwise", "bias", kinds={"bias": ZEROS}),
        },
        _depthwise_shape,
        _depthwise,
        _depthwise_weights,
    ),
}

MERGES = frozenset(("Add", "Multiply", "Maximum", "Minimum", "Average", "Subtract", "Concatenate"))
COMMUTATIVE = frozenset(("Add", "Multiply", "Maximum", "Minimum", "Average"))
ASSOCIATIVE = frozenset(("Add", "Multiply", "Maximum", "Minimum", "Concatenate"))
WITH_ACTIVATION = frozenset(("Dense", "Conv1D", "Conv2D", "SeparableConv2D", "DepthwiseConv2D"))
"""Layers whose activation may as well be a call of its own."""


def losses(settings: Settings, weights: Sequence[tuple[str, np.ndarray]]) -> float:
    """What the regularizers of a layer add to the loss."""
    total = 0.0
    for name, value in weights:
        rule = settings.get(f"{name}_regularizer")
        if rule:
            total += rule["config"]["l2"] * float((value**2).sum())
    return total
