"""A `Verdict` in words, as plain text and as HTML, in the reader's language.

The words of single findings are in `sentences`; here they are put together with the pictures.
HTML carries its styles with it and no script: each output of a notebook may be a frame of its own.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape

from ..draw import draw_difference
from ..findings.verdict import JUDGE_FAILED, Finding, Mark, Verdict
from ..i18n import _
from .sentences import sentence

# One colour and one sign an outcome; the sign and the word say it without the colour.
_LOOK = {
    "right": ("#1a7f37", "✓"),
    "partly right": ("#9a6700", "◐"),
    "wrong": ("#cf222e", "✗"),
    "not attempted": ("#57606a", "○"),
    JUDGE_FAILED: ("#57606a", "?"),
}


def _outcome(verdict: Verdict) -> str:
    return {
        "right": _("Right"),
        "partly right": _("Partly right"),
        "wrong": _("Wrong"),
        "not attempted": _("Not attempted"),
        JUDGE_FAILED: _("Not judged"),
    }[verdict.outcome]


def points_of(verdict: Verdict, points: float) -> float | int:
    """The points earned of `points`: a whole number where it is one."""
    earned = round(verdict.fraction * points, 2)
    return int(earned) if earned == int(earned) else earned


def score(earned: float, points: float) -> str:
    """`2 of 3 points`, in words."""
    words = _("{earned} of {points} point") if points == 1 else _("{earned} of {points} points")
    return words.format(earned=f"{round(earned, 2):g}", points=f"{round(points, 2):g}")


def _score(verdict: Verdict, points: float) -> str:
    return score(points_of(verdict, points), points)


def first_finding(verdict: Verdict) -> str:
    """The first finding as one line, for tables; empty where all is right."""
    return sentence(verdict.findings[0], verdict).partition("\n")[0] if verdict.findings else ""


def refusal(code: str, kind: str) -> str:
    """Why there is no graph to be had from an object of this kind."""
    return sentence(Finding(code, {"name": _("This"), "type": kind}), None).replace("`", "")


def text(verdict: Verdict, points: float, progress: str = "") -> str:
    """The plain twin of `html`: for terminals, screen readers and diffs."""
    look = _LOOK[verdict.outcome][1]
    lines = [f"{look} {_outcome(verdict)} · {_score(verdict, points)}"]
    for number, finding in enumerate(verdict.findings, 1):
        first, *rest = sentence(finding, verdict).splitlines()
        lines.append(f"  {number}. {first}")
        lines.extend(f"     {line}" for line in rest)
    lines.extend(f"  {line}" for line in _marks(verdict))
    if progress:
        lines.append(f"  {progress}")
    return "\n".join(lines)


def html(verdict: Verdict, points: float, progress: str = "") -> str:
    """The verdict as a block of HTML: outcome, points, findings, pictures of what differs.

    `progress` is a line to end with, on the whole notebook.
    """
    colour, sign = _LOOK[verdict.outcome]
    head = (
        f'<div style="font-weight:600;color:{colour}">{sign} {escape(_outcome(verdict))}'
        f'<span style="font-weight:400;color:#424a53"> · {escape(_score(verdict, points))}</span>'
        "</div>"
    )
    foot = f'<div style="margin-top:6px;font-size:12px;color:#57606a">{escape(progress)}</div>'
    body = f"{head}{_findings(verdict)}{_marks_block(verdict)}{_pictures(verdict)}"
    return box(f"{body}{foot if progress else ''}", colour)


def box(inside: str, colour: str = "#0969da") -> str:
    """HTML in a frame with a coloured edge, which looks the same on a dark page."""
    return (
        '<div style="background:#ffffff;color:#1f2328;border:1px solid #d0d7de;'
        f"border-left:4px solid {colour};border-radius:4px;padding:8px 12px;"
        f'font-family:system-ui,sans-serif;font-size:14px;line-height:1.5">{inside}</div>'
    )


def _findings(verdict: Verdict) -> str:
    if not verdict.findings:
        return ""
    items = "".join(
        f'<li style="margin:4px 0">{_finding(f, verdict)}</li>' for f in verdict.findings
    )
    return f'<ol style="margin:6px 0 0;padding-left:1.6em">{items}</ol>'


def _marks(verdict: Verdict) -> list[str]:
    """How the points come about, a line for each part of the exercise; nothing where the findings
    alone say it."""
    if not any(mark.rubric for mark in verdict.marks):
        return []
    return [_mark(mark) for mark in verdict.marks]


def _mark(mark: Mark) -> str:
    earned = _("`{name}` earns {share:.0%}").format(name=mark.name, share=mark.fraction)
    if not mark.rubric:
        return earned
    costs = [
        f"{_category(category)} " + (f"−{cost:.0%}" if cost else "✓")
        for category, _count, cost in mark.rubric
    ]
    return _("{earned}: {costs}").format(earned=earned, costs=_(", ").join(costs))


def _category(category: str) -> str:
    """The judge's categories of mistakes, as students read them."""
    return {
        "shape": _("layers, inputs and outputs"),
        "wiring": _("wiring"),
        "sharing": _("sharing"),
        "settings": _("settings"),
    }[category]


def _marks_block(verdict: Verdict) -> str:
    lines = "".join(f"<div>{_marked(line)}</div>" for line in _marks(verdict))
    return f'<div style="margin-top:6px;color:#424a53">{lines}</div>' if lines else ""


def _finding(finding: Finding, verdict: Verdict) -> str:
    first, *rest = sentence(finding, verdict).splitlines()
    ideas = "".join(f'<div style="color:#57606a">{_marked(line)}</div>' for line in rest)
    return _marked(first) + ideas


def _marked(line: str) -> str:
    """Text between backticks is code."""
    pieces = line.split("`")
    # Its own colour: a dark JupyterLab would write it white on this pale ground.
    style = "background:#eff1f3;color:#1f2328;border-radius:3px;padding:0 3px"
    return "".join(
        f'<code style="{style}">{escape(piece)}</code>' if odd % 2 else escape(piece)
        for odd, piece in enumerate(pieces)
    )


def _pictures(verdict: Verdict) -> str:
    drawn = []
    for index, picture in enumerate(verdict.pictures):
        told = [
            (n, f.difference)
            for n, f in enumerate(verdict.findings, 1)
            if f.picture == index and f.difference is not None
        ]
        drawing = draw_difference(
            # By the student's variable: what Keras calls a model says nothing.
            replace(picture.expected, name=picture.name),
            replace(picture.found, name=picture.name),
            [difference for _n, difference in told],
            numbers=[number for number, _d in told],
        )
        drawn.append(f'<div style="margin-top:8px">{drawing.html}</div>')
    return "".join(drawn)


def hint(words: str, number: int, total: int) -> dict[str, str]:
    """One hint, as plain text and as HTML."""
    title = _("Hint {number} of {total}").format(number=number, total=total)
    return {
        "text/plain": f"{title}: {words}",
        "text/html": box(f"<strong>{escape(title)}</strong><br>{_marked(words)}"),
    }
