"""The pictures of docs/architecture.md."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import pytest

from beyond_sequential.draw import words
from grader.authoring import diagrams

DIAGRAMS = pytest.mark.parametrize("diagram", diagrams.DIAGRAMS.values(), ids=diagrams.DIAGRAMS)


@DIAGRAMS
def test_words_are_within_their_box(diagram: diagrams.Diagram) -> None:
    for box in diagram.boxes:
        for line in (*box.lines, box.home):
            assert words.text_width(line, 12, False) < diagrams.WIDTH, line
        assert len(box.lines) + bool(box.home) <= 3


@DIAGRAMS
def test_boxes_have_a_field_of_their_own(diagram: diagrams.Diagram) -> None:
    for one, other in combinations(diagram.boxes, 2):
        assert (one.column, one.row) != (other.column, other.row)
        assert one.title != other.title


@DIAGRAMS
def test_arrows_join_neighbours(diagram: diagrams.Diagram) -> None:
    for start, end in diagram.arrows:
        one, other = diagram.box(start), diagram.box(end)
        assert abs(one.column - other.column) + abs(one.row - other.row) == 1, (start, end)
        # `_arrow` draws those between rows downwards.
        assert other.row >= one.row
    joined = {title for arrow in diagram.arrows for title in arrow}
    assert joined == {box.title for box in diagram.boxes}


@DIAGRAMS
def test_a_picture_is_one_file_for_light_and_dark_pages(diagram: diagrams.Diagram) -> None:
    text = diagrams.svg(diagram)
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg") and "prefers-color-scheme: dark" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    shown = "".join(root.itertext())
    assert all(box.title in shown for box in diagram.boxes)
