"""What is said of random mistakes, and what they cost: true of every finding, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from random import Random

import pytest

from beyond_sequential.course.exercise import SameGraph
from beyond_sequential.feedback.sentences import sentence
from beyond_sequential.findings.finding import Finding
from beyond_sequential.findings.kinds import FINDING_KINDS
from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.i18n import language
from beyond_sequential.judge.rubric import cost_of
from beyond_sequential.model.graph import to_json
from tests.fuzzer import run
from tests.fuzzer.mutations import mutants
from tests.fuzzer.respell import respell

RECIPES = 20
INTERNAL = re.compile(
    r"keras_tensor|input_layer|CLONE|custom\.|functional_\d|sequential_\d|``|\{\w+\}"
)


@cache
def verdicts() -> list[Verdict]:
    """The verdicts on models with one random mistake, and with two."""
    return list(_verdicts())


def _verdicts() -> Iterator[Verdict]:
    for number in range(RECIPES):
        recipe = run.recipe_of(16, number)
        target = to_json(respell(recipe).graph)
        for mutant in mutants(recipe, Random(f"16/{number}"), 3):
            yield run.verdict(recipe, target, respell(mutant.recipe, f"a/{number}").graph)
            for second in mutants(mutant.recipe, Random(f"17/{number}"), 1):
                yield run.verdict(recipe, target, respell(second.recipe, f"b/{number}").graph)


def findings() -> list[Finding]:
    return [finding for verdict in verdicts() for finding in verdict.findings]


@pytest.mark.parametrize("tongue", ["en", "zh"])
def test_no_sentence_holds_what_is_internal_or_empty(tongue: str) -> None:
    language(tongue)
    try:
        said = [sentence(finding) for finding in findings()]
    finally:
        language("en")
    assert len(said) > RECIPES
    assert [words for words in said if INTERNAL.search(words)] == []


def test_no_sentence_expects_what_was_found() -> None:
    alike = []
    for finding in findings():
        kind = FINDING_KINDS[finding.code]
        message = kind.words(finding.variant or "")[0]
        both = {"expected", "found"} <= set(re.findall(r"\{(\w+)", message))
        ends = [str({**finding.detail, **finding.words}.get(e)) for e in ("expected", "found")]
        if both and ends[0] == ends[1]:
            alike.append(sentence(finding))
    assert alike == []


def test_fewer_differences_never_cost_more() -> None:
    for verdict in verdicts():
        differences = [f.difference for f in verdict.findings if f.difference is not None]
        if not 1 < len(differences) < 7:
            continue
        expected = verdict.pictures[0].expected
        for part in (SameGraph("model"), SameGraph("model", point="sharing")):
            whole = cost_of(part, expected, differences)
            for less in combinations(differences, len(differences) - 1):
                assert cost_of(part, expected, less) <= whole


def test_what_is_shown_adds_up_to_what_is_lost() -> None:
    for verdict in verdicts():
        for mark in verdict.marks:
            if mark.rubric:
                assert abs(sum(cost for *_, cost in mark.rubric) - (1 - mark.fraction)) < 1e-9
