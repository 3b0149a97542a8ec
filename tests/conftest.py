"""What every test can rely on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import running
from tests import light

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
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
        patch.setenv(running.TRUST, "1")
        yield


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny repository, built; its solutions were not run."""
    return light.repository(tmp_path_factory.mktemp("mini") / "mini")


@pytest.fixture(scope="session")
def released(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the tiny repository's assignment, which nbgrader has released."""
    return light.released(repository, tmp_path_factory.mktemp("courses") / "course")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium for tests marked `browser`."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium on this machine: install Debian's package chromium")
