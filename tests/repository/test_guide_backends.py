"""A backend of Keras is complete: described, installable, tested and documented.

Follows docs/new-backend.md.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from beyond_sequential.backends import BACKENDS, DEFAULT, Backend

ROOT = Path(__file__).resolve().parent.parent.parent


def lacking(backend: Backend, project: str, makefile: str) -> list[str]:
    """What is missing of a backend, given the texts of pyproject.toml and of the Makefile."""
    extras = tomllib.loads(project)["project"]["optional-dependencies"]
    names = {Requirement(text).name for text in extras.get(backend.extra, ())}
    missing = []
    if not names & set(backend.distributions):
        missing.append(
            f"pyproject.toml: the extra {backend.extra!r} with one of {backend.distributions}"
        )
    if backend != DEFAULT:
        matrix = re.search(r"^MATRIX := (.*)$", makefile, re.M)
        if matrix is None or backend.name not in matrix[1].split():
            missing.append(f"Makefile: {backend.name} in MATRIX")
        for line in (f"KERAS_{backend.name} :=", f"BACKEND_{backend.name} := {backend.name}"):
            if line not in makefile:
                missing.append(f"Makefile: the line {line!r}")
    if backend.preload and backend.no_fork:
        missing.append("backends.py: no preload where a fork is not safe")
    return missing


def texts() -> tuple[str, str]:
    return (ROOT / "pyproject.toml").read_text("utf-8"), (ROOT / "Makefile").read_text("utf-8")


@pytest.mark.parametrize("name", BACKENDS)
def test_a_backend_is_complete(name: str) -> None:
    assert lacking(BACKENDS[name], *texts()) == [], "see docs/new-backend.md"


def test_the_guide_s_backend_lacks_what_its_later_steps_add() -> None:
    guide = (ROOT / "docs/new-backend.md").read_text("utf-8")
    (code,) = re.findall(r"~~~python\n(.*?)~~~", guide, re.S)
    backend = eval(code, {"Backend": Backend})
    project, makefile = texts()
    assert [text.split(":")[0] for text in lacking(backend, project, makefile)] == [
        "pyproject.toml",
        "Makefile",
        "Makefile",
        "Makefile",
    ]
    lines = re.findall(r"^    ((?:KERAS|BACKEND)_\S+ := .*)$", guide, re.M)
    makefile = re.sub(r"^(MATRIX := .*)$", r"\1 torch", makefile, flags=re.M)
    project = project.replace("jax = [", 'torch = ["torch"]\njax = [', 1)
    assert lacking(backend, project, "\n".join([makefile, *lines])) == []


def test_nothing_else_names_a_backend() -> None:
    """TensorFlow's modules and variables, and JAX's, stand in backends.py alone.

    One finding is about TensorFlow's functions in a model, on whichever backend: see causes.py.
    """
    code = re.compile(
        r"^[^#\n]*(\bTF_\w+|\bXLA_FLAGS|import tensorflow|import jax|\"tensorflow\")", re.M
    )
    wrong = [
        f"{path.relative_to(ROOT)}: {found[1]}"
        for package in ("beyond_sequential", "grader", "jailed_kernels")
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name not in ("backends.py", "causes.py")
        and (found := code.search(path.read_text("utf-8")))
    ]
    assert wrong == [], f"describe it in beyond_sequential/backends.py: {wrong}"
