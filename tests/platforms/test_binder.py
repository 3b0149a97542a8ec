"""Binder's environment: what is installed there, and that nothing else decides it.

That a solved notebook keeps to Binder's memory is measured in `test_chapters`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = (ROOT / "environment.yml").read_text("utf-8")
UV = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
LINUX = {"sys_platform": "linux", "platform_machine": "x86_64", "os_name": "posix"}
# What maintainers need, and students do not.
NOT_FOR_STUDENTS = {"hypothesis", "jupytext", "mypy", "playwright", "pytest", "ruff", "uv"}
# repo2docker would read these in the place of environment.yml, or beside it.
OTHERS = (
    "binder",
    ".binder",
    "Dockerfile",
    "requirements.txt",
    "runtime.txt",
    "Pipfile",
    "setup.py",
)


def asked_of_pip() -> list[str]:
    """What environment.yml has pip install, as pip reads it."""
    return re.findall(r"^ {6}- (.+)$", ENVIRONMENT, re.M)


def python() -> str:
    match = re.search(r"^  - python=(\S+)$", ENVIRONMENT, re.M)
    assert match
    return match[1]


def locked() -> dict[str, str]:
    """The lock's versions on Binder's machines."""
    place = {**LINUX, "python_version": python(), "python_full_version": f"{python()}.0"}
    found = {}
    for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            entry = Requirement(line)
            if entry.marker is None or entry.marker.evaluate(place):
                found[canonicalize_name(entry.name)] = str(entry.specifier).removeprefix("==")
    return found


def test_environment_yml_alone_decides_what_binder_installs() -> None:
    assert asked_of_pip() == ["-c requirements.lock", ".[tensorflow,lab]"]
    assert [name for name in OTHERS if (ROOT / name).exists()] == []


@pytest.mark.matrix  # asks a registry
def test_binder_gets_the_versions_of_the_lock_and_no_tools_of_maintainers() -> None:
    command = ["pip", "compile", "-", "--quiet", "--no-header", "--no-annotate"]
    where = ["--python-version", python(), "--python-platform", "x86_64-manylinux_2_35"]
    lines = subprocess.run(
        [UV, *command, *where, "--no-python-downloads"],
        cwd=ROOT,
        input="\n".join(asked_of_pip()),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    found = dict(line.split("==") for line in lines if "==" in line)
    assert {"keras", "tensorflow-cpu", "jupyterlab", "ipykernel"} <= found.keys()
    versions = locked()
    assert {name: versions.get(name) for name in found} == found
    assert not NOT_FOR_STUDENTS & found.keys()
