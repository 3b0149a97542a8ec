"""The activations inside a layer in one spelling: "swish" is "silu", and an object that stands for
a function is that function's name.
"""

from __future__ import annotations

from typing import Any

from ..operation import LayerSettings, Settings
from ..spellings import activation_of_value, activation_settings


def inner_activations(layer: LayerSettings) -> Settings:
    """Return the settings with each activation in one spelling."""
    return {
        name: _spelled(value) if name.endswith("activation") else value
        for name, value in layer.settings.items()
    }


def _spelled(value: object) -> Any:
    """Return an activation as its name, if nothing else about it is set, or as its settings."""
    found = activation_of_value(value)
    if found is None:
        return "linear"
    settings = activation_settings(found, None)
    return settings["activation"] if len(settings) == 1 else settings
