"""Settings that change nothing about what a layer computes: its name, how its weights start, and
what is switched off.
"""

from __future__ import annotations

from ..operation import LayerSettings, Settings
from ..spellings import IMMATERIAL, OFF


def unused_settings(layer: LayerSettings) -> Settings:
    """Return the settings without those that change nothing."""
    return {
        name: value
        for name, value in layer.settings.items()
        if name not in IMMATERIAL
        and not name.endswith("_initializer")
        and not (name in OFF and value == OFF[name])
    }
