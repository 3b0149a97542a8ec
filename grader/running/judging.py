"""The judge, in processes of its own into which no student code ever comes.

    python -I -m grader.running.judging < request.json

or, where kernels are forked from a zygote, in a jailed fork of that.  The request names a folder
of answers that a student's kernel handed over (see `grader.running.spool`), the exercises
wanted, the private seed and the language.  Answers are judged in forks, each with limits of
its own, so that one which is too large, endless or deadly costs itself alone; one JSON line an
exercise goes out.  `judge_apart` is the calling side.
"""

from __future__ import annotations

import json
import logging
import math
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any, NoReturn

import jailed_kernels as kernels
from beyond_sequential import backends
from beyond_sequential.findings.verdict import JUDGE_FAILED
from beyond_sequential.i18n import _, language
from grader.running import spool
from jailed_kernels import Policy

TIMEOUT = 90.0  # seconds, for one answer; of work it may do less:
CPU_SECONDS = 30
MEMORY = 4 << 30  # bytes
MAX_LINE = 8 << 20  # bytes, of a judgement
MAX_TEXT = 20_000  # characters
JUDGE = "judge"  # the name of the zygote's service
_FOLDER = "ANSWERS"
MAX_VERDICT = 500_000  # characters
NOT_JUDGED = "not judged"  # there was nothing to judge
LOST = JUDGE_FAILED
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge says of one exercise: the points earned, and the words for them.

    `verdict` is the Verdict itself as JSON (empty where there is none), for the class's report.
    """

    exercise: str
    score: float
    outcome: str
    finding: str
    text: str
    html: str
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What the judge's process is told; `exercises` are those wanted, with their points."""

    folder: str
    exercises: Mapping[str, float]
    seed: int
    language: str


def repeatable() -> dict[str, str]:
    """The variables with which a notebook gets the same score each time, on Keras's backend."""
    return backends.chosen().grading_environment()


def nothing(exercise: str, words: str, outcome: str = NOT_JUDGED) -> Judgement:
    """No points, where there is nothing that a judge could say anything about."""
    return Judgement(exercise, 0.0, outcome, words, words, f"<p>{escape(words)}</p>")


def _lost(exercise: str) -> Judgement:
    return nothing(exercise, _("The judge failed on the answer to this question."), LOST)


# --- the calling side ---------------------------------------------------------------------------


def judge_apart(request: Request, policy: Policy | None = None) -> dict[str, Judgement]:
    """Judge in other processes: a judgement for every exercise that there is an answer to.

    With a policy that is in a fork of its zygote, warm and jailed.
    """
    folder = Path(request.folder)
    wanted = {
        exercise: points
        for exercise, points in request.exercises.items()
        if spool.kept_as(folder, exercise).is_file()
    }
    if not wanted:
        return {}
    request = Request(request.folder, wanted, request.seed, request.language)
    output = _run_forked(request, policy) if policy else _run(request)
    judged = {judgement.exercise: judgement for judgement in _judgements(output)}
    return {exercise: judged.get(exercise) or _lost(exercise) for exercise in wanted}


def _run(request: Request) -> bytes:
    command = [sys.executable, "-I", "-m", "grader.running.judging"]
    environment = {
        **os.environ,
        **repeatable(),
        "OPENBLAS_NUM_THREADS": "1",  # before a fork there is one thread
    }
    try:
        done = subprocess.run(
            command,
            input=json.dumps(asdict(request)).encode(),
            capture_output=True,
            env=environment,
            timeout=TIMEOUT * (1 + len(request.exercises)),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        _log.error("the judge took too long")
        return error.stdout or b""
    if done.returncode:
        _log.error("the judge failed:\n%s", done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


def _run_forked(request: Request, policy: Policy) -> bytes:
    timeout = TIMEOUT * (1 + len(request.exercises))
    shared = {_FOLDER: request.folder}
    output, done = kernels.call(policy, JUDGE, asdict(request), shared, timeout)
    if done.code:
        _log.error("the judge failed (limit: %s):\n%s", done.limit, done.log[-2000:])
    return output


def _judgements(output: bytes) -> Iterator[Judgement]:
    """The whole lines of a judge's output; the last one may have been cut off."""
    for line in output.splitlines():
        try:
            yield Judgement(**json.loads(line))
        except ValueError:
            return


# --- the judging side ---------------------------------------------------------------------------


def main() -> None:
    """Read a request, write judgements; what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = Request(**json.load(sys.stdin))
    language(request.language)
    for judgement in serve(request):
        print(json.dumps(asdict(judgement)), file=out, flush=True)


def answer(
    data: Mapping[str, Any], shared: Mapping[str, str], say: Callable[[bytes], None]
) -> None:
    """`main` for a fork of a zygote, where the folder of answers has another name."""
    request = Request(**{**data, "folder": shared[_FOLDER]})
    language(request.language)
    for judgement in serve(request):
        say(json.dumps(asdict(judgement)).encode() + b"\n")


def serve(request: Request) -> Iterator[Judgement]:
    """Judge every exercise of the request in forks of this process, which do what it must not die
    of.  Models that have to be built and run have a fork each; the others share one, and where an
    answer is its death, that answer is lost and the next one gets a new fork."""
    from beyond_sequential.course import sections

    built = [name for name in request.exercises if sections.exercise(name).is_trained]
    if len(built) > 1 and not backends.chosen().no_fork:
        import keras  # noqa: F401  once for all forks; without it, one of them does it
    others = [name for name in request.exercises if name not in built]
    for left in [others, *([name] for name in built)]:
        while left:
            found = list(_in_fork(left, request))
            yield from found
            if lost := left[len(found) : len(found) + 1]:
                yield _lost(*lost)
            left = left[len(found) + 1 :]


def _in_fork(exercises: list[str], request: Request) -> Iterator[Judgement]:
    """Judge in a fork, up to the answer that it dies of or that it must be stopped at."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        _judge_all(exercises, request, theirs)
    os.close(theirs)
    try:
        for line in _lines(ours):
            yield from _judgements(line)
    finally:
        os.close(ours)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _judge_all(exercises: list[str], request: Request, out: int) -> NoReturn:
    exercise = ""
    try:
        for exercise in exercises:
            _limit()
            path = spool.kept_as(Path(request.folder), exercise)
            judgement = judge(exercise, request.exercises[exercise], path, request.seed)
            line = json.dumps(asdict(judgement)).encode() + b"\n"
            while line:
                line = line[os.write(out, line) :]
    except BaseException as error:
        _log.error("%s: %s: %s", exercise, type(error).__name__, str(error)[:1000])
    finally:
        os._exit(0)


def _limit() -> None:
    """What one answer may cost, on top of what this process has used."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_LINE, MAX_LINE))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def _lines(pipe: int) -> Iterator[bytes]:
    """The lines that come out of a pipe: each within `TIMEOUT` and `MAX_LINE`, or no more."""
    line = b""
    end = time.monotonic() + TIMEOUT
    while (left := end - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
        piece = os.read(pipe, 1 << 16)
        *whole, line = (line + piece).split(b"\n")
        yield from whole
        if not piece or len(line) > MAX_LINE:
            return
        if whole:
            end = time.monotonic() + TIMEOUT


def judge(exercise_id: str, points: float, path: Path, seed: int) -> Judgement:
    """The judgement on one answer file; one that is forged or can't be read earns nothing."""
    from beyond_sequential.answers import answer, files
    from beyond_sequential.course import sections
    from beyond_sequential.feedback import html, text
    from beyond_sequential.judge import judge as verdict_on

    exercise = sections.exercise(exercise_id)
    try:
        found = files.load(path, exercise)
    except answer.AnswerError as error:
        return nothing(exercise_id, _("The answer can't be read: {why}.").format(why=error))
    if found.exercise != exercise_id:
        return nothing(exercise_id, _("The answer belongs to another question."))
    verdict = verdict_on(exercise, found, seed)
    return Judgement(
        exercise_id,
        float(text.points_of(verdict, points)),
        verdict.outcome,
        text.first_finding(verdict)[:MAX_TEXT],
        text.verdict_text(verdict, points)[:MAX_TEXT],
        html.verdict_html(verdict, points),
        _kept(verdict),
    )


def _kept(verdict: Any) -> str:
    from beyond_sequential.findings.verdict import verdict_to_json

    text = json.dumps(verdict_to_json(verdict))
    return text if len(text) <= MAX_VERDICT else ""


if __name__ == "__main__":
    main()
