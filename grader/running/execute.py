"""How a submission is run under `nbgrader autograde`: the kernel hands over, the judge decides.

`SpoolExecute` stands in for nbgrader's own `Execute`.  Beside student code only capture runs:
each `check` writes its answer into a spool, from which it is taken when the cell is done.  A cell
that takes its kernel down costs itself: the notebook goes on in a new one.  When it is done, a
process without student code judges what was handed over, and each test cell shows the verdict in
place of whatever it printed.  The scores travel in `resources` to `grader.running.scores`, never
through the notebook.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import ValidationError, validate
from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from traitlets import Bool, Dict, Enum, Integer, List, Unicode

import jailed_kernels as kernels
from beyond_sequential.i18n import _, language
from grader.running import judging, running, spool
from grader.running.judging import Judgement
from jailed_kernels.provisioner import JailedKernelManager, JailedProvisioner, NotStarted

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
    kernels: str = ""  # the tier of the jail that they ran in

    @property
    def state(self) -> str:
        return PARTLY if self.reasons else GRADED


@dataclass(slots=True)
class _Progress:
    """How far a run has come.

    `done` counts the cells that need no run any more; `broken` are those that took their kernel
    down, with the words for it; `left` is set by a cell that calls exit(), `flooded` when the
    spool ran over; `printed` counts characters by cell.
    """

    kept: Path
    most: Mapping[str, int]
    ends: float
    spool: Path = Path()
    done: int = 0
    left: bool = False
    flooded: bool = False
    broken: dict[int, str] = field(default_factory=dict)
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
    max_spool = Integer(1 << 30, help="How much a cell may hand over, in bytes.").tag(config=True)
    max_restarts = Integer(4, help="How often a kernel that died is started anew.").tag(config=True)
    iopub_timeout = Integer(
        30, help="Seconds that a cell's last output may come late, on a busy machine."
    ).tag(config=True)
    notebook_timeout = Integer(1800, help="Seconds for a whole notebook.").tag(config=True)
    limits = Dict(help="What a kernel may use: fields of jailed_kernels.Limits.").tag(config=True)
    tiers = List(
        Unicode(),
        default_value=[kernels.FULL, kernels.SECOND],
        help="The tiers of the jail that will do, the best one first.",
    ).tag(config=True)
    cold = Bool(False, help="Start each kernel without anything imported.").tag(config=True)
    trust = Bool(False, help="Run without a jail where this machine has none.").tag(config=True)
    store_widget_state = Bool(False).tag(config=True)
    # The answers are safe by then; TensorFlow's own way out takes two seconds.
    shutdown_kernel = Enum(["graceful", "immediate"], default_value="immediate").tag(config=True)

    _progress: _Progress
    _policy: kernels.Policy
    _report: kernels.Report

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run the notebook, judge what it handed over, show it, and pass the scores on."""
        language(self.language)
        seed = read_seed(Path(self.seed_file))
        self._policy = self.policy()
        self._report = running.start(self._policy, self.trust)
        self.log.info(kernels.summary(self._report))
        ours = our_cells(nb)
        void_tags(nb)
        points = {name: float(cell.metadata.nbgrader.points) for name, cell in ours.items()}
        with tempfile.TemporaryDirectory(prefix="answers-") as folder:
            reasons = self._run(nb, resources, km, Path(folder))
            request = judging.Request(folder, points, seed, self.language)
            judged = judging.judge_apart(request, self._policy if self._jailed else None)
        reasons += lost(judged)
        judgements = {name: judged.get(name) or missing(name, reasons) for name in ours}
        outcome = Outcome(tuple(reasons), tuple(notes(nb)), judgements, self._report.tier)
        for exercise, cell in ours.items():
            show(cell, judgements[exercise])
        nb.metadata[METADATA] = record(outcome)
        clean(nb)
        resources[RESOURCE] = outcome
        return nb, resources

    def policy(self) -> kernels.Policy:
        """How kernels are to run.  Raises ValueError for a limit that is none."""
        return running.policy(self.limits, tuple(self.tiers), self.cold)

    # --- running ------------------------------------------------------------------------------

    def _run(self, nb: NotebookNode, resources: dict[str, Any], km: Any, kept: Path) -> list[str]:
        """Run what can be run, in as many kernels as it takes; why that was not everything."""
        NotebookClient.__init__(self, nb, km)
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self.on_notebook_start = lambda **_: self.kc.execute(_SEED, silent=True)
        ends = time.monotonic() + self.notebook_timeout
        progress = self._progress = _Progress(kept, _sizes(nb), ends)
        reasons = []
        while _waiting(nb, progress.done):
            if len(progress.broken) > self.max_restarts:
                reasons.append(_("the kernel broke too often: what came after it was not run"))
                break
            if time.monotonic() > ends:
                reasons.append(_("the notebook took too long: what came after it was not run"))
                break
            try:
                with self._spooled(), self.setup_kernel():
                    self._run_in_one_kernel(nb, resources)
            except NotStarted as error:
                if error.done.limit != "disk":
                    raise
                words = _("the files handed in take more than {size}: the notebook was not run")
                reasons.append(words.format(size=running.size(self._policy.limits.disk)))
                break
        return [*timeouts(nb), *progress.broken.values(), *reasons]

    @contextmanager
    def _spooled(self) -> Iterator[None]:
        """A spool for one kernel, within bounds."""
        folder = Path(tempfile.mkdtemp(prefix="spool-"))
        self._progress.spool = folder
        self._progress.left = self._progress.flooded = False
        try:
            with spool.watched(folder, self.max_spool, self._flooded):
                yield
        finally:
            spool.remove(folder)

    def _flooded(self) -> None:
        """Stop the kernel at once; this comes from another thread."""
        self._progress.flooded = True
        process = getattr(getattr(self.km, "provisioner", None), "process", None)
        if process is not None:
            process.kill()

    def _run_in_one_kernel(self, nb: NotebookNode, resources: dict[str, Any]) -> None:
        """Go on where the last kernel stopped, up to the end or to a cell that breaks this one.

        First the new kernel is brought to where the last one was.
        """
        progress = self._progress
        info = self.wait_for_reply(self.kc.kernel_info())
        nb.metadata["language_info"] = info["content"]["language_info"]
        for index in [*self._again(nb), *range(progress.done, len(nb.cells))]:
            if time.monotonic() > progress.ends:
                return
            first = nb.cells[index]
            try:
                cell = first if index >= progress.done else deepcopy(first)
                self.preprocess_cell(cell, resources, index)
                spool.collect(progress.spool, progress.kept, progress.most)
                if progress.left and _waiting(nb, index + 1):
                    raise DeadKernelError("Kernel died")
            except Exception as error:  # student code can make nbclient fail in many ways
                progress.broken[index] = self._broken(first, index, error)
                spool.collect(progress.spool, progress.kept, progress.most)
                return
            finally:
                nb.cells[index] = first
                progress.done = max(progress.done, index + 1)

    def _again(self, nb: NotebookNode) -> list[int]:
        """The cells that later ones may need: all that ran and did not break, but no tests."""
        return [
            index
            for index, cell in enumerate(nb.cells[: self._progress.done])
            if index not in self._progress.broken
            and not cell.metadata.get("nbgrader", {}).get("grade")
            and not any(_is_timeout(output) for output in cell.get("outputs", ()))
        ]

    def _broken(self, cell: NotebookNode, index: int, error: Exception) -> str:
        """Why a cell cost its kernel, in words, which are put below the cell."""
        excess = None
        if self._progress.flooded:
            words = _("{cell} handed over too much and was stopped")
        elif excess := self._excess():
            words = _("{cell} {excess} and was stopped")
        elif isinstance(error, DeadKernelError):
            words = _("the kernel died in {cell}")
        else:
            words = _("the kernel did not answer any more after {cell}")
            self.log.warning("%s: %s", type(error).__name__, str(error)[:1000])
        reason = words.format(cell=where(cell, index), excess=excess)
        output = new_output("error", ename="KernelError", evalue=reason, traceback=[reason])
        cell.outputs = [*cell.get("outputs", ()), output]
        return reason

    @contextmanager
    def setup_kernel(self, **kwargs: Any) -> Generator[None, None, None]:
        """nbclient's, in an environment that makes `check` hand its answers over.

        What the kernel's libraries write past the notebook is not for the grader's terminal.
        """
        environment = {
            **os.environ,
            spool.ENVIRONMENT: str(self._progress.spool),
            **judging.repeatable(),
        }
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with super().setup_kernel(env=environment, **quiet, **kwargs):
            if self._jailed and not isinstance(self.km.provisioner, JailedProvisioner):
                raise RuntimeError("the kernel was not started in the jail")
            yield

    @property
    def _jailed(self) -> bool:
        return self._report.tier != kernels.NO_JAIL

    def create_kernel_manager(self) -> Any:
        """A manager of jailed kernels, whatever other one is configured; nbclient's for trust."""
        if not self._jailed:
            return super().create_kernel_manager()
        self.km = JailedKernelManager(
            kernel_name=self.nb.metadata.get("kernelspec", {}).get("name", "python3"),
            policy=self._policy,
            shared={spool.ENVIRONMENT: str(self._progress.spool)},
            config=self.config,
        )
        return self.km

    def _excess(self) -> str | None:
        """What the kernel used too much of, in words."""
        done = getattr(getattr(self.km, "provisioner", None), "done", None)
        return running.excess(done.limit, self._policy.limits) if done and done.limit else None

    def on_cell_executed(self, **kwargs: Any) -> None:
        """nbgrader's; a cell that calls exit() is noted, for its kernel dies after the reply.

        Until then it may still run a cell or two, and may not: it is left alone.
        """
        super().on_cell_executed(**kwargs)
        payload = kwargs["execute_reply"]["content"].get("payload", ())
        if any(item.get("source") == "ask_exit" for item in payload):
            self._progress.left = True

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


def _sizes(nb: NotebookNode) -> dict[str, int]:
    """How large the answer to each exercise of a notebook may be, in bytes."""
    from beyond_sequential.answers import files
    from beyond_sequential.course import sections

    return {name: files.most_bytes(sections.exercise(name)) for name in our_cells(nb)}


def _waiting(nb: NotebookNode, start: int) -> bool:
    """Whether there is any code from this cell on."""
    return any(cell.cell_type == "code" and cell.source.strip() for cell in nb.cells[start:])


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
    from beyond_sequential.course import sections

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
    return _("{cell} ({exercise})").format(cell=name, exercise=grade_id) if grade_id else name


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


def clean(nb: NotebookNode) -> None:
    """Keep only outputs that a notebook file can hold: student code can send any message."""
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = _cleaned(cell.outputs)
            if not isinstance(cell.execution_count, int):
                cell.execution_count = None
    nb.metadata = storable(nb.metadata)


def _cleaned(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """All of them, if they are valid together; else those that are valid alone."""
    cell: dict[str, Any] = {"cell_type": "code", "id": "cell", "source": "", "metadata": {}}
    try:
        kept = storable(outputs)
        cell |= {"outputs": kept, "execution_count": None}
        # A whole notebook, for which nbformat has a validator that is quick.
        validate({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})
    except (ValueError, TypeError, RecursionError, ValidationError):
        alone = outputs if len(outputs) > 1 else []
        return [kept for output in alone for kept in _cleaned([output])]
    return kept


def storable(data: Any) -> Any:
    """JSON that can be written as UTF-8.  Raises ValueError for what is no JSON."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return from_dict(json.loads(text.encode("utf-8", "replace")))


def record(outcome: Outcome) -> dict[str, Any]:
    """What the autograded notebook keeps for the class's table and report."""
    return {
        "state": outcome.state,
        "kernels": outcome.kernels,
        "reasons": [*outcome.reasons, *outcome.notes],
        "exercises": [
            {
                "exercise": name,
                "outcome": judgement.outcome,
                "finding": judgement.finding,
                "verdict": judgement.verdict,
            }
            for name, judgement in outcome.judgements.items()
        ],
    }
