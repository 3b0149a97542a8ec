"""What this machine has of what the course needs, and what to install.

Tests: tests/grader/test_doctor.py
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata

from . import backends

# Old enough for Colab's pinned runtimes; 3.14.0 sends metrics to the wrong head.
OLDEST_KERAS, BROKEN_KERAS = (3, 10), "3.14.0"
INSTALL = f'pip install "beyond-sequential[{backends.DEFAULT.extra},lab]"'


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at: how it stands, and the way out where it does not."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def version_of(*distributions: str) -> str | None:
    """Return the version of the first of these distributions that is installed."""
    for name in distributions:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return None


def examine() -> Iterator[Diagnosis]:
    """Yield what a student's machine needs, line by line; importing Keras takes some seconds."""
    python = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info < (3, 14)
    yield Diagnosis("Python", fits, python, "" if fits else "install Python 3.11, 3.12 or 3.13")
    yield Diagnosis("Beyond Sequential", True, version_of("beyond-sequential") or "?")
    yield _keras()
    yield _backend()
    for name in ("numpy", "matplotlib"):
        yield installed(name, INSTALL)


def installed(name: str, advice: str) -> Diagnosis:
    """Return whether a distribution is installed, and how to get it."""
    found = version_of(name)
    return Diagnosis(name, found is not None, found or "not installed", "" if found else advice)


def _keras() -> Diagnosis:
    found = version_of("keras")
    if found is None:
        return Diagnosis("Keras", False, "not installed", INSTALL)
    major, minor = (int(part) for part in found.split(".")[:2])
    if (major, minor) < OLDEST_KERAS or found == BROKEN_KERAS:
        return Diagnosis("Keras", False, found, 'pip install "keras>=3.10,!=3.14.0"')
    return Diagnosis("Keras", True, found)


def _backend() -> Diagnosis:
    """Whether Keras comes up, tried in a process of its own: a broken backend may take it down."""
    code = "import keras; print(keras.backend.backend())"
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired:
        return Diagnosis("Keras comes up", False, "not within two minutes", INSTALL)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it died without a word"])[-1]
        return Diagnosis("Keras comes up", False, why, INSTALL)
    backend = done.stdout.split()[-1]
    version = backends.BACKENDS[backend].version() if backend in backends.BACKENDS else None
    return Diagnosis("Keras comes up", True, f"on {backend} {version or ''}".rstrip())


def print_diagnoses(lines: Iterable[Diagnosis]) -> bool:
    """Print lines as they come; whether all is well."""
    well = True
    for line in lines:
        print(f"{'✓' if line.ok else '✗'} {line.name}: {line.found}", flush=True)
        if line.advice:
            print(f"    {line.advice}")
        well = well and line.ok
    return well
