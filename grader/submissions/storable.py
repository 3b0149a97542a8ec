"""What of a notebook can be written to a file: student code can put anything into one."""

from __future__ import annotations

import json
from typing import Any

from nbformat.notebooknode import from_dict


def storable(data: object) -> Any:
    """Return data as JSON that can be written as UTF-8.  Raises ValueError for what is no JSON."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return from_dict(json.loads(text.encode("utf-8", "replace")))


def storable_text(text: str) -> str:
    """Return a text without what UTF-8 can't hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
