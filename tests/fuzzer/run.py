"""The trials of a recipe: respelled and mutated, and the verdict on each."""

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
from tests.fuzzer.generate import generate
from tests.fuzzer.graph_writer import SpelledGraph
from tests.fuzzer.mutations import MUTATIONS, Mutant, mutants, sites
from tests.fuzzer.oracle import Undecided, same
from tests.fuzzer.recipe import Recipe
from tests.fuzzer.respell import respell
from tests.fuzzer.shrink import shrunk

SIZES = (2, 4, 6, 9, 12)
MUTANTS = 6
MAX_OTHERS = 150


@dataclass(frozen=True)
class Trial:
    """One graph put before the judge.

    `mutation` is "" for a respelling.  `outcome` is "right" where the verdict agrees with the
    oracle, else "rejected" (a respelling), "accepted" (a mutant), "equal" (a mutant that the oracle
    finds equal, whatever the verdict), "undecided" or "error".  The three others are for
    mutants: whether the first finding names the place and the kind, and whether it is alone.
    """

    number: int
    mutation: str
    site: str
    outcome: str
    place: bool = False
    kind: bool = False
    alone: bool = False
    given: tuple[str, ...] = ()
    target: SpelledGraph | None = None
    found: SpelledGraph | None = None


def asking(recipe: Recipe) -> Exercise:
    part = SameGraph("model", concat_order=recipe.concat_order, names=recipe.names)
    return Exercise("fuzzer", asks=(AskModel("model"),), parts=(part,))


def verdict(recipe: Recipe, target: Any, found: ModelGraph) -> Verdict:
    """The judge's verdict on a graph where the target's JSON is `target`."""
    answer = Answer("fuzzer", {"model": (GraphCase(found),)}, {"helper": helper_version()})
    return judge(asking(recipe), answer, target=Target({"model": (from_json(target),)}))


def recipe_of(seed: int, number: int) -> Recipe:
    chance = Random(f"{seed}/{number}")
    return generate(chance, chance.choice(SIZES))


RESPELLINGS = (("", "a"), ("", "b"), ("a", "b"))
"""Which spelling is the target and which is handed in; "" is step by step."""


def trials_of(recipe: Recipe, seed: str, number: int = 0, count: int = MUTANTS) -> Iterator[Trial]:
    """Try a recipe: two respellings, also against each other, and mutants."""
    for target, seed_of_found in RESPELLINGS:
        # A name that the spelling of a target chose would be asked for.
        if not (target and recipe.names):
            yield respelled(recipe, seed, target, seed_of_found, number)
    for mutant in mutants(recipe, Random(f"{seed}/mutants"), count):
        yield mutated(recipe, mutant, seed, number)


def again(recipe: Recipe, seed: str, trial: Trial) -> Trial | None:
    """The same trial with another recipe; None if it has no such place."""
    if not trial.mutation:
        target, seed_of_found = trial.site.split(">")
        return respelled(recipe, seed, target, seed_of_found, trial.number)
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
        "said": list(small.given),
        "concat_order": recipe.concat_order,
        "names": recipe.names,
        "target": to_json(small.target.graph),
        "found": to_json(small.found.graph),
    }


def respelled(recipe: Recipe, seed: str, target: str, seed_of_found: str, number: int) -> Trial:
    plain = respell(recipe, f"{seed}/{target}" if target else None)
    found = respell(recipe, f"{seed}/{seed_of_found}")
    assert same(plain, found, recipe), (
        f"the fuzzer itself is wrong: recipe {seed}, {target}>{seed_of_found}"
    )
    given = verdict(recipe, to_json(plain.graph), found.graph)
    fine = given.outcome == "right" and not given.findings
    outcome = "right" if fine else "rejected"
    return Trial(
        number,
        "",
        f"{target}>{seed_of_found}",
        outcome,
        False,
        False,
        False,
        _said(given),
        plain,
        found,
    )


def mutated(recipe: Recipe, mutant: Mutant, seed: str, number: int) -> Trial:
    plain = respell(recipe)
    target = to_json(plain.graph)
    found = respell(mutant.recipe, f"{seed}/{mutant.mutation}/{mutant.site}")
    given = verdict(recipe, target, found.graph)
    right = given.outcome == "right"
    trial = Trial(
        number,
        mutant.mutation,
        mutant.site,
        "right",
        False,
        False,
        False,
        _said(given),
        plain,
        found,
    )
    try:
        equal = same(plain, found, recipe)
    except Undecided:
        return replace(trial, outcome="undecided")
    if equal:
        return replace(trial, outcome="equal")
    if right or not given.findings:
        return replace(trial, outcome="accepted")
    difference = given.findings[0].difference
    if difference is None:
        return replace(trial, outcome="error")
    named = {uid for place in difference.expected for uid in plain.trail(place.path)}
    named |= {uid for place in difference.found for uid in found.trail(place.path)}
    place, kind = bool(named & mutant.where), difference.kind in mutant.kinds
    if not (place and kind) and _as_true(recipe, plain, found, named, difference.kind):
        place = kind = True
    return replace(trial, place=place, kind=kind, alone=len(given.findings) == 1)


def _as_true(
    recipe: Recipe, plain: SpelledGraph, found: SpelledGraph, named: set[str], kind: str
) -> bool:
    """Whether another mistake, of this kind and at one of these places, gives the same model: of
    two equal layers in a row nobody can say which one is missing."""
    tried = 0
    for name in sorted(MUTATIONS):
        for other in sites(recipe, name):
            if kind in other.kinds and other.where & named:
                tried += 1
                if same(respell(other.recipe), found, recipe):
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
