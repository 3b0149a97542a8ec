"""What a function is called with, or a model is asked to read: Inputs to be made, other arguments.

Tests: tests/beyond_sequential/model/test_capture.py
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spec:
    """An Input to call a student's function with: shape without the batch, dtype and name."""

    shape: tuple[int | None, ...]
    dtype: str = "float32"
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument that is no Input: by its keyword, or by its place if there is none."""

    value: bool | int | float | str | None
    keyword: str = ""
