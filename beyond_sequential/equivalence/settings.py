"""The settings of a layer as the rules for settings leave them.

Tests: tests/beyond_sequential/equivalence/rules/test_unused_settings.py
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .operation import LayerSettings, Settings
from .rules import SETTINGS_RULES
from .spellings import is_object


def plain_settings(
    kind: str, settings: Settings, ignore: Mapping[str, frozenset[str]], rank: int | None
) -> Settings:
    """Return the settings that make a difference, each in one spelling."""
    ignored = ignore.get(kind, frozenset())
    settings = {name: value for name, value in settings.items() if name not in ignored}
    settings = {
        # An object that is an activation is left to the rule for these.
        name: value if name.endswith("activation") else _with_plain_objects(value, ignore)
        for name, value in settings.items()
    }
    for rewrite in SETTINGS_RULES:
        settings = rewrite(LayerSettings(kind, settings, rank))
    return {name: value for name, value in settings.items() if value is not None}


def _with_plain_objects(value: Any, ignore: Mapping[str, frozenset[str]]) -> Any:
    """Return the value with the settings of layers and other objects in it in one spelling."""
    if is_object(value):
        inner = plain_settings(value["class_name"], dict(value["config"]), ignore, None)
        return {"class_name": value["class_name"], "config": inner}
    if isinstance(value, (list, tuple)):
        return [_with_plain_objects(item, ignore) for item in value]
    return value
