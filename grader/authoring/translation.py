"""Begin, update and check the translation of a section's text notebook.

A translation has the cells of the English text notebook, one for one.  Code cells are the same but
for comments; every other cell names, as `source_hash`, the English text that it translates.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import jupytext
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from grader.authoring import catalogues, glossary, notebooks, repository, text
from grader.errors import GraderError

_OWN_SCRIPT = {"zh": re.compile(r"[\u4e00-\u9fff]")}


def complaints(folder: Path) -> list[str]:
    """Return what is missing or wrong in the translations of messages and of sections."""
    found = catalogues.message_complaints(folder)
    terms = glossary.terms(folder)
    for section in repository.sections(folder):
        if section.language == "en":
            found += _missing(section)
            continue
        english = text.read_cells(section.path.with_name(f"{section.name}.en.md"))
        pairs = zip(english, text.read_cells(section.path), strict=True)
        for number, (source, cell) in enumerate(pairs, 1):
            where = f"{section.path.name}: cell {number}"
            found += _complaints(where, section.language, source, cell, terms)
    return found


def _missing(section: repository.Section) -> list[str]:
    return [
        f"there is no {section.name}.{language}.md; `grader translate {section.name}` begins it"
        for language in catalogues.TRANSLATIONS
        if not section.path.with_name(f"{section.name}.{language}.md").is_file()
    ]


def _complaints(
    where: str,
    language: str,
    english: text.TextCell,
    cell: text.TextCell,
    terms: Sequence[glossary.Term],
) -> list[str]:
    if cell.kind == "code":
        return glossary.term_complaints(terms, where, "", cell.source)
    if not _OWN_SCRIPT[language].search(cell.source):
        return [f"{where} is still in English"]
    return glossary.term_complaints(terms, where, english.source, cell.source)


# --- following the English text -----------------------------------------------------------------


def follow_english(folder: Path, name: str, language: str, accept: bool = False) -> list[str]:
    """Write a section's translation with the cells of the present English notebook.

    Translated cells are kept.  New ones are in English, code with its English comments.  With
    `accept` every cell is marked as a translation of the present English text.  Returns what must
    be looked at.  Raises GraderError if there is no such section.
    """
    source = folder / "solutions" / f"{name}.en.md"
    path = folder / "solutions" / f"{name}.{language}.md"
    if not source.is_file():
        raise GraderError(f"there is no {source.name} in solutions/")
    english = text.read_cells(source)
    cells = list(_matched(english, text.read_cells(path) if path.is_file() else []))
    if accept:
        cells = [_renewed(cell, now) for now, cell in zip(english, cells, strict=True)]
    path.write_text(_written(source, cells), encoding="utf-8")
    return notebooks.mismatches(english, cells, path.name) or [f"{path.name} is in step."]


def _matched(
    english: Sequence[text.TextCell], other: Sequence[text.TextCell]
) -> Iterator[text.TextCell]:
    """Yield for each English cell its translation, an outdated one, or the English cell itself."""
    now, then = [_key(cell) for cell in english], [_source_key(cell) for cell in other]
    for _tag, first, last, begin, end in SequenceMatcher(None, now, then, False).get_opcodes():
        if now[first:last] == then[begin:end]:
            yield from other[begin:end]
            continue
        left = list(other[begin:end])
        for cell in english[first:last]:
            former = next((old for old in left if old.kind == cell.kind), None)
            if former is not None:
                left.remove(former)
            if former is None or cell.kind == "code":
                yield _renewed(cell, cell)
            else:
                yield former


def _key(cell: text.TextCell) -> str:
    """Return what a code cell and its translation have in common; for prose, its hash."""
    if cell.kind == "code":
        return ast.dump(ast.parse(text.python(cell.source)))
    return text.source_hash(cell)


def _source_key(cell: text.TextCell) -> str:
    return _key(cell) if cell.kind == "code" else str(cell.metadata.get("source_hash"))


def _renewed(cell: text.TextCell, english: text.TextCell) -> text.TextCell:
    """Return a cell that names the present English text as its source."""
    hash_ = {} if cell.kind == "code" else {"source_hash": text.source_hash(english)}
    return replace(cell, metadata={**cell.metadata, **hash_})


def _written(source: Path, cells: Sequence[text.TextCell]) -> str:
    """Return a text notebook of the cells, with the header of `source`."""
    notebook = jupytext.reads(source.read_text("utf-8"), fmt="md:myst")
    notebook.cells = [_notebook_cell(cell) for cell in cells]
    return str(jupytext.writes(notebook, fmt="md:myst"))


def _notebook_cell(cell: text.TextCell) -> nbformat.NotebookNode:
    make = new_code_cell if cell.kind == "code" else new_markdown_cell
    made: nbformat.NotebookNode = make(cell.source, metadata=dict(cell.metadata))
    return made
