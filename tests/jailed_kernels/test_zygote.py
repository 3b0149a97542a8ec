"""What must hold before the first fork."""

from __future__ import annotations

from pathlib import Path

import jailed_kernels as kernels
from jailed_kernels import Policy
from tests.helpers.jailed import started


def test_a_library_that_starts_a_thread_makes_kernels_cold_not_wrong(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "threaded.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    )
    wanted = Policy(preload=("threaded",), environment=(("PYTHONPATH", str(tmp_path)),))
    report = kernels.start(started(wanted)).report
    kernels.stop(wanted)
    assert not report.warm
    assert "threaded starts threads when it is imported" in kernels.summary(report)


def test_a_library_that_has_begun_to_compute_makes_kernels_cold(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "computing.py").write_text("context = object()\nidle = None\n")
    environment = (("PYTHONPATH", str(tmp_path)),)
    found = {}
    for name in ("context", "idle", "missing"):
        unset = (f"computing:{name}", "not.imported:name")
        policy = started(Policy(preload=("computing",), unset=unset, environment=environment))
        found[name] = kernels.start(policy).report.cold
        kernels.stop(policy)
    assert found == {
        "context": "computing.context is set after the imports",
        "idle": "",
        "missing": "",
    }


def test_a_library_that_can_not_be_imported_makes_kernels_cold() -> None:
    policy = started(Policy(preload=("no_such_library",)))
    report = kernels.start(policy).report
    kernels.stop(policy)
    assert "no_such_library can't be imported: ModuleNotFoundError" in report.cold
