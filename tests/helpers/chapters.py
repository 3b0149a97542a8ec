"""Running a chapter from its first cell to its last, as a student's Run All does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent.parent
SECTIONS = sorted(path.parent.name for path in ROOT.glob("chapters/en/*/*.ipynb"))


def read(folder: str, language: str, section: str, root: Path = ROOT) -> NotebookNode:
    """Return a built notebook; `folder` is chapters or solutions."""
    return nbformat.read(root / folder / language / section / f"{section}.ipynb", as_version=4)


def run_all(notebook: NotebookNode, folder: Path, kernel: str = "python3") -> NotebookNode:
    """Return the notebook after Run All with a folder as working directory."""
    client = NotebookClient(
        notebook,
        timeout=120,
        allow_errors=True,
        kernel_name=kernel,
        resources={"metadata": {"path": folder}},
    )
    client.execute()
    return notebook


def checks(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, float, float]]:
    """Yield every check cell with the points that it shows, and those that it could."""
    for cell in notebook.cells:
        settings = cell.metadata.get("nbgrader", {})
        if settings.get("grade"):
            (shown,) = (o for o in cell.outputs if o.output_type == "execute_result")
            yield cell, float(shown.data["text/plain"]), settings["points"]


def errors(notebook: NotebookNode) -> list[str]:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return [output.evalue for output in outputs if output.output_type == "error"]


def quiet(cell: NotebookNode) -> bool:
    return not any(output.get("name") == "stderr" for output in cell.outputs)


def assert_all_points(notebook: NotebookNode) -> None:
    assert errors(notebook) == []
    for cell, earned, points in checks(notebook):
        assert earned == points, (cell.source, cell.outputs[0].data["text/plain"])
        assert quiet(cell), cell.source


def assert_nothing_attempted(notebook: NotebookNode) -> None:
    assert errors(notebook) == []
    for cell, earned, _points in checks(notebook):
        assert earned == 0, cell.source
        said = cell.outputs[0].data["text/plain"]
        assert "Not attempted" in said or "未作答" in said, said
        assert quiet(cell), cell.source
