"""An axis is counted from the last one: of a tensor of rank 3, axis 2 is axis -1."""

from __future__ import annotations

from ..operation import LayerSettings, Settings
from ..spellings import from_end


def axes(layer: LayerSettings) -> Settings:
    """Return the settings with `axis` counted from the last one."""
    if "axis" not in layer.settings:
        return layer.settings
    return {**layer.settings, "axis": from_end(layer.settings["axis"], layer.rank)}
