"""What every test can rely on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from beyond_sequential.findings.finding import Finding
from beyond_sequential.findings.kinds import FINDING_KINDS
from grader import doctor
from grader.running import policy
from tests.helpers import mini_course

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
# Chromium as root and in containers, and without network requests of its own.
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository."""
    return ROOT


@pytest.fixture(scope="session", autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither the user's Jupyter settings and kernels nor a spool reach the tests.

    Where there is no jail to run notebooks in, those of the tests are trusted.
    """
    home = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
            patch.setenv(name, str(home / name.lower()))
        patch.delenv("BEYOND_SEQUENTIAL_SPOOL", raising=False)
        patch.setenv(policy.TRUST, "1")
        yield


@pytest.fixture(scope="session", autouse=True)
def typed_findings() -> Iterator[None]:
    """Yield each finding that is made has the fields that its kind declares."""
    unchecked = Finding.__post_init__

    def checked(self: Finding) -> None:
        unchecked(self)
        assert self.code in FINDING_KINDS, f"no kind of finding has the code {self.code!r}"
        problems = FINDING_KINDS[self.code].problems(self.detail)
        assert not problems, problems

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Finding, "__post_init__", checked)
        yield


@pytest.fixture
def untyped_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings as in old records: of any code, with any fields."""
    monkeypatch.setattr(Finding, "__post_init__", lambda _finding: None)


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tiny repository, built; its solutions were not run."""
    return mini_course.repository(tmp_path_factory.mktemp("mini") / "mini")


@pytest.fixture(scope="session")
def released(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course with the tiny repository's assignment, which nbgrader has released."""
    return mini_course.released(repository, tmp_path_factory.mktemp("courses") / "course")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a browser without a window, for tests marked `browser`."""
    from playwright.sync_api import sync_playwright

    path = doctor.browser()
    if path is None:
        pytest.skip("no Chromium on this machine; on Debian and Ubuntu: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def pictures() -> Path | None:
    """Return the folder that `make pictures` wants the READMEs' pictures in."""
    folder = os.environ.get("PICTURES")
    return Path(folder) if folder else None
