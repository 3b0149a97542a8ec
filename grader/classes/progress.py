"""What a person sees of a class being graded: a line that moves, and the states in the end.

Tests: tests/grader/classes/test_grade_class.py
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, replace

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.classes.grade_class import FinishedJob, GradingPlan
from grader.classes.table import NOT_GRADED, StudentRow


def show_progress(
    plan: GradingPlan, work: Iterable[FinishedJob], console: Console
) -> dict[str, str]:
    """Do the work, with a moving line if the console is a terminal; return who failed, and why.

    Raises KeyboardInterrupt when interrupted; what is done by then is kept.
    """
    failed: dict[str, str] = {}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[running]} running, {task.fields[failed]} failed"),
        TimeRemainingColumn(),
    )
    hidden = not console.is_terminal
    with Progress(*columns, console=console, disable=hidden, transient=True) as progress:
        total = len(plan.ready) + len(plan.new)
        task = progress.add_task(plan.assignment, total=total, running=0, failed=0)
        for done in work:
            if done.failed:
                failed[done.student] = done.failed
            progress.update(
                task,
                advance=1 if done.student else 0,
                running=done.running,
                failed=len(failed),
            )
    return failed


def with_failures(rows: Iterable[StudentRow], failed: dict[str, str]) -> list[StudentRow]:
    """Return the class, with the reason in the row of each student whose grading failed."""
    return [
        replace(row, state=NOT_GRADED, because=failed[row.student])
        if row.student in failed
        else row
        for row in rows
    ]


def outcome_lines(plan: GradingPlan, rows: Iterable[StudentRow]) -> list[str]:
    """Return the states counted, and each one that is not simply graded with its reason."""
    rows = list(rows)
    counted = Counter(row.state for row in rows)
    states = ", ".join(f"{count} {state}" for state, count in counted.most_common())
    news = len(plan.ready) + len(plan.new)
    return [
        f"{plan.assignment}: {states or 'nobody'} "
        f"({news} of the submissions now, {plan.unchanged} had not changed)",
        *(f"  {row.student}: {row.state}: {row.because}" for row in rows if row.because),
    ]


def outcome_as_json(plan: GradingPlan, rows: Iterable[StudentRow], failed: dict[str, str]) -> str:
    """Return the same for a program to read."""
    made: dict[str, object] = {
        "assignment": plan.assignment,
        "now": len(plan.ready) + len(plan.new) - len(failed),
        "unchanged": plan.unchanged,
        "failed": failed,
        "students": [asdict(row) for row in rows],
    }
    return json.dumps(made, indent=1, ensure_ascii=False)
