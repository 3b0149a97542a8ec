"""The judge in processes of its own: what one answer costs, it costs alone."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.running import judge_process
from grader.running.judgement import Judgement
from grader.running.spool_execute import judge_failures


def test_a_judge_that_dies_loses_one_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaths: dict[str, Callable[[], None]] = {
        "introduction-count": os.abort,
        "introduction-layer": lambda: None,
        "introduction-twin": lambda: list(range(10**9)).clear(),  # 8 GB
        "introduction-chance": lambda: time.sleep(1000),
    }

    def judge(exercise: str, points: float, path: Path, seed: int) -> Judgement:
        deaths[exercise]()
        return Judgement(exercise, 1.0, "right", "", "", "x" * len(path.name))

    monkeypatch.setattr(judge_process, "judge_file", judge)
    monkeypatch.setattr(judge_process, "TIMEOUT", 2.0)
    request = judge_process.JudgeRequest(str(tmp_path), dict.fromkeys(deaths, 1.0), 7, "en")
    judged = {judgement.exercise: judgement for judgement in judge_process.judge_answers(request)}
    assert {name for name, found in judged.items() if found.score} == {"introduction-layer"}
    assert judge_failures(judged) == [
        f"the judge failed on {name}" for name in deaths if name != "introduction-layer"
    ]
