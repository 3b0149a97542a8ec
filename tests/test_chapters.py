"""Each chapter as it is handed out: the solution earns all points, the untouched notebook none."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = sorted(path.parent.name for path in ROOT.glob("chapters/en/*/*.ipynb"))
LANGUAGES = [
    pytest.param("en"),
    pytest.param("zh", marks=pytest.mark.matrix),  # the code is the same, by `build --check`
]


def run(folder, language, section, tmp_path):
    """The notebook after Run All, alone in its folder."""
    path = ROOT / folder / language / section / f"{section}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": tmp_path}},
    )
    client.execute()
    return notebook


def checks(notebook):
    """Every check cell with the points that it shows, and those that it could."""
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("grade"):
            (shown,) = (o for o in cell.outputs if o.output_type == "execute_result")
            yield cell, float(shown.data["text/plain"]), settings["points"]


def errors(notebook):
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return [output.evalue for output in outputs if output.output_type == "error"]


def quiet(cell):
    return not any(output.get("name") == "stderr" for output in cell.outputs)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_the_solution_earns_all_points(section, language, tmp_path):
    notebook = run("solutions", language, section, tmp_path)
    assert errors(notebook) == []
    for cell, earned, points in checks(notebook):
        assert earned == points, (cell.source, cell.outputs[0].data["text/plain"])
        assert quiet(cell), cell.source


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_the_untouched_notebook_reaches_its_end_and_earns_nothing(section, language, tmp_path):
    notebook = run("chapters", language, section, tmp_path)
    assert errors(notebook) == []
    for cell, earned, _points in checks(notebook):
        assert earned == 0, cell.source
        said = cell.outputs[0].data["text/plain"]
        assert "Not attempted" in said or "未作答" in said, said
        assert quiet(cell), cell.source


def test_the_points_of_the_course_add_up_to_a_hundred():
    total = 0
    for section in SECTIONS[:6]:  # the book's; a teacher may have added others
        path = ROOT / "chapters" / "en" / section / f"{section}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        settings = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
        total += sum(s.get("points", 0) for s in settings if s.get("grade"))
    assert total == 100
