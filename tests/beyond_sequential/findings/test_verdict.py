"""Verdicts as JSON."""

from __future__ import annotations

import json

from beyond_sequential.compare import compare
from beyond_sequential.findings.finding import Finding, finding_of
from beyond_sequential.findings.verdict import (
    Mark,
    Picture,
    Verdict,
    verdict_from_json,
    verdict_to_json,
)
from tests.beyond_sequential.findings.test_finding import two_branches


def said(finding: Finding) -> tuple[str | None, dict[str, str]]:
    return finding.variant, {key: str(words) for key, words in finding.words.items()}


def test_a_verdict_survives_json_with_the_names_of_its_places() -> None:
    expected, found = two_branches(), two_branches(read=0)
    differences = compare(expected, found)
    findings = (
        Finding("stub", {"name": "other"}),
        *(finding_of(difference, "net", expected, found) for difference in differences),
    )
    mark = Mark("SameGraph", "net", 0.5, 1.0, (("shape", 0, 0.0), ("wiring", 1, 0.5)))
    verdict = Verdict("e", "wrong", 0.5, findings, (Picture("net", expected, found),), (mark,))
    again = verdict_from_json(json.loads(json.dumps(verdict_to_json(verdict))))
    assert verdict_to_json(again) == verdict_to_json(verdict)
    assert list(map(said, again.findings)) == list(map(said, findings))
