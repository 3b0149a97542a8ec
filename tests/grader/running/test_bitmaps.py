"""Which pictures are safe to show."""

import base64
import io

import pytest
from matplotlib import pyplot

from grader.running import bitmaps
from tests.helpers.payloads import BASE64_PNG, PNG


def drawn(kind: str) -> bytes:
    file = io.BytesIO()
    figure = pyplot.figure(figsize=(2, 1), dpi=50)
    figure.savefig(file, format=kind)
    pyplot.close(figure)
    return file.getvalue()


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_a_picture_of_matplotlib_is_kept(kind: str) -> None:
    content = text(drawn(kind))
    assert bitmaps.checked_bitmap(f"image/{kind}", content) == content
    lines = "\n".join(content[start : start + 76] for start in range(0, len(content), 76))
    assert bitmaps.checked_bitmap(f"image/{kind}", f"{lines}\n") == content
    assert bitmaps.checked_bitmap(f"image/{kind}", [content[:9], content[9:]]) == content


def sized(width: int, height: int) -> bytes:
    return PNG[:16] + width.to_bytes(4, "big") + height.to_bytes(4, "big") + PNG[24:]


@pytest.mark.parametrize(
    "content",
    [
        None,
        3,
        "",
        "hello",
        '"><script>',
        BASE64_PNG + '"',
        BASE64_PNG[:20],
        text(b"<svg onload=ran(1)>"),
        text(b"GIF89a" + PNG),
        text(sized(60_000, 60_000)),
        text(sized(0, 5)),
        text(PNG + b"\0" * bitmaps.MOST_BYTES),
        {"a": "b"},
    ],
)
@pytest.mark.parametrize("kind", ["image/png", "image/jpeg"])
def test_anything_else_is_not(kind: str, content: object) -> None:
    assert bitmaps.checked_bitmap(kind, content) is None


def test_a_picture_of_the_other_kind_is_not() -> None:
    assert bitmaps.checked_bitmap("image/jpeg", text(drawn("png"))) is None
    assert bitmaps.checked_bitmap("image/png", text(drawn("jpeg"))) is None
    huge = drawn("jpeg").replace((50).to_bytes(2, "big") + (100).to_bytes(2, "big"), b"\xff" * 4, 1)
    assert bitmaps.checked_bitmap("image/jpeg", text(huge)) is None


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\0\0", b"\xff\xd8\xff\xe0\0\xff"]
)
def test_a_damaged_picture_is_not(data: bytes) -> None:
    assert bitmaps.checked_bitmap("image/jpeg", text(b"\xff\xd8\xff" + data)) is None
