"""Ask the judge, in a process of its own, about the answers that a notebook handed over."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import jailed_kernels as kernels
from beyond_sequential import backends
from grader.running import spool
from grader.running.judge_process import FOLDER, TIMEOUT, JudgeRequest, read_judgements
from grader.running.judgement import Judgement, judge_failed
from grader.running.policy import JUDGE
from jailed_kernels import Policy

_log = logging.getLogger(__name__)


def judge_apart(request: JudgeRequest, policy: Policy | None = None) -> dict[str, Judgement]:
    """Return a judgement for every exercise of the request that there is an answer to.

    With a policy the judge runs in a fork of its zygote, warm and jailed; else in a new process.
    """
    folder = Path(request.folder)
    wanted = {
        exercise: points
        for exercise, points in request.exercises.items()
        if spool.kept_as(folder, exercise).is_file()
    }
    if not wanted:
        return {}
    request = replace(request, exercises=wanted)
    output = _in_fork_of_zygote(request, policy) if policy else _in_new_process(request)
    judged = {judgement.exercise: judgement for judgement in read_judgements(output)}
    return {exercise: judged.get(exercise) or judge_failed(exercise) for exercise in wanted}


def _timeout(request: JudgeRequest) -> float:
    return TIMEOUT * (1 + len(request.exercises))


def _in_new_process(request: JudgeRequest) -> bytes:
    command = [sys.executable, "-I", "-m", "grader.running.judge_process"]
    environment = {
        **os.environ,
        **backends.chosen().grading_environment(),
        "OPENBLAS_NUM_THREADS": "1",  # before a fork there is one thread
    }
    try:
        done = subprocess.run(
            command,
            input=json.dumps(asdict(request)).encode(),
            capture_output=True,
            env=environment,
            timeout=_timeout(request),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        _log.error("the judge took too long")
        return error.stdout or b""
    if done.returncode:
        _log.error("the judge failed:\n%s", done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


def _in_fork_of_zygote(request: JudgeRequest, policy: Policy) -> bytes:
    shared = {FOLDER: request.folder}
    output, done = kernels.call(policy, JUDGE, asdict(request), shared, _timeout(request))
    if done.code:
        _log.error("the judge failed (limit: %s):\n%s", done.limit, done.log[-2000:])
    return output
