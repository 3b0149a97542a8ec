"""What the judge says of one exercise, as the grader passes it on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

from beyond_sequential.findings.verdict import JUDGE_FAILED
from beyond_sequential.i18n import _

NOT_JUDGED = "not judged"  # there was nothing to judge


@dataclass(frozen=True, slots=True)
class Judgement:
    """The points earned for one exercise, and the words for them.

    `outcome` is one of a Verdict's, `NOT_JUDGED` or `JUDGE_FAILED`.  `verdict` is the Verdict
    itself as JSON (empty where there is none), for the class's report.
    """

    exercise: str
    score: float
    outcome: str
    finding: str
    text: str
    html: str
    verdict: str = ""


def no_points(exercise: str, words: str, outcome: str = NOT_JUDGED) -> Judgement:
    """Return a judgement of no points, where there is no verdict that could be shown."""
    return Judgement(exercise, 0.0, outcome, words, words, f"<p>{escape(words)}</p>")


def judge_failed(exercise: str) -> Judgement:
    """Return what is said of an exercise on whose answer the judge itself failed."""
    words = _("The judge failed on the answer to this question.")
    return no_points(exercise, words, JUDGE_FAILED)


def with_error(judgement: Judgement, error: str) -> Judgement:
    """Return a judgement that says first in which error the answer's cell ended.

    `error` is the error's first line, such as "NameError: name 'x' is not defined".
    """
    words = _("The cell of this answer ended in an error: {error}").format(error=error)
    if judgement.outcome == NOT_JUDGED:
        return no_points(judgement.exercise, words)
    return replace(
        judgement,
        finding=words,
        text=f"{words}\n{judgement.text}",
        html=f"<p>{escape(words)}</p>{judgement.html}",
    )
