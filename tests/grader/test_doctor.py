"""The two command lines as a new user meets them: help, version, completion, and the doctor."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader import doctor

BIN = str(Path(sys.executable).parent)
PROGRAMS = {
    "beyond-sequential": "from beyond_sequential.__main__ import app",
    "grader": "from grader.cli import app",
}


def run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.argv[0] = {program!r}; {PROGRAMS[program]}; app()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "COLUMNS": "100", **environment},
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_command_says_what_it_is(program: str) -> None:
    helped, version = run(program, "--help"), run(program, "--version")
    assert helped.returncode == version.returncode == 0
    assert f"Usage: {program}" in helped.stdout and "doctor" in helped.stdout
    assert version.stdout.startswith(f"{program} 0.")
    variable = f"_{program.upper().replace('-', '_')}_COMPLETE"
    assert (
        "doctor"
        in run(
            program, **{variable: "complete_bash", "COMP_WORDS": f"{program} d", "COMP_CWORD": "1"}
        ).stdout.split()
    )


def test_the_doctor_finds_this_machine_well() -> None:
    done = run("grader", "doctor")
    lines = done.stdout.splitlines()
    wrong = [line for line in lines if line.startswith("✗") and " jail" not in line]
    assert not wrong and not done.stderr
    assert done.returncode == int("✗" in done.stdout)  # not every machine can make a jail
    for what in (
        "Python: 3.",
        "Keras: 3.",
        "on tensorflow 2.",
        "nbgrader: 0.9",
        "kernel starts: ",
        "kernels run in",
    ):
        assert what in done.stdout


def test_the_doctor_says_whether_a_course_is_private(released: Path, tmp_path: Path) -> None:
    def said(folder: Path) -> dict[str, tuple[bool, str, str]]:
        return {line.name: (line.ok, line.found, line.advice) for line in doctor._privacy(folder)}

    folder = shutil.copytree(released, tmp_path / "course")
    assert said(tmp_path) == {}
    assert said(folder)["the course directory is private"][0]
    folder.chmod(0o755)
    held, _said, advice = said(folder)["the course directory is private"]
    assert not held and advice == f"chmod 700 {folder}"


def test_the_doctor_says_what_is_wrong_and_what_to_do() -> None:
    done = run("beyond-sequential", "doctor", KERAS_BACKEND="nothing")
    assert done.returncode == 1
    assert "✗ Keras comes up" in done.stdout
    assert 'pip install "beyond-sequential[tensorflow,lab]"' in done.stdout
    assert "✓ numpy" in done.stdout  # what comes after is looked at as well

    done = run("grader", "doctor", PATH="/nowhere")
    assert done.returncode == 1
    assert "✗ alembic: not on PATH\n    activate the environment" in done.stdout
