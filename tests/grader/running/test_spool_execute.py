"""A class, graded by nbgrader's own commands in a course of ours.

One run of `nbgrader autograde` grades them all; each test looks at one side of it.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

import jailed_kernels as kernels
from grader.classes import table
from grader.course import course, sample
from grader.running import spool, spool_execute
from grader.running.record import METADATA

NAME = "1-introduction"
POINTS = {
    "introduction-layer": 1,
    "introduction-twin": 3,
    "introduction-count": 1,
    "introduction-weights": 1,
    "introduction-disconnected": 2,
    "introduction-compile": 1,
    "introduction-chance": 1,
    "introduction-training": 4,
}

EARLY = {
    name: POINTS[name] for name in ("introduction-layer", "introduction-twin", "introduction-count")
}
BUT_WEIGHTS = {name: POINTS[name] for name in POINTS if name != "introduction-weights"}
DEATH = r"the kernel died in cell \d+ \(introduction-weights-answer\)"

# Everything that makes nbgrader's own scoring give full marks for nothing.
TRICKS = """
import ast, builtins, sys
import beyond_sequential

class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()

get_ipython().ast_transformers.append(NoAsserts())
get_ipython().display_formatter.formatters["text/plain"].for_type(float, lambda *_: "nan")
check = beyond_sequential.check = lambda id, points=0: points
builtins.__build_class__ = None
"""

LOUD = """
import sys, warnings
warnings.warn("harmless")
print("harmless", file=sys.stderr)
print("x" * 3_000_000)
"""


def position(nb: NotebookNode, grade_id: str) -> int:
    return next(
        i
        for i, cell in enumerate(nb.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


def _tricks(nb: NotebookNode) -> None:
    """Every trick to be paid for answers that are wrong."""
    nb.cells.insert(2, new_code_cell(TRICKS))
    for grade_id in POINTS:
        cell = nb.cells[position(nb, grade_id)]
        cell.source = "99"
        cell.metadata.tags = ["skip-execution", ""]
    nb.cells[position(nb, "introduction-twin")].metadata.nbgrader.points = 99


def _mess(nb: NotebookNode) -> None:
    """Right, but with all that editing does to a notebook."""
    nb.cells.insert(position(nb, "introduction-layer"), new_code_cell(LOUD))
    for grade_id in ("introduction-twin-answer", "introduction-twin", "introduction-chance"):
        sample.EDITS["copy"](nb, grade_id)
    sample.EDITS["delete"](nb, "introduction-count")
    for cell in nb.cells:
        cell.metadata.get("nbgrader", {}).pop("schema_version", None)
    nb.cells[position(nb, "introduction-weights")].metadata = nbformat.from_dict({})


def _stubborn(nb: NotebookNode) -> None:
    """A loop that swallows the interrupt."""
    nb.cells[position(nb, "introduction-weights-answer")].source = (
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass"
    )


def _greedy(nb: NotebookNode) -> None:
    """More memory than a kernel may use."""
    nb.cells[
        position(nb, "introduction-weights-answer")
    ].source = "data = [bytearray(50_000_000) for _ in range(30)]\nimport time; time.sleep(20)"


NAMES = """
from comm import create_comm
state = {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel", "msg_id": ""}
widget = create_comm(target_name="jupyter.widget", data={"state": state})
message = get_ipython().get_parent()["header"]["msg_id"]
widget.send({"method": "update", "state": {"msg_id": message}})
widget.send(None)
check = data = lambda *_: 1 / 0
__import__("beyond_sequential").check = check

class CellTimeoutError(Exception):
    pass

raise CellTimeoutError("forged")
"""


def _names(nb: NotebookNode) -> None:
    """Right, with a widget, the course's names given to other things, and a forged error."""
    nb.cells.insert(position(nb, "introduction-training"), new_code_cell(NAMES))
    nb.cells.append(nb.cells.pop(position(nb, "introduction-training")))
    nb.cells[position(nb, "introduction-count-answer")].source = "parameters = undefined"


def _forged(nb: NotebookNode) -> None:
    """Files in the spool that no check wrote."""
    nb.cells.append(
        new_code_cell(
            "import os, pathlib\n"
            f"spool = pathlib.Path(os.environ[{spool.ENVIRONMENT!r}])\n"
            "(spool / 'introduction-layer.999999.answer').write_text('full marks')\n"
            "(spool / 'introduction-twin.999999.answer').symlink_to('/etc/passwd')\n"
            "(spool / 'nonsense').touch()"
        )
    )


def _hand_in(course_dir: Path, student: str, nb: NotebookNode | str) -> None:
    path = course_dir / "submitted" / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = nb if isinstance(nb, str) else json.dumps(nb)  # as it is, valid or not
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def graded(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which a class was released to, collected from, graded and given feedback."""
    course_dir = tmp_path_factory.mktemp("class") / "course"
    course.quickstart(course_dir)
    config = course_dir / "nbgrader_config.py"
    settings = config.read_text().replace("timeout = 60", "timeout = 25")
    config.write_text(settings.replace('"memory": 2 << 30', '"memory": 1 << 30'))
    list(course.nbgrader(course_dir, "generate_assignment", NAME))
    chapter = course_dir / "release" / NAME / f"{NAME}.ipynb"
    folder = root / "samples" / NAME
    students = {student.name: student for student in sample.students(folder)}
    edits: dict[str, tuple[str, Callable[[NotebookNode], None] | None]] = {
        "right": ("ben", None),
        "blank": ("emil", None),
        "killed": ("gus", None),
        "mess": ("ada", _mess),
        "tricks": ("cleo", _tricks),
        "stubborn": ("ada", _stubborn),
        "greedy": ("ada", _greedy),
        "forged": ("cleo", _forged),
        "names": ("ada", _names),
    }
    for name, (model, edit) in edits.items():
        nb = nbformat.reads(sample.submission(students[model], folder, chapter), as_version=4)
        if edit:
            edit(nb)
        _hand_in(course_dir, name, nb)
    _hand_in(course_dir, "aborted", '{"cells": [')
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", NAME],
        cwd=course_dir,
        capture_output=True,
        text=True,
        check=False,
    )
    (course_dir / "autograde.log").write_text(done.stdout + done.stderr)
    list(course.nbgrader(course_dir, "generate_feedback", NAME))
    return course_dir


def points(course_dir: Path, student: str) -> dict[str, float]:
    with course.gradebook(course_dir) as book:
        found = book.find_submission_notebook(NAME, NAME, student).grades
        return {grade.name: grade.score for grade in found if grade.score}


def row(course_dir: Path, student: str) -> table.StudentRow:
    return next(r for r in table.read_rows(course_dir, NAME) if r.student == student)


def autograded(course_dir: Path, student: str) -> NotebookNode:
    path = course_dir / "autograded" / student / NAME / f"{NAME}.ipynb"
    return nbformat.read(path, as_version=4)


def test_right_answers_have_all_points(graded: Path) -> None:
    assert points(graded, "right") == POINTS
    assert row(graded, "right") == table.StudentRow("right", 14, 14, "", "graded", "")


def test_an_untouched_notebook_has_none(graded: Path) -> None:
    assert points(graded, "blank") == {}
    assert row(graded, "blank").finding == "`one_layer` still waits for your code."


def test_editing_and_stderr_cost_nothing(graded: Path) -> None:
    assert points(graded, "mess") == POINTS


def test_tricks_earn_what_the_answers_earn(graded: Path) -> None:
    honest = {"introduction-layer": 1, "introduction-twin": 2.25, "introduction-weights": 0.5}
    assert points(graded, "tricks") == honest


def test_handing_over_takes_no_name_of_the_students(graded: Path) -> None:
    expected = {name: value for name, value in POINTS.items() if name != "introduction-count"}
    assert points(graded, "names") == expected


def test_the_error_that_an_answer_ended_in_is_said(graded: Path) -> None:
    found = row(graded, "names")
    line = "NameError: name 'undefined' is not defined"
    assert found.finding == f"The cell of this answer ended in an error: {line}"
    assert re.fullmatch(
        rf"cell \d+ \(introduction-count-answer\) ended in an error: {line}", found.because
    )
    assert found.state == "partly graded"


def test_forged_answers_cost_their_exercise_alone(graded: Path) -> None:
    found = points(graded, "forged")
    assert "introduction-layer" not in found
    assert found["introduction-twin"] == 2.25
    assert row(graded, "forged").state == "graded"


def test_what_a_dead_kernel_handed_over_counts(graded: Path) -> None:
    assert points(graded, "killed") == EARLY
    found = row(graded, "killed")
    assert found.state == "partly graded"
    assert re.fullmatch(DEATH, found.because)


def test_an_endless_loop_costs_its_exercise_alone(graded: Path) -> None:
    assert points(graded, "stubborn") == BUT_WEIGHTS
    found = row(graded, "stubborn")
    assert found.state == "partly graded"
    assert "did not answer any more after cell" in found.because


def tier(graded: Path, student: str) -> str:
    """The tier of the jail; a skip that says so on a machine that has none."""
    found = autograded(graded, student).metadata[METADATA]["kernels"]
    if found == kernels.NO_JAIL:
        pytest.skip("this machine has no jail, and nothing else sets limits")
    return found


def test_what_a_kernel_used_too_much_of_is_said(graded: Path) -> None:
    assert tier(graded, "greedy")
    assert points(graded, "greedy") == BUT_WEIGHTS
    words = (
        r"cell \d+ \(introduction-weights-answer\) used more than 1 GB of memory and was stopped"
    )
    assert re.fullmatch(words, row(graded, "greedy").because)


def test_the_result_says_which_jail_it_was(graded: Path) -> None:
    for student in ("right", "greedy"):
        assert tier(graded, student) in (kernels.FULL, kernels.SECOND)
    assert "kernels run in the" in (graded / "autograde.log").read_text()


def test_one_unreadable_file_does_not_stop_the_class(graded: Path) -> None:
    assert row(graded, "aborted").state == "unreadable"
    assert row(graded, "right").state == "graded"


def test_nothing_is_left_to_grade_by_hand(graded: Path) -> None:
    with course.gradebook(graded) as book:
        found = {s.student.id: s.needs_manual_grade for s in book.assignment_submissions(NAME)}
    del found["aborted"]
    assert set(found.values()) == {False}


def test_test_cells_show_the_verdict_and_the_points_alone(graded: Path) -> None:
    for student in ("right", "tricks", "killed"):
        nb = autograded(graded, student)
        for grade_id in POINTS:
            words, value = nb.cells[position(nb, grade_id)].outputs
            assert words.output_type == "display_data"
            assert set(words.data) == {"text/html", "text/plain"}
            assert value.output_type == "execute_result"
            assert float(value.data["text/plain"]) == points(graded, student).get(grade_id, 0)


def test_printed_text_is_limited(graded: Path) -> None:
    assert (graded / "submitted/mess" / NAME / f"{NAME}.ipynb").stat().st_size < 100_000
    assert (graded / "autograded/mess" / NAME / f"{NAME}.ipynb").stat().st_size < 1_500_000
    assert "Output truncated" in json.dumps(autograded(graded, "mess"))


def test_feedback_shows_the_verdict_and_nothing_of_the_judge(graded: Path) -> None:
    page = (graded / "feedback" / "killed" / NAME / f"{NAME}.html").read_text("utf-8")
    assert re.search(DEATH, page)
    page = (graded / "feedback" / "forged" / NAME / f"{NAME}.html").read_text("utf-8")
    assert "The answer can" in page
    seed = (graded / "course_seed").read_text().strip()
    assert seed not in page
    assert "answers-" not in page


def test_nothing_of_the_kernels_is_left(graded: Path) -> None:
    log = (graded / "autograde.log").read_text()
    assert "IPKernelApp" not in log and "oneDNN" not in log
    assert sorted(p.name for p in (graded / "autograded" / "mess" / NAME).iterdir()) == [
        f"{NAME}.ipynb"
    ]


def test_formgraders_interface_opens_the_course(graded: Path) -> None:
    from nbgrader.apps.api import NbGraderAPI

    before = Path.cwd()
    os.chdir(graded)
    try:
        api = NbGraderAPI(config=course.config(graded))
        found = {entry["student"]: entry for entry in api.get_submissions(NAME)}
        notebooks = api.get_notebook_submissions(NAME, NAME)
        again = api.autograde(NAME, "blank")
    finally:
        os.chdir(before)
    assert found["right"]["autograded"] and found["right"]["score"] == 14
    assert again["success"], again
    assert {entry["student"] for entry in notebooks} >= {"right", "tricks", "killed"}


# ---- without a class


def test_run_all_of_an_untouched_chapter_reaches_the_end(graded: Path, tmp_path: Path) -> None:
    nb = nbformat.read(graded / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    NotebookClient(nb, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for grade_id in POINTS:
        words, value = nb.cells[position(nb, grade_id)].outputs
        assert "Not attempted" in words.data["text/plain"]
        assert value.data["text/plain"] == "0"


def test_a_notebook_of_another_version_is_said() -> None:
    nb = nbformat.v4.new_notebook(metadata={"beyond_sequential": {"version": "0.0.1"}})
    assert "version 0.0.1" in spool_execute.notes(nb)[0]
    assert spool_execute.notes(nbformat.v4.new_notebook()) == []


def test_without_a_seed_nothing_is_graded(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="restore it from a backup"):
        spool_execute.read_seed(tmp_path / "course_seed")
