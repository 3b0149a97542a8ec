"""Pictures that are safe to show: PNG and JPEG files of a size that a browser can open."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

MOST_BYTES = 8 << 20
MOST_PIXELS = 40_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
# Markers that begin a JPEG's frame: they hold its height and width.
_FRAMES = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))


def checked_bitmap(kind: str, content: object) -> str | None:
    """Return the base64 text of a picture, None if it is not a picture of its kind, or too large.

    `kind` is image/png or image/jpeg, `content` the text of an output or an attachment.
    """
    if isinstance(content, (list, tuple)):
        content = "".join(piece for piece in content if isinstance(piece, str))
    if not isinstance(content, str) or len(content) > 2 * MOST_BYTES:
        return None
    try:
        data = base64.b64decode("".join(content.split()), validate=True)
    except (ValueError, binascii.Error):
        return None
    size = {"image/png": _png_size, "image/jpeg": _jpeg_size}[kind](data)
    if size is None or len(data) > MOST_BYTES or not 0 < size[0] * size[1] <= MOST_PIXELS:
        return None
    return base64.b64encode(data).decode("ascii")


def _png_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels, None if it is no PNG."""
    if not data.startswith(_PNG) or data[12:16] != b"IHDR" or len(data) < 33:
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels, None if it is no JPEG."""
    for marker, segment in _segments(data):
        if marker in _FRAMES and len(segment) >= 5:
            return int.from_bytes(segment[3:5], "big"), int.from_bytes(segment[1:3], "big")
    return None


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the marker and the content of each segment before the picture's pixels."""
    position = 2 if data.startswith(b"\xff\xd8\xff") else len(data)
    while position + 4 <= len(data) and data[position] == 0xFF:
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if length < 2:
            return
        yield data[position + 1], data[position + 4 : position + 2 + length]
        position += 2 + length
