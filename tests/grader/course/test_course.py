"""A course directory that `grader quickstart` makes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.authoring import repository as authoring_repository
from grader.course import course
from grader.errors import GraderError
from tests.helpers.mini_course import NAME


def test_a_course_holds_sources_seed_and_settings(released: Path) -> None:
    found = sorted(p.relative_to(released).as_posix() for p in released.rglob("*") if p.is_file())
    assert found == [
        "README.md",
        "course_seed",
        "gradebook.db",
        "nbgrader_config.py",
        "release/1-mini/1-mini.ipynb",
        "source/1-mini/1-mini.ipynb",
    ]
    assert "$" not in (released / "nbgrader_config.py").read_text("utf-8")


def test_the_seed_is_private_and_new(released: Path, tmp_path: Path) -> None:
    seed = released / "course_seed"
    assert stat.S_IMODE(seed.stat().st_mode) == 0o600
    course.write_seed(tmp_path / "other")
    assert int((tmp_path / "other").read_text()) != int(seed.read_text())


def test_a_course_is_nobody_elses(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authoring_repository, "root", lambda: repository)
    before = os.umask(0)
    try:
        (tmp_path / "empty").mkdir(mode=0o777)
        for name in ("new", "deep/new", "empty"):
            course.quickstart(tmp_path / name)
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700
            assert course.is_private(tmp_path / name)
    finally:
        os.umask(before)
    for mode in (0o750, 0o705, 0o711, 0o701):
        (tmp_path / "new").chmod(mode)
        assert not course.is_private(tmp_path / "new")


def test_a_course_releases_what_the_chapter_is(released: Path, repository: Path) -> None:
    chapter = repository / "chapters" / "en" / NAME / f"{NAME}.ipynb"
    release = released / "release" / NAME / f"{NAME}.ipynb"
    assert release.read_text("utf-8") == chapter.read_text("utf-8")


def test_nbgrader_finds_alembic_in_a_bare_environment(folder: Path) -> None:
    (folder / "gradebook.db").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", NAME, "--force"],
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "gradebook.db").is_file()


def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(GraderError, match="not empty"):
        course.quickstart(tmp_path)


def test_a_language_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="there are: en, zh"):
        course.quickstart(tmp_path / "new", "fr")


def test_the_command_line_says_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    done = subprocess.run(
        [sys.executable, "-m", "grader", "quickstart", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"grader: {tmp_path} is not empty; name a new directory\n"
