"""What `grader release` hands out: all that students need, and nothing that gives answers away."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from grader import cli
from grader.authoring import repository, text
from grader.course import course, release

ROOT = Path(__file__).resolve().parent.parent.parent.parent
SECRET = "4611686018427387904"  # what a private seed looks like
# Where a careless teacher could leave something, by its path in the repository.
LEFT_ABOUT = (
    "course_seed",
    "gradebook.db",
    "notes.txt",
    "submitted/ada/1-introduction/1-introduction.ipynb",
    "chapters/course_seed",
    "chapters/en/1-introduction/solved.py",
    "chapters/en/1-introduction/.ipynb_checkpoints/1-introduction-checkpoint.ipynb",
    "beyond_sequential/course_seed",
    "beyond_sequential/course/targets/holdout.npy",
    "beyond_sequential/__pycache__/judge.cpython-311.pyc",
)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is made in a repository in which private things lie about."""
    copy = tmp_path_factory.mktemp("repository")
    for name in ("chapters", "solutions", "beyond_sequential", "grader"):
        shutil.copytree(ROOT / name, copy / name)
    for name in ("pyproject.toml", "environment.yml", "requirements.lock", "LICENSE"):
        shutil.copyfile(ROOT / name, copy / name)
    for name in LEFT_ABOUT:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(SECRET)
    folder = tmp_path_factory.mktemp("students") / "course"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repository, "root", lambda: copy)
        done = CliRunner().invoke(cli.commands, ["release", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def lines(source: str) -> list[str]:
    """The lines of a text that say something, however they are indented."""
    return [line.strip() for line in source.splitlines() if line.strip()]


def contents(folder: Path) -> dict[str, list[str]]:
    """The lines of every file, of a notebook those of its cells; joined they can be searched."""
    found = {}
    for name in names(folder):
        body = (folder / name).read_bytes().decode(errors="replace")
        if name.endswith(".ipynb"):
            body = "\n".join(cell.source for cell in nbformat.reads(body, as_version=4).cells)
        found[name] = lines(body)
    return found


def solutions() -> list[list[str]]:
    """The lines of every solution in the text notebooks, without comments."""
    found = []
    for path in sorted((ROOT / "solutions").glob("*.md")):
        for cell in text.read_cells(path):
            for region in re.findall(
                r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.S
            ):
                found.append([line for line in lines(region) if not line.startswith("#")])
    return found


def holds(body: list[str], wanted: list[str]) -> bool:
    count = len(wanted)
    return any(body[i : i + count] == wanted for i in range(len(body) - count + 1))


# ---- what is in it


def test_it_holds_chapters_helper_environment_and_readmes_and_nothing_else(released: Path) -> None:
    found = names(released)
    assert {name.split("/")[0] for name in found} == {
        "LICENSE",
        "README.md",
        "README.zh-CN.md",
        "beyond_sequential",
        "chapters",
        "environment.yml",
        "pyproject.toml",
        "requirements.lock",
    }
    tracked = subprocess.run(
        ["git", "ls-files", "chapters", "beyond_sequential"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    inside = {name for name in found if "/" in name}
    assert inside <= set(tracked)
    assert {name for name in tracked if not name.endswith(".po")} <= inside


def test_nothing_that_lies_about_gets_in(released: Path) -> None:
    assert not set(names(released)) & set(LEFT_ABOUT)
    for path in released.rglob("*"):
        assert path.is_dir() or SECRET.encode() not in path.read_bytes(), path


# ---- what is not in it


def test_no_solution_is_in_it(released: Path) -> None:
    regions = solutions()
    assert len(regions) > 60
    for name, body in contents(released).items():
        for region in regions:
            assert not holds(body, region), f"{name} holds a solution: {region}"


def test_the_search_for_solutions_would_find_them() -> None:
    solved = "solutions/en/4-graphs-of-layers/4-graphs-of-layers.ipynb"
    found = contents(ROOT / "solutions" / "en")[solved.removeprefix("solutions/en/")]
    text_notebook = ROOT / "solutions" / "4-graphs-of-layers.en.md"
    wanted = text_notebook.read_text("utf-8").count("### BEGIN SOLUTION")
    assert sum(holds(found, region) for region in solutions()) >= wanted


def test_chapters_are_as_if_nobody_had_run_them(released: Path) -> None:
    chapters = sorted(released.glob("chapters/*/*/*.ipynb"))
    assert len(chapters) >= 12
    for path in chapters:
        assert "SOLUTION" not in path.read_text("utf-8")
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                assert (cell.outputs, cell.execution_count) == ([], None)


def test_what_the_helper_knows_of_an_answer_is_its_structure_or_a_hash(released: Path) -> None:
    def numbers(value: object) -> list[float]:
        if isinstance(value, dict):
            return [n for part in value.values() for n in numbers(part)]
        if isinstance(value, list):
            return [n for part in value for n in numbers(part)]
        return [value] if isinstance(value, float) else []

    for path in released.glob("beyond_sequential/course/targets/*.json"):
        target = json.loads(path.read_text("utf-8"))
        assert target.keys() <= {"graphs", "shapes"}, path
        assert len(numbers(target)) < 200, f"{path} holds arrays"
    for path in released.glob("beyond_sequential/course/sections/*.py"):
        for answers in re.findall(r"answers=\(([^)]*)\)", path.read_text("utf-8")):
            assert re.fullmatch(r'("[0-9a-f]{16}",?\s*)+', answers.strip()), path


def test_a_course_s_seed_is_not_drawn_from_what_students_have(
    released: Path, tmp_path: Path
) -> None:
    seeds = set()
    for name in ("one", "two"):
        course.quickstart(tmp_path / name)
        seeds.add((tmp_path / name / course.SEED).read_text().strip())
    assert len(seeds) == 2
    for path in released.rglob("*"):
        if path.is_file():
            assert not any(seed.encode() in path.read_bytes() for seed in seeds)


# ---- it is enough


def test_the_helper_works_from_there_without_the_grader(released: Path) -> None:
    code = (
        "import sys, beyond_sequential as b; b.data('introduction'); b.language('zh')\n"
        "print(b.__file__); print([m for m in sys.modules if m.startswith('grader')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=released,
        env={**os.environ, "PYTHONPATH": str(released)},
        capture_output=True,
        text=True,
        check=True,
    )
    file, modules = done.stdout.split()
    assert Path(file).is_relative_to(released)
    assert modules == "[]"


def test_it_installs(released: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    source = shutil.copytree(released, tmp_path / "source")  # building leaves folders behind
    subprocess.run([*command, "-w", str(tmp_path), str(source)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info" not in name}
    helper = {name for name in names(released) if name.startswith("beyond_sequential/")}
    # Another test may have imported it where it lies.
    assert packed == {name for name in helper if "__pycache__" not in name}


def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(release.GraderError, match="not empty"):
        release.make_release(tmp_path)
    assert names(tmp_path) == ["mine.txt"]
