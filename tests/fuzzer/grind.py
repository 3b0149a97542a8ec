"""A recipe through the mill: respelled and mutated, and what the judge says of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from beyond_sequential.answers.answer import Answer, GraphCase, helper_version
from beyond_sequential.course.exercise import AskModel, Exercise, SameGraph
from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.judge import judge
from beyond_sequential.judge.targets import Target
from beyond_sequential.model.graph import ModelGraph, from_json, to_json
from tests.fuzzer.grow import grow
from tests.fuzzer.mutate import MUTATIONS, Mutant, mutants, sites
from tests.fuzzer.oracle import Undecided, same
from tests.fuzzer.recipe import Recipe
from tests.fuzzer.shrink import shrunk
from tests.fuzzer.spell import Spelt, spell

SIZES = (2, 4, 6, 9, 12)
MUTANTS = 6
MAX_OTHERS = 150


@dataclass(frozen=True)
class Trial:
    """One graph put before the judge.

    `mutation` is "" for a respelling.  `outcome` is "right" where the verdict agrees with the
    oracle, else "rejected" (a respelling), "accepted" (a mutant), "equal" (a mutant that the oracle
    can't tell apart, whatever the verdict), "undecided" or "error".  The three others are for
    mutants: whether the first finding names the place and the kind, and whether it is alone.
    """

    number: int
    mutation: str
    site: str
    outcome: str
    place: bool = False
    kind: bool = False
    alone: bool = False
    said: tuple[str, ...] = ()
    target: Spelt | None = None
    found: Spelt | None = None


def asking(recipe: Recipe) -> Exercise:
    part = SameGraph("model", concat_order=recipe.concat_order, names=recipe.names)
    return Exercise("mill", asks=(AskModel("model"),), parts=(part,))


def verdict(recipe: Recipe, target: Any, found: ModelGraph) -> Verdict:
    """The judge's verdict on a graph where the target's JSON is `target`."""
    answer = Answer("mill", {"model": (GraphCase(found),)}, {"helper": helper_version()})
    return judge(asking(recipe), answer, target=Target({"model": (from_json(target),)}))


def recipe_of(seed: int, number: int) -> Recipe:
    chance = Random(f"{seed}/{number}")
    return grow(chance, chance.choice(SIZES))


RESPELLINGS = (("", "a"), ("", "b"), ("a", "b"))
"""Which spelling is the target and which is handed in; "" is step by step."""


def ground(recipe: Recipe, seed: str, number: int = 0, count: int = MUTANTS) -> Iterator[Trial]:
    """Put a recipe through the mill: two respellings, also against each other, and mutants."""
    for target, turn in RESPELLINGS:
        # A name that the spelling of a target chose would be asked for.
        if not (target and recipe.names):
            yield respelled(recipe, seed, target, turn, number)
    for mutant in mutants(recipe, Random(f"{seed}/mutants"), count):
        yield mutated(recipe, mutant, seed, number)


def again(recipe: Recipe, seed: str, trial: Trial) -> Trial | None:
    """The same trial with another recipe; None if it has no such place."""
    if not trial.mutation:
        target, turn = trial.site.split(">")
        return respelled(recipe, seed, target, turn, trial.number)
    for mutant in sites(recipe, trial.mutation):
        if mutant.site == trial.site:
            return mutated(recipe, mutant, seed, trial.number)
    return None


def small_case(recipe: Recipe, seed: str, trial: Trial) -> dict[str, Any]:
    """A failure on the smallest recipe that shows it, as plain data."""

    def result(trial: Trial) -> Any:
        return trial.outcome, trial.place, trial.kind, trial.alone

    def fails(smaller: Recipe) -> bool:
        other = again(smaller, seed, trial)
        return other is not None and result(other) == result(trial)

    recipe = shrunk(recipe, fails)
    small = again(recipe, seed, trial) or trial
    assert small.target is not None and small.found is not None
    return {
        "recipe": f"{seed}",
        "mutation": small.mutation or "respelling",
        "site": small.site,
        "outcome": small.outcome,
        "place": small.place,
        "kind": small.kind,
        "alone": small.alone,
        "said": list(small.said),
        "concat_order": recipe.concat_order,
        "names": recipe.names,
        "target": to_json(small.target.graph),
        "found": to_json(small.found.graph),
    }


def respelled(recipe: Recipe, seed: str, target: str, turn: str, number: int) -> Trial:
    plain = spell(recipe, f"{seed}/{target}" if target else None)
    found = spell(recipe, f"{seed}/{turn}")
    assert same(plain, found, recipe), f"the mill itself is wrong: recipe {seed}, {target}>{turn}"
    said = verdict(recipe, to_json(plain.graph), found.graph)
    fine = said.outcome == "right" and not said.findings
    outcome = "right" if fine else "rejected"
    return Trial(
        number, "", f"{target}>{turn}", outcome, False, False, False, _said(said), plain, found
    )


def mutated(recipe: Recipe, mutant: Mutant, seed: str, number: int) -> Trial:
    plain = spell(recipe)
    target = to_json(plain.graph)
    found = spell(mutant.recipe, f"{seed}/{mutant.mutation}/{mutant.site}")
    said = verdict(recipe, target, found.graph)
    right = said.outcome == "right"
    trial = Trial(
        number,
        mutant.mutation,
        mutant.site,
        "right",
        False,
        False,
        False,
        _said(said),
        plain,
        found,
    )
    try:
        equal = same(plain, found, recipe)
    except Undecided:
        return replace(trial, outcome="undecided")
    if equal:
        return replace(trial, outcome="equal")
    if right or not said.findings:
        return replace(trial, outcome="accepted")
    difference = said.findings[0].difference
    if difference is None:
        return replace(trial, outcome="error")
    named = {uid for place in difference.expected for uid in plain.trail(place.path)}
    named |= {uid for place in difference.found for uid in found.trail(place.path)}
    place, kind = bool(named & mutant.where), difference.kind in mutant.kinds
    if not (place and kind) and _as_true(recipe, plain, found, named, difference.kind):
        place = kind = True
    return replace(trial, place=place, kind=kind, alone=len(said.findings) == 1)


def _as_true(recipe: Recipe, plain: Spelt, found: Spelt, named: set[str], kind: str) -> bool:
    """Whether another mistake, of this kind and at one of these places, gives the same model: of
    two equal layers in a row nobody can say which one is missing."""
    tried = 0
    for name in sorted(MUTATIONS):
        for other in sites(recipe, name):
            if kind in other.kinds and other.where & named:
                tried += 1
                if same(spell(other.recipe), found, recipe):
                    return True
                if tried == MAX_OTHERS:
                    return False
    return False


def _said(verdict: Verdict) -> tuple[str, ...]:
    rows = []
    for finding in verdict.findings:
        d = finding.difference
        if d is None:
            rows.append(f"{finding.code} {dict(finding.detail)}")
        else:
            expected = [f"{p.kind}{list(p.path)}" for p in d.expected]
            found = [f"{p.kind}{list(p.path)}" for p in d.found]
            rows.append(f"{d.kind} expected {expected} found {found} {dict(d.detail)}")
    return tuple(rows)
