"""A student's progress in a notebook: points so far, and how to hand it in.

Tests: tests/beyond_sequential/notebook/test_notebook.py

`assignments.json` is built from the text notebooks: the exercises of each, and their points.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources

from ..feedback.html import framed
from ..feedback.text import score
from ..i18n import _

Points = Mapping[str, tuple[float, float]]  # earned and possible, by exercise


@cache
def assignments() -> dict[str, dict[str, float]]:
    """Return the points of every exercise, by assignment and exercise id."""
    file = resources.files("beyond_sequential.course") / "assignments.json"
    return dict(json.loads(file.read_text("utf-8")))


def assignment_of(exercise: str) -> str | None:
    """Return the assignment with this exercise.

    None for one that no notebook of the course asks.
    """
    return next((name for name, points in assignments().items() if exercise in points), None)


def _totals(assignment: str, points: Points) -> tuple[float, float]:
    """Points earned and possible in an assignment; what a check says of its points goes first."""
    exercises = assignments()[assignment]
    earned = sum(points[name][0] for name in exercises if name in points)
    possible = sum(points[name][1] if name in points else exercises[name] for name in exercises)
    return round(earned, 2), round(possible, 2)


def progress_line(exercise: str, points: Points) -> str:
    """Return one line on the notebook that the exercise is in; empty if it is in none."""
    assignment = assignment_of(exercise)
    if assignment is None:
        return ""
    earned, possible = _totals(assignment, points)
    return _("This notebook so far: {earned} of {possible} points").format(
        earned=f"{earned:g}", possible=f"{possible:g}"
    )


def notebook_summary(assignment: str, points: Points, colab: bool) -> dict[str, str]:
    """Return the points of each exercise and how to hand in, as plain text and as HTML."""
    earned, possible = _totals(assignment, points)
    title = _("{assignment}: {earned} of {possible} points").format(
        assignment=assignment, earned=f"{earned:g}", possible=f"{possible:g}"
    )
    rows = [_row(name, worth, points) for name, worth in assignments()[assignment].items()]
    hand_in = _how_to_hand_in(f"{assignment}.ipynb", colab)
    cells = "".join(
        f'<tr><td style="padding:1px 8px 1px 0">{sign}</td>'
        f'<td style="padding:1px 16px 1px 0;text-align:left">{escape(name)}</td>'
        f'<td style="padding:1px 0;text-align:right">{escape(worth)}</td></tr>'
        for sign, name, worth in rows
    )
    return {
        "text/plain": "\n".join([title, *(" ".join(row) for row in rows), hand_in]),
        "text/html": framed(
            f'<strong>{escape(title)}</strong><table style="border-collapse:collapse;margin:6px 0;'
            f'color:#1f2328;background:#ffffff">{cells}</table>{escape(hand_in)}'
        ),
    }


def _row(name: str, worth: float, points: Points) -> tuple[str, str, str]:
    if name not in points:
        return "–", name, _("not checked yet (worth {points})").format(points=f"{worth:g}")
    earned, possible = points[name]
    sign = "✓" if earned >= possible else "◐" if earned > 0 else "○"
    return sign, name, score(earned, possible)


def _how_to_hand_in(file: str, colab: bool) -> str:
    if colab:
        words = _(
            "To hand in: File > Download > Download .ipynb. The file must be called {file}; "
            "send it the way your teacher asks for."
        )
    else:
        words = _(
            "To hand in: save the notebook. If your course uses nbgrader's Assignment List, "
            "press Submit there; otherwise send the file {file} (File > Download)."
        )
    return words.format(file=file)
