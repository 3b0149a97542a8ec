"""The directory between a student's kernel and the judge: nothing in it is believed."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from grader.running import spool

MOST = {"a": 100, "b": 10}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spool").mkdir()
    return tmp_path / "spool"


def texts(kept: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in kept.iterdir()}


def test_the_last_answer_counts_and_all_are_taken_out(folder: Path, kept: Path) -> None:
    for name in ("a.000009.answer", "a.000010.answer", "b.000001.answer"):
        (folder / name).write_text(name)
    (folder / "b.000002.answer.part").touch()
    spool.take_answers(folder, kept, {"a": 100, "b": 100})
    assert texts(kept) == {"a.answer": "a.000010.answer", "b.answer": "b.000001.answer"}
    assert os.listdir(folder) == ["b.000002.answer.part"]


def test_a_later_cell_s_answer_replaces_an_earlier_one(folder: Path, kept: Path) -> None:
    (folder / "a.5.answer").write_text("first, from a kernel that is gone")
    spool.take_answers(folder, kept, MOST)
    (folder / "a.0.answer").write_text("second")
    spool.take_answers(folder, kept, MOST)
    assert texts(kept) == {"a.answer": "second"}


@pytest.mark.parametrize(
    "name", ["c.1.answer", "a.٣.answer", "a.answer", "../a.1.answer", "A.1.answer"]
)
def test_other_names_are_left_alone(folder: Path, kept: Path, name: str) -> None:
    (folder / name).write_text("x")
    spool.take_answers(folder, kept, MOST)
    assert texts(kept) == {}


def test_of_a_file_that_is_too_large_one_byte_too_many_is_kept(folder: Path, kept: Path) -> None:
    (folder / "b.1.answer").touch()
    os.truncate(folder / "b.1.answer", 1 << 40)
    spool.take_answers(folder, kept, MOST)
    assert (kept / "b.answer").stat().st_size == 11


def test_what_is_no_file_of_its_own_is_ignored(folder: Path, kept: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    os.symlink(tmp_path / "secret", folder / "a.6.answer")
    os.link(tmp_path / "secret", folder / "a.5.answer")
    os.mkfifo(folder / "a.4.answer")
    (folder / "a.3.answer").mkdir()
    (folder / "a.2.answer").write_text("right")
    spool.take_answers(folder, kept, MOST)
    assert texts(kept) == {"a.answer": "right"}
    assert (tmp_path / "secret").read_text() == "secret"


def test_a_spool_that_is_gone_is_empty(tmp_path: Path, kept: Path) -> None:
    spool.take_answers(tmp_path / "gone", kept, MOST)
    assert texts(kept) == {}


def too_large(folder: Path) -> None:
    (folder / "x").write_bytes(bytes(2000))


def too_many(folder: Path) -> None:
    for number in range(spool.MAX_ENTRIES + 1):
        (folder / str(number)).touch()


def a_folder(folder: Path) -> None:
    (folder / "d").mkdir()


@pytest.mark.parametrize("flood", [too_large, too_many, a_folder])
def test_a_flood_is_stopped(folder: Path, flood: object) -> None:
    stopped = threading.Event()
    with spool.watched(folder, 1000, stopped.set):
        flood(folder)  # type: ignore[operator]
        assert stopped.wait(30)


def test_what_is_allowed_is_not_stopped(folder: Path) -> None:
    stopped = threading.Event()
    (folder / "a.1.answer").touch()
    with spool.watched(folder, 1 << 20, stopped.set):
        assert not stopped.wait(3 * spool._INTERVAL)


def test_what_is_deep_or_locked_can_be_removed(folder: Path) -> None:
    (folder / "locked").mkdir()
    (folder / "locked" / "file").touch()
    (folder / "locked").chmod(0)
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=descriptor)
        deeper = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = deeper
    os.close(descriptor)
    spool.remove_spool(folder)
    assert not folder.exists()
