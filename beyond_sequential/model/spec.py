"""Inputs to be made: what a function is called with, or a model is asked to read.

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
