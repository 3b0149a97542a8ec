"""A zygote for each tier of the jail, and kernels of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import jailed_kernels as kernels
from jailed_kernels import FULL, SECOND, Policy, Service
from tests.helpers.jailed import SERVICE, TIGHT, Ran, Run, run_cells, started


@pytest.fixture(scope="session", params=[FULL, SECOND])
def policy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Policy]:
    """A policy of one tier, with tight limits; a skip says where a machine has not got it."""
    modules = tmp_path_factory.mktemp("modules")
    modules.chmod(0o755)
    (modules / "served").mkdir(mode=0o755)
    (modules / "served" / "__init__.py").write_text(SERVICE)
    wanted = Policy(
        preload=("served", "numpy"),
        tiers=(request.param,),
        limits=TIGHT,
        services=tuple(
            (name, Service(f"served:{name}", replace(TIGHT, cpu=2)))
            for name in ("echo", "write", "spin")
        ),
        environment=(("PYTHONPATH", str(modules)), ("MPLBACKEND", "agg")),
    )
    yield started(wanted)
    kernels.stop(wanted)


@pytest.fixture
def run(policy: Policy, tmp_path: Path) -> Run:
    """Runs cells in a kernel that may write to an outbox."""
    work, outbox = tmp_path / "work", tmp_path / "outbox"
    work.mkdir()
    outbox.mkdir()
    (work / "helper.py").write_text("ANSWER = 42\n")

    def in_kernel(*cells: str, timeout: int = 30) -> Ran:
        return run_cells(policy, work, outbox, *cells, timeout=timeout)

    return in_kernel
