"""A course directory, and what students hand in on its way to nbgrader."""

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator

from grader.classes import summary
from grader.course import course, sample
from grader.errors import GraderError
from grader.submissions import collect, repair

NAME = "1-mini"


@pytest.fixture
def here(released: Path, tmp_path: Path) -> Path:
    """A course of the test's own."""
    return shutil.copytree(released, tmp_path / "course")


def write(path: Path, nb: NotebookNode | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nb if isinstance(nb, str) else nbformat.writes(nb), encoding="utf-8")
    return path


@pytest.fixture
def chapter(released: Path) -> NotebookNode:
    return nbformat.read(released / "release" / NAME / f"{NAME}.ipynb", as_version=4)


# ---- quickstart


def test_a_course_holds_sources_seed_and_settings(released: Path) -> None:
    found = sorted(p.relative_to(released).as_posix() for p in released.rglob("*") if p.is_file())
    assert found == [
        "README.md",
        "course_seed",
        "gradebook.db",
        "nbgrader_config.py",
        "release/1-mini/1-mini.ipynb",
        "source/1-mini/1-mini.ipynb",
    ]
    assert "$" not in (released / "nbgrader_config.py").read_text("utf-8")


def test_the_seed_is_private_and_new(released: Path, tmp_path: Path) -> None:
    seed = released / "course_seed"
    assert stat.S_IMODE(seed.stat().st_mode) == 0o600
    course.write_seed(tmp_path / "other")
    assert int((tmp_path / "other").read_text()) != int(seed.read_text())


def test_a_course_releases_what_the_chapter_is(released: Path, repository: Path) -> None:
    chapter = repository / "chapters" / "en" / NAME / f"{NAME}.ipynb"
    release = released / "release" / NAME / f"{NAME}.ipynb"
    assert release.read_text("utf-8") == chapter.read_text("utf-8")


def test_nbgrader_finds_alembic_in_a_bare_environment(here: Path) -> None:
    (here / "gradebook.db").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", NAME, "--force"],
        cwd=here,
        env={"HOME": str(here), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (here / "gradebook.db").is_file()


def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(GraderError, match="not empty"):
        course.quickstart(tmp_path)


def test_a_language_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="there are: en, zh"):
        course.quickstart(tmp_path / "new", "fr")


def test_the_command_line_says_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    done = subprocess.run(
        [sys.executable, "-m", "grader", "quickstart", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"grader: {tmp_path} is not empty; name a new directory\n"


# ---- repair


@pytest.fixture(scope="module")
def known(released: Path) -> dict[str, repair.Known]:
    return repair.release(f"sqlite:///{released}/gradebook.db", NAME, NAME)


def grade_ids(nb: NotebookNode) -> list[str]:
    found = (cell.metadata.get("nbgrader") for cell in nb.cells)
    return [mark["grade_id"] for mark in found if mark]


def position(nb: NotebookNode, grade_id: str) -> int:
    return next(
        i
        for i, cell in enumerate(nb.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def test_a_sound_notebook_is_left_alone(
    chapter: NotebookNode, known: dict[str, repair.Known]
) -> None:
    before = [(cell.cell_type, cell.source, cell.metadata) for cell in chapter.cells]
    assert repair.repair(chapter, known) == []
    for cell, (kind, source, metadata) in zip(chapter.cells, before, strict=True):
        assert (cell.cell_type, cell.source) == (kind, source)
        assert cell.metadata.get("nbgrader") == metadata.get("nbgrader")
    assert chapter.metadata == {"beyond_sequential": {"version": "9.8.7"}}


def _flip(nb: NotebookNode) -> None:
    mark = nb.cells[position(nb, "mini-one")].metadata.nbgrader
    mark.update(grade=False, solution=True, locked=False, points=99)


def _old_format(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell.metadata.get("nbgrader", {}).pop("schema_version", None)


def _nonsense(nb: NotebookNode) -> None:
    for cell, mark in zip(nb.cells, [[], "x", {}, {"grade_id": 3}, {"grade": "yes"}], strict=False):
        cell.metadata["nbgrader"] = mark


def _invalid(nb: NotebookNode) -> None:
    cell = nb.cells[position(nb, "mini-one")]
    cell.metadata.update(tags=["", "skip-execution"], name=3)
    cell.outputs = [{"output_type": "nonsense"}]
    cell.id = nb.cells[0].id = "the same!"
    nb.metadata = nbformat.from_dict({"kernelspec": 3, "beyond_sequential": "mine"})


def _retype(nb: NotebookNode) -> None:
    cell = nb.cells[position(nb, "mini-one")]
    metadata = cell.metadata
    nb.cells[position(nb, "mini-one")] = nbformat.v4.new_markdown_cell("Mine", metadata=metadata)


def _copy_all(nb: NotebookNode) -> None:
    nb.cells += [nbformat.from_dict(cell) for cell in nb.cells]


def _strip_nbgrader(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell.metadata.pop("nbgrader", None)


def _delete_all(nb: NotebookNode) -> None:
    nb.cells.clear()


def _delete_pair(nb: NotebookNode) -> None:
    del nb.cells[position(nb, "mini-one-answer")]
    del nb.cells[position(nb, "mini-one")]


@pytest.mark.parametrize(
    "damage",
    [
        _flip,
        _old_format,
        _nonsense,
        _invalid,
        _retype,
        _copy_all,
        _strip_nbgrader,
        _delete_all,
        _delete_pair,
        sample.EDITS["strip-metadata"],
    ],
)
def test_damaged_notebooks_have_every_test_again(
    chapter: NotebookNode, known: dict[str, repair.Known], damage: Callable[[NotebookNode], None]
) -> None:
    damage(chapter)
    done = repair.repair(chapter, known)
    assert done or damage is _invalid
    nbformat.validate(chapter)
    MetadataValidator().validate_nb(chapter)
    found = grade_ids(chapter)
    assert len(set(found)) == len(found)
    assert {"mini-one", "mini-more"} <= set(found)
    assert found.index("mini-one") < found.index("mini-more")
    mark = chapter.cells[position(chapter, "mini-one")].metadata.nbgrader
    assert (mark.grade, mark.solution, mark.locked, mark.points) == (True, False, True, 1.0)
    assert chapter.cells[position(chapter, "mini-one")].cell_type == "code"


def test_of_two_copies_the_first_counts(
    chapter: NotebookNode, known: dict[str, repair.Known]
) -> None:
    sample.EDITS["copy"](chapter, "mini-one")
    at = position(chapter, "mini-one")
    assert repair.repair(chapter, known) == [f"cell {at + 2} only looked like cell mini-one"]
    assert chapter.cells[at].metadata.nbgrader.grade_id == "mini-one"
    assert "nbgrader" not in chapter.cells[at + 1].metadata


def test_a_deleted_test_is_back_after_its_answer(
    chapter: NotebookNode, known: dict[str, repair.Known]
) -> None:
    sample.EDITS["delete"](chapter, "mini-more")
    assert repair.repair(chapter, known) == ["cell mini-more was missing and is back"]
    assert position(chapter, "mini-more") == position(chapter, "mini-more-answer-2") + 1


def test_a_test_whose_answer_is_gone_too_is_back_before_the_next_one(
    chapter: NotebookNode, known: dict[str, repair.Known]
) -> None:
    _delete_pair(chapter)
    chapter.cells.insert(2, nbformat.v4.new_code_cell("one = 1"))
    repair.repair(chapter, known)
    assert 2 < position(chapter, "mini-one") == position(chapter, "mini-more-answer") - 1


# ---- collecting


@pytest.fixture
def downloads(tmp_path: Path, chapter: NotebookNode) -> Path:
    folder = tmp_path / "downloads"
    ada = write(folder / "ada" / "1-mini.ipynb", chapter)
    newer = write(folder / "ada" / "1-mini (1).ipynb", f"{nbformat.writes(chapter)}\n")
    os.utime(ada, (1_000_000, 1_000_000))
    os.utime(newer, (2_000_000, 2_000_000))
    write(folder / "ben" / "Copy of homework.ipynb", chapter)
    write(folder / "ben" / "notes.ipynb", nbformat.v4.new_notebook())
    write(folder / "1-mini_cleo (2).ipynb", chapter)
    write(folder / "1-mini (3).ipynb", chapter)
    write(folder / "dora" / "1-mini.ipynb", '{"cells": [')
    return folder


def test_every_file_has_its_place_or_a_reason(here: Path, downloads: Path) -> None:
    done = collect.collect(downloads, here, NAME)
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
    assert (here / "submitted/ada/1-mini/1-mini.ipynb").read_bytes() == newest


def test_collecting_again_takes_only_what_changed(here: Path, downloads: Path) -> None:
    collect.collect(downloads, here, NAME)
    stamp = here / "submitted" / "ben" / NAME / "timestamp.txt"
    before = stamp.read_text()
    file = downloads / "ben" / "Copy of homework.ipynb"
    assert {
        line.did for line in collect.collect(downloads, here, NAME) if line.student == "ben"
    } == {"unchanged", f"skipped: no exercise of {NAME} is in it"}
    time = file.stat().st_mtime
    file.write_text(file.read_text("utf-8") + "\n", encoding="utf-8")
    os.utime(file, (time, time))
    assert "collected again: it has changed" in {
        line.did for line in collect.collect(downloads, here, NAME)
    }
    assert stamp.read_text() > before


def test_whom_it_collects_from_has_a_name_in_the_gradebook(here: Path, downloads: Path) -> None:
    """formgrader shows a student without one as "None, None"."""
    write(downloads / "Eve van Ess" / "1-mini.ipynb", '{"cells": [')
    with course.gradebook(here) as book:
        book.add_student("ada", first_name="Ada", last_name="Lovelace")
        book.add_student("ben")
    collect.collect(downloads, here, NAME)
    with course.gradebook(here) as book:
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


def test_what_moodle_packs(here: Path, chapter: NotebookNode, tmp_path: Path) -> None:
    text = nbformat.writes(chapter)
    files = {
        "Ada Lovelace_11_assignsubmission_file_/1-mini.ipynb": text,
        "Bo Li_12_assignsubmission_file_/Copy of 1-mini (1).ipynb": text,
        "Bo Li_13_assignsubmission_file_/hw.zip": packed("work/1-mini.ipynb", text),
        "Cem_14_assignsubmission_onlinetext_/onlinetext.html": "<p>done</p>",
        "Dora_15_assignsubmission_file_1-mini.ipynb": text,
    }
    done = collect.collect(zipped(tmp_path / "HW-1.zip", files), here, NAME)
    everybody = ("Ada Lovelace", "Bo Li 12", "Bo Li 13", "Dora")
    assert collected(done) == dict.fromkeys(everybody, "collected")
    stamp = here / "submitted" / "Dora" / NAME / "timestamp.txt"
    assert stamp.read_text().startswith("2026-02-01 12:00:00")


def test_what_canvas_packs(here: Path, chapter: NotebookNode, tmp_path: Path) -> None:
    text = nbformat.writes(chapter)
    files = {"lovelaceada_LATE_17_901_1-mini-2.ipynb": text, "libo_18_902_untitled.ipynb": text}
    done = collect.collect(zipped(tmp_path / "submissions.zip", files), here, NAME)
    assert collected(done) == {"lovelaceada": "collected", "libo": "collected"}
    with course.gradebook(here) as book:
        assert {s.id: s.lms_user_id for s in book.students} == {"lovelaceada": "17", "libo": "18"}


def test_an_archive_that_leads_out_of_its_folder(
    here: Path, chapter: NotebookNode, tmp_path: Path
) -> None:
    archive = zipped(tmp_path / "evil.zip", {"../../ada/1-mini.ipynb": nbformat.writes(chapter)})
    collect.collect(archive, here, NAME)
    assert not (tmp_path.parent / "ada").exists() and not (tmp_path / "ada").exists()


def test_an_archive_that_would_fill_the_disk_is_refused(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "_MOST_BYTES", 10)
    with pytest.raises(GraderError, match="too large"):
        collect.collect(zipped(tmp_path / "bomb.zip", {"a/1-mini.ipynb": "x" * 11}), here, NAME)


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
    here: Path,
    chapter: NotebookNode,
    tmp_path: Path,
    edit: Callable[[NotebookNode], object],
    repaired: bool,
) -> None:
    edit(chapter)
    body = json.dumps(chapter)
    write(tmp_path / "in" / "ada" / "Untitled (3).ipynb", body)
    ((student, did),) = collected(collect.collect(tmp_path / "in", here, NAME)).items()
    assert student == "ada" and did.startswith("collected")
    assert ("grading will repair it" in did) == repaired, did
    assert (here / "submitted/ada/1-mini/1-mini.ipynb").read_text("utf-8") == body


def test_a_notebook_without_any_id_is_told_by_its_cells(here: Path, tmp_path: Path) -> None:
    source = here / "source" / NAME / f"{NAME}.ipynb"
    nb = nbformat.read(source, as_version=4)
    for number in range(3):
        nb.cells.append(nbformat.v4.new_markdown_cell(f"Paragraph number {number} of the text."))
    nbformat.write(nb, source)
    cells = [cell for cell in nb.cells if "check(" not in cell.source]
    sample.EDITS["strip-metadata"](nb := nbformat.v4.new_notebook(cells=cells))
    write(tmp_path / "in" / "ada" / "whatever.ipynb", json.dumps(nb))
    assert list(collected(collect.collect(tmp_path / "in", here, NAME))) == ["ada"]


def test_an_answer_without_metadata_is_known_by_its_test(
    chapter: NotebookNode, known: dict[str, repair.Known]
) -> None:
    sample.EDITS["strip-metadata"](chapter)
    answer = next(cell for cell in chapter.cells if cell.source.startswith("one = None"))
    answer.source = "one = 1"
    repair.repair(chapter, known)
    assert chapter.cells[position(chapter, "mini-one-answer")].source == "one = 1"


def test_nbgraders_zip_collect_finds_the_same_students(
    here: Path, chapter: NotebookNode, tmp_path: Path
) -> None:
    files = {"Ada Lovelace_11_assignsubmission_file_/Untitled.ipynb": nbformat.writes(chapter)}
    archive = here / "downloaded" / NAME / "archive"
    archive.mkdir(parents=True)
    zipped(archive / "HW-1.zip", files)
    list(course.nbgrader(here, "zip_collect", NAME))
    assert (here / "submitted" / "Ada Lovelace" / NAME / f"{NAME}.ipynb").is_file()


def test_an_unknown_assignment_is_named_with_those_there_are(here: Path, downloads: Path) -> None:
    with pytest.raises(GraderError, match="there are: 1-mini"):
        collect.collect(downloads, here, "2-maxi")


# ---- the table


def test_the_table_tells_absent_from_unreadable(here: Path, downloads: Path) -> None:
    collect.collect(downloads, here, NAME)
    with course.gradebook(here) as book:
        book.update_or_create_student("emil")
    rows = {row.student: row for row in summary.rows(here, NAME)}
    assert rows["emil"].state == "absent"
    assert rows["dora"].state == "unreadable" and rows["dora"].because
    assert rows["ada"].state == "not graded"
    assert {row.points for row in rows.values()} == {None}
    assert {row.of for row in rows.values()} == {3.5}


def test_the_table_as_json(here: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grader", "table", NAME, "--json"],
        cwd=here,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == []


def test_outside_a_course_the_table_says_so(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="is not a course directory"):
        summary.rows(tmp_path, NAME)
