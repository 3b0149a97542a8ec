"""The copy of the working directory."""

from __future__ import annotations

import os
from pathlib import Path

from jailed_kernels import FULL, SECOND
from jailed_kernels.jail.directories import copied_size, copy_tree, prepare
from jailed_kernels.jail.plan import HostDirectories


def source(folder: Path) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "table.csv").write_text("1,2")
    (folder / "link").symlink_to("data/table.csv")
    (folder / "out").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    return folder


def test_a_copy_has_files_and_links_and_no_pipes(tmp_path: Path) -> None:
    copy_tree(str(source(tmp_path / "source")), str(tmp_path / "copy"))
    copy = tmp_path / "copy"
    assert sorted(os.listdir(copy)) == ["data", "link", "out"]
    assert (copy / "link").read_text() == (copy / "data" / "table.csv").read_text() == "1,2"
    assert os.readlink(copy / "out") == "/etc/passwd", "a link stays a link: nothing is followed"


def test_a_size_is_known_before_anything_is_copied(tmp_path: Path) -> None:
    folder = source(tmp_path / "source")
    small = copied_size(str(folder))
    with (folder / "large").open("wb") as file:
        file.truncate(1 << 40)
    assert copied_size(str(folder)) - small == 1 << 40


def test_places_are_inside_the_jail_in_the_full_tier(tmp_path: Path) -> None:
    user = os.geteuid(), os.getegid()
    for tier, work in ((FULL, "/kernel/work"), (SECOND, str(tmp_path / SECOND / "work"))):
        (tmp_path / tier).mkdir()
        (tmp_path / f"{tier}-shared").mkdir()
        shared = {"OUTBOX": str(tmp_path / f"{tier}-shared")}
        host = HostDirectories(str(tmp_path / tier), None, shared, writable=True)
        places = prepare(host, tier, user)
        assert places.work == work
        assert set(places.shared) == {"OUTBOX"}
    assert (tmp_path / SECOND / "work").stat().st_mode & 0o777 == 0o700
