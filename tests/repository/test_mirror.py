"""Where the tests of a module are: at its place in tests/, or where its docstring says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.helpers.source import PACKAGES, ROOT, relative, sources, tree


def place(path: Path) -> Path:
    """Return where the tests of a module are expected."""
    return ROOT / "tests" / path.relative_to(ROOT).parent / f"test_{path.name}"


def named(path: Path) -> list[str]:
    """Return the files and folders that a docstring's `Tests:` line names."""
    text = ast.get_docstring(tree(path)) or ""
    line = re.search(r"^Tests: (.+(?:\n\S.*)*)", text, re.MULTILINE)
    return re.findall(r"[\w./-]*\w/?", line[1].replace(" and ", " ")) if line else []


def modules() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in sources(package)
        if path.name not in ("__init__.py", "__main__.py")
    ]


def has_tests_of_its_name(path: Path) -> bool:
    expected = place(path)
    # `test_compare_sharing.py` is about `compare.py` too.
    return expected.is_file() or any(expected.parent.glob(f"{expected.stem}_*.py"))


def test_a_module_has_tests_that_are_found() -> None:
    wrong = [
        f"{relative(path)}: {relative(place(path))}"
        for path in modules()
        if not has_tests_of_its_name(path) and not named(path)
    ]
    assert not wrong, (
        "write the test file that stands beside each, or say in the module's docstring which one "
        "it is: `Tests: tests/...`\n" + "\n".join(wrong)
    )


def test_a_docstring_names_tests_that_exist() -> None:
    wrong = [
        f"{relative(path)}: {name}"
        for path in modules()
        for name in named(path)
        if not (ROOT / name).exists()
    ]
    assert not wrong, "a docstring's line `Tests:` names what does not exist:\n" + "\n".join(wrong)


def test_tests_are_where_their_module_is() -> None:
    wrong = [
        relative(path)
        for package in PACKAGES
        for path in sources(f"tests/{package}")
        if path.name.startswith("test_")
        and not (ROOT / path.relative_to(ROOT / "tests").parent).is_dir()
    ]
    assert not wrong, f"tests/ is laid out as the packages are; move these: {wrong}"
