"""How many annotations say nothing: `Any` where there could be a type."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from tests.helpers.source import PACKAGES, annotations, relative, sources

LIMIT = 0.05


def says_any(annotation: ast.expr) -> bool:
    """Return whether an annotation has `Any` anywhere in it, also where it is a string."""
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name) and node.id == "Any":
            return True
        if isinstance(node, ast.Attribute) and node.attr == "Any":
            return True
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if "Any" in node.value.replace("[", " ").replace("]", " ").split():
                return True
    return False


def test_any_is_counted_wherever_it_stands() -> None:
    text = "def f(a: int, *b: Any, c: dict[str, Any], d: 'list[Any]') -> typing.Any: ..."
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef) and function.returns is not None
    found = [node.annotation for node in ast.walk(function) if isinstance(node, ast.arg)]
    counted = [says_any(each) for each in (*found, function.returns) if each is not None]
    assert sorted(counted) == [False, True, True, True, True]


@pytest.mark.parametrize("package", PACKAGES)
def test_any_is_rare(package: str) -> None:
    total, files = 0, Counter[str]()
    for path in sources(package):
        for annotation in annotations(path):
            total += 1
            files[relative(path)] += says_any(annotation)
    share = files.total() / total
    most = "\n".join(f"{name}: {count}" for name, count in files.most_common(8) if count)
    assert share < LIMIT, (
        f"{share:.1%} of {package}'s {total} annotations say `Any`; write a precise type, a "
        f"TypedDict, a dataclass or `object`. Most have:\n{most}"
    )
