"""Files on the machine's own disk: counted, also without a name, and removed, however deep."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import pytest

from jailed_kernels import MB
from jailed_kernels.monitor import processes
from jailed_kernels.monitor.files import DeletedFiles, remove_tree, size_on_disk


def deep(folder: Path, depth: int) -> None:
    """Make folders in each other, deeper than a path can be long."""
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d" * 100, dir_fd=handle)
        inner = os.open("d" * 100, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=handle))
    os.close(handle)


def test_files_are_counted_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for number in range(10):
        (tmp_path / "a" / str(number)).write_bytes(bytes(MB))
    assert 10 * MB <= size_on_disk([str(tmp_path)], 100 * MB) < 11 * MB
    assert 3 * MB < size_on_disk([str(tmp_path)], 3 * MB) < 5 * MB


def test_small_files_count_as_blocks(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / str(number)).touch()
    assert size_on_disk([str(tmp_path)], MB) == 100 * 4096


def test_folders_that_no_path_reaches_are_too_much_and_can_be_removed(tmp_path: Path) -> None:
    folder = tmp_path / "base"
    folder.mkdir()
    deep(folder, 3000)
    assert size_on_disk([str(folder)], 100 * MB) > 100 * MB
    remove_tree(str(folder))
    assert not folder.exists()


def test_what_is_closed_or_linked_is_removed_and_not_what_a_link_leads_to(tmp_path: Path) -> None:
    kept, folder = tmp_path / "kept", tmp_path / "base"
    kept.mkdir()
    (kept / "file").touch()
    (folder / "closed" / "inner").mkdir(parents=True)
    (folder / "closed" / "link").symlink_to(kept)
    (folder / "link").symlink_to(kept)
    os.mkfifo(folder / "closed" / "pipe")
    (folder / "closed").chmod(0)
    remove_tree(str(folder))
    assert not folder.exists()
    assert (kept / "file").exists()


def test_deleted_files_count_while_they_are_open_or_mapped(tmp_path: Path) -> None:
    path = tmp_path / "file"
    counter = DeletedFiles(tmp_path.stat().st_dev, largest=7 * MB)
    own = processes.look([os.getpid()])
    before = counter.size(own)
    with path.open("w+b") as file:
        file.write(bytes(2 * MB))
        file.flush()
        assert counter.size(own) == before, "it has a name"
        path.unlink()
        if os.fstat(file.fileno()).st_blocks * 512 < 2 * MB:
            pytest.skip("a file system that compresses")
        assert counter.size(own) - before >= 2 * MB
        mapping = mmap.mmap(file.fileno(), 4096)
    mapped = counter.size(own) - before
    mapping.close()
    assert counter.size(own) == before
    assert mapped in (2 * MB, 7 * MB), "Python keeps a descriptor of its own for a mapping"
