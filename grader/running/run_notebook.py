"""Run a submission's cells in jailed kernels, and keep the answers that its checks hand over.

Beside student code only capture runs: each `check` writes its answer into a spool, from which it
is taken when the cell is done.  A cell that takes its kernel down costs itself: the notebook goes
on in a new one.

Tests: tests/grader/running/test_spool_execute.py.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Bool, Dict, Enum, Integer, List, Unicode

import jailed_kernels as kernels
from beyond_sequential import backends
from beyond_sequential.i18n import _
from grader.running import policy, spool
from grader.running.cells import answer_sizes, cell_in_words, check_code, has_code
from grader.running.outputs import TRUNCATED, show_error, truncated
from jailed_kernels.provisioner import JailedKernelManager, JailedProvisioner, NotStarted

# The same notebook gets the same score: what a student leaves to chance starts here.
_SEED = "import keras as _k; _k.utils.set_random_seed(20171); del _k"


@dataclass(slots=True)
class _Progress:
    """How far a run has come.

    `done` counts the cells that need no run any more; `broken` are those that took their kernel
    down, with the words for it; `left` is set by a cell that calls exit(), `flooded` when the
    spool ran over; `printed` counts characters by cell.  `checks` is the code of test cells;
    `timed_out` are the cells that were interrupted, `running` is the one at work.
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
    checks: Mapping[int, str] = field(default_factory=dict)
    running: int = 0
    timed_out: set[int] = field(default_factory=set)


class NotebookRun(Execute):
    """Runs a notebook's cells with a spool, in as many kernels as it takes."""

    max_output = Integer(100_000, help="How much text a cell's output keeps, in characters.").tag(
        config=True
    )
    max_rich_output = Integer(
        2_000_000, help="How large a picture or another rich output may be, in characters."
    ).tag(config=True)
    max_outputs = Integer(1_000, help="How many outputs a cell keeps.").tag(config=True)
    max_spool = Integer(1 << 30, help="How much a cell may hand over, in bytes.").tag(config=True)
    max_restarts = Integer(4, help="How often a kernel that died is started again.").tag(
        config=True
    )
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

    def kernel_policy(self) -> kernels.Policy:
        """Return how kernels are to run.  Raises ValueError for a limit that does not exist."""
        return policy.course_policy(self.limits, tuple(self.tiers), self.cold)

    def start_kernels(self) -> kernels.Report:
        """Start what kernels are forked from, and return how they run on this machine.

        Raises RuntimeError if there is no jail and the notebooks are not to be trusted.
        """
        self._policy = self.kernel_policy()
        self._report = policy.start(self._policy, self.trust)
        return self._report

    @property
    def jailed_policy(self) -> kernels.Policy | None:
        """How kernels run; None if they run without a jail."""
        return self._policy if self._jailed else None

    def run_cells(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any, kept: Path
    ) -> list[str]:
        """Run what can be run, and return the reasons why that was not everything.

        The last answer to each exercise is put into the folder `kept`.  Needs `start_kernels`.
        """
        NotebookClient.__init__(self, nb, km)
        self.reset_execution_trackers()
        self._check_assign_resources(resources)
        self.on_notebook_start = lambda **_: self.kc.execute(_SEED, silent=True)
        ends = time.monotonic() + self.notebook_timeout
        progress = self._progress = _Progress(kept, answer_sizes(nb), ends, checks=check_code(nb))
        reasons = []
        while has_code(nb, progress.done):
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
                reasons.append(words.format(size=policy.size_in_words(self._policy.limits.disk)))
                break
        slow = _("{cell} took too long and was interrupted")
        interrupted = [
            slow.format(cell=cell_in_words(nb.cells[index], index))
            for index in sorted(progress.timed_out - set(progress.broken))
        ]
        return [*interrupted, *progress.broken.values(), *reasons]

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
            spool.remove_spool(folder)

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
                progress.running = index
                self._run_cell(cell, resources, index)
                spool.take_answers(progress.spool, progress.kept, progress.most)
                if progress.left and has_code(nb, index + 1):
                    raise DeadKernelError("Kernel died")
            except Exception as error:  # student code can make nbclient fail in many ways
                progress.broken[index] = self._broken(first, index, error)
                spool.take_answers(progress.spool, progress.kept, progress.most)
                return
            finally:
                nb.cells[index] = first
                progress.done = max(progress.done, index + 1)

    def _run_cell(self, cell: NotebookNode, resources: dict[str, Any], index: int) -> None:
        """Run a cell; of a test cell of the course not its source, but what hands over."""
        source = cell.source
        cell.source = self._progress.checks.get(index, source)
        try:
            self.preprocess_cell(cell, resources, index)
        finally:
            cell.source = source

    def _again(self, nb: NotebookNode) -> list[int]:
        """The cells that later ones may need: all that ran and did not break, but no tests."""
        return [
            index
            for index, cell in enumerate(nb.cells[: self._progress.done])
            if index not in self._progress.broken
            and not cell.metadata.get("nbgrader", {}).get("grade")
            and index not in self._progress.timed_out
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
        reason = words.format(cell=cell_in_words(cell, index), excess=excess)
        show_error(cell, reason)
        return reason

    @contextmanager
    def setup_kernel(self, **kwargs: Any) -> Generator[None, None, None]:
        """nbclient's, in an environment that makes `check` hand its answers over.

        What the kernel's libraries write past the notebook is not for the grader's terminal.
        """
        environment = {
            **os.environ,
            spool.ENVIRONMENT: str(self._progress.spool),
            **backends.chosen().grading_environment(),
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
        return policy.excess(done.limit, self._policy.limits) if done and done.limit else None

    def on_cell_executed(self, **kwargs: Any) -> None:
        """nbgrader's; a cell that calls exit() is noted, for its kernel dies after the reply.

        Until then it may still run a cell or two, and may not: it is left alone.
        """
        super().on_cell_executed(**kwargs)
        payload = kwargs["execute_reply"]["content"].get("payload", ())
        if any(item.get("source") == "ask_exit" for item in payload):
            self._progress.left = True

    async def _async_handle_timeout(
        self, timeout: int, cell: NotebookNode | None = None
    ) -> dict[str, Any] | None:
        """nbclient's; which cell it was is noted, for an error of that name can be raised."""
        self._progress.timed_out.add(self._progress.running)
        reply: dict[str, Any] | None = await super()._async_handle_timeout(timeout, cell)
        return reply

    def handle_comm_msg(
        self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int
    ) -> None:
        """Ignore messages of widgets: there is no page that shows them."""

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """nbclient's; but a message that is none, which student code can send, is ignored."""
        try:
            made: NotebookNode | None = super().process_message(msg, cell, cell_index)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            self.log.info("a message was ignored: %s", type(error).__name__)
            return None
        return made

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
            content["text"] = truncated(content["text"], self.max_output - before)
        elif msg["msg_type"] == "error":
            content["evalue"] = truncated(content["evalue"], self.max_output)
            content["traceback"] = [
                truncated(line, self.max_output) for line in content["traceback"]
            ]
        elif "data" in content and len(str(content["data"])) > self.max_rich_output:
            content["data"] = {"text/plain": TRUNCATED}
        return super().output(outs, msg, display_id, cell_index)
