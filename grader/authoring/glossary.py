"""The terms of `solutions/glossary.toml`, and whether a translation uses them.

Where the English text has a term, the translation must have its standard counterpart; words that
the glossary lists as to be avoided must not be used.  Code is not looked at.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_CODE = re.compile(r"```.*?```|`[^`]*`|\$[^$]*\$|\{\w+\}", re.S)


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the glossary.

    `chinese` are the accepted words, the standard one first; `strict` asks for one of them.
    """

    english: str
    chinese: tuple[str, ...]
    avoid: tuple[str, ...] = ()
    strict: bool = True


def terms(folder: Path) -> list[Term]:
    """Return the glossary of a repository; empty where there is none."""
    path = folder / "solutions" / "glossary.toml"
    if not path.is_file():
        return []
    return [
        Term(
            english,
            tuple(entry["zh"]),
            tuple(entry.get("avoid", ())),
            entry.get("strict", True),
        )
        for english, entry in tomllib.loads(path.read_text("utf-8")).items()
    ]


def term_complaints(terms: Sequence[Term], where: str, english: str, chinese: str) -> list[str]:
    """Return where a translation does not use the glossary's terms."""
    source, found = _CODE.sub(" ", english), []
    for term in terms:
        standard = term.chinese[0]
        for word in term.avoid:
            if word in chinese:
                found.append(f"{where}: {word} is to be avoided; {term.english} is {standard}")
        if term.strict and _has(source, term.english):
            if not any(word in chinese for word in term.chinese):
                found.append(f"{where}: {term.english} should be {standard}")
    return found


def _has(text: str, term: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(term)}(?:e?s)?(?!\w)", text, re.I) is not None
