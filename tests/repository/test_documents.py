"""What documents name exists: files, classes, and the boxes of pictures."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from grader.authoring import diagrams
from tests.helpers.source import ROOT, definitions, relative, tracked, tree

PAGES = ("docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md", "jailed_kernels/README.md")
ROW = re.compile(r"^\| (?P<term>[^|]+?) \| (?P<zh>[^|]+?) \| [^|]+ \| (?P<home>[^|]+?) \|$", re.M)
FOLDERS = (
    "jailed_kernels",
    "beyond_sequential",
    "grader",
    "tests",
    "docs",
    "benchmarks",
    "samples",
)


def paths(text: str) -> set[str]:
    """Return what a text names in backticks as a path in the repository."""
    quoted = re.findall(r"`([\w./-]+)`", text)
    return {name for name in quoted if name.split("/")[0] in FOLDERS}


@pytest.mark.parametrize("page", PAGES)
def test_documents_name_files_that_exist(page: str) -> None:
    if not (ROOT / page).is_file():
        pytest.skip(f"no {page}")
    text = (ROOT / page).read_text("utf-8")
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    gone = sorted(name for name in paths(text) if not (ROOT / name).exists())
    gone += sorted(name for name in linked if not ((ROOT / page).parent / name).exists())
    assert not gone, f"{page} names what does not exist; say where it is now: {gone}"


def terms() -> list[re.Match[str]]:
    text = (ROOT / "docs/glossary.md").read_text("utf-8")
    return [row for row in ROW.finditer(text) if row["term"] not in ("Term", "---")]


def names_of(path: Path) -> set[str]:
    """Return the classes, functions and variables that a module defines."""
    assigned = {
        node.id
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return {name for _, name in definitions(path)} | assigned


def test_every_term_has_its_home() -> None:
    wrong = []
    for row in terms():
        found = re.fullmatch(r"`([\w./-]+)`(?:: `(\w+)`)?", row["home"])
        if not found or not (ROOT / found[1]).exists():
            wrong.append(f"{row['term']}: {row['home']}")
        elif found[2] and found[2] not in names_of(ROOT / found[1]):
            wrong.append(f"{row['term']}: no {found[2]} in {found[1]}")
    assert not wrong, "docs/glossary.md says where each term is defined; correct:\n" + "\n".join(
        wrong
    )


def test_every_term_has_one_meaning() -> None:
    names = [row["term"] for row in terms()]
    chinese = [row["zh"] for row in terms()]
    assert len(names) >= 25
    twice = {name for name in names + chinese if (names + chinese).count(name) > 1}
    assert not twice, f"docs/glossary.md has these twice: one word for one thing: {twice}"


def test_the_pictures_name_folders_that_exist() -> None:
    gone = [
        box.home
        for diagram in diagrams.DIAGRAMS.values()
        for box in diagram.boxes
        if box.home and not (ROOT / box.home).exists()
    ]
    assert not gone, f"grader/authoring/diagrams.py names what does not exist: {gone}"


def test_a_guide_is_followed_by_a_test() -> None:
    tests = "".join(
        path.read_text("utf-8")
        for path in tracked()
        if relative(path).startswith("tests/") and path.name.startswith("test_")
    )
    wrong = [
        relative(path)
        for path in sorted((ROOT / "docs").glob("new-*.md"))
        if path.name not in tests
    ]
    assert not wrong, f"write a test that follows each of these guides and names it: {wrong}"
