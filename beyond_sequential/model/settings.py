"""The settings of a live layer or operation, as plain data.

Functions and objects among them are looked at themselves: a config has their names only, and a
student's function may have the name of one of Keras's.

Tests: tests/beyond_sequential/model/test_capture.py
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .live import LiveOperation
from .own_objects import has_own_code, is_library, library_class

OWN_FUNCTION = "custom function"
"""What stands in settings for a function that is not Keras's: bytecode would say nothing."""

_LEFT_OUT = ("name", "trainable", "dtype", "batch_shape", "sparse", "ragged")
_OTHER_NAMES = {"layer": "forward_layer"}  # where a layer keeps what its config calls otherwise


def settings_of(operation: LiveOperation) -> dict[str, object]:
    """Return the config without name, dtype and trainable; {} if there is none."""
    cls = library_class(operation)
    get_config = getattr(cls, "get_config", None)
    try:
        config = operation.get_config() if get_config is None else get_config(operation)
        return {
            str(key): _setting(value, _attribute(operation, key))
            for key, value in dict(config).items()
            if key not in _LEFT_OUT
        }
    except Exception:  # a class of the student's, or an operation that keeps no config
        return {}


def _attribute(owner: object, key: str) -> object:
    return getattr(owner, key, None) or getattr(owner, _OTHER_NAMES.get(key, key), None)


def _setting(value: object, live: object) -> object:
    """Return a value of a config as data; `live` is what the layer itself has in its place."""
    if isinstance(value, str) and has_own_code(live):
        return OWN_FUNCTION
    if isinstance(value, Mapping) and value.get("class_name") == "function" and is_library(live):
        return str(getattr(live, "__name__", "")).removesuffix("_v2")  # of TensorFlow
    if isinstance(value, Mapping) and isinstance(value.get("config"), Mapping) and live is not None:
        return _object(value, live)
    if isinstance(value, (list, tuple)) and isinstance(live, (list, tuple)):
        if len(value) == len(live):
            return [_setting(item, it) for item, it in zip(value, live, strict=True)]
    return json_value(value)


def _object(value: Mapping[str, object], live: object) -> dict[str, object]:
    """Return how Keras writes down an object, with the settings and the class that it has."""
    config = value["config"]
    assert isinstance(config, Mapping)
    inner = {str(key): _setting(item, getattr(live, key, None)) for key, item in config.items()}
    data = {str(key): json_value(item) for key, item in value.items() if key != "config"}
    if data.get("class_name") == type(live).__name__:
        cls = library_class(live)
        data["class_name"] = f"custom.{type(live).__name__}" if cls is None else cls.__name__
    return {**data, "config": inner}


def json_value(value: object) -> object:
    """Return a value without a live object in it: numbers and texts as they are, else its name."""
    if isinstance(value, Mapping) and (
        value.get("class_name") in ("function", "__lambda__")
        or (value.keys() == {"value"} and isinstance(value["value"], (list, tuple)))
    ):
        return OWN_FUNCTION
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [json_value(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return getattr(value, "__name__", None) or type(value).__name__
