"""What the judge of one part of an exercise returns.

Tests: tests/beyond_sequential/judge/test_combine.py
"""

from __future__ import annotations

from dataclasses import dataclass

from ..findings.finding import Finding
from ..findings.verdict import Picture


@dataclass(frozen=True, slots=True)
class Result:
    """What one part of an exercise earned, and why.

    `fraction` is the fraction of the part's points, None where nothing was attempted or the judge
    itself failed (`judge_failed`).  A finding's `picture` numbers one of `pictures`.
    """

    fraction: float | None
    findings: tuple[Finding, ...] = ()
    pictures: tuple[Picture, ...] = ()
    judge_failed: bool = False


def wrong(code: str, **detail: object) -> Result:
    """Return no points, and one finding that says why."""
    return Result(0.0, (Finding(code, detail),))
