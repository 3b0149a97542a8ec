"""What the packages need is declared, and every version has one home, requirements.lock."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions
from itertools import chain

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from beyond_sequential.backends import BACKENDS, DEFAULT
from tests.helpers.source import PACKAGES, ROOT, at, imports, project, sources

OURS = (*PACKAGES, "samples", "tests", "benchmarks")
# Imported without being declared.
UNDECLARED = {
    # Every student's kernel has it; declared, it would have pip install more on Colab.
    ("beyond_sequential", "ipython"),
    # The backend that Keras brings up is one of two distributions of the same name.
    ("beyond_sequential", "tensorflow-cpu"),
    # The command line comes with the extra `lab`; no kernel needs it.
    ("beyond_sequential", "typer"),
}


def declared(*extras: str) -> set[str]:
    """Distributions that the base install and some extras name."""
    data = project()
    wanted = list(data["dependencies"])
    for extra in extras:
        wanted += data["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(text).name) for text in wanted}


@pytest.mark.parametrize(
    ("folder", "extras"),
    [
        ("beyond_sequential", ()),
        ("grader", ("grader",)),
        ("tests", ("tensorflow", "lab", "grader", "dev")),
    ],
)
def test_imports_are_declared(folder: str, extras: tuple[str, ...]) -> None:
    known = declared(*extras) | {"beyond-sequential"}
    distributions = packages_distributions()
    wrong = []
    for path in sources(folder):
        for line, name in imports(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in OURS:
                continue
            names = {canonicalize_name(found) for found in distributions.get(top, [top])}
            if names & known or names & {what for where, what in UNDECLARED if where == folder}:
                continue
            wrong.append(f"{at(path, line)}: {top}")
    assert not wrong, (
        f"not declared in pyproject.toml (dependencies, extras {list(extras)}); declare it and "
        "run `make lock`:\n" + "\n".join(wrong)
    )


def test_the_base_install_replaces_nothing() -> None:
    bounded = [
        text
        for text in project()["dependencies"]
        if any(
            part.operator in ("<", "<=", "==", "~=", "===") for part in Requirement(text).specifier
        )
    ]
    assert not bounded, f"an upper bound could make pip replace Colab's packages: {bounded}"
    assert not {"tensorflow", "tensorflow-cpu"} & declared(), "TensorFlow comes with an extra"


def locked() -> list[Requirement]:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_the_lock_is_names_and_exact_versions() -> None:
    for entry in locked():
        assert entry.url is None, f"{entry}: the lock names no addresses; run `make lock`"
        assert re.fullmatch(r"==[^,*]+", str(entry.specifier)), f"{entry}: run `make lock`"


def test_the_lock_has_what_the_project_asks_for() -> None:
    data = project()
    versions: dict[str, list[str]] = {}
    for entry in locked():
        found = str(entry.specifier).removeprefix("==")
        versions.setdefault(canonicalize_name(entry.name), []).append(found)
    # A second backend is installed where it is tested, not everywhere.
    second = {backend.extra for backend in BACKENDS.values()} - {DEFAULT.extra}
    extras = [texts for name, texts in data["optional-dependencies"].items() if name not in second]
    for text in chain(data["dependencies"], *extras):
        wanted = Requirement(text)
        name = canonicalize_name(wanted.name)
        if name == "beyond-sequential":
            continue
        assert name in versions, f"{text} is not in requirements.lock: run `make lock`"
        for version in versions[name]:
            assert version in wanted.specifier, (
                f"requirements.lock has {name} {version}, pyproject.toml asks for {text}: "
                "run `make lock`"
            )


def test_conda_and_binder_take_their_versions_from_the_lock() -> None:
    text = (ROOT / "environment.yml").read_text("utf-8")
    assert re.search(r"^ +- -c requirements\.lock$", text, re.M), (
        "environment.yml: the pip part begins with `-c requirements.lock`"
    )
    assert re.search(r"^ +- \.\[tensorflow,lab\]$", text, re.M), (
        "environment.yml: what pip installs is `.[tensorflow,lab]`, nothing by name"
    )
    python = re.search(r"^  - python=(\S+)$", text, re.M)
    assert (
        python
        and python[1] + ".0" in Requirement(f"python{project()['requires-python']}").specifier
    ), "environment.yml: python is one of those that pyproject.toml names"
    assert "==" not in text, "environment.yml: versions have one home, requirements.lock"
