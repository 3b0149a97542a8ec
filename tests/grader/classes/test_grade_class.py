"""`grader autograde`: a class in parallel, whatever happens on the way.

The notebooks are not run; `tests/grader/running/test_spool_execute.py` runs some under nbgrader.
"""

import fcntl
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from grader import cli
from grader.classes import grade_class, job, progress, table
from grader.course import course
from grader.errors import GraderError
from tests.helpers import mini_course
from tests.helpers.mini_course import NAME, copied, files, gradebook, hand_in, without_kernels

LATE = """
c.LateSubmissionPlugin.penalty_method = "zero"
"""


Grade = Callable[..., Any]


@pytest.fixture(scope="module")
def grade() -> Iterator[Grade]:
    """Runs the command in this process, with one worker that all tests share."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, memory_limit=0, dashboard_address="127.0.0.1:0"
    ) as cluster:

        def run(folder: Path, *options: str) -> Any:
            command = ["autograde", NAME, "--course", str(folder), *options]
            scheduler = ["--scheduler", cluster.scheduler_address]
            return CliRunner().invoke(cli.commands, [*command, *scheduler])

        yield run


@pytest.fixture(scope="module")
def handed_in(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class without kernels of six that nobody has graded; `fay` is absent and `gus` late."""
    folder = copied(released, tmp_path_factory.mktemp("light") / "course")
    without_kernels(folder)
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(LATE)
    hand_in(folder, "ada", mini_one="# earns 1", mini_more="# earns 2.5")
    hand_in(folder, "ben", mini_one="# earns 0.5\n# crashes")
    hand_in(folder, "cleo")
    hand_in(folder, "gus", mini_one="# earns 1")
    stamp = folder / "submitted" / "gus" / NAME / "timestamp.txt"
    stamp.write_text("2026-02-02 12:00:00.000000 UTC")
    torn = folder / "submitted" / "dora" / NAME / f"{NAME}.ipynb"
    torn.parent.mkdir(parents=True)
    torn.write_text('{"cells": [')
    with course.gradebook(folder) as book:
        book.update_or_create_student("fay")
        book.update_or_create_assignment(NAME, duedate="2026-02-01 12:00:00")
    return folder


@pytest.fixture(scope="module")
def graded(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, graded."""
    folder = copied(handed_in, tmp_path_factory.mktemp("graded") / "course")
    command = mini_course.command(folder, "--json")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    (folder / "out.json").write_text(done.stdout)
    return folder


@pytest.fixture
def folder(graded: Path, tmp_path: Path) -> Path:
    """A graded course of the test's own."""
    return copied(graded, tmp_path / "course")


def states(folder: Path) -> dict[str, str]:
    return {row.student: row.state for row in table.read_rows(folder, NAME)}


def test_the_gradebook_is_what_nbgrader_makes_of_it(
    handed_in: Path, graded: Path, tmp_path: Path
) -> None:
    stock = copied(handed_in, tmp_path / "stock")
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", NAME],
        cwd=stock,
        capture_output=True,
        check=False,  # one submission can't be read
    )
    assert gradebook(stock) == gradebook(graded)
    assert gradebook(graded)["gus"]["penalty"] == [1.0]
    assert files(stock) == files(graded)
    assert {path.split("/")[0] for path in files(graded)} == {"ada", "ben", "cleo", "gus"}


def test_everybody_has_a_state(graded: Path) -> None:
    output = json.loads((graded / "out.json").read_text())
    assert {row["student"]: row["state"] for row in output["students"]} == {
        "ada": "graded",
        "ben": "partly graded",
        "cleo": "graded",
        "dora": "unreadable",
        "fay": "absent",
        "gus": "graded",
    }
    assert (output["now"], output["unchanged"], output["failed"]) == (5, 0, {})


def test_a_second_run_changes_nothing(grade: Grade, folder: Path) -> None:
    before, tree = (folder / "gradebook.db").read_bytes(), files(folder)
    done = grade(folder)
    assert done.exit_code == 0
    assert "(0 of the submissions now, 5 had not changed)" in done.stdout
    assert done.stderr == ""
    assert (folder / "gradebook.db").read_bytes() == before
    assert files(folder) == tree


def test_only_what_is_new_is_graded_and_a_teachers_marks_stay(grade: Grade, folder: Path) -> None:
    with course.gradebook(folder) as book:
        for student in ("ada", "ben"):
            given = book.find_grade("mini-one", NAME, NAME, student)
            given.manual_score, given.extra_credit, given.needs_manual_grade = 0.25, 3, False
            book.find_comment("mini-one-answer", NAME, NAME, student).manual_comment = "See me."
        book.db.commit()
    hand_in(folder, "ben", mini_one="# earns 0.75")
    before = gradebook(folder)
    done = json.loads(grade(folder, "--json").stdout)
    assert (done["now"], done["unchanged"]) == (1, 4)
    after = gradebook(folder)
    assert after["ben"]["grades"]["mini-one"] == (0.75, 0.25, 3, True)
    assert after["ben"]["comments"]["mini-one-answer"][1] == "See me."
    assert states(folder)["ben"] == "graded"
    del before["ben"], after["ben"]
    assert after == before


def test_the_course_decides_what_must_be_graded_again(grade: Grade, folder: Path) -> None:
    (folder / "course_seed").write_text("7\n")
    assert json.loads(grade(folder, "--json").stdout)["now"] == 5
    assert json.loads(grade(folder, "--json", "--force").stdout)["now"] == 5
    assert len(list((job.store(folder, NAME) / "done").iterdir())) == 5


def test_what_failed_is_said_and_done_next_time(grade: Grade, folder: Path, tmp_path: Path) -> None:
    hand_in(folder, "hugo", mini_one="# earns 1", mini_more=f"# fails once {tmp_path / 'failed'}")
    hand_in(folder, "ines", mini_one="# earns 1", mini_more=f"# dies once {tmp_path / 'died'}")
    done = grade(folder)
    assert done.exit_code == 1
    assert "hugo: not graded: " in done.stdout and "no space left" in done.stdout
    assert states(folder)["ines"] == "graded"
    assert grade(folder).exit_code == 0
    assert states(folder)["hugo"] == "graded"


def test_a_newer_submission_that_cannot_be_read_has_no_old_points(
    grade: Grade, folder: Path
) -> None:
    (folder / "submitted" / "ada" / NAME / f"{NAME}.ipynb").write_text("<html>")
    assert grade(folder).exit_code == 0
    assert states(folder)["ada"] == "unreadable"
    assert {grade[0] for grade in gradebook(folder)["ada"]["grades"].values()} == {None}


def test_one_run_at_a_time(grade: Grade, folder: Path) -> None:
    with (job.store(folder, NAME) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = grade(folder)
    assert done.exit_code == 1
    assert "another `grader autograde 1-mini` is at work" in str(done.exception)


def test_what_was_never_released_is_said(grade: Grade, folder: Path) -> None:
    (folder / "gradebook.db").unlink()
    done = grade(folder)
    assert done.exit_code == 1
    assert "run `nbgrader generate_assignment 1-mini`" in str(done.exception)


def test_a_terminal_shows_how_far_it_is() -> None:
    jobs = tuple(job.Job("", NAME, student, "", "", "") for student in ("ada", "ben"))
    plan = grade_class.GradingPlan(Path(), NAME, (), jobs, 0)

    def work() -> Iterator[grade_class.FinishedJob]:
        yield grade_class.FinishedJob("", running=2)
        yield grade_class.FinishedJob("ada", running=1)
        yield grade_class.FinishedJob("ben", failed="no disk", running=0)

    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100)
    assert progress.show_progress(plan, work(), console) == {"ben": "no disk"}
    assert "2/2" in shown.getvalue() and "1 failed" in shown.getvalue()
    shown = io.StringIO()
    progress.show_progress(plan, work(), Console(file=shown))
    assert shown.getvalue() == ""


def test_a_course_of_an_older_version_is_told_what_to_write(released: Path, tmp_path: Path) -> None:
    folder = copied(released, tmp_path / "course")
    config = folder / course.CONFIG
    config.write_text(config.read_text("utf-8").replace("grader.plugins.R", "grader.repair.R"))
    with (
        pytest.raises(GraderError, match=r"replace grader\.repair\.RepairCells by grader\.plugins"),
        grade_class.only_run(folder, NAME),
    ):
        pass


def test_what_one_student_hands_in_costs_that_student_alone(
    grade: Grade, folder: Path, tmp_path: Path
) -> None:
    """Links, pipes, names and bytes that are no text: all get their state and their reason."""
    hand_in(folder, "kim", mini_one="# earns 1")
    place = folder / "submitted" / "kim" / NAME
    (place / "solution.py").symlink_to(folder / "source" / NAME / f"{NAME}.ipynb")
    (place / "seed").symlink_to(folder / "course_seed")
    (place / "source").symlink_to(folder / "source")
    os.mkfifo(place / "pipe")
    (Path(os.fsdecode(os.fsencode(place) + b"/caf\xe9.csv"))).touch()
    hand_in(folder, "lea", mini_one="# earns 1")
    notebook = folder / "submitted" / "lea" / NAME / f"{NAME}.ipynb"
    notebook.write_bytes(notebook.read_text("utf-8").encode("utf-8-sig") + bytes(100))
    linked = folder / "submitted" / "max" / NAME
    linked.mkdir(parents=True)
    (linked / f"{NAME}.ipynb").symlink_to(folder / "source" / NAME / f"{NAME}.ipynb")
    done = grade(folder)
    assert done.exit_code == 0, done.output
    rows = {row.student: row for row in table.read_rows(folder, NAME)}
    assert (rows["lea"].state, rows["lea"].points) == ("graded", 1.0)
    assert (rows["kim"].state, rows["kim"].points) == ("graded", 1.0)
    for words in ("solution.py is a link", "seed is a link", "pipe is not a file"):
        assert f"not taken along: {words}" in rows["kim"].because
    assert rows["max"].state == "unreadable" and "is a link" in rows["max"].because
    kept = {path.name for path in (folder / "autograded" / "kim" / NAME).rglob("*")}
    assert not kept & {"solution.py", "seed", "pipe", "course_seed"}


def test_an_answer_that_ends_in_an_error_says_so(grade: Grade, folder: Path) -> None:
    hand_in(folder, "nia", mini_one="# raises NameError", mini_more="# earns 2.5")
    assert grade(folder).exit_code == 0
    (row,) = (row for row in table.read_rows(folder, NAME) if row.student == "nia")
    assert (row.state, row.points) == ("partly graded", 2.5)
    assert "(mini-one-answer) ended in an error: NameError: said" in row.because


def test_nbgraders_own_command_follows_no_links_either(released: Path, tmp_path: Path) -> None:
    folder = copied(released, tmp_path / "course")
    without_kernels(folder)
    hand_in(folder, "kim", mini_one="# earns 1")
    (folder / "submitted" / "kim" / NAME / "seed.txt").symlink_to(folder / "course_seed")
    (folder / "submitted" / "kim" / NAME / "course").symlink_to(folder / "source")
    linked = folder / "submitted" / "max" / NAME
    linked.mkdir(parents=True)
    (linked / f"{NAME}.ipynb").symlink_to(folder / "source" / NAME / f"{NAME}.ipynb")
    command = [sys.executable, "-m", "nbgrader", "autograde", NAME]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "no links are followed" in done.stderr
    assert set(files(folder)) == {f"kim/{NAME}/{NAME}.ipynb"}
    assert {row.student: row.points for row in table.read_rows(folder, NAME)}["kim"] == 1.0
