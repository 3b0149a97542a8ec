"""How a live model was compiled, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..model.own_objects import is_library, library_class
from .answer import CompileSettings, Named, Spelling

CHANGING = ("from_logits", "label_smoothing")  # the settings of a loss that are handed in


def compile_settings(model: Any) -> CompileSettings | None:
    """Return optimizer, loss, loss weights and metrics; None if the model was not compiled."""
    import keras

    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or not getattr(model, "compiled", False):
        return None
    config = getattr(model, "_compile_config", None)
    arguments = dict(getattr(config, "config", {}) or {})
    return CompileSettings(
        class_name(optimizer).lower(),
        {
            key: value
            for key, value in optimizer.get_config().items()
            if key != "name" and isinstance(value, (int, float, bool, str))
        },
        int(keras.ops.convert_to_numpy(optimizer.iterations)),
        _spelling(getattr(model, "loss", None)),
        _spelling(arguments.get("loss_weights")),
        _spelling(arguments.get("metrics")),
    )


def trained_variables(model: object) -> Sequence[object]:
    """Return the variables that a model's optimizer moves; none before its first step."""
    optimizer = getattr(model, "optimizer", None)
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # where one scales the loss
    return tuple(getattr(optimizer, "_trainable_variables", ()))


def class_name(value: object) -> str:
    """Return the name of Keras's class that an object is of; "own" and its name if it is none."""
    cls = library_class(value)
    return f"own {type(value).__name__}" if cls is None else cls.__name__


def _spelling(value: object) -> Spelling:
    """Return losses and metrics by name, however they were given."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return value.lower() if value.isupper() or value.islower() else _snake(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _spelling(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelling(item) for item in value]
    if hasattr(value, "get_config"):
        config = value.get_config().items()
        return Named(
            _snake(class_name(value)),
            {key: _plain(item) for key, item in config if key in CHANGING},
        )
    name = str(getattr(value, "__name__", type(value).__name__))
    return name if is_library(value) else f"own {name}"


def _plain(value: object) -> bool | int | float | str | None:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return type(value).__name__


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))
