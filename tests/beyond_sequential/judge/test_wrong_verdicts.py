"""Answers that once got a wrong verdict, as they were sent: docs/wrong-verdict.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from beyond_sequential.wrong_verdict import judge_again, read_wrong_verdict
from tests.helpers.source import ROOT

FOLDER = ROOT / "tests/fixtures/wrong_verdicts"
Expected = tuple[str, float, tuple[str, ...]]

# The outcome, the fraction of the points and the codes of the findings.
EXPECTED: dict[str, Expected] = {
    "softmax-as-layer.zip": ("right", 1.0, ()),
}


def judged(path: Path) -> Expected:
    verdict, _differing = judge_again(read_wrong_verdict(path))
    codes = (finding.code for finding in verdict.findings)
    return (
        verdict.outcome,
        verdict.fraction,
        tuple(code for code in codes if code != "version"),
    )


def test_every_file_has_its_expected_verdict() -> None:
    assert {path.name for path in FOLDER.glob("*.zip")} == set(EXPECTED), (
        "put each file of tests/fixtures/wrong_verdicts into EXPECTED"
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_the_verdict_is_right_now(name: str) -> None:
    assert judged(FOLDER / name) == EXPECTED[name]
