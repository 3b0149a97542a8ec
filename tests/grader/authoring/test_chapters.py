"""Each chapter as it is handed out: the solution earns all points, the untouched notebook none."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell

from tests.helpers import chapters

LANGUAGES = [
    pytest.param("en"),
    pytest.param("zh", marks=pytest.mark.matrix),  # the code is the same, by `build --check`
]
GIGABYTE = 1_000_000  # in kB; what Binder promises
# The most that the kernel's process has held in memory, in kB.
PEAK = "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", chapters.SECTIONS)
def test_the_solution_earns_all_points_within_the_memory_of_binder(section, language, tmp_path):
    notebook = chapters.read("solutions", language, section)
    notebook.cells.append(new_code_cell(PEAK))
    chapters.run_all(notebook, tmp_path)
    peak = notebook.cells.pop().outputs[0]
    chapters.assert_all_points(notebook)
    assert int(peak.text) < GIGABYTE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", chapters.SECTIONS)
def test_the_untouched_notebook_reaches_its_end_and_earns_nothing(section, language, tmp_path):
    notebook = chapters.read("chapters", language, section)
    chapters.assert_nothing_attempted(chapters.run_all(notebook, tmp_path))


def test_the_points_of_the_course_add_up_to_a_hundred():
    total = 0
    for section in chapters.SECTIONS[:6]:  # the book's; a teacher may have added others
        notebook = chapters.read("chapters", "en", section)
        settings = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
        total += sum(s.get("points", 0) for s in settings if s.get("grade"))
    assert total == 100
