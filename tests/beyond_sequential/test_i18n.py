"""The language of messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from beyond_sequential import i18n


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    i18n.language("en")


def test_messages_are_in_the_language_that_was_chosen() -> None:
    english = i18n._("Right")
    assert i18n.language("zh") == "zh" and i18n.language() == "zh"
    assert english == "Right" and i18n._("Right") == "正确"


def test_a_message_without_translation_stays_english() -> None:
    i18n.language("zh")
    assert i18n._("no such message") == "no such message"
    assert i18n._("") == ""


def test_a_language_that_is_not_there_changes_nothing() -> None:
    with pytest.raises(i18n.LanguageError, match="en, zh"):
        i18n.language("fr")
    assert i18n.language() == "en"
