"""Control groups of version 2, where the machine gives one to this user."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jailed_kernels import MB
from jailed_kernels.linux import cgroups
from tests.helpers.jailed import wait_for


@pytest.fixture
def parent() -> str:
    try:
        return cgroups.find_parent()
    except OSError as error:
        pytest.skip(f"no control group of version 2 can be made: {error.strerror}")


def in_group(group: cgroups.Group, action: Callable[[], None]) -> int:
    """Run an action in a child that has joined the group; return its exit code."""
    pid = os.fork()
    if pid == 0:
        try:
            group.join()
            action()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def allocate() -> None:
    for _ in range(8):
        if not os.fork():
            kept = b"x" * (16 * MB)
            time.sleep(3)
            os._exit(len(kept) & 1)
    time.sleep(4)


def fork_often() -> None:
    children = []
    try:
        while len(children) < 60:
            children.append(os.fork())
            if not children[-1]:
                time.sleep(1)
                os._exit(0)
    except OSError:
        os._exit(len(children))


def test_memory_of_all_processes_is_held_together(parent: str) -> None:
    group = cgroups.make(parent, 64 * MB, 50)
    assert in_group(group, allocate) == -9
    assert group.exceeded() == "memory"
    assert wait_for(lambda: not Path(f"{group.path}/cgroup.procs").read_text())
    group.remove()
    assert not os.path.exists(group.path)


def test_processes_are_held(parent: str) -> None:
    group = cgroups.make(parent, 64 * MB, 10)
    assert in_group(group, fork_often) == 9
    assert group.exceeded() == "processes"
    assert wait_for(lambda: not Path(f"{group.path}/cgroup.procs").read_text())
    group.remove()
    assert group.exceeded() is None, "a group that has gone exceeds nothing"


# ---- where there is none, by files that look like those of a machine


def machine(monkeypatch: pytest.MonkeyPatch, folder: Path, own: str) -> None:
    """Have the module see a machine whose groups are ordinary folders."""
    monkeypatch.setattr(cgroups, "_own_group", lambda: (str(folder / own), str(folder)))
    for place in (folder, folder / own):
        place.mkdir(exist_ok=True)
        (place / "cgroup.controllers").write_text("cpu io memory pids\n")
        (place / "cgroup.subtree_control").write_text("\n")


def test_the_nearest_group_that_may_have_children_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(monkeypatch, tmp_path, "own")
    tried = []

    def busy(folder: str) -> None:
        tried.append(folder)
        if folder.endswith("own"):
            raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(cgroups, "_try_out", busy)
    assert cgroups.find_parent() == str(tmp_path)
    assert tried == [str(tmp_path / "own"), str(tmp_path)]
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_a_machine_without_the_controllers_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(monkeypatch, tmp_path, "own")
    for place in (tmp_path, tmp_path / "own"):
        (place / "cgroup.controllers").write_text("hugetlb\n")
    with pytest.raises(OSError, match="no controller for memory and pids"):
        cgroups.find_parent()


def test_groups_of_monitors_that_were_killed_are_removed(tmp_path: Path) -> None:
    for name in ("jailed-999999999", f"jailed-{os.getpid()}", "other"):
        (tmp_path / name).mkdir()
    cgroups._remove_abandoned(str(tmp_path))
    assert sorted(os.listdir(tmp_path)) == [f"jailed-{os.getpid()}", "other"]
