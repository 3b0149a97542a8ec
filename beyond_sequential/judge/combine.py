"""From the results of an exercise's parts to its `Verdict`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..answers.answer import Answer, helper_version
from ..compare import Place
from ..compare.places import body_at
from ..course.exercise import (
    Closed,
    Compiled,
    Exercise,
    Fed,
    InputNames,
    Part,
    SameGraph,
    SameWeights,
    Starts,
    Trained,
)
from ..findings.finding import Finding
from ..findings.kinds import FINDING_KINDS
from ..findings.verdict import JUDGE_FAILED, Mark, Picture, Verdict
from ..model.graph import ModelGraph
from .closed import judge_closed
from .compiled import judge_compiled
from .evidence import PUBLIC_SEED, Evidence
from .fed import judge_fed
from .identity import no_model
from .input_names import judge_input_names
from .result import Result
from .rubric import category_of, cost_of, rubric_rows
from .same_graph import judge_same_graph
from .same_weights import judge_same_weights
from .starts import judge_starts
from .targets import Target, load_target
from .trained import judge_trained
from .unjudged import unjudged

JUDGES: Mapping[type[Part], Callable[[Any, Evidence], Result]] = {
    SameGraph: judge_same_graph,
    InputNames: judge_input_names,
    Starts: judge_starts,
    SameWeights: judge_same_weights,
    Compiled: judge_compiled,
    Fed: judge_fed,
    Trained: judge_trained,
    Closed: judge_closed,
}
"""The judge of each kind of part.  Each takes a part of its own kind."""

_log = logging.getLogger(__name__)


def judge(
    exercise: Exercise, answer: Answer, seed: int = PUBLIC_SEED, target: Target | None = None
) -> Verdict:
    """Decide what an answer is worth, and why.

    `seed` draws the holdout for trained models.  `target` is the exercise's target, by default what
    the course was built with.  Where the judge itself fails on a part, that is logged, and the
    verdict's outcome is JUDGE_FAILED: its fraction counts the other parts alone.
    """
    target = load_target(exercise.id) if target is None else target
    evidence = Evidence(exercise.id, answer, target, seed)
    results = [_judge_part(part, evidence) for part in exercise.parts]
    results = _paid_once(exercise.parts, _not_frozen(exercise.parts, results))
    total = sum(part.weight for part in exercise.parts)
    earned = sum(
        (result.fraction or 0.0) * part.weight
        for part, result in zip(exercise.parts, results, strict=True)
    )
    findings, pictures = _without_repeats(results)
    fraction = round(earned / total, 4)
    return Verdict(
        exercise.id,
        _outcome(results, fraction),
        fraction,
        (*sorted(findings, key=_gravity), *_other_version(answer)),
        tuple(pictures),
        tuple(
            _mark(part, result, total) for part, result in zip(exercise.parts, results, strict=True)
        ),
    )


def names_of(part: Part) -> tuple[str, ...]:
    """Return the names in the notebook that a part is about."""
    return (part.first, part.second) if isinstance(part, SameWeights) else (part.name,)


def _judge_part(part: Part, evidence: Evidence) -> Result:
    names = names_of(part)
    try:
        result = unjudged(names, evidence.answer)
        if result and isinstance(part, SameGraph):
            return replace(result, findings=(*result.findings, *no_model(part, evidence)))
        return result or JUDGES[type(part)](part, evidence)
    except Exception:  # a fault of the judge's: an answer was checked where it was read
        _log.exception("the judge failed on %s of %s", ", ".join(names), evidence.exercise)
        findings = (Finding("judge_failed", {"name": names[0]}),)
        return Result(None, findings, judge_failed=True)


def _gravity(finding: Finding) -> int:
    """Return 0 for the gravest findings, which come first.

    How something is set comes after what is there, what only training shows after that, and what
    was not begun at the end.
    """
    if finding.difference is not None:
        frozen = finding.code == "trainable"  # it decides what training means
        return 1 if category_of(finding.difference) == "settings" and not frozen else 0
    if finding.code in ("missing_name", "stub"):
        return 3
    return 2 if finding.code in FINDING_KINDS and FINDING_KINDS[finding.code].after_run else 0


def _outcome(results: Sequence[Result], fraction: float) -> str:
    if any(result.judge_failed for result in results):
        return JUDGE_FAILED
    if all(result.fraction is None for result in results):
        return "not attempted"
    if fraction >= 1:
        return "right"
    return "partly right" if fraction > 0 else "wrong"


def _mark(part: Part, result: Result, total: float) -> Mark:
    differences = [f.difference for f in result.findings if f.difference is not None]
    rubric: tuple[tuple[str, int, float], ...] = ()
    if isinstance(part, SameGraph) and differences:
        rubric = rubric_rows(part, result.pictures[0].expected, differences)
    share = part.weight / total
    return Mark(
        type(part).__name__, ", ".join(names_of(part)), result.fraction or 0.0, share, rubric
    )


def _other_version(answer: Answer) -> list[Finding]:
    """Return a note, at no cost, if the answer comes from another version than the targets."""
    theirs, ours = str(answer.versions.get("helper", "?"))[:20], helper_version()
    return [] if theirs == ours else [Finding("version", {"found": theirs, "expected": ours})]


# --- a mistake that shows in several parts --------------------------------------------------------


def _paid_once(parts: Sequence[Part], results: Sequence[Result]) -> list[Result]:
    """Return the results, in which a mistake costs points only in the first part that shows it."""
    known: set[str] = set()
    paid = []
    for part, result in zip(parts, results, strict=True):
        mistakes = {_mistake(finding, result.pictures) for finding in result.findings}
        if isinstance(part, SameGraph) and mistakes & known:
            result = _without(part, result, known)
        known |= mistakes
        paid.append(result)
    return paid


def _not_frozen(parts: Sequence[Part], results: Sequence[Result]) -> list[Result]:
    """Return the results, in which weights differ because they were not frozen.

    What was to be frozen and is not is the cause, and is paid where the weights are judged.
    """
    made = list(results)
    moved = [n for n, r in enumerate(made) if [f.code for f in r.findings] == ["weights_differ"]]
    for number, (part, result) in enumerate(zip(parts, results, strict=True)):
        causes = [f for f in result.findings if f.code == "trainable" and not f.detail["expected"]]
        if moved and causes and isinstance(part, SameGraph):
            left = tuple(f for f in result.findings if f not in causes)
            differences = [f.difference for f in left if f.difference is not None]
            cost = cost_of(part, result.pictures[0].expected, differences)
            made[number] = replace(result, fraction=1.0 - cost, findings=left)
            first = made[moved[0]]
            made[moved[0]] = replace(first, findings=(causes[0],), pictures=result.pictures)
            moved = []
    return made


def _without(part: SameGraph, result: Result, known: set[str]) -> Result:
    """Return the result of a part without the mistakes that were paid for before."""
    left = tuple(f for f in result.findings if _mistake(f, result.pictures) not in known)
    differences = [f.difference for f in left if f.difference is not None]
    if len(differences) < len(left) or not result.pictures:
        return result
    cost = cost_of(part, result.pictures[0].expected, differences)
    return replace(result, fraction=1.0 - cost, findings=left)


def _without_repeats(results: Sequence[Result]) -> tuple[list[Finding], list[Picture]]:
    """Return the findings of all parts, the same mistake once, and the pictures that show them."""
    findings: list[Finding] = []
    pictures: list[Picture] = []
    known: set[str] = set()
    for result in results:
        mistakes = [_mistake(finding, result.pictures) for finding in result.findings]
        new = [f for f, m in zip(result.findings, mistakes, strict=True) if m not in known]
        known.update(mistakes)
        for finding in new:
            shift = None if finding.picture is None else finding.picture + len(pictures)
            findings.append(replace(finding, picture=shift))
        if any(finding.picture is not None for finding in new):
            pictures.extend(result.pictures)
    return findings, pictures


def _mistake(finding: Finding, pictures: Sequence[Picture]) -> str:
    """Return a key for a mistake, the same in whichever part it shows: a model that is handed in
    alone and within another is made once.
    """
    difference = finding.difference
    if difference is None or finding.picture is None:
        return repr(finding)
    picture = pictures[finding.picture]
    layers = [
        {(place.kind, repr(_settings_at(graph, place))) for place in places}
        for graph, places in (
            (picture.expected, difference.expected),
            (picture.found, difference.found),
        )
    ]
    plain = {key: item for key, item in difference.detail.items() if not isinstance(item, Mapping)}
    return repr((finding.code, plain, list(map(sorted, layers))))


def _settings_at(graph: ModelGraph, place: Place) -> list[tuple[str, object]] | None:
    body, _owner = body_at(graph, place.path[:-1])
    if body is None:
        return None
    layer = graph.layers[body.calls[place.path[-1]].layer]
    return sorted(item for item in layer.settings.items() if item[0] != "name")
