"""Asking the judge in another process."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from beyond_sequential.findings.verdict import JUDGE_FAILED
from grader.running import ask_judge
from grader.running.judge_process import JudgeRequest
from grader.running.judgement import NOT_JUDGED
from grader.running.spool import kept_as

POINTS = {"introduction-layer": 1.0, "introduction-twin": 3.0}


def request(folder: Path) -> JudgeRequest:
    return JudgeRequest(str(folder), POINTS, 7, "en")


def test_without_any_answer_no_process_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    assert ask_judge.judge_apart(request(tmp_path)) == {}


def test_a_forged_answer_earns_nothing(tmp_path: Path) -> None:
    kept_as(tmp_path, "introduction-layer").write_text("full marks")
    found = ask_judge.judge_apart(request(tmp_path))
    assert set(found) == {"introduction-layer"}
    judgement = found["introduction-layer"]
    assert (judgement.score, judgement.outcome) == (0.0, NOT_JUDGED)


def test_a_judge_that_says_nothing_has_failed_on_each_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_as(tmp_path, "introduction-layer").touch()
    monkeypatch.setattr(ask_judge, "_in_new_process", lambda _request: b'{"exercise": "introd')
    (judgement,) = ask_judge.judge_apart(request(tmp_path)).values()
    assert judgement.outcome == JUDGE_FAILED
