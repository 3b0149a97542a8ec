"""The READMEs' pictures of a class: `make pictures` has these tests make them.

That of a chapter comes from the student's test in `test_browser.py`.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from rich.console import Console
from rich.progress import Progress

from grader import demo
from grader.classes import grade_class, progress, table
from grader.reports.class_page import write_class_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.matrix,
    pytest.mark.skipif("PICTURES" not in os.environ, reason="run `make pictures`"),
]
NAME = "2-several-inputs"
WIDTH, LINES = 118, 24
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)  # that a browser would load from elsewhere


@pytest.fixture(scope="module")
def handed_in(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course of the sample class, before grading."""
    folder = tmp_path_factory.mktemp("pictures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "_grade", lambda *_arguments: None)
        demo.demo(folder / "demo", Console(quiet=True), [root / "samples" / NAME])
    return folder / "demo" / NAME


@pytest.fixture(scope="module")
def graded(handed_in: Path) -> Iterator[tuple[Path, Console]]:
    """The same, graded; and a terminal that saw it, with the moving line as it was half-way."""
    console = Console(record=True, width=WIDTH, file=Path(os.devnull).open("w"))

    class Watched(Progress):
        def update(self, *arguments: Any, **fields: Any) -> None:
            super().update(*arguments, **fields)
            (task,) = self.tasks
            if task.completed == task.total // 2 and fields.get("advance"):
                console.print(self.get_renderable())

    console.print(f"$ grader autograde {NAME}", style="bold", highlight=False)
    with pytest.MonkeyPatch.context() as patch, grade_class.only_run(handed_in, NAME):
        patch.setattr(progress, "Progress", Watched)
        plan = grade_class.prepare(handed_in, NAME)
        failed = progress.show_progress(plan, grade_class.work(plan), console)
    rows = progress.with_failures(table.read_rows(handed_in, NAME), failed)
    for line in progress.outcome_lines(plan, rows):
        console.print(line, highlight=False, markup=False)
    console.print(f"$ grader table {NAME} | head -{LINES}", style="bold", highlight=False)
    text = io.StringIO()
    Console(file=text, width=WIDTH).print(table.rich_table(rows, NAME))
    for line in text.getvalue().splitlines()[:LINES]:
        console.print(line, highlight=False, markup=False)
    yield handed_in, console


def test_pictures_of_a_terminal(graded: tuple[Path, Console], pictures: Path) -> None:
    svg = FONTS.sub("", graded[1].export_svg(title="a class is graded"))
    assert "running" in svg and "amara" in svg and "url(http" not in svg
    (pictures / "terminal.svg").write_text(svg, encoding="utf-8")


@pytest.mark.parametrize("code", ["en", "zh"])
def test_pictures_of_a_report(
    code: str, graded: tuple[Path, Console], pictures: Path, browser: Browser
) -> None:
    path = write_class_page(graded[0], NAME, None, code, True)
    with browser.new_context(viewport={"width": 900, "height": 1250}) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        page.screenshot(path=pictures / f"report.{code}.png")
