"""What goes into the gradebook: what the judge says of our exercises, nbgrader's rule for others.

`JudgedScores` stands in for nbgrader's `SaveAutoGrades`.  It never reads a score of ours from the
notebook, where student code could have written it.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.api import BaseCell, Comment, Grade, Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.running.spool_execute import RESOURCE, JudgedNotebook


class JudgedScores(NbGraderPreprocessor):
    """Saves scores: ours from the judge, those of a teacher's own tests by nbgrader's rule.

    The gradebook is read once and written once, where nbgrader does so for each cell.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Write the scores of all cells, and which answers were left as they are.

        Raises RuntimeError if the notebook was not run.
        """
        place, outcome = resources["nbgrader"], resources.get(RESOURCE)
        if outcome is None:
            raise RuntimeError("nothing was executed, so nothing can be judged: no --no-execute")
        with Gradebook(place["db_url"]) as book:
            submitted = book.find_submission_notebook(
                place["notebook"], place["assignment"], place["student"]
            )
            grades = _of_cells(book, Grade, submitted)
            comments = _of_cells(book, Comment, submitted)
            for cell in nb.cells:
                if utils.is_grade(cell):
                    self._score(cell, grades[cell.metadata.nbgrader.grade_id], outcome)
                if utils.is_solution(cell) or utils.is_task(cell):
                    comment = comments[cell.metadata.nbgrader.grade_id]
                    comment.auto_comment = "No response." if _is_untouched(cell) else None
            book.db.commit()
        return nb, resources

    def _score(self, cell: NotebookNode, grade: Grade, outcome: JudgedNotebook) -> None:
        judgement = outcome.judgements.get(cell.metadata.nbgrader.grade_id)
        if judgement is not None:
            grade.auto_score = min(grade.max_score, max(0.0, judgement.score))
        else:
            grade.auto_score = plain_score(cell, self.log)
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None


def _of_cells(book: Gradebook, kind: Any, submitted: Any) -> dict[str, Any]:
    """Return a submitted notebook's grades, or its comments, by the name of the cell."""
    found = (
        book.db.query(kind, BaseCell.name)
        .join(BaseCell, BaseCell.id == kind.cell_id)
        .filter(kind.notebook_id == submitted.id)
    )
    return {name: one for one, name in found}


def _is_untouched(cell: NotebookNode) -> bool:
    """Return whether an answer is what was released, as nbgrader tells it."""
    untouched = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    return untouched and not utils.is_task(cell)


def plain_score(cell: NotebookNode, log: Any) -> float | None:
    """nbgrader's rule for a teacher's own test, but that text on stderr costs nothing.

    A test that never ran earns nothing, and one that claims more than its points is left to a
    person.
    """
    quiet = deepcopy(cell)
    if cell.cell_type == "code":
        if cell.execution_count is None:
            return 0.0
        quiet.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    try:
        score, _ = utils.determine_grade(quiet, log)
    except ValueError:
        return None
    return score
