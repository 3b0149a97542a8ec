"""A `Verdict` as HTML: outcome, points, findings, and pictures of what differs.

HTML carries its styles with it and no script: each output of a notebook may be a frame of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from ..draw import draw_difference
from ..findings.finding import Finding
from ..findings.verdict import JUDGE_FAILED, Picture, Verdict
from ..i18n import _
from .sentences import sentence
from .text import MOST_FINDINGS, mark_lines, more_findings, outcome, points_of, score

# The sign and the word of the headline say the outcome without the colour, too.
_COLOURS = {
    "right": "#1a7f37",
    "partly right": "#9a6700",
    "wrong": "#cf222e",
    "not attempted": "#57606a",
    JUDGE_FAILED: "#57606a",
}


def verdict_html(verdict: Verdict, points: float, progress: str = "") -> str:
    """Return the verdict as a block of HTML.

    `points` are those of the exercise; `progress` is a line to end with, on the whole notebook.
    """
    colour = _COLOURS[verdict.outcome]
    earned = score(points_of(verdict, points), points)
    head = (
        f'<div style="font-weight:600;color:{colour}">{escape(outcome(verdict))}'
        f'<span style="font-weight:400;color:#424a53"> · {escape(earned)}</span>'
        "</div>"
    )
    foot = f'<div style="margin-top:6px;font-size:12px;color:#57606a">{escape(progress)}</div>'
    body = f"{head}{_findings(verdict)}{_marks(verdict, points)}{_pictures(verdict)}"
    return framed(f"{body}{foot if progress else ''}", colour)


def hint_output(words: str, number: int, total: int) -> dict[str, str]:
    """Return one hint, as plain text and as HTML, by MIME type."""
    title = _("Hint {number} of {total}").format(number=number, total=total)
    return {
        "text/plain": f"{title}: {words}",
        "text/html": framed(f"<strong>{escape(title)}</strong><br>{_code(words)}"),
    }


def framed(inside: str, colour: str = "#0969da") -> str:
    """Return HTML in a frame with a coloured edge, which looks the same on a dark page."""
    return (
        '<div style="background:#ffffff;color:#1f2328;border:1px solid #d0d7de;'
        f"border-left:4px solid {colour};border-radius:4px;padding:8px 12px;"
        f'font-family:system-ui,sans-serif;font-size:14px;line-height:1.5">{inside}</div>'
    )


def _findings(verdict: Verdict) -> str:
    if not verdict.findings:
        return ""
    shown, others = verdict.findings[:MOST_FINDINGS], verdict.findings[MOST_FINDINGS:]
    folded = "".join(
        f'<details style="margin:4px 0"><summary>{escape(line)}</summary>'
        f"{_items(others, MOST_FINDINGS + 1)}</details>"
        for line in more_findings(verdict)
    )
    return _items(shown, 1) + folded


def _items(findings: Sequence[Finding], start: int) -> str:
    items = "".join(f'<li style="margin:4px 0">{_finding(finding)}</li>' for finding in findings)
    first = "" if start == 1 else f' start="{start}"'
    return f'<ol{first} style="margin:6px 0 0;padding-left:1.6em">{items}</ol>'


def _finding(finding: Finding) -> str:
    first, *rest = sentence(finding).splitlines()
    ideas = "".join(f'<div style="color:#57606a">{_code(line)}</div>' for line in rest)
    return _code(first) + ideas


def _code(line: str) -> str:
    """Return a line in which text between backticks is code."""
    pieces = line.split("`")
    # Its own colour: a dark JupyterLab would write it white on this pale background.
    style = "background:#eff1f3;color:#1f2328;border-radius:3px;padding:0 3px"
    return "".join(
        f'<code style="{style}">{escape(piece)}</code>' if odd % 2 else escape(piece)
        for odd, piece in enumerate(pieces)
    )


def _marks(verdict: Verdict, points: float) -> str:
    lines = "".join(f"<div>{_code(line)}</div>" for line in mark_lines(verdict, points))
    return f'<div style="margin-top:6px;color:#424a53">{lines}</div>' if lines else ""


def _pictures(verdict: Verdict) -> str:
    return "".join(
        f'<div style="margin-top:8px">{_picture(verdict, index, picture)}</div>'
        for index, picture in enumerate(verdict.pictures)
    )


def _picture(verdict: Verdict, index: int, picture: Picture) -> str:
    """Return the two graphs of a picture, with the differences that its findings are about."""
    numbered = [
        (number, finding.difference)
        for number, finding in enumerate(verdict.findings, 1)
        if finding.picture == index and finding.difference is not None
    ]
    return draw_difference(
        # By the student's variable: what Keras calls a model says nothing.
        replace(picture.expected, name=picture.name),
        replace(picture.found, name=picture.name),
        [difference for _number, difference in numbered],
        numbers=[number for number, _difference in numbered],
    ).html
