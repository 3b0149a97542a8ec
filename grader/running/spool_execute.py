"""How a submission is graded under `nbgrader autograde`: run, judged elsewhere, and shown.

`SpoolExecute` stands in for nbgrader's own `Execute`.  Beside student code only capture runs (see
`run_notebook`); a process without student code judges what was handed over (`ask_judge`), and each
test cell shows the verdict in place of whatever it printed.  The scores travel in `resources` to
`save_scores`, never through the notebook.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from traitlets import Unicode

import jailed_kernels as kernels
from beyond_sequential.findings.verdict import JUDGE_FAILED
from beyond_sequential.i18n import _, language
from grader.running.ask_judge import judge_apart
from grader.running.cells import (
    answer_positions,
    cell_errors,
    cell_in_words,
    course_cells,
    given_code,
    remove_tags,
    source_cells,
)
from grader.running.inert import make_inert, release_texts
from grader.running.judge_process import JudgeRequest
from grader.running.judgement import Judgement, no_points, with_error
from grader.running.outputs import clean, show_verdict
from grader.running.record import (
    GRADED,
    METADATA,
    PARTLY_GRADED,
    ExerciseRecord,
    GradingRecord,
)
from grader.running.run_notebook import NotebookRun
from grader.submissions.repair import VERSION

RESOURCE = "beyond_sequential"  # the key of a JudgedNotebook in nbconvert's resources


@dataclass(frozen=True, slots=True)
class JudgedNotebook:
    """What became of one submission: what went wrong, what else to know, and the judgements;
    `kernels` is the tier of the jail that they ran in.
    """

    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    judgements: Mapping[str, Judgement]
    kernels: str = ""

    def record(self) -> GradingRecord:
        """Return what the autograded notebook keeps."""
        exercises = (
            ExerciseRecord(name, found.outcome, found.finding, found.verdict)
            for name, found in self.judgements.items()
        )
        state = PARTLY_GRADED if self.reasons else GRADED
        return GradingRecord(state, self.kernels, (*self.reasons, *self.notes), tuple(exercises))


class SpoolExecute(NotebookRun):
    """Runs a submission with a spool, then has it judged in another process."""

    seed_file = Unicode(
        "course_seed", help="The file with the course's private seed, from the course's root."
    ).tag(config=True)
    language = Unicode("en", help="The language of verdicts: en or zh.").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run the notebook, judge what it handed over, show it, and pass the scores on."""
        language(self.language)
        seed = read_seed(Path(self.seed_file))
        report = self.start_kernels()
        self.log.info(kernels.summary(report))
        cells = course_cells(nb)
        remove_tags(nb)
        points = {name: float(cell.metadata.nbgrader.points) for name, cell in cells.items()}
        with tempfile.TemporaryDirectory(prefix="answers-") as folder:
            reasons = self.run_cells(nb, resources, km, Path(folder))
            request = JudgeRequest(folder, points, seed, self.language)
            judged = judge_apart(request, self.jailed_policy)
        reasons += judge_failures(judged)
        judgements = {name: judged.get(name) or no_answer(name, reasons) for name in cells}
        source = source_cells(self.config, resources)
        errors = cell_errors(nb, given_code(source))
        for name, positions in answer_positions(nb).items():
            lines = [errors[position] for position in positions if position in errors]
            if lines and judgements[name].score < points[name]:
                judgements[name] = with_error(judgements[name], lines[-1])
        reasons += errors_in_words(nb, errors)
        outcome = JudgedNotebook(tuple(reasons), tuple(notes(nb)), judgements, report.tier)
        make_inert(nb, release_texts(source))
        for exercise, cell in cells.items():
            show_verdict(cell, judgements[exercise])
        nb.metadata[METADATA] = outcome.record().to_json()
        clean(nb)
        resources[RESOURCE] = outcome
        return nb, resources


def read_seed(path: Path) -> int:
    """Return the course's private seed.  Raises RuntimeError if the file holds none."""
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise RuntimeError(
            f"{path} holds no seed; restore it from a backup of the course, or make a new course "
            "with `grader quickstart` and copy its course_seed"
        ) from error


def judge_failures(judged: Mapping[str, Judgement]) -> list[str]:
    """Return, in words, the exercises that the judge itself failed on: no fault of the student's,
    perhaps.
    """
    return [
        _("the judge failed on {exercise}").format(exercise=name)
        for name, judgement in judged.items()
        if judgement.outcome == JUDGE_FAILED
    ]


def errors_in_words(nb: NotebookNode, errors: Mapping[int, str]) -> list[str]:
    """Return, in words, the cells of the course that ended in an error: the first three."""
    words = _("{cell} ended in an error: {error}")
    found = [
        words.format(cell=cell_in_words(nb.cells[position], position), error=error)
        for position, error in errors.items()
    ]
    more = [_("and {count} more").format(count=len(found) - 3)] if len(found) > 3 else []
    return [*found[:3], *more]


def notes(nb: NotebookNode) -> list[str]:
    """Return what a teacher should know of a submission although it cost nothing."""
    found = str(nb.metadata.get(VERSION, {}).get("version", ""))
    installed = metadata.version("beyond-sequential")
    if found in ("", installed):
        return []
    words = _("the notebook is of version {theirs} of the course, graded with {ours}")
    return [words.format(theirs=found[:20], ours=installed)]


def no_answer(exercise: str, reasons: Sequence[str]) -> Judgement:
    """Return what is said of an exercise whose check was never reached, or never ended."""
    words = _("No answer to this question was handed over")
    return no_points(exercise, f"{words}: {'; '.join(reasons)}." if reasons else f"{words}.")
