"""One name means one thing in a package, and names and prose are plain English."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict

import pytest

from tests.helpers.source import (
    PACKAGES,
    at,
    definitions,
    identifiers,
    prose,
    relative,
    sources,
    tracked,
    tree,
)

# Names that several modules define on purpose: every section has the same functions, and the
# functions of the command line are called as its commands are.
SAME_ON_PURPOSE = re.compile(r"beyond_sequential/course/sections/|grader/cli\.py")
# Names with two meanings still; none may be added.
TWO_MEANINGS = {
    "jailed_kernels": set(),
    "beyond_sequential": {
        "canonical",
        "Line",
        "Node",
    },
    "grader": {
        "release",
    },
}
# Private functions that several modules define in the same words still; none may be added.
WRITTEN_TWICE: set[str] = set()

# A word, and what to write for it.  In prose (comments, docstrings, documents):
WORDS = {
    r"told": "given, passed in; or who says it: the finding, the message",
    r"astray": "wrong, misplaced",
    r"mills?": "fuzzer",
    r"grinds?|ground": "run the fuzzer",
    r"rooms?": "subpackage, module",
    r"errands?": "request, task",
    r"strangers?": "a new reader, somebody else",
    r"anew": "again, newly",
    r"lest": "so that ... not",
    r"a word of ours": "a term of this package",
    r"aught|naught|hence|whence|whither|hitherto|henceforth|wherein": "a word of today",
}
# As names of classes, functions, arguments and variables:
NAMES = {
    "astray": "misplaced",
    "here": "what it is: folder, path, line",
    "its": "whose it is: layer_calls, node_inputs",
    "Look": "what it is: Style",
    "mill": "fuzzer",
    "mine": "whose it is: expected, found, own",
    "Pins": "what it is: Constraints",
    "there": "what it is: folder, path, line",
    "told": "what it is: finding, message, options",
    "standing": "points, progress",
}
FOLDERS = (*PACKAGES, "tests", "benchmarks")
DOCUMENTS = ("CONTRIBUTING.md", "README.md", "docs/*.md", "jailed_kernels/README.md")
# How many there are still; the figures only fall.
WORDS_LEFT = {
    "benchmarks": 6,
    "beyond_sequential": 27,
    "grader": 16,
    "tests": 28,
}
NAMES_LEFT = {
    "benchmarks": 10,
    "beyond_sequential": 213,
    "grader": 10,
    "tests": 102,
}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_is_defined_twice_in_a_package(package: str) -> None:
    places = defaultdict(list)
    for path in sources(package):
        if SAME_ON_PURPOSE.match(relative(path)):
            continue
        for line, name in definitions(path):
            if not name.startswith("_"):
                places[name].append(at(path, line))
    wrong = [
        f"{name}: {', '.join(found)}"
        for name, found in places.items()
        if len(found) > 1 and name not in TWO_MEANINGS[package]
    ]
    assert not wrong, (
        "one name, one meaning: call one of the two what it is, or if both do the same keep "
        "one:\n" + "\n".join(wrong)
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_no_private_function_is_written_twice(package: str) -> None:
    places = defaultdict(list)
    for path in sources(package):
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("_"):
                places[node.name, ast.dump(node)].append(at(path, node.lineno))
    wrong = [
        f"{name}: {', '.join(found)}"
        for (name, _), found in places.items()
        if len(found) > 1 and name not in WRITTEN_TWICE
    ]
    assert not wrong, "move each to one place that both import:\n" + "\n".join(wrong)


def rise(wrong: list[str], left: dict[str, int]) -> str:
    """Return the places of the folders that have more than the number left to them."""
    folders = [re.split("[/:]", line)[0] for line in wrong]
    found = Counter(folders)
    more = [
        line
        for line, folder in zip(wrong, folders, strict=True)
        if found[folder] > left.get(folder, 0)
    ]
    return "\n".join(more)


def lines_of_documents() -> list[tuple[str, int, str]]:
    return [
        (relative(path), number, line)
        for path in tracked()
        if any(path.match(pattern) for pattern in DOCUMENTS)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
    ]


def test_prose_is_in_plain_words() -> None:
    lines = [
        (relative(path), number, line)
        for folder in FOLDERS
        for path in sources(folder)
        for number, line in prose(path)
        if relative(path) != "tests/repository/test_names.py"
    ]
    wrong = [
        f"{name}:{number}: {found[0]} (write: {instead})"
        for name, number, line in (*lines, *lines_of_documents())
        for word, instead in WORDS.items()
        if (found := re.search(rf"\b(?:{word})\b", line, re.IGNORECASE))
    ]
    more = rise(wrong, WORDS_LEFT)
    assert not more, f"docs/glossary.md has one word for one thing:\n{more}"


def test_names_are_plain() -> None:
    wrong = [
        f"{at(path, line)}: {name} (say {NAMES[name]})"
        for folder in FOLDERS
        for path in sources(folder)
        for line, name in identifiers(path)
        if name in NAMES
    ]
    more = rise(wrong, NAMES_LEFT)
    assert not more, f"a name says what the thing is:\n{more}"
