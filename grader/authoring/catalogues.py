"""The helper's messages in other languages: gettext catalogues, made with Babel.

    beyond_sequential/, grader/   what `_()` and `N_()` mark, also in templates
    sections.exercises()          every hint, idea and trap, from the data
      -> beyond_sequential/locale/zh/LC_MESSAGES/beyond_sequential.po   what a translator edits
                                                            and .mo   what a kernel reads

`write_catalogues` keeps translations, adds new messages and drops dead ones.  Neither file holds
a date, a line number or the name of a program, so that the same messages make the same bytes.
"""

from __future__ import annotations

import ast
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from grader.authoring import glossary

DOMAIN = "beyond_sequential"
TRANSLATIONS = ("zh",)
_IN_TEMPLATES = re.compile(r"""\b_\("([^"]+)"\)""")
_COMMENT = "# The course's messages. `make build` keeps this file in step with the code."
# What a translation must keep unchanged: code, and what is filled in later.
_FIXED = re.compile(r"`[^`]*`|\{[a-z_]\w*(?::[^{}]*)?\}")


class _Catalogue(Catalog):
    """A catalogue without the date and the program's name in its header."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [("Language", str(self.locale)), ("Content-Type", "text/plain; charset=utf-8")]


def write_catalogues(folder: Path) -> list[str]:
    """Bring the catalogues of a repository up to date; return the paths touched."""
    made = _files(folder)
    touched = [path for path, body in made.items() if _bytes(folder / path) != body]
    for path in touched:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(made[path])
    return touched


def stale_catalogues(folder: Path) -> list[str]:
    """Return the paths of catalogues that differ from what the code and translations make."""
    return [path for path, body in _files(folder).items() if _bytes(folder / path) != body]


def message_complaints(folder: Path) -> list[str]:
    """Return what is wrong with the translations: missing, fuzzy, damaged, or in other terms."""
    found = []
    terms = glossary.terms(folder)
    for language in TRANSLATIONS if _has_messages(folder) else ():
        for message in updated(folder, language):
            if message.id:
                found += [f"{language}: {words}" for words in _complaints(message, terms)]
    return found


def _complaints(message: Message, terms: list[glossary.Term]) -> list[str]:
    source, translation = str(message.id), str(message.string or "")
    if not translation:
        return [f'no translation of "{source}"']
    if message.fuzzy:
        return [f'translates another message (correct it, then delete "fuzzy"): "{source}"']
    found = []
    if _fixed(source) != _fixed(translation):
        found.append(f'code or {{placeholders}} differ: "{source}", "{translation}"')
    return found + glossary.term_complaints(terms, f'"{translation}"', source, translation)


def _fixed(text: str) -> Counter[str]:
    return Counter(_FIXED.findall(text))


# --- the messages -----------------------------------------------------------------------


def all_messages(folder: Path) -> Catalog:
    """Return every message of a repository, untranslated."""
    catalogue = Catalog()
    for package in ("beyond_sequential", "grader"):
        for path in sorted((folder / package).rglob("*.py")):
            name = path.relative_to(folder).as_posix()
            for line, message in sorted(_marked(path)):
                catalogue.add(message, locations=[(name, line)])
    for path in sorted((folder / "grader" / "templates").rglob("*.j2")):
        name = path.relative_to(folder).as_posix()
        for message in _IN_TEMPLATES.findall(path.read_text("utf-8")):
            catalogue.add(message, locations=[(name, 0)])
    for name, exercise, message in exercise_texts():
        place = f"beyond_sequential/course/sections/{name}.py"
        catalogue.add(message, locations=[(place, 0)], auto_comments=[exercise])
    return catalogue


def _marked(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each message; Babel's extractor takes the key in `_(a["key"])` too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            words = node.args[0] if node.func.id in ("_", "N_") and node.args else None
            if isinstance(words, ast.Constant) and isinstance(words.value, str):
                yield node.lineno, words.value


def exercise_texts() -> Iterator[tuple[str, str, str]]:
    """Yield section, exercise and text of each hint, idea and trap."""
    from beyond_sequential.course import sections

    for name in sections.names():
        for exercise in sections.section(name).EXERCISES:
            texts = list(exercise.hints)
            for part in exercise.parts:
                texts += [getattr(part, "idea", ""), *getattr(part, "traps", {}).values()]
            yield from ((name, exercise.id, words) for words in texts if words)


# --- files --------------------------------------------------------------------------------------


def updated(folder: Path, language: str) -> Catalog:
    """Return a language's catalogue with the present messages."""
    catalogue = _Catalogue(locale=language, fuzzy=False, header_comment=_COMMENT)
    po = folder / _path(language, "po")
    if po.is_file():
        for message in read_po(io.BytesIO(po.read_bytes()), locale=language):
            if message.id:
                catalogue[message.id] = message
    catalogue.update(all_messages(folder))
    return catalogue


def _files(folder: Path) -> dict[str, bytes]:
    made = {}
    for language in TRANSLATIONS if _has_messages(folder) else ():
        catalogue = updated(folder, language)
        po, mo = io.BytesIO(), io.BytesIO()
        write_po(po, catalogue, width=0, include_lineno=False, ignore_obsolete=True)
        write_mo(mo, catalogue)
        made[_path(language, "po")] = po.getvalue().rstrip() + b"\n"
        made[_path(language, "mo")] = mo.getvalue()
    return made


def _has_messages(folder: Path) -> bool:
    return (folder / "beyond_sequential" / "i18n.py").is_file()


def _path(language: str, suffix: str) -> str:
    return f"beyond_sequential/locale/{language}/LC_MESSAGES/{DOMAIN}.{suffix}"


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
