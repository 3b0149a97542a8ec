"""How a submission is run under `nbgrader autograde`: the kernel hands over, the judge decides.

`SpoolExecute` stands in for nbgrader's own `Execute`.  Beside student code only capture runs:
each `check` writes its answer into a spool.  When the notebook is done, or its kernel dead, a
process without student code judges what the spool holds, and each test cell shows the verdict in
place of whatever it printed.  The scores travel in `resources` to `grader.scores`, never through
the notebook.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from nbclient.exceptions import DeadKernelError
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from traitlets import Bool, Enum, Integer, Unicode

from beyond_sequential.i18n import _, language
from grader import judging
from grader.judging import Judgement

RESOURCE = "beyond_sequential"
METADATA = "beyond_sequential_grading"
TRUNCATED = "... Output truncated ..."
GRADED, PARTLY = "graded", "partly graded"

# The same notebook gets the same score: what a student leaves to chance starts here.
_SEED = "import keras as _k; _k.utils.set_random_seed(20171); del _k"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission: what went wrong, what else to know, and the judgements."""

    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    judgements: Mapping[str, Judgement]

    @property
    def state(self) -> str:
        return PARTLY if self.reasons else GRADED


@dataclass(slots=True)
class _Progress:
    """How far a run has come: the cell that runs, the one that called exit(), text printed."""

    spool: Path
    at: int | None = None
    left_at: int | None = None
    printed: dict[int, int] = field(default_factory=dict)


class SpoolExecute(Execute):
    """Runs a submission with a spool, then has it judged in another process."""

    seed_file = Unicode(
        "course_seed", help="The file with the course's private seed, from the course's root."
    ).tag(config=True)
    language = Unicode("en", help="The language of verdicts: en or zh.").tag(config=True)
    max_output = Integer(100_000, help="How much text a cell's output keeps, in characters.").tag(
        config=True
    )
    max_rich_output = Integer(
        2_000_000, help="How large a picture or another rich output may be, in characters."
    ).tag(config=True)
    max_outputs = Integer(1_000, help="How many outputs a cell keeps.").tag(config=True)
    store_widget_state = Bool(False).tag(config=True)
    # The answers are safe by then; TensorFlow's own way out takes two seconds.
    shutdown_kernel = Enum(["graceful", "immediate"], default_value="immediate").tag(config=True)

    _progress: _Progress

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run the notebook, judge what it handed over, show it, and pass the scores on."""
        language(self.language)
        seed = read_seed(Path(self.seed_file))
        ours = our_cells(nb)
        void_tags(nb)
        with tempfile.TemporaryDirectory(prefix="answers-") as spool:
            reasons = self._run(nb, resources, km, Path(spool))
            points = {name: float(cell.metadata.nbgrader.points) for name, cell in ours.items()}
            request = judging.Request(spool, points, seed, self.language)
            judged = judging.judge_apart(request)
        reasons += lost(judged)
        judgements = {name: judged.get(name) or missing(name, reasons) for name in ours}
        outcome = Outcome(tuple(reasons), tuple(notes(nb)), judgements)
        for exercise, cell in ours.items():
            show(cell, judgements[exercise])
        nb.metadata[METADATA] = record(outcome)
        resources[RESOURCE] = outcome
        return nb, resources

    # --- running ------------------------------------------------------------------------------

    def _run(self, nb: NotebookNode, resources: dict[str, Any], km: Any, spool: Path) -> list[str]:
        """Run what can be run; the reasons why that was not everything."""
        self._progress = _Progress(spool)
        self.on_notebook_start = lambda **_: self.kc.execute(_SEED, silent=True)
        try:
            super().preprocess(nb, resources, km)
        except Exception as error:
            if self._progress.at is None:
                raise  # the kernel never ran: not the student's doing
            return [*timeouts(nb), self._stopped(nb, error)]
        return timeouts(nb)

    def _stopped(self, nb: NotebookNode, error: Exception) -> str:
        position = self._progress.at if self._progress.left_at is None else self._progress.left_at
        assert position is not None
        cell = nb.cells[position]
        if isinstance(error, DeadKernelError):
            reason = _("the kernel died in {cell}").format(cell=where(cell, position))
        else:
            words = _("the kernel did not answer any more after {cell}")
            reason = words.format(cell=where(cell, position))
        cell.outputs.append(
            new_output("error", ename=type(error).__name__, evalue=reason, traceback=[reason])
        )
        return reason

    @contextmanager
    def setup_kernel(self, **kwargs: Any) -> Generator[None, None, None]:
        """nbclient's, in an environment that makes `check` hand its answers over.

        What the kernel's libraries write past the notebook is not for the grader's terminal.
        """
        environment = {
            **os.environ,
            judging.SPOOL: str(self._progress.spool),
            "PYTHONHASHSEED": "0",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with super().setup_kernel(env=environment, **quiet, **kwargs):
            yield

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """nbclient's; which cell runs is remembered for the day that its kernel dies.

        A kernel that was told to exit may still run a cell or two, and may not: it is left alone.
        """
        if self._progress.left_at is not None:
            raise DeadKernelError("Kernel died")
        self._progress.at = index
        return super().preprocess_cell(cell, resources, index)

    def on_cell_executed(self, **kwargs: Any) -> None:
        """nbgrader's; a cell that calls exit() is noted, for its kernel dies after the reply."""
        super().on_cell_executed(**kwargs)
        payload = kwargs["execute_reply"]["content"].get("payload", ())
        if any(item.get("source") == "ask_exit" for item in payload):
            self._progress.left_at = kwargs["cell_index"]

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: Any, cell_index: int
    ) -> NotebookNode | None:
        """nbclient's; but a cell that prints without end keeps only the beginning of it."""
        if len(outs) >= self.max_outputs:
            return None
        content = msg["content"]
        if msg["msg_type"] == "stream":
            before = self._progress.printed.get(cell_index, 0)
            if before >= self.max_output:
                return None
            self._progress.printed[cell_index] = before + len(content["text"])
            content["text"] = _cut(content["text"], self.max_output - before)
        elif msg["msg_type"] == "error":
            content["evalue"] = _cut(content["evalue"], self.max_output)
            content["traceback"] = [_cut(line, self.max_output) for line in content["traceback"]]
        elif "data" in content and len(str(content["data"])) > self.max_rich_output:
            content["data"] = {"text/plain": TRUNCATED}
        return super().output(outs, msg, display_id, cell_index)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}\n{TRUNCATED}\n"


def read_seed(path: Path) -> int:
    """The course's private seed."""
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError) as error:
        raise RuntimeError(
            f"{path} holds no seed; restore it from a backup of the course, or make a new course "
            "with `grader quickstart` and copy its course_seed"
        ) from error


def our_cells(nb: NotebookNode) -> dict[str, NotebookNode]:
    """The test cells of this course's exercises, by exercise id."""
    from beyond_sequential import sections

    known = sections.exercises()
    grades = {
        cell.metadata.nbgrader.grade_id: cell
        for cell in nb.cells
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code"
    }
    return {grade_id: cell for grade_id, cell in grades.items() if grade_id in known}


def void_tags(nb: NotebookNode) -> None:
    """A tag of the student's decides nothing here, least of all that a test is skipped."""
    for cell in nb.cells:
        cell.metadata.pop("tags", None)


def where(cell: NotebookNode, position: int) -> str:
    """A cell in words: its number and, if it belongs to an exercise, which."""
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    name = _("cell {number}").format(number=position + 1)
    return f"{name} ({grade_id})" if grade_id else name


def timeouts(nb: NotebookNode) -> list[str]:
    """The cells that were interrupted because they took too long."""
    return [
        _("{cell} took too long and was interrupted").format(cell=where(cell, position))
        for position, cell in enumerate(nb.cells)
        if any(_is_timeout(output) for output in cell.get("outputs", ()))
    ]


def _is_timeout(output: NotebookNode) -> bool:
    return output.output_type == "error" and output.ename == "CellTimeoutError"


def lost(judged: Mapping[str, Judgement]) -> list[str]:
    """The exercises whose points a judge that broke has cost: not the student's doing, perhaps."""
    return [
        _("the judge failed on {exercise}").format(exercise=name)
        for name, judgement in judged.items()
        if judgement.outcome == judging.LOST
    ]


def notes(nb: NotebookNode) -> list[str]:
    """What a teacher should know of a submission although it cost nothing."""
    theirs = str(nb.metadata.get(RESOURCE, {}).get("version", ""))
    ours = metadata.version("beyond-sequential")
    if theirs in ("", ours):
        return []
    words = _("the notebook is of version {theirs} of the course, graded with {ours}")
    return [words.format(theirs=theirs[:20], ours=ours)]


def missing(exercise: str, reasons: Sequence[str]) -> Judgement:
    """What stands for an exercise whose check was never reached, or did not come to its end."""
    words = _("No answer to this question was handed over")
    return judging.nothing(exercise, f"{words}: {'; '.join(reasons)}." if reasons else f"{words}.")


# --- showing ------------------------------------------------------------------------------------


def show(cell: NotebookNode, judgement: Judgement) -> None:
    """Put the verdict in the place of whatever the test cell printed, tagged or raised."""
    cell.outputs = [
        new_output(
            "display_data", data={"text/html": judgement.html, "text/plain": judgement.text}
        ),
        new_output(
            "execute_result",
            data={"text/plain": f"{judgement.score:g}"},
            execution_count=cell.execution_count,
        ),
    ]


def record(outcome: Outcome) -> dict[str, Any]:
    """What the autograded notebook keeps for the class's table."""
    return {
        "state": outcome.state,
        "reasons": [*outcome.reasons, *outcome.notes],
        "exercises": [
            {"exercise": name, "outcome": judgement.outcome, "finding": judgement.finding}
            for name, judgement in outcome.judgements.items()
        ],
    }
