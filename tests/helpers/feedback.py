"""An autograded notebook, and the page that a student gets of it."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grader.reports import feedback_page
from grader.running.judgement import Judgement
from grader.running.record import METADATA
from grader.running.spool_execute import JudgedNotebook


def marked(cell_id: str, **mark: object) -> dict[str, object]:
    return {"nbgrader": {"grade_id": cell_id, "grade": False, "solution": False, **mark}}


def notebook() -> nbformat.NotebookNode:
    page = {"text/html": "<div>VERDICT <svg></svg></div>", "text/plain": "v"}
    evil = {"text/html": "<script>steal()</script>", "text/plain": "plain"}
    hidden = "### BEGIN HIDDEN TESTS\nassert secret == 42\n### END HIDDEN TESTS"
    trace = ["Traceback", "----> assert secret == 42", "AssertionError: not yet"]
    cells = [
        new_markdown_cell("# A title\n\nprose"),
        new_code_cell(
            "x = 1 < 2",
            metadata=marked("branches-answer", solution=True, comment="Well <done>."),
            outputs=[
                new_output("stream", text="Epoch 1/2\n"),
                new_output("stream", text="Epoch 2/2\n"),
                new_output("execute_result", data=evil),
                new_output("display_data", data={"image/png": 'aGk="><script>'}),
            ],
        ),
        new_code_cell(
            'check("branches")',
            metadata=marked("branches", grade=True, score=2.5, points=3.0),
            outputs=[new_output("display_data", data=page)],
        ),
        new_code_cell(
            hidden,
            metadata=marked("own", grade=True, score=0.0, points=1.0),
            outputs=[
                new_output("error", ename="AssertionError", evalue="not yet", traceback=trace),
                new_output("display_data", data=evil),
            ],
        ),
    ]
    nb = new_notebook(cells=cells)
    judged = {"branches": Judgement("branches", 2.5, "wrong", "", "", "")}
    nb.metadata[METADATA] = JudgedNotebook(("died <at> 3",), (), judged).record().to_json()
    return nb


def student_page() -> str:
    grades = {"notebook": "1-mini", "score": 2.5, "max_score": 4.0, "late_penalty": 0}
    page, _resources = feedback_page.FeedbackPage().from_notebook_node(
        notebook(), {"nbgrader": grades}
    )
    return page
