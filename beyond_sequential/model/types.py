"""Types that more than one package uses.

Tests: tests/beyond_sequential/answers/test_format.py
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, Union

# A recursive alias has to be written with Union and quotes up to Python 3.11.
Json: TypeAlias = Union[bool, int, float, str, Sequence["Json"], Mapping[str, "Json"], None]  # noqa: UP007
"""What `json.dumps` accepts."""
