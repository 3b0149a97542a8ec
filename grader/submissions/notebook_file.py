"""Read a notebook as it comes from real life: another encoding, bytes around it, or cut off."""

from __future__ import annotations

import codecs
import json
import warnings

import nbformat
from nbformat import NotebookNode

from grader.printable import printable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Unreadable(ValueError):
    """A file is not a notebook; the text says in words what it is instead."""


def parse_notebook(body: bytes) -> NotebookNode:
    """Return the notebook in a file's bytes, in nbformat 4.

    A byte order mark, NUL bytes behind it, GB18030 and lacking metadata do no harm.  Raises
    Unreadable for what is no notebook.
    """
    data = _json(_decoded(body))
    if not isinstance(data, dict) or not ({"cells", "worksheets"} & data.keys()):
        raise Unreadable("not a notebook: it has no cells")
    if isinstance(data.get("cells"), list):
        data = _completed(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they name a path of the grader's
            notebook: NotebookNode = nbformat.reads(json.dumps(data), as_version=4)
    except Exception as error:  # nbformat fails in many ways on what is no notebook
        raise Unreadable(f"not a notebook: {_first_line(error)}") from error
    if not isinstance(notebook.get("cells"), list):
        raise Unreadable("not a notebook: it has no cells")
    return notebook


def _decoded(body: bytes) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    body = body.rstrip(b"\0")
    for encoding in ("utf-8", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return body.decode("utf-8", "replace")


def _json(text: str) -> object:
    stripped = text.rstrip("\0").strip()
    if not stripped:
        raise Unreadable("an empty file")
    if stripped.startswith("<"):
        raise Unreadable("a web page, not the notebook")
    try:
        data: object = json.loads(stripped)
    except RecursionError:
        raise Unreadable("not a notebook: it is nested too deeply") from None
    except json.JSONDecodeError as error:
        if stripped.startswith("{") and _is_at_the_end(error, stripped):
            raise Unreadable("cut off: the end of the notebook is missing") from None
        raise Unreadable(f"not a notebook: {_first_line(error)}") from None
    except ValueError as error:  # a number of too many digits
        raise Unreadable(f"not a notebook: {_first_line(error)}") from None
    return data


def _is_at_the_end(error: json.JSONDecodeError, text: str) -> bool:
    """Return whether the JSON is right as far as it goes: a string, or more, lacks its end."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - len("false")


def _completed(data: dict[str, object]) -> dict[str, object]:
    """Return a notebook with the fields that every notebook has; those of cells as well."""
    has_version = isinstance(data.get("nbformat"), int)
    version = {} if has_version else {"nbformat": 4, "nbformat_minor": 5}
    metadata = data.get("metadata")
    cells = data["cells"]
    assert isinstance(cells, list)
    return {
        "nbformat_minor": 5,
        **data,
        **version,
        "metadata": metadata if isinstance(metadata, dict) else {},
        "cells": [_completed_cell(cell) for cell in cells if isinstance(cell, dict)],
    }


def _completed_cell(cell: dict[str, object]) -> dict[str, object]:
    kind = cell.get("cell_type")
    lacking: dict[str, object] = {"cell_type": "raw", "metadata": {}, "source": ""}
    if kind == "code":
        lacking |= {"outputs": [], "execution_count": None}
    return {**lacking, **cell}


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return printable(lines[0])[:100]
