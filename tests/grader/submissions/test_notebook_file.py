"""Notebooks as they come from real life."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.submissions.notebook_file import Unreadable, parse_notebook

CODE = "print('你好')"
TEXT = nbformat.writes(new_notebook(cells=[new_code_cell(CODE)]))
DATA = json.loads(TEXT)


def without(*keys: str) -> bytes:
    return json.dumps({key: value for key, value in DATA.items() if key not in keys}).encode()


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("gb18030"),
        TEXT.encode() + bytes(4096),
        TEXT.replace("\n", "\r\n").encode(),
        without("nbformat", "nbformat_minor"),
        without("metadata"),
        json.dumps({"cells": [{"cell_type": "code", "source": [CODE]}]}).encode(),
    ],
)
def test_it_is_read_whatever_was_done_to_its_bytes(body: bytes) -> None:
    notebook = parse_notebook(body)
    assert [cell.source for cell in notebook.cells] == [CODE]
    assert notebook.nbformat == 4 and notebook.metadata == {}


def test_the_third_format_is_read() -> None:
    cell = {"cell_type": "code", "input": CODE, "outputs": [], "language": "python"}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    assert parse_notebook(json.dumps(old).encode()).cells[0].source == CODE


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "an empty file"),
        (b"\xef\xbb\xbf \n\0", "an empty file"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (TEXT.encode()[: len(TEXT) // 2], "cut off"),
        (b"%PDF-1.7", "not a notebook"),
        (b"[1, 2]", "it has no cells"),
        (b'{"cells": 3, "nbformat": 4}', "not a notebook"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a": "\x1b[2J"} x', "not a notebook"),
    ],
)
def test_what_it_is_instead_is_said(body: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why) as error:
        parse_notebook(body)
    assert str(error.value).isprintable()
