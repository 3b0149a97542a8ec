"""The reader's language: gettext catalogues, English where there is none."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
_LOCALE = Path(__file__).parent / "locale"
_active = "en"


class LanguageError(ValueError):
    """No catalogue for this language; the text lists those there are."""


def language(code: str | None = None) -> str:
    """Switch messages and drawings to a language ("en", "zh"), or ask which it is.

    Raises LanguageError for a language that the course does not have.
    """
    global _active
    if code is not None:
        if code not in LANGUAGES:
            raise LanguageError(f"no messages in {code!r}; there are: {', '.join(LANGUAGES)}")
        _active = code
    return _active


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation("beyond_sequential", _LOCALE, [code], fallback=True)


def _(message: str) -> str:
    """Return the message in the active language."""
    return _catalogue(_active).gettext(message) if message else ""


def N_(message: str) -> str:
    """Return the message as it is, marked for the catalogue: `_` translates it when it is shown."""
    return message
