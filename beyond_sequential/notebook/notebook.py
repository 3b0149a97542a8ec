"""The face towards a student's kernel: `data`, `draw`, `check`, `hint` and `report`."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..answers.answer import Answer
from ..answers.capture import capture
from ..answers.files import save
from ..backends import no_second_backend
from ..course import sections
from ..draw import draw_graph
from ..feedback import html, text
from ..findings.verdict import Verdict
from ..i18n import _
from ..judge import judge
from ..model.graph import ModelGraph
from ..wrong_verdict import write_wrong_verdict
from . import progress
from .plots import plot_history

SPOOL = "BEYOND_SEQUENTIAL_SPOOL"  # set while a class is graded: answers are handed over, as files
_counter = itertools.count()
_hints_shown: dict[str, int] = {}
_checked: dict[str, tuple[Answer, Verdict]] = {}  # for `report`, the last answer of each exercise
_points: dict[str, tuple[float, float]] = {}  # earned and possible, the exercise checked last last


def data(section: str, **options: Any) -> dict[str, Any]:
    """Return a section's training data: numpy arrays by name, the same ones each time.

    `data("introduction")["x"]` has shape (1000, 64).  `shuffled=True` deals the targets out at
    random, so that there is nothing to learn; `seed` draws other samples of the same kind. Raises
    UnknownName for a section that does not exist.
    """
    return sections.section(section).training(**options)


def draw(thing: Any, **options: Any) -> Any:
    """A picture of a model, of the calls behind a tensor, of a graph, or of what `fit` returned.

    What can't be drawn (None, because an exercise is not done yet; a layer that was not called)
    draws nothing and says why.
    """
    if thing is None or thing is Ellipsis:
        _show({"text/plain": _("Nothing to draw yet.")})
        return None
    if hasattr(thing, "history") and hasattr(thing, "epoch"):
        return plot_history(thing)
    if not isinstance(thing, ModelGraph):
        from ..model.capture import CaptureError, capture_graph

        try:
            thing, _weights = capture_graph(thing)
        except CaptureError as error:
            _show({"text/plain": text.refusal(error.code, str(error))})
            return None
    return draw_graph(thing, **options)


def check(id: str | None = None, points: float = 1) -> float | int | None:
    """Say how an exercise stands: shows what is right and what is not, returns the points earned.

    Without an exercise: sums up the notebook and says how to hand it in.  Raises UnknownName for an
    exercise that does not exist; nothing else, whatever the notebook holds.
    """
    spool = os.environ.get(SPOOL)
    if id is None:
        if not spool:
            _show(_summary())
        return None
    exercise = sections.exercise(id)
    namespace = _namespace()
    with _quiet():
        answer = capture(exercise, namespace)
    if spool:
        save(answer, Path(spool) / f"{id}.{next(_counter):06d}.answer")
        return None
    with _quiet():
        verdict = judge(exercise, answer)
    _checked[id] = answer, verdict
    earned = text.points_of(verdict, points)
    _points.pop(id, None)
    _points[id] = (earned, points)
    line = progress.progress_line(id, _points)
    _show(
        {
            "text/plain": text.verdict_text(verdict, points, line),
            "text/html": html.verdict_html(verdict, points, line),
        }
    )
    return earned


def _summary() -> dict[str, str]:
    """Return what to say of the notebook whose exercise was checked last."""
    checked = [assignment for id in _points if (assignment := progress.assignment_of(id))]
    if not checked:
        return {"text/plain": _("Nothing was checked yet: run the cells above first.")}
    return progress.notebook_summary(checked[-1], _points, colab="google.colab" in sys.modules)


def hint(id: str) -> None:
    """Show the next hint for an exercise, one at each call; the last one stays."""
    hints = sections.exercise(id).hints
    if not hints:
        _show({"text/plain": _("There is no hint for this exercise.")})
        return
    number = min(_hints_shown.get(id, 0), len(hints) - 1)
    _hints_shown[id] = number + 1
    _show(html.hint_output(_(hints[number]), number + 1, len(hints)))


def report(id: str) -> None:
    """Write what `check` judged last for an exercise into a file to send.

    The file has the answer as data, the verdict and the versions; no paths and no user's name.
    Says so if the exercise was not checked yet.  Raises UnknownName for an exercise that does not
    exist, OSError where the notebook's folder can't be written to.
    """
    sections.exercise(id)
    if os.environ.get(SPOOL):
        return
    if id not in _checked:
        _show({"text/plain": _("Nothing to report yet: run the cell with check first.")})
        return
    path = write_wrong_verdict(*_checked[id], Path())
    words = _(
        "The file {file} is beside this notebook. It has your answer, the verdict and the "
        "versions, and no paths; what you wrote yourself is in it. Attach it to an issue of the "
        'kind "A wrong verdict", or send it to your teacher.'
    )
    _show({"text/plain": words.format(file=path.name)})


def _namespace() -> Mapping[str, Any]:
    """Return the notebook's variables; outside a notebook, those of the script that is run."""
    shell = _shell()
    return shell.user_ns if shell is not None else vars(sys.modules["__main__"])


def _shell() -> Any:
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def _show(bundle: dict[str, str]) -> None:
    if _shell() is None:
        print(bundle["text/plain"])
        return
    from IPython.display import display

    display(bundle, raw=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing that Keras, TensorFlow's C++ or a student's function says reaches the cell.

    nbgrader gives a cell with any text on stderr no points.
    """
    with (
        open(os.devnull, "w") as null,
        warnings.catch_warnings(),
        _same_chances(),
        no_second_backend(),
        contextlib.redirect_stdout(null),
        contextlib.redirect_stderr(null),
        _quiet_descriptor(null.fileno()),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _same_chances() -> Iterator[None]:
    """Return a check draws no random numbers: whoever checks more often trains no other model.

    Keras seeds new layers from Python's generator.
    """
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


@contextlib.contextmanager
def _quiet_descriptor(null: int) -> Iterator[None]:
    try:
        kept = os.dup(2)
    except OSError:  # a kernel without a stderr of its own has nothing to keep quiet
        yield
        return
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
