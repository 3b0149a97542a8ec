"""Every chapter on Colab's versions, in an environment that holds only what Colab has.

The environment is made here, with no nbgrader, no JupyterLab and no helper in it; each untouched
chapter installs the helper with its own first cell, as it is.  The address in that cell leads to
a copy of this repository, by git's own setting `url.<base>.insteadOf`.  Python is Colab's 3.13
where there is one, otherwise the one that runs the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from grader.authoring.repository import read_project
from tests.helpers import chapters

pytestmark = pytest.mark.matrix

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = read_project(ROOT)
COLAB = (
    "tensorflow-cpu==2.20.0",
    "keras==3.13.2",
    "numpy==2.1.3",
    "matplotlib==3.10.0",
    "ipython==7.34.0",
    "ipykernel==6.17.1",
    "jupyter-client<8",
    "pip",
)
PYTHON = "3.13"
GLIBC = "x86_64-manylinux_2_35"  # of Ubuntu 22.04, which Colab runs on
UV = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
# What a first cell may add, and nothing else may change.
ADDED = {"beyond-sequential"}


@dataclass(frozen=True)
class Colab:
    """An environment, by its interpreter, and the repository that its first cells install from."""

    python: Path
    published: Path

    def packages(self) -> dict[str, str]:
        found = json.loads(uv("pip", "list", "--format=json", python=self.python))
        return {package["name"]: package["version"] for package in found}


def uv(*arguments: str, python: Path | None = None, text: str | None = None) -> str:
    place = [] if python is None else ["--python", str(python)]
    return subprocess.run(
        [UV, *arguments, *place], input=text, capture_output=True, text=True, check=True
    ).stdout


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def publish(folder: Path) -> None:
    """Put this repository into a folder, as if its version had been published there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Published")
    git(folder, "tag", f"v{PROJECT['version']}")


def interpreter() -> str:
    """Colab's Python, if this machine has one."""
    found = subprocess.run(
        [UV, "python", "find", PYTHON, "--no-python-downloads"], capture_output=True, check=False
    )
    return PYTHON if found.returncode == 0 else sys.executable


def kernel(folder: Path, command: Sequence[str], environment: Mapping[str, str]) -> None:
    folder.mkdir(parents=True)
    spec = {
        "argv": [*command, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Colab",
        "language": "python",
        "env": dict(environment),
    }
    (folder / "kernel.json").write_text(json.dumps(spec))


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Colab:
    folder = tmp_path_factory.mktemp("colab")
    uv("venv", "--quiet", "--no-python-downloads", "--python", interpreter(), str(folder / "env"))
    made = Colab(folder / "env" / "bin" / "python", folder / "published")
    uv("pip", "install", "--quiet", *COLAB, python=made.python)
    absent = {"nbgrader", "jupyterlab", "notebook", *ADDED}
    assert not absent & made.packages().keys()
    publish(made.published)
    environment = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{made.published}.insteadOf",
        "GIT_CONFIG_VALUE_0": PROJECT["urls"]["Repository"],
        "PYTHONPATH": "",
    }
    kernels = Path(os.environ["JUPYTER_DATA_DIR"]) / "kernels" / "colab"
    kernel(kernels, [str(made.python)], environment)
    return made


@pytest.fixture
def bare(colab: Colab) -> Colab:
    """The environment without the helper: a new session on Colab."""
    present = sorted(ADDED & colab.packages().keys())
    if present:
        uv("pip", "uninstall", "--quiet", *present, python=colab.python)
    return colab


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("section", chapters.SECTIONS)
def test_a_chapter_alone_in_its_folder(section, language, bare, tmp_path):
    before = bare.packages()
    untouched = chapters.read("chapters", language, section, bare.published)
    nbformat.write(untouched, tmp_path / f"{section}.ipynb")
    chapters.assert_nothing_attempted(chapters.run_all(untouched, tmp_path, "colab"))
    after = bare.packages()
    assert after.keys() - before.keys() == ADDED
    assert after["beyond-sequential"] == untouched.metadata["beyond_sequential"]["version"]
    assert {name: after[name] for name in before} == before

    solved = chapters.read("solutions", language, section, bare.published)
    chapters.assert_all_points(chapters.run_all(solved, tmp_path, "colab"))
    assert solved.cells[0].outputs == [], "installed again"
    assert bare.packages() == after
    assert [path.name for path in tmp_path.iterdir()] == [f"{section}.ipynb"]


def test_there_are_wheels_for_colab_s_python():
    """Resolved, not run: the versions of Colab, and the newest of what the first cell adds."""
    wanted = "\n".join([*COLAB, *PROJECT["dependencies"]])
    found = uv(
        *("pip", "compile", "-", "--quiet", "--no-header", "--no-annotate"),
        *("--python-version", PYTHON, "--python-platform", GLIBC),
        *("--only-binary", ":all:", "--no-python-downloads"),
        text=wanted,
    ).splitlines()
    assert {line for line in COLAB if "==" in line} <= set(found)
