"""What goes into the gradebook: the judge's word for our exercises, nbgrader's rule for others.

`JudgedScores` stands in for nbgrader's `SaveAutoGrades`.  It never reads a score of ours from the
notebook, where student code could have written it.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import SaveAutoGrades

from grader.execute import RESOURCE


class JudgedScores(SaveAutoGrades):
    """Saves scores: ours from the judge, those of a teacher's own tests by nbgrader's rule."""

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        grade_id = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(
            grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        outcome = resources.get(RESOURCE)
        if outcome is None:
            raise RuntimeError("nothing was executed, so nothing can be judged: no --no-execute")
        if grade_id in outcome.judgements:
            score = outcome.judgements[grade_id].score
            grade.auto_score = min(grade.max_score, max(0.0, score))
        else:
            grade.auto_score = plain_score(cell, self.log)
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        self.gradebook.db.commit()


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
