"""What the judge decided, as plain data: outcome, points, findings and the pictures to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..compare import Difference
from ..model.graph import ModelGraph, from_json, to_json
from .finding import Finding, finding_of

JUDGE_FAILED = "judge failed"
"""The outcome where the judge failed on a part: a fault of the judge's, not a wrong answer."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing to make: the graph handed in as `name`, beside the one asked for.

    What differs is said by the findings that number the picture.
    """

    name: str
    expected: ModelGraph
    found: ModelGraph


@dataclass(frozen=True, slots=True)
class Mark:
    """What one part of an exercise earned: which part (its class and the name handed in), which
    fraction of its points, and its share of the exercise.
    """

    part: str
    name: str
    fraction: float
    share: float
    rubric: tuple[tuple[str, int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome` is "not attempted", "wrong", "partly right", "right" or JUDGE_FAILED.

    `fraction` of the points, and `marks` say how it comes about.
    """

    exercise: str
    outcome: str
    fraction: float
    findings: tuple[Finding, ...] = ()
    pictures: tuple[Picture, ...] = ()
    marks: tuple[Mark, ...] = ()


# --- JSON ----------------------------------------------------------------------------------------


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """Plain data, ready for `json.dumps`."""
    return {
        "exercise": verdict.exercise,
        "outcome": verdict.outcome,
        "fraction": verdict.fraction,
        "findings": [
            {
                "code": f.code,
                "detail": dict(f.detail),
                "picture": f.picture,
                "difference": None if f.difference is None else f.difference.to_json(),
            }
            for f in verdict.findings
        ],
        "pictures": [
            {
                "name": p.name,
                "expected": to_json(p.expected),
                "found": to_json(p.found),
            }
            for p in verdict.pictures
        ],
        "marks": [asdict(mark) for mark in verdict.marks],
    }


def verdict_from_json(data: Mapping[str, Any]) -> Verdict:
    """Read what `verdict_to_json` wrote."""
    pictures = tuple(
        Picture(p["name"], from_json(p["expected"]), from_json(p["found"]))
        for p in data["pictures"]
    )
    return Verdict(
        data["exercise"],
        data["outcome"],
        data["fraction"],
        tuple(_finding_from_json(finding, pictures) for finding in data["findings"]),
        pictures,
        tuple(
            Mark(**{**mark, "rubric": tuple(tuple(row) for row in mark["rubric"])})
            for mark in data["marks"]
        ),
    )


def _finding_from_json(data: Mapping[str, Any], pictures: tuple[Picture, ...]) -> Finding:
    """What names its places is not in JSON: it follows from the difference and the graphs."""
    if data["difference"] is None or data["picture"] is None:
        return Finding(data["code"], data["detail"])
    picture = pictures[data["picture"]]
    difference = Difference.from_json(data["difference"])
    return finding_of(
        difference, data["detail"]["name"], picture.expected, picture.found, data["picture"]
    )
