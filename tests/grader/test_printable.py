"""Text of students, made safe for a terminal."""

import pytest

from grader.printable import printable


@pytest.mark.parametrize("text", ["Zoë O'Hara-Łuczak", "李雷", "a\tb\nc\r\n", "x = 1; 😀", "नमस्ते"])
def test_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\ufffd[2J"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("\x9b2J", "\ufffd2J"),
        ("a\x08b\x7f", "a\ufffdb\ufffd"),
        ("ada\u202egnp.exe", "ada\ufffdgnp.exe"),
        ("a\u200bb\ufeff", "a\ufffdb\ufffd"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_what_is_obeyed_or_hidden_is_replaced(text: str, shown: str) -> None:
    assert printable(text) == shown
