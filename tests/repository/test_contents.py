"""What files of the repository may hold, and which files it has."""

from __future__ import annotations

import re

from tests.helpers.source import PACKAGES, ROOT, at, project, sources, tracked


def test_the_changelog_has_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## \[(\d[^\]]*)\]", text, re.M)
    version = project()["version"]
    assert newest and newest[1] == version, (
        f"pyproject.toml says {version}, CHANGELOG.md's newest is {newest and newest[1]}: "
        "they change together"
    )
    assert "## [Unreleased]" in text.partition(newest[0])[0], (
        "CHANGELOG.md begins with `## [Unreleased]`, for what the next version will have"
    )


def test_the_address_has_one_home() -> None:
    address = project()["urls"]["Repository"].removeprefix("https://")
    code = [path for package in PACKAGES for path in sources(package)]
    wrong = [str(path.relative_to(ROOT)) for path in code if address in path.read_text("utf-8")]
    assert not wrong, (
        "the repository's address is read from the installed metadata (importlib.metadata, "
        f"Project-URL), not written out: {wrong}"
    )


# Spelled so that this file passes.
PLACES = re.compile(
    r"(?<![\w.~-])/(?:wor[k]|roo[t]|hom[e]|op[t]|User[s])/\w"  # a directory of some machine
    r"|[A-Z]:\\+User[s]\\"
    r"|pypi\.or[g]|pythonhosted\.or[g]|npmjs\.or[g]|deb\.debian\.or[g]|conda\.anaconda\.or[g]"
)


def test_no_machine_and_no_registry_is_named() -> None:
    wrong = []
    for path in tracked():
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if found := PLACES.search(line):
                wrong.append(f"{at(path, number)}: {found[0]}")
    assert not wrong, (
        "paths are relative to the repository, and which registry serves is each machine's own "
        "setting:\n" + "\n".join(wrong[:20])
    )


def test_nothing_that_is_built_or_private_is_tracked() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in (".db", ".pyc") or "demo" == path.relative_to(ROOT).parts[0]
    ]
    assert not wrong, f"git rm --cached these; .gitignore keeps them out: {wrong}"
