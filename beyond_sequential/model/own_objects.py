"""Which live objects are Keras's own.

What an object is called says nothing: a student's function may be called `relu`, a class `RMSprop`.
An object is a library's own if it is the very object that stands in the library's module.

Tests: tests/beyond_sequential/model/test_own_objects.py
"""

from __future__ import annotations

import sys
from types import FunctionType

from ..backends import BACKENDS

LIBRARIES = frozenset({"keras", *BACKENDS})
"""Keras, and the backends whose functions stand for its own: `tf.nn.relu` is relu."""

# What a subclass may define without computing anything else: it sets up and describes.
_HARMLESS = frozenset({"__init__", "get_config", "from_config"})
_HOOKS = frozenset({"__call__", "__getattr__", "__getattribute__", "__new__", "__setattr__"})


def library_class(thing: object) -> type | None:
    """Return the library's class whose instances behave as `thing`; None if there is none.

    That is its own class, or the nearest base if the subclasses change nothing: they set up the
    same layer, and add methods that the library's class does not know of.
    """
    if "call" in getattr(thing, "__dict__", {}):  # comes before what the class says
        return None
    added: set[str] = set()
    for cls in type(thing).__mro__:
        if is_library(cls):
            return None if added & _behaviour(cls) - _HARMLESS else cls
        added |= vars(cls).keys()
    return None


def _behaviour(cls: type) -> set[str]:
    names = {name for base in cls.__mro__ for name in vars(base) if not name.startswith("__")}
    return names | _HOOKS


def is_library(thing: object) -> bool:
    """Whether a class or function is the one that a library has under its name."""
    name = getattr(thing, "__module__", None)
    if not isinstance(name, str) or name.partition(".")[0] not in LIBRARIES:
        return False
    module = sys.modules.get(name)
    own = getattr(module, str(getattr(thing, "__qualname__", "")).partition(".")[0], None)
    if own is not thing and getattr(module, str(getattr(thing, "__name__", "")), None) is not thing:
        return False
    code = thing if isinstance(thing, FunctionType) else getattr(thing, "call", None)
    return not isinstance(code, FunctionType) or _is_library_code(code)


def _is_library_code(function: FunctionType) -> bool:
    """Whether the code comes from a file of a library: a name may be given to another function."""
    parts = function.__code__.co_filename.replace("\\", "/").split("/")
    return bool(LIBRARIES & set(parts)) and parts[-1].endswith(".py")


def has_own_code(value: object) -> bool:
    """Whether a function, or an object in its place, is not a library's: a student's, a lambda."""
    return isinstance(value, (FunctionType, type)) and not is_library(value)
