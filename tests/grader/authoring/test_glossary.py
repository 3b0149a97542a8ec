"""Whether a translation uses the glossary's terms."""

from pathlib import Path

import pytest

from grader.authoring import glossary

TERMS = [
    glossary.Term("layer", ("层",), ("图层",)),
    glossary.Term("head", ("头", "输出头"), strict=False),
]


@pytest.mark.parametrize(
    ("english", "chinese", "complaints"),
    [
        ("A layer.", "一个层。", []),
        ("Two layers.", "两个。", ["here: layer should be 层"]),
        ("A `layer`.", "`layer`。", []),
        ("A player.", "一个人。", []),
        ("A head.", "一个。", []),
        ("", "图层", ["here: 图层 is to be avoided; layer is 层"]),
    ],
)
def test_terms(english: str, chinese: str, complaints: list[str]) -> None:
    assert glossary.term_complaints(TERMS, "here", english, chinese) == complaints


def test_the_glossary_of_this_repository(root: Path, tmp_path: Path) -> None:
    found = {term.english: term for term in glossary.terms(root)}
    assert found["layer"].chinese[0] == "层"
    assert glossary.terms(tmp_path) == []
