"""The backward layer of a Bidirectional need not be given: by default it is the forward layer, run
backwards.
"""

from __future__ import annotations

from ..operation import LayerSettings, Settings
from ..spellings import is_object


def backward_layers(layer: LayerSettings) -> Settings:
    """Return the settings without a backward layer that is the default one."""
    settings = layer.settings
    forward, backward = settings.get("layer"), settings.get("backward_layer")
    if layer.kind != "Bidirectional" or not is_object(forward) or not is_object(backward):
        return settings
    reversed_ = {**forward["config"]}
    reversed_["go_backwards"] = not reversed_.get("go_backwards", False)
    if forward["class_name"] != backward["class_name"] or reversed_ != backward["config"]:
        return settings
    return {name: value for name, value in settings.items() if name != "backward_layer"}
