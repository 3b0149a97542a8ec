"""What no judge can judge: a name that is absent, a stub, an exception, a wrong kind of object."""

from __future__ import annotations

from collections.abc import Sequence

from ..answers.answer import Answer, Case, ErrorCase, RefusedCase, StubCase
from ..findings.finding import Finding
from .result import Result

MAX_TYPE = 80  # characters of a type's name


def unjudged(names: Sequence[str], answer: Answer) -> Result | None:
    """Return a result for names that can't be judged; None if there is something to judge.

    Of a function only the first case that cannot be judged makes a finding.
    """
    absent = [_absent(name, answer.cases(name)) for name in names if _is_absent(answer.cases(name))]
    if absent:
        return Result(None, tuple(absent))
    findings = []
    for name in names:
        found = (_finding(name, case) for case in answer.cases(name))
        if finding := next(filter(None, found), None):
            findings.append(finding)
    return Result(0.0, tuple(findings)) if findings else None


def _is_absent(cases: Sequence[Case]) -> bool:
    """Return whether there is no such name, or nothing but a stub: then nothing was attempted."""
    return all(isinstance(case, StubCase) for case in cases)


def _absent(name: str, cases: Sequence[Case]) -> Finding:
    return Finding("stub" if cases else "missing_name", {"name": name})


def _finding(name: str, case: Case) -> Finding | None:
    if isinstance(case, StubCase):
        return Finding("stub", {"name": name})
    if isinstance(case, ErrorCase):
        return _error(name, case)
    if isinstance(case, RefusedCase):
        return Finding(case.code, {"name": name, "type": case.type[:MAX_TYPE]})
    return None


def _error(name: str, error: ErrorCase) -> Finding:
    """Return a finding on an exception; on its cause where that is known."""
    detail = {"name": name, "line": error.line, "type": error.type, "text": error.text}
    number = {} if error.number is None else {"number": error.number}
    if error.cause is None:
        return Finding("error", {**detail, **number})
    return Finding(f"error_{error.cause.code}", {**detail, **number, **error.cause.detail})
