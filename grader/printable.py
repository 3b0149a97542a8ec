"""Text of students and of files, made safe for a terminal and for one line of a table."""

from __future__ import annotations

import re

# Control characters (with ESC, which begins what a terminal obeys), and what turns the direction
# of text around or is not seen at all.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
    r"|[\ud800-\udfff]"
)
_REPLACEMENT = "\ufffd"


def printable(text: str) -> str:
    """Return text with each control or invisible character replaced; blanks and lines stay."""
    return _HIDDEN.sub(_REPLACEMENT, text)
