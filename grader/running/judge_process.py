"""The judge, in processes of its own into which no student code ever comes.

    python -I -m grader.running.judge_process < request.json

or, where kernels are forked from a zygote, in a jailed fork of that.  The request names a folder
of answers that a student's kernel handed over (see `grader.running.spool`), the exercises
wanted, the private seed and the language.  Answers are judged in forks, each with limits of
its own, so that one which is too large, endless or deadly costs itself alone; one JSON line an
exercise goes out.  `grader.running.ask_judge` is the calling side.
"""

from __future__ import annotations

import faulthandler
import json
import logging
import math
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from beyond_sequential import backends
from beyond_sequential.i18n import _, language
from grader.running import spool
from grader.running.judgement import Judgement, judge_failed, no_points

if TYPE_CHECKING:
    from beyond_sequential.findings.verdict import Verdict

TIMEOUT = 90.0  # seconds, for one answer; of work it may do less:
CPU_SECONDS = 30
MEMORY = 4 << 30  # bytes
MAX_LINE = 8 << 20  # bytes, of a judgement
MAX_TEXT = 20_000  # characters
MAX_VERDICT = 500_000  # characters
FOLDER = "ANSWERS"  # the name under which a fork of a zygote gets the folder of answers
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """What the judge's process is asked; `exercises` are those wanted, with their points."""

    folder: str
    exercises: Mapping[str, float]
    seed: int
    language: str


def read_judgements(output: bytes) -> Iterator[Judgement]:
    """Yield the judgements in a judge's output: its whole lines, for the last may be cut off."""
    for line in output.splitlines():
        try:
            yield Judgement(**json.loads(line))
        except (ValueError, TypeError):
            return


def main() -> None:
    """Read a request, write judgements; what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = JudgeRequest(**json.load(sys.stdin))
    language(request.language)
    for judgement in judge_answers(request):
        print(json.dumps(asdict(judgement)), file=out, flush=True)


def answer_request(
    data: Mapping[str, Any], shared: Mapping[str, str], say: Callable[[bytes], None]
) -> None:
    """`main` for a fork of a zygote, where the folder of answers has another name."""
    request = JudgeRequest(**{**data, "folder": shared[FOLDER]})
    language(request.language)
    for judgement in judge_answers(request):
        say(json.dumps(asdict(judgement)).encode() + b"\n")


def judge_answers(request: JudgeRequest) -> Iterator[Judgement]:
    """Judge every exercise of the request in forks of this process.

    Models that have to be built and run have a fork each; the others share one.  An answer that
    its fork dies of is lost, and the next one gets a new fork.
    """
    from beyond_sequential.course import sections

    built = [name for name in request.exercises if sections.exercise(name).is_trained]
    if len(built) > 1 and not backends.chosen().no_fork:
        import keras  # noqa: F401  once for all forks; without it, one of them does it
    others = [name for name in request.exercises if name not in built]
    for left in [others, *([name] for name in built)]:
        while left:
            found = list(_in_fork(left, request))
            yield from found
            for lost in left[len(found) : len(found) + 1]:
                yield judge_failed(lost)
            left = left[len(found) + 1 :]


def _in_fork(exercises: list[str], request: JudgeRequest) -> Iterator[Judgement]:
    """Yield judgements from a fork, up to the answer that it dies of or is stopped at."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _judge_all(exercises, request, writing)
    os.close(writing)
    try:
        for line in _lines(reading):
            yield from read_judgements(line)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _judge_all(exercises: list[str], request: JudgeRequest, out: int) -> NoReturn:
    exercise = ""
    faulthandler.disable()  # its report would stand on the grader's terminal
    try:
        for exercise in exercises:
            _limit()
            path = spool.kept_as(Path(request.folder), exercise)
            judgement = judge_file(exercise, request.exercises[exercise], path, request.seed)
            line = json.dumps(asdict(judgement)).encode() + b"\n"
            while line:
                line = line[os.write(out, line) :]
    except BaseException as error:
        _log.error("%s: %s: %s", exercise, type(error).__name__, str(error)[:1000])
    finally:
        os._exit(0)


def _limit() -> None:
    """Limit what one answer may cost, on top of what this process has used."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_LINE, MAX_LINE))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def _lines(pipe: int) -> Iterator[bytes]:
    """Yield the lines that come out of a pipe, until one breaks `TIMEOUT` or `MAX_LINE`."""
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


def judge_file(exercise_id: str, points: float, path: Path, seed: int) -> Judgement:
    """Return the judgement on one answer file; a forged or unreadable one earns nothing."""
    from beyond_sequential.answers import answer, files
    from beyond_sequential.course import sections
    from beyond_sequential.feedback import html, text
    from beyond_sequential.judge import judge

    exercise = sections.exercise(exercise_id)
    try:
        found = files.load(path, exercise)
    except answer.AnswerError as error:
        return no_points(exercise_id, _("The answer can't be read: {why}.").format(why=error))
    if found.exercise != exercise_id:
        return no_points(exercise_id, _("The answer belongs to another question."))
    verdict = judge(exercise, found, seed)
    return Judgement(
        exercise_id,
        float(text.points_of(verdict, points)),
        verdict.outcome,
        text.first_finding(verdict)[:MAX_TEXT],
        text.verdict_text(verdict, points)[:MAX_TEXT],
        html.verdict_html(verdict, points),
        _stored(verdict),
    )


def _stored(verdict: Verdict) -> str:
    from beyond_sequential.findings.verdict import verdict_to_json

    text = json.dumps(verdict_to_json(verdict))
    return text if len(text) <= MAX_VERDICT else ""


if __name__ == "__main__":
    main()
