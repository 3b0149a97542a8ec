"""Which cell of a text notebook has which role."""

import pytest

from grader.authoring import text


def test_magics_do_not_hide_a_check() -> None:
    cell = text.TextCell("code", '%matplotlib inline\ncheck("a-b", points=2)')
    assert text.test_of(cell) == ("a-b", 2.0)


def test_comments_and_layout_make_no_difference() -> None:
    assert text.same_code("x = 1  # one", "# 一\nx = (1)")
    assert not text.same_code("x = 1", "x = 2")


def test_line_breaks_do_not_change_what_a_translation_names() -> None:
    one, other = (text.TextCell("markdown", source) for source in ("a b\nc", "a\nb c"))
    assert text.source_hash(one) == text.source_hash(other)
    assert text.digest(one) != text.digest(other)


@pytest.mark.parametrize("source", ["check()", "x = 1", "checked(3)"])
def test_other_code_is_no_test(source: str) -> None:
    assert text.test_of(text.TextCell("code", source)) is None
