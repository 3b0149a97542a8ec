"""Opening what students hand in: nothing but regular files is read, and all else is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.submissions import handed_in


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    """A submission with everything in it that is no file, around two that are."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "solution.py").write_text("secret")
    folder = tmp_path / "submission"
    (folder / "data" / ".ipynb_checkpoints").mkdir(parents=True)
    (folder / "data" / ".ipynb_checkpoints" / "x.py").touch()
    (folder / "data" / "a.csv").write_text("1,2")
    (folder / "1-mini.ipynb").write_text("{}")
    (folder / "link.py").symlink_to(tmp_path / "secret" / "solution.py")
    (folder / "folder").symlink_to(tmp_path / "secret")
    (folder / "nowhere").symlink_to(tmp_path / "nothing")
    os.mkfifo(folder / "pipe")
    return folder


LEFT_OUT = {"link.py is a link", "folder is a link", "nowhere is a link", "pipe is not a file"}


def test_files_are_listed_and_all_else_is_named(submission: Path) -> None:
    found = handed_in.content(submission)
    assert found.files == ("1-mini.ipynb", "data/a.csv")
    assert set(found.left_out) == LEFT_OUT


def test_a_copy_has_the_files_alone(submission: Path, tmp_path: Path) -> None:
    left_out = handed_in.copy_folder(submission, tmp_path / "copy")
    assert set(left_out) == LEFT_OUT
    copied = {p.relative_to(tmp_path / "copy").as_posix() for p in (tmp_path / "copy").rglob("*")}
    assert copied == {"1-mini.ipynb", "data", "data/a.csv"}


def test_a_folder_that_is_a_link_has_nothing_in_it(submission: Path, tmp_path: Path) -> None:
    (tmp_path / "ada").symlink_to(submission)
    assert handed_in.content(tmp_path / "ada").files == ()


def test_bytes_are_counted_before_they_are_copied(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(bytes(10))
    os.truncate(os.open(tmp_path / "in" / "b", os.O_CREAT | os.O_WRONLY), 1 << 40)
    left_out = handed_in.copy_folder(tmp_path / "in", tmp_path / "out", 2 << 20)
    assert left_out == ("b is larger than 1 MiB",)
    assert (tmp_path / "out" / "a").stat().st_size == 10


def test_too_many_files_and_too_deep_folders_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_in, "MOST_FILES", 3)
    monkeypatch.setattr(handed_in, "MOST_DEPTH", 2)
    (tmp_path / "a/b/c/d").mkdir(parents=True)
    assert handed_in.content(tmp_path).left_out == ("a/b/c is too deep in folders",)
    for number in range(5):
        (tmp_path / str(number)).touch()
    assert "there are more than 3 files" in handed_in.content(tmp_path).left_out


@pytest.mark.parametrize("name", [b"caf\xe9.csv", b"\x1b[2Jx"])
def test_names_are_text_of_one_line(tmp_path: Path, name: bytes) -> None:
    os.symlink(b"/etc/passwd", os.path.join(os.fsencode(tmp_path), name))
    (words,) = handed_in.content(tmp_path).left_out
    assert words.endswith(" is a link") and "\ufffd" in words
    words.encode("utf-8")


def test_what_is_no_file_is_not_read(submission: Path) -> None:
    assert handed_in.read_bytes(submission / "data" / "a.csv") == b"1,2"
    for name, why in (("link.py", "is a link"), ("pipe", "is not a file"), ("data", "not a file")):
        assert not handed_in.is_file(submission / name)
        with pytest.raises(handed_in.NotAFile, match=why):
            handed_in.read_bytes(submission / name)
    with pytest.raises(handed_in.NotAFile, match="larger than"):
        handed_in.read_bytes(submission / "data" / "a.csv", 2)
    with pytest.raises(FileNotFoundError):
        handed_in.read_bytes(submission / "nothing")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices")
def test_a_device_is_not_opened() -> None:
    with pytest.raises(handed_in.NotAFile):
        handed_in.read_bytes(Path("/dev/zero"))


def test_a_path_through_a_link_is_linked(submission: Path) -> None:
    for name in ("link.py", "folder/solution.py", "nowhere"):
        assert handed_in.is_linked(submission, name)
    assert not handed_in.is_linked(submission, "data/a.csv")
