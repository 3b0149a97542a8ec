"""The judge, in a process of its own into which no student code ever comes.

    python -I -m grader.judging < request.json

The request names a spool (a directory of answers that a student's kernel handed over), the
exercises wanted, the course's private seed and the reader's language.  One JSON line a judged
exercise goes to standard output.  `judge_apart` is the calling side: when an answer takes the
process down with it, that exercise alone has no judgement.
"""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

from beyond_sequential.i18n import _, language

SPOOL = "BEYOND_SEQUENTIAL_SPOOL"
TIMEOUT = 120.0
NOT_JUDGED = "not judged"  # there was nothing to judge
LOST = "lost"  # the judge broke on it
_log = logging.getLogger(__name__)
_ANSWER = re.compile(r"(?P<exercise>[a-z0-9-]+)\.(?P<count>\d+)\.answer")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge says of one exercise: the points earned, and the words for them."""

    exercise: str
    score: float
    outcome: str
    finding: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Request:
    """What the judge's process is told; `exercises` are those wanted, with their points."""

    spool: str
    exercises: Mapping[str, float]
    seed: int
    language: str


def handed_in(spool: Path) -> dict[str, Path]:
    """The last answer for each exercise; anything in the spool that is not one is left alone."""
    last: dict[str, tuple[int, Path]] = {}
    for path in spool.iterdir():
        match = _ANSWER.fullmatch(path.name)
        if match is None or path.is_symlink() or not path.is_file():
            continue
        exercise, count = match["exercise"], int(match["count"])
        if exercise not in last or count > last[exercise][0]:
            last[exercise] = (count, path)
    return {exercise: path for exercise, (_count, path) in last.items()}


# --- the calling side ---------------------------------------------------------------------------


def judge_apart(request: Request, timeout: float = TIMEOUT) -> dict[str, Judgement]:
    """Judge in another process: a judgement for every exercise that there is an answer to.

    A process that dies or takes too long loses the exercise that it was at; another one goes on
    with those after it.
    """
    present = handed_in(Path(request.spool))
    waiting = [exercise for exercise in request.exercises if exercise in present]
    judged: dict[str, Judgement] = {}
    while waiting:
        points = {exercise: request.exercises[exercise] for exercise in waiting}
        new = _run(Request(request.spool, points, request.seed, request.language), timeout)
        judged |= {judgement.exercise: judgement for judgement in new}
        if len(new) < len(waiting):
            lost = waiting[len(new)]
            words = _("The judge failed on the answer to this question.")
            judged[lost] = nothing(lost, words, LOST)
        waiting = waiting[len(new) + 1 :]
    return judged


def nothing(exercise: str, words: str, outcome: str = NOT_JUDGED) -> Judgement:
    """No points, where there is nothing that a judge could say anything about."""
    return Judgement(exercise, 0.0, outcome, words, words, f"<p>{escape(words)}</p>")


def _run(request: Request, timeout: float) -> list[Judgement]:
    command = [sys.executable, "-I", "-m", "grader.judging"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(
            command,
            input=json.dumps(asdict(request)).encode(),
            capture_output=True,
            env=environment,
            cwd=request.spool,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        _log.error("the judge took longer than %g s", timeout)
        return list(_judgements(error.stdout or b""))
    if done.returncode:
        _log.error("the judge failed:\n%s", done.stderr.decode(errors="replace")[-2000:])
    return list(_judgements(done.stdout))


def _judgements(output: bytes) -> Iterator[Judgement]:
    """The whole lines of a judge's output; the last one may have been cut off."""
    for line in output.splitlines():
        try:
            yield Judgement(**json.loads(line))
        except ValueError:
            return


# --- the judging side ---------------------------------------------------------------------------


def judge(exercise_id: str, points: float, path: Path, seed: int) -> Judgement:
    """The judgement on one answer file; one that is forged or can't be read earns nothing."""
    from beyond_sequential import answer, feedback, sections
    from beyond_sequential import judge as judges

    try:
        found = answer.load(path)
    except answer.AnswerError as error:
        return nothing(exercise_id, _("The answer can't be read: {why}.").format(why=error))
    if found.exercise != exercise_id:
        return nothing(exercise_id, _("The answer belongs to another question."))
    verdict = judges.judge(sections.exercise(exercise_id), found, seed)
    return Judgement(
        exercise_id,
        float(feedback.points_of(verdict, points)),
        verdict.outcome,
        feedback.first_finding(verdict),
        feedback.text(verdict, points),
        feedback.html(verdict, points),
    )


def main() -> None:
    """Read a request, write judgements; what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = Request(**json.load(sys.stdin))
    language(request.language)
    present = handed_in(Path(request.spool))
    for exercise, points in request.exercises.items():
        judgement = judge(exercise, points, present[exercise], request.seed)
        print(json.dumps(asdict(judgement)), file=out, flush=True)


if __name__ == "__main__":
    main()
