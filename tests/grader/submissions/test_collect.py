"""What students hand in, on its way to where nbgrader looks for it."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode

from grader.course import course, sample
from grader.errors import GraderError
from grader.submissions import collect
from tests.helpers.mini_course import NAME
from tests.helpers.notebooks import write


def test_every_file_has_its_place_or_a_reason(folder: Path, downloads: Path) -> None:
    done = collect.collect(downloads, folder, NAME)
    assert [(line.student, line.file, line.did.split(":")[0]) for line in done] == [
        (None, "1-mini (3).ipynb", "skipped"),
        ("ada", "ada/1-mini (1).ipynb", "collected"),
        ("ada", "ada/1-mini.ipynb", "skipped"),
        ("ben", "ben/Copy of homework.ipynb", "collected"),
        ("ben", "ben/notes.ipynb", "skipped"),
        ("cleo", "1-mini_cleo (2).ipynb", "collected"),
        ("dora", "dora/1-mini.ipynb", "collected, but it is not a notebook that can be read"),
    ]
    newest = (downloads / "ada" / "1-mini (1).ipynb").read_bytes()
    assert (folder / "submitted/ada/1-mini/1-mini.ipynb").read_bytes() == newest


def test_collecting_again_takes_only_what_changed(folder: Path, downloads: Path) -> None:
    collect.collect(downloads, folder, NAME)
    stamp = folder / "submitted" / "ben" / NAME / "timestamp.txt"
    before = stamp.read_text()
    file = downloads / "ben" / "Copy of homework.ipynb"
    assert {
        line.did for line in collect.collect(downloads, folder, NAME) if line.student == "ben"
    } == {"unchanged", f"skipped: no exercise of {NAME} is in it"}
    time = file.stat().st_mtime
    file.write_text(file.read_text("utf-8") + "\n", encoding="utf-8")
    os.utime(file, (time, time))
    assert "collected again: it has changed" in {
        line.did for line in collect.collect(downloads, folder, NAME)
    }
    assert stamp.read_text() > before


def test_whom_it_collects_from_has_a_name_in_the_gradebook(folder: Path, downloads: Path) -> None:
    """formgrader shows a student without one as "None, None"."""
    write(downloads / "Eve van Ess" / "1-mini.ipynb", '{"cells": [')
    with course.gradebook(folder) as book:
        book.add_student("ada", first_name="Ada", last_name="Lovelace")
        book.add_student("ben")
    collect.collect(downloads, folder, NAME)
    with course.gradebook(folder) as book:
        names = {student.id: (student.last_name, student.first_name) for student in book.students}
    assert names == {
        "ada": ("Lovelace", "Ada"),
        "ben": ("ben", ""),
        "cleo": ("cleo", ""),
        "dora": ("dora", ""),
        "Eve van Ess": ("Ess", "Eve van"),
    }


@pytest.mark.parametrize(
    ("stem", "student"),
    [
        ("1-mini_ada", "ada"),
        ("Copy of 1-mini_ada (2)", "ada"),
        ("Ada Lovelace - 1-mini - Copy (3)", "Ada Lovelace"),
        ("1-mini-Copy1", ""),
        ("ada", "ada"),
    ],
)
def test_the_students_part_of_a_file_name(stem: str, student: str) -> None:
    assert collect.student_of(stem, NAME) == student


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Zoë O'Hara-Łuczak (2b)", "Zoë O'Hara-Łuczak (2b)"),
        ("<img src=x onerror=ran(1)>", "＜img src=x onerror=ran(1)＞"),
        ('a"+ran(1)+"', "a＂+ran(1)+＂"),
        ("a\\", "a＼"),
        ("[a-z]x*?", "［a-z］x＊？"),
        ("..", "．."),
        ("a\n  b\t", "a b"),
        ("a\x1b[2J", "a\ufffd［2J"),
    ],
)
def test_a_students_name_is_one_that_nbgrader_can_use(name: str, student: str) -> None:
    assert collect.student_id(name) == student


def zipped(path: Path, files: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, body in files.items():
            made.writestr(zipfile.ZipInfo(name, (2026, 2, 1, 12, 0, 0)), body)
    return path


def packed(name: str, body: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        made.writestr(name, body)
    return held.getvalue()


def collected(done: list[collect.Collected]) -> dict[str | None, str]:
    return {line.student: line.did for line in done if not line.did.startswith("skipped")}


def test_what_moodle_packs(folder: Path, chapter: NotebookNode, tmp_path: Path) -> None:
    text = nbformat.writes(chapter)
    files = {
        "Ada Lovelace_11_assignsubmission_file_/1-mini.ipynb": text,
        "Bo Li_12_assignsubmission_file_/Copy of 1-mini (1).ipynb": text,
        "Bo Li_13_assignsubmission_file_/hw.zip": packed("work/1-mini.ipynb", text),
        "Cem_14_assignsubmission_onlinetext_/onlinetext.html": "<p>done</p>",
        "Dora_15_assignsubmission_file_1-mini.ipynb": text,
    }
    done = collect.collect(zipped(tmp_path / "HW-1.zip", files), folder, NAME)
    everybody = ("Ada Lovelace", "Bo Li 12", "Bo Li 13", "Dora")
    assert collected(done) == dict.fromkeys(everybody, "collected")
    stamp = folder / "submitted" / "Dora" / NAME / "timestamp.txt"
    assert stamp.read_text().startswith("2026-02-01 12:00:00")


def test_what_canvas_packs(folder: Path, chapter: NotebookNode, tmp_path: Path) -> None:
    text = nbformat.writes(chapter)
    files = {"lovelaceada_LATE_17_901_1-mini-2.ipynb": text, "libo_18_902_untitled.ipynb": text}
    done = collect.collect(zipped(tmp_path / "submissions.zip", files), folder, NAME)
    assert collected(done) == {"lovelaceada": "collected", "libo": "collected"}
    with course.gradebook(folder) as book:
        assert {s.id: s.lms_user_id for s in book.students} == {"lovelaceada": "17", "libo": "18"}


def test_an_archive_that_leads_out_of_its_folder(
    folder: Path, chapter: NotebookNode, tmp_path: Path
) -> None:
    archive = zipped(tmp_path / "evil.zip", {"../../ada/1-mini.ipynb": nbformat.writes(chapter)})
    collect.collect(archive, folder, NAME)
    assert not (tmp_path.parent / "ada").exists() and not (tmp_path / "ada").exists()


def test_an_archive_that_would_fill_the_disk_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "_MOST_BYTES", 10)
    with pytest.raises(GraderError, match="too large"):
        collect.collect(zipped(tmp_path / "bomb.zip", {"a/1-mini.ipynb": "x" * 11}), folder, NAME)


def colab(nb: NotebookNode) -> None:
    """As Colab saves: no cell ids, ids and provenance in the metadata."""
    nb.metadata = nbformat.from_dict({"colab": {"provenance": []}, "kernelspec": {"name": "x"}})
    for number, cell in enumerate(nb.cells):
        cell.metadata |= {"id": f"aB{number}", "outputId": "0"}
        cell.pop("id", None)
    nb.nbformat_minor = 0


def vscode(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell.metadata["vscode"] = {"languageId": "python"}


@pytest.mark.parametrize(
    ("edit", "repaired"),
    [
        (colab, False),
        (vscode, False),
        (sample.EDITS["strip-metadata"], True),
        (lambda nb: sample.EDITS["delete"](nb, "mini-one"), True),
        (lambda nb: sample.EDITS["copy"](nb, "mini-one"), True),
        (lambda nb: nb.cells.insert(1, nb.cells.pop()), False),
    ],
)
def test_collecting_says_what_grading_will_repair(
    folder: Path,
    chapter: NotebookNode,
    tmp_path: Path,
    edit: Callable[[NotebookNode], object],
    repaired: bool,
) -> None:
    edit(chapter)
    body = json.dumps(chapter)
    write(tmp_path / "in" / "ada" / "Untitled (3).ipynb", body)
    ((student, did),) = collected(collect.collect(tmp_path / "in", folder, NAME)).items()
    assert student == "ada" and did.startswith("collected")
    assert ("grading will repair it" in did) == repaired, did
    assert (folder / "submitted/ada/1-mini/1-mini.ipynb").read_text("utf-8") == body


def test_a_notebook_without_any_id_is_told_by_its_cells(folder: Path, tmp_path: Path) -> None:
    source = folder / "source" / NAME / f"{NAME}.ipynb"
    nb = nbformat.read(source, as_version=4)
    for number in range(3):
        nb.cells.append(nbformat.v4.new_markdown_cell(f"Paragraph number {number} of the text."))
    nbformat.write(nb, source)
    cells = [cell for cell in nb.cells if "check(" not in cell.source]
    sample.EDITS["strip-metadata"](nb := nbformat.v4.new_notebook(cells=cells))
    write(tmp_path / "in" / "ada" / "whatever.ipynb", json.dumps(nb))
    assert list(collected(collect.collect(tmp_path / "in", folder, NAME))) == ["ada"]


def test_nbgraders_zip_collect_finds_the_same_students(
    folder: Path, chapter: NotebookNode, tmp_path: Path
) -> None:
    files = {"Ada Lovelace_11_assignsubmission_file_/Untitled.ipynb": nbformat.writes(chapter)}
    archive = folder / "downloaded" / NAME / "archive"
    archive.mkdir(parents=True)
    zipped(archive / "HW-1.zip", files)
    list(course.nbgrader(folder, "zip_collect", NAME))
    assert (folder / "submitted" / "Ada Lovelace" / NAME / f"{NAME}.ipynb").is_file()


def test_an_unknown_assignment_is_named_with_those_there_are(folder: Path, downloads: Path) -> None:
    with pytest.raises(GraderError, match="there are: 1-mini"):
        collect.collect(downloads, folder, "2-maxi")


def test_links_and_pipes_are_named_and_not_followed(
    folder: Path, chapter: NotebookNode, tmp_path: Path
) -> None:
    downloads = tmp_path / "in"
    write(downloads / "ada" / f"{NAME}.ipynb", chapter)
    solved = folder / "source" / NAME / f"{NAME}.ipynb"
    for student in ("ben", "cleo"):
        (downloads / student).mkdir()
    (downloads / "ben" / f"{NAME}.ipynb").symlink_to(solved)
    os.mkfifo(downloads / "cleo" / f"{NAME}.ipynb")
    (downloads / "dora").symlink_to(solved.parent)
    (downloads / f"{NAME}_emil.ipynb").symlink_to(solved)
    done = collect.collect(downloads, folder, NAME)
    assert collected([line for line in done if line.did != "skipped"]) == {"ada": "collected"}
    named = {line.file for line in done if line.did == "skipped"}
    assert named == {
        f"ben/{NAME}.ipynb is a link",
        f"cleo/{NAME}.ipynb is not a file",
        f"{NAME}_emil.ipynb is a link",
    }
    assert [path.name for path in (folder / "submitted").iterdir()] == ["ada"]


@pytest.mark.parametrize("front", [b"\xef\xbb\xbf", b""])
def test_bytes_around_a_notebook_do_no_harm(
    folder: Path, chapter: NotebookNode, tmp_path: Path, front: bytes
) -> None:
    file = write(tmp_path / "in" / "ada" / f"{NAME}.ipynb", chapter)
    file.write_bytes(front + file.read_bytes() + bytes(100))
    assert collected(collect.collect(tmp_path / "in", folder, NAME)) == {"ada": "collected"}
