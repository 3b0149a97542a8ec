"""What no judge can judge: a name that is absent, a stub, an exception, a wrong kind of object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..answers.answer import Answer
from ..findings.verdict import Finding
from .result import Result

# Kinds of objects that capture refuses.
REFUSALS = (
    "not_a_function",
    "not_a_model",
    "not_a_tensor",
    "not_called",
    "not_a_value",
    "opaque",
    "unbuilt",
    "other_keras",
)


def unjudged(names: Sequence[str], answer: Answer) -> Result | None:
    """Return a result for names that can't be judged; None if there is something to judge."""
    states = {name: answer.values.get(name, {}).get("state", "missing") for name in names}
    absent = [_absent(n, state) for n, state in states.items() if state in ("missing", "stub")]
    if absent:
        return Result(None, tuple(absent))
    findings = []
    for name in names:
        for case in answer.cases(name):
            if "stub" in case:
                findings.append(_absent(name, "stub"))
            elif "error" in case:
                findings.append(_error(name, case["error"]))
            elif "refused" in case:
                findings.append(_refused(name, case["refused"]))
            else:
                continue
            break
    return Result(0.0, tuple(findings)) if findings else None


def _refused(name: str, refused: Mapping[str, Any]) -> Finding:
    if refused["code"] not in REFUSALS:
        raise ValueError("an unknown refusal")
    return Finding(refused["code"], {"name": name, "type": str(refused["type"])[:80]})


def _error(name: str, error: Mapping[str, Any]) -> Finding:
    """Return a finding on an exception; on its cause where that is known."""
    detail = {"name": name, "line": "", "type": "?", "text": "", **error}
    detail |= error.get("cause") or {}
    why = str(detail.pop("code", ""))
    detail.pop("cause", None)
    return Finding(f"error_{why}" if why else "error", detail)


def _absent(name: str, state: str) -> Finding:
    return Finding("missing_name" if state == "missing" else "stub", {"name": name})
