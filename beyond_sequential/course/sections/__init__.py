"""The six sections, one module each: the data of a section and what its exercises ask.

A section module offers `training(seed=0, **options)` and `holdout(seed)`, which return arrays by
name, and `EXERCISES`.  A module put into this folder is found; nothing else has to know of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from ..exercise import Exercise


class UnknownName(LookupError):
    """No section or exercise of this name; the text lists those there are."""


@cache
def names() -> tuple[str, ...]:
    """Return the sections' names, as `data` takes them."""
    return tuple(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def section(name: str) -> ModuleType:
    """Return the module of a section.  Raises UnknownName."""
    if name not in names():
        raise UnknownName(f"no section {name!r}; there are: {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}")


@cache
def exercises() -> dict[str, Exercise]:
    """Return every exercise of every section, by id."""
    return {exercise.id: exercise for name in names() for exercise in section(name).EXERCISES}


def exercise(id_: str) -> Exercise:
    """Return one exercise.  Raises UnknownName."""
    if id_ not in exercises():
        raise UnknownName(f"no exercise {id_!r}; there are: {', '.join(exercises())}")
    return exercises()[id_]
