"""What of a notebook can be written to a file."""

from __future__ import annotations

import pytest

from grader.submissions.storable import storable, storable_text


def test_lone_surrogates_become_question_marks() -> None:
    assert storable({"a": ["\ud800"]}) == {"a": ["?"]}
    assert storable_text("a\udfff") == "a?"


def test_numbers_that_json_lacks_are_refused() -> None:
    with pytest.raises(ValueError):
        storable([float("nan")])
