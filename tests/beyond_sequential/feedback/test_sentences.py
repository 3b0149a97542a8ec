"""What a finding says.  The sentences of each kind are tested in findings/test_kinds.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from beyond_sequential import i18n
from beyond_sequential.feedback.sentences import sentence
from beyond_sequential.findings.finding import Finding


@pytest.fixture
def chinese() -> Iterator[None]:
    i18n.language("zh")
    yield
    i18n.language("en")


def test_the_first_line_names_the_fault_and_the_second_the_idea() -> None:
    assert sentence(Finding("not_compiled", {"name": "net"})).splitlines() == [
        "`net` is not compiled.",
        "Compiling tells a model how to learn: by which optimizer, from which loss.",
    ]
    assert sentence(Finding("stub", {"name": "net"})) == "`net` still waits for your code."


def test_lists_are_names_or_shapes() -> None:
    keys = {"name": "d", "side": "inputs", "expected": ["a", "b"], "found": ["c"]}
    assert "has the keys `c`; expected: `a`, `b`" in sentence(Finding("keys", keys))
    shapes = {"name": "d", "key": "x", "expected": [None, 3], "found": [4]}
    assert "has the shape (4,); expected (None, 3)" in sentence(Finding("array_shape", shapes))


def test_an_idea_of_an_exercise_is_translated(chinese: None) -> None:
    from beyond_sequential.course import sections

    hint = sections.exercise("introduction-layer").hints[0]
    words = sentence(Finding("closed", {"name": "reason", "idea": hint}))
    assert words.splitlines()[1] == i18n._(hint) != hint


def test_no_space_stands_behind_chinese_punctuation(chinese: None) -> None:
    words = sentence(Finding("missing_name", {"name": "net"}))
    assert "。 " not in words and "。" in words


@pytest.mark.parametrize("code", ["stub", "training", "a kind of next year"])
def test_a_record_without_its_fields_can_still_be_read(code: str, untyped_findings: None) -> None:
    assert sentence(Finding(code, {}))
