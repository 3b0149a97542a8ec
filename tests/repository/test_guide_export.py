"""docs/new-export.md, followed word by word."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from grader.reports import csv_export
from tests.grader.reports.test_csv_export import (
    EXPECTED,
    known_to_the_gradebook,
    parsed,
    without_expectation,
    without_record,
)
from tests.helpers.classes import class_of_six


def changed(text: str, *replacements: tuple[str, str]) -> str:
    for old, new in replacements:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def module_of(source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    (folder / "followed.py").write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("followed", folder / "followed.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "followed", module)
    spec.loader.exec_module(module)
    return module


def test_who_follows_the_guide_has_a_new_format(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = known_to_the_gradebook(class_of_six())
    guide = (root / "docs" / "new-export.md").read_text("utf-8")
    function, record, rows = re.findall(r"^~~~\w+\n(.*?)^~~~$", guide, re.M | re.S)
    source = Path(csv_export.__file__).read_text("utf-8")
    with_function = changed(source, ("\nFORMATS = (\n", f"\n{function}\n\nFORMATS = (\n"))
    whole = changed(with_function, ("\nFORMATS = (\n", f"\nFORMATS = (\n{record}"))
    (expected,) = eval(f"{{{rows}}}").values()

    half = module_of(with_function, tmp_path, monkeypatch)
    assert without_record(half) == ["_totals_rows"]
    followed = module_of(whole, tmp_path, monkeypatch)
    assert without_record(followed) == []
    assert without_expectation(followed, EXPECTED) == ["totals"]
    assert parsed(followed.class_as_csv(known, "totals"))[:2] == expected
    assert followed.names()[0] == "totals"
