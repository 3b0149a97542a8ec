"""docs/new-section.md and the READMEs, followed word by word in a copy of the repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytestmark = pytest.mark.matrix

BLOCK = re.compile(r"^~~~(\w+) ?([^\n]*)\n(.*?)^~~~$", re.MULTILINE | re.DOTALL)
# Guarded, as pip's are: Dask's workers load it again.
SCRIPT = """#!{python}
from {module} import {name}
if __name__ == "__main__":
    raise SystemExit({name}())
"""
PROGRAMS = {
    "grader": ("grader.cli", "app"),
    "nbgrader": ("nbgrader.apps.nbgraderapp", "main"),
    "alembic": ("alembic.config", "main"),
}


def environment(folder: Path) -> Path:
    """The programs of an environment in which a copy of the repository is installed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    (site,) = (folder / ".venv/lib").glob("python*/site-packages")
    paths = [folder, sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"]]
    (site / "copy.pth").write_text("".join(f"{path}\n" for path in dict.fromkeys(paths)))
    programs = folder / ".venv/bin"
    for program, (module, name) in PROGRAMS.items():
        text = SCRIPT.format(python=programs / "python", module=module, name=name)
        (programs / program).write_text(text)
        (programs / program).chmod(0o755)
    return programs


@pytest.fixture(scope="module")
def repository(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git knows."""
    folder = tmp_path_factory.mktemp("guide") / "repository"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0")[:-1]:
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, folder / name)
    return folder


def test_a_stranger_who_follows_the_guide_grades_a_class(root: Path, repository: Path) -> None:
    programs, directory, said = environment(repository), repository, ""
    module = repository / "beyond_sequential/course/sections/wide_and_deep.py"
    variables = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "COLUMNS": "120"}
    for _kind, name, body in BLOCK.findall((root / "docs/new-section.md").read_text("utf-8")):
        if name:
            (repository / name).write_text(body, encoding="utf-8")
            continue
        for line in body.splitlines():
            command = line.removeprefix("$ ")
            if command.startswith("cd "):
                directory = directory / command.removeprefix("cd ")
                continue
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=directory,
                env=variables,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
            said = done.stdout
        if "digest(" in body:
            answer, trap = said.split()
            text = module.read_text("utf-8").replace("{answer}", answer).replace("{trap}", trap)
            module.write_text(text, encoding="utf-8")

    chapter = repository / "chapters/en/7-wide-and-deep/7-wide-and-deep.ipynb"
    assert "layers.concatenate" not in chapter.read_text("utf-8")
    assert (repository / "beyond_sequential/course/targets/wide-and-deep-model.json").is_file()
    rows = json.loads(
        subprocess.run(
            ["bash", "-c", "grader table 7-wide-and-deep --json"],
            cwd=directory,
            env=variables,
            capture_output=True,
            check=True,
        ).stdout
    )
    students = {row["student"]: row for row in rows}
    assert students["grace"]["points"] == 8 and students["grace"]["state"] == "graded"
    assert students["ada"]["points"] == 1
    # `add` of 6 and 16 numbers: Keras refuses the call, and the table says so.
    assert "layers.add" in students["ada"]["finding"]


@pytest.mark.parametrize(
    ("readme", "heading", "code", "says"),
    [
        ("README.md", "If you are an instructor", "en", "Right"),
        ("README.zh-CN.md", "如果你是教师", "zh", "正确"),
    ],
)
def test_a_teacher_who_follows_the_readme_has_marks(
    readme: str, heading: str, code: str, says: str, repository: Path, tmp_path: Path
) -> None:
    environment(repository)
    solved = repository / "solutions" / code / "1-introduction" / "1-introduction.ipynb"
    handed_in = tmp_path / "Downloads" / "handed-in" / "ada" / solved.name
    handed_in.parent.mkdir(parents=True)
    shutil.copyfile(solved, handed_in)

    section = (repository / readme).read_text("utf-8").partition(f"## {heading}\n")[2]
    commands = re.findall("^    (.*)$", section.partition("\n##")[0], re.MULTILINE)
    assert commands[0].startswith("source") and "export" in commands[-1]
    done = subprocess.run(
        ["bash", "-ec", "\n".join(commands)],
        cwd=repository,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    course = tmp_path / "my-course"
    assert (course / "release" / "1-introduction" / solved.name).is_file()
    page = course / "feedback" / "ada" / "1-introduction" / "1-introduction.html"
    assert says in page.read_text("utf-8")
    assert (course / "reports" / "1-introduction.html").is_file()
    assert ",14,graded," in done.stdout.splitlines()[-1]


def test_the_repository_s_own_tests_take_the_new_section(repository: Path) -> None:
    command = [
        "-m",
        "pytest",
        "-q",
        "tests/grader/authoring/test_chapters.py",
        "-k",
        "wide-and-deep or hundred",
    ]
    done = subprocess.run(
        [repository / ".venv/bin/python", *command, "-m", "not matrix", "-p", "no:cacheprovider"],
        cwd=repository,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
