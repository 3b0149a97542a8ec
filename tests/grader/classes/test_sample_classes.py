"""Each section's sample class under nbgrader's stock command.

Everybody gets what the class's list says, and the honest ones what their own notebook shown them:
there `check` judges at once, with the public seed, and here another process judges what was handed
over, with the course's own.  (What training leaves to chance is the same in both.)
"""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

import grader.running.policy
from grader.classes import table
from grader.course import course, sample
from grader.submissions import collect
from jailed_kernels.provisioner import JailedKernelManager
from tests.helpers import chapters, sample_marks


class WarmKernelManager(JailedKernelManager):
    """Warm kernels as a student's own kernel would be: `check` finds no spool in them."""

    def __init__(self, **options: object) -> None:
        super().__init__(policy=grader.running.policy.course_policy(), **options)


def graded(section: str, folder: Path, downloads: Path) -> list[sample.SampleStudent]:
    """The section's class, handed in, collected and graded in a new course."""
    course.quickstart(folder)
    list(course.nbgrader(folder, "generate_assignment", section))
    chapter = folder / "release" / section / f"{section}.ipynb"
    students = sample.hand_in(chapters.ROOT / "samples" / section, chapter, downloads)
    course.enroll(folder, (student.name for student in students))
    list(collect.collect(downloads, folder, section))
    list(course.nbgrader(folder, "autograde", section))
    return students


def seen(handed_in: Path, folder: Path) -> dict[str, float]:
    """The points that a student saw in their own notebook."""
    notebook = nbformat.read(handed_in, as_version=4)
    notebook.cells.insert(0, new_code_cell("import keras; keras.utils.set_random_seed(20171)"))
    NotebookClient(
        notebook,
        timeout=120,
        allow_errors=True,
        kernel_manager_class=WarmKernelManager,
        resources={"metadata": {"path": folder}},
    ).execute()
    return {
        cell.metadata.nbgrader.grade_id: earned for cell, earned, _ in chapters.checks(notebook)
    }


@pytest.mark.matrix
@pytest.mark.parametrize("section", chapters.SECTIONS)
def test_everybody_gets_what_they_should_and_what_they_saw(section: str, tmp_path: Path) -> None:
    folder, wrong = tmp_path / "course", []
    students = graded(section, folder, tmp_path / "downloads")
    rows = {row.student: row for row in table.read_rows(folder, section)}
    honest = 0
    for student in students:
        if rows[student.name].state != student.state:
            wrong.append((student.name, rows[student.name]))
        if rows[student.name].points is None:
            continue
        found = sample_marks.marks(folder, section, student.name)
        if unexpected := sample_marks.unexpected(found, student):
            wrong.append((student.name, unexpected))
        if student.state != "graded" or student.says.startswith("cheats"):
            continue
        shown = seen(tmp_path / "downloads" / student.name / str(student.file), tmp_path)
        if differing := {name: shown[name] for name in shown if shown[name] != found[name][0]}:
            wrong.append((student.name, found, differing))
        honest += 1
    assert wrong == []
    assert honest >= 8
