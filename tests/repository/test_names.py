"""One name means one thing in a package, and names and prose are plain English."""

from __future__ import annotations

import ast
import re
from collections import defaultdict

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


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_is_defined_twice_in_a_package(package: str) -> None:
    places = defaultdict(list)
    for path in sources(package):
        if SAME_ON_PURPOSE.match(relative(path)):
            continue
        for line, name in definitions(path):
            if not name.startswith("_"):
                places[name].append(at(path, line))
    wrong = [f"{name}: {', '.join(found)}" for name, found in places.items() if len(found) > 1]
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
    wrong = [f"{name}: {', '.join(found)}" for (name, _), found in places.items() if len(found) > 1]
    assert not wrong, "move each to one place that both import:\n" + "\n".join(wrong)


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
    assert not wrong, "docs/glossary.md has one word for one thing:\n" + "\n".join(wrong)


def test_names_are_plain() -> None:
    wrong = [
        f"{at(path, line)}: {name} (say {NAMES[name]})"
        for folder in FOLDERS
        for path in sources(folder)
        for line, name in identifiers(path)
        if name in NAMES
    ]
    assert not wrong, "a name says what the thing is:\n" + "\n".join(wrong)
