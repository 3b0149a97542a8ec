"""The backends that Keras can run on here: the one place that names them.

A backend is data: what to install, which environment variables make its numbers repeatable, what
a process that starts kernels imports beforehand, and whether that process may be forked after it.
To add one, see docs/new-backend.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Backend:
    """What the course needs to know of one backend of Keras.

    `distributions` are the packages that provide it, the first one installed counts; `extra` is the
    extra of this project that installs it.  `environment` holds variables for every kernel, set
    before the backend is imported; `repeatable` those that make grading give the same numbers each
    time.  `preload` names the modules to import before kernels are forked, `unset` module
    attributes ("module:attribute") that must be None then.  `no_fork` says why a process must not
    be forked once the backend is imported; it is empty where that is safe.
    """

    name: str
    title: str
    distributions: tuple[str, ...]
    extra: str
    environment: Mapping[str, str] = field(default_factory=dict)
    repeatable: Mapping[str, str] = field(default_factory=dict)
    preload: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    no_fork: str = ""

    def version(self) -> str | None:
        """Return the version of the installed distribution; None if there is none."""
        for name in self.distributions:
            try:
                return metadata.version(name)
            except metadata.PackageNotFoundError:
                continue
        return None

    def grading_environment(self) -> dict[str, str]:
        """Return the variables with which a notebook gets the same score each time."""
        return {
            "KERAS_BACKEND": self.name,
            "PYTHONHASHSEED": "0",
            **self.environment,
            **self.repeatable,
        }


# Without the first two variables TensorFlow writes start-up notes on stderr and adds up in an
# order of its own.  Its threads add up the gradients of an Embedding in the order in which they
# finish, so grading gives it one.
_TENSORFLOW = Backend(
    "tensorflow",
    "TensorFlow",
    ("tensorflow", "tensorflow-cpu"),
    "tensorflow",
    environment={"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"},
    repeatable={"TF_NUM_INTRAOP_THREADS": "1"},
    preload=("tensorflow",),
    unset=("tensorflow.python.eager.context:_context",),
)
_JAX = Backend(
    "jax",
    "JAX",
    ("jax",),
    "jax",
    repeatable={"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"},
    no_fork="JAX runs threads of its own, and a fork could hang",
)
BACKENDS: Mapping[str, Backend] = {backend.name: backend for backend in (_TENSORFLOW, _JAX)}
DEFAULT = _TENSORFLOW


class UnknownBackend(ValueError):
    """Keras is set to a backend that this course does not support; the text lists those it does."""


def chosen(environment: Mapping[str, str] | None = None) -> Backend:
    """Return the backend that Keras will use, without importing Keras.

    Keras asks the variable KERAS_BACKEND first, then the file keras.json in its folder.
    `environment` stands in for the process's own.  Raises UnknownBackend.
    """
    environment = os.environ if environment is None else environment
    name = environment.get("KERAS_BACKEND") or _configured(environment) or DEFAULT.name
    if name not in BACKENDS:
        raise UnknownBackend(
            f"Keras is set to the backend {name!r}; this course runs on: {', '.join(BACKENDS)}"
        )
    return BACKENDS[name]


def _configured(environment: Mapping[str, str]) -> str | None:
    """Return the backend that Keras's own configuration file names; None if there is none."""
    home = environment.get("KERAS_HOME")
    folder = Path(home) if home else Path.home() / ".keras"
    try:
        name = json.loads((folder / "keras.json").read_text("utf-8")).get("backend")
    except (OSError, ValueError, AttributeError):
        return None
    return name if isinstance(name, str) else None


def prepare() -> None:
    """Set each backend's variables, unless the user has set them; call it before Keras comes."""
    for backend in BACKENDS.values():
        for name, value in backend.environment.items():
            os.environ.setdefault(name, value)


@contextlib.contextmanager
def no_second_backend() -> Iterator[None]:
    """Keep Keras from importing TensorFlow while another backend is in use.

    To write a layer's settings down, Keras looks whether they hold a TensorFlow type, and imports
    TensorFlow for that wherever it is installed: 8 seconds for the first `check` on Colab.
    """
    lazy = None
    if "keras" in sys.modules and "tensorflow" not in sys.modules:
        from keras.src.utils import module_utils

        lazy = getattr(module_utils, "tensorflow", None)
    if lazy is None or getattr(lazy, "_available", True) is not None:
        yield
        return
    lazy._available = False
    try:
        yield
    finally:
        lazy._available = None
