"""A `Verdict` in words, as plain text, in the reader's language.  `html` has its twin."""

from __future__ import annotations

from ..findings.finding import Finding
from ..findings.kind import CATEGORIES
from ..findings.verdict import JUDGE_FAILED, Mark, Verdict
from ..i18n import N_, _
from .sentences import sentence

MOST_FINDINGS = 5
"""How many findings are shown at once, the gravest first; the others are counted."""

# One sign and one word for each outcome.
_OUTCOMES = {
    "right": ("✓", N_("Right")),
    "partly right": ("◐", N_("Partly right")),
    "wrong": ("✗", N_("Wrong")),
    "not attempted": ("○", N_("Not attempted")),
    JUDGE_FAILED: ("?", N_("Not judged")),
}


def verdict_text(verdict: Verdict, points: float, progress: str = "") -> str:
    """Return the verdict for terminals, screen readers and diffs.

    `points` are those of the exercise; `progress` is a line to end with, on the whole notebook.
    """
    lines = [headline(verdict, points)]
    for number, finding in enumerate(verdict.findings[:MOST_FINDINGS], 1):
        first, *rest = sentence(finding).splitlines()
        lines.append(f"  {number}. {first}")
        lines.extend(f"     {line}" for line in rest)
    lines.extend(f"  {line}" for line in more_findings(verdict))
    lines.extend(f"  {line}" for line in mark_lines(verdict, points))
    if progress:
        lines.append(f"  {progress}")
    return "\n".join(lines)


def headline(verdict: Verdict, points: float) -> str:
    """Return the outcome and the points: `✓ Right · 2 of 2 points`."""
    return f"{outcome(verdict)} · {score(points_of(verdict, points), points)}"


def outcome(verdict: Verdict) -> str:
    """Return the outcome's sign and word: `✓ Right`."""
    sign, word = _OUTCOMES[verdict.outcome]
    return f"{sign} {_(word)}"


def points_of(verdict: Verdict, points: float) -> float | int:
    """Return the points earned of `points`: a whole number where it is one."""
    earned = round(verdict.fraction * points, 2)
    return int(earned) if earned == int(earned) else earned


def score(earned: float, points: float) -> str:
    """Return `2 of 3 points`, in words."""
    words = _("{earned} of {points} point") if points == 1 else _("{earned} of {points} points")
    return words.format(earned=f"{round(earned, 2):g}", points=f"{round(points, 2):g}")


def first_finding(verdict: Verdict) -> str:
    """Return the first finding as one line, for tables; empty where all is right."""
    return sentence(verdict.findings[0]).partition("\n")[0] if verdict.findings else ""


def more_findings(verdict: Verdict) -> list[str]:
    """Return a line that counts the findings which are not shown at once; none if all are."""
    more = len(verdict.findings) - MOST_FINDINGS
    return [_("and {n} more").format(n=more)] if more > 0 else []


def refusal(code: str, kind: str) -> str:
    """Return why there is no graph of an object of this kind."""
    return sentence(Finding(code, {"name": _("This"), "type": kind})).replace("`", "")


def mark_lines(verdict: Verdict, points: float) -> list[str]:
    """Return how the points come about, a line for each part of the exercise.

    Nothing where the findings alone say it.  Parts worth unlike points say what they are worth.
    """
    if not any(mark.rubric for mark in verdict.marks):
        return []
    unlike = len({round(mark.share, 6) for mark in verdict.marks}) > 1
    return [_mark(mark, mark.share * points if unlike else None) for mark in verdict.marks]


def _mark(mark: Mark, points: float | None) -> str:
    if points is None:
        earned = _("`{name}` earns {share:.0%}").format(name=mark.name, share=mark.fraction)
    else:
        worth = score(mark.fraction * points, points)
        earned = _("`{name}` earns {share:.0%}, {points}").format(
            name=mark.name, share=mark.fraction, points=worth
        )
    if not mark.rubric:
        return earned
    costs = [
        f"{_(CATEGORIES[category].words)} " + (f"−{cost:.0%}" if cost else "−" if count else "✓")
        for category, count, cost in mark.rubric
    ]
    return _("{earned}: {costs}").format(earned=earned, costs=_(", ").join(costs))
