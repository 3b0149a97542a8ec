"""What a course's nbgrader_config.py names: stable paths, wherever the classes are.

Each is imported when it is asked for, so that to name one costs nothing.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "RepairCells": "grader.submissions.repair",
    "SpoolExecute": "grader.running.spool_execute",
    "JudgedScores": "grader.running.save_scores",
    "FeedbackPage": "grader.reports.feedback_page",
    "Collector": "grader.submissions.collect",
}
__all__ = ["Collector", "FeedbackPage", "JudgedScores", "RepairCells", "SpoolExecute"]  # noqa: F822  by __getattr__


def __getattr__(name: str) -> type:
    """Return one of the classes.  Raises AttributeError for another name."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: type = getattr(import_module(_HOMES[name]), name)
    return found
