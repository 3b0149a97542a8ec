"""The shortest account of how two graphs differ.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from ..equivalence import Form, Place, flattened, one_sided, written
from ..model.graph import ModelGraph
from .aspects import (
    input_order,
    name_differences,
    output_order,
    setting_differences,
    shape_differences,
    sharing_differences,
    tensor_differences,
    trainable_differences,
)
from .boxes import boxed, unboxed
from .difference import DIFFERENCE_KINDS, Difference
from .exchanged import with_exchanged_sizes
from .pairing import (
    STRATEGIES,
    Pairing,
    align_forms,
    align_layers,
    nodes_at,
    relate,
    relate_sums,
)
from .structure import structural_differences

_ORDER = {kind: number for number, kind in enumerate(DIFFERENCE_KINDS)}

SETTINGS = ("setting", "trainable", "input_shape", "input_name", "output_name")
"""The kinds of difference in how something is set; all others are in which things there are."""

MAX_OUTSIDE = 3
"""An account that leaves nested models closed is taken if it has no more differences than this."""

MAX_TRIALS = 12
"""How many pairs of nodes are put to the test where a wire is misplaced."""

MAX_SUSPECTED = 8
"""An account longer than this is not improved: its graphs have little in common."""

EFFORT = 60_000
"""How many nodes are looked at, all ways of pairing them together, before the shortest account so
far is taken: large graphs, and those that have little in common, get fewer ways."""


def compare(
    target: ModelGraph, found: ModelGraph, *, concat_order: bool = False, names: bool = False
) -> list[Difference]:
    """Return the differences of two graphs, the most upstream first.

    [] if they are the same model.

    The order of what is concatenated counts only with `concat_order`, the names of inputs and
    outputs only with `names`.
    """
    ignore = one_sided(target, found)

    def forms(merge: bool = True) -> tuple[Form, Form]:
        options: dict[str, Any] = {"concat_order": concat_order, "merge": merge, "ignore": ignore}
        return written(target, **options), written(found, **options)

    as_written = forms()
    a, b = map(flattened, as_written)
    related = relate(a, b, names) or relate_sums(a, b, names)
    known = _account_of(related[0], names) if related else []
    if related and (related[1] or len(known) == 1):
        return with_exchanged_sizes(known, target, found)
    outside = _around_boxes(target, found, concat_order, names)
    if outside and len(outside) <= MAX_OUTSIDE:
        return outside
    attempts = [(a, b)]
    if (a, b) != as_written:
        attempts.append(as_written)
    if a.merged or b.merged:
        apart = forms(merge=False)
        attempts += [apart, (flattened(apart[0], merge=False), flattened(apart[1], merge=False))]
    return with_exchanged_sizes(_fewest(attempts, names, known), target, found)


def _around_boxes(
    target: ModelGraph, found: ModelGraph, concat_order: bool, names: bool
) -> list[Difference]:
    """Return the differences outside the nested models that both graphs have; [] if none is."""
    graphs = boxed(target, found, compare)
    if graphs is None:
        return []
    return [unboxed(d) for d in compare(*graphs, concat_order=concat_order, names=names)]


def _fewest(
    attempts: list[tuple[Form, Form]], names: bool, known: list[Difference]
) -> list[Difference]:
    """The shortest account of the differences that the several ways of pairing nodes give.

    The one known before, and others in which no node is left over, go first.
    """
    accounts = [known]
    for number, (a, b) in enumerate(attempts):
        related = relate(a, b, names) if number else None
        if related:
            accounts.append(_account_of(related[0], names))
    if all(len(account) != 1 for account in accounts):
        accounts += _accounts(attempts, names)
    accounts = [account for account in accounts if account]
    return min(accounts, key=_length, default=[_unexplained(*attempts[0])])


def _accounts(attempts: list[tuple[Form, Form]], names: bool) -> Iterator[list[Difference]]:
    """The account that each way of pairing gives, until one is as short as can be or the effort
    is spent.
    """
    left = EFFORT
    for a, b in attempts:
        for strategy in STRATEGIES:
            for pairing in chain(align_forms(a, b, strategy), align_layers(a, b, strategy)):
                differences = _improved(pairing, names)
                yield differences
                left -= len(a.nodes) + len(b.nodes)
                alone = (
                    len(attempts) == 1 or _gravity(differences[0]) == 0 if differences else False
                )
                if left < 0 or (alone and len(differences) == 1):
                    return


def _improved(pairing: Pairing, names: bool) -> list[Difference]:
    """The account of a pairing, after parting pairs that only make it longer: a layer that has
    changed places is better described as moved than by all the wires that it has changed.
    """
    best = _derive(pairing, names)
    left = EFFORT
    for _ in range(MAX_TRIALS if len(best) <= MAX_SUSPECTED else 0):
        trials = [_parted(pairing, numbers) for numbers in _suspects(pairing, best)]
        left -= len(trials) * len(pairing.target.nodes)
        if left < 0:
            break
        accounts = [_derive(trial, names) for trial in trials]
        shorter = [
            (_length(account), number)
            for number, account in enumerate(accounts)
            if account and _length(account) < _length(best)
        ]
        if not shorter:
            break
        number = min(shorter)[1]
        pairing, best = trials[number], accounts[number]
    return _sorted(pairing, best)


def _account_of(pairing: Pairing, names: bool) -> list[Difference]:
    return _sorted(pairing, _derive(pairing, names))


def _parted(pairing: Pairing, numbers: set[int]) -> Pairing:
    match = {
        in_target: in_found
        for in_target, in_found in pairing.match.items()
        if in_target not in numbers
    }
    return replace(
        pairing, match=match, back={in_found: in_target for in_target, in_found in match.items()}
    )


def _suspects(pairing: Pairing, differences: list[Difference]) -> list[set[int]]:
    """Nodes whose pairing may be wrong: those that read, and those that should be read, where a
    wire is misplaced; each alone, and with what the same call does besides.
    """
    places: list[Place] = []
    for difference in differences:
        if difference.kind == "wiring":
            places += difference.expected
            if difference.detail["expected"]:
                places.append(Place.from_json(difference.detail["expected"]))
    if len(set(places)) < 2:
        return []
    suspects = []
    for place in list(dict.fromkeys(places))[:MAX_TRIALS]:
        numbers = {n for n in nodes_at(pairing.target, place) if n in pairing.match}
        if not any(pairing.target.nodes[n].kind == "input" for n in numbers):
            suspects += [{n} for n in sorted(numbers)]
            suspects += [numbers] if len(numbers) > 1 else []
    return suspects


def _length(differences: list[Difference]) -> tuple[int, int, int]:
    """Return how long an account is.

    Of equally long ones, the one with the graver mistakes is longer, and then the one that names
    more places.
    """
    places = (
        len(d.expected) + len(d.found) + len(d.detail.get("vanished", ())) for d in differences
    )
    return len(differences), sum(map(_gravity, differences)), sum(places)


def _gravity(difference: Difference) -> int:
    """Return the gravity of its kind.

    A layer that has moved, or many layers in the place of others, are graver.
    """
    kind, detail = difference.kind, difference.detail
    many = len(difference.expected) + len(difference.found) > 2
    moved = kind == "wiring" and "moved" in detail
    if moved or (kind == "replaced" and (many or detail["expected"] == detail["found"])):
        return 2
    return DIFFERENCE_KINDS[kind].gravity


def _unexplained(a: Form, b: Form) -> Difference:
    """Return the difference of forms that differ in a way that no rule here describes."""
    return Difference(
        "wiring",
        tuple(a.nodes[port.source[0]].places[0] for port in a.outputs),
        tuple(b.nodes[port.source[0]].places[0] for port in b.outputs),
        {"argument": None, "expected": None, "found": None},
    )


def _derive(pairing: Pairing, names: bool) -> list[Difference]:
    differences = [
        *structural_differences(pairing),
        *setting_differences(pairing),
        *sharing_differences(pairing),
        *trainable_differences(pairing),
        *shape_differences(pairing),
        *input_order(pairing),
        *output_order(pairing),
    ]
    if names:
        differences += name_differences(pairing)
    return _once(_not_twice(differences)) or list(tensor_differences(pairing))


def _not_twice(differences: list[Difference]) -> list[Difference]:
    """Return the differences without an activation that only stands in another node.

    A layer with a regularizer of its activity keeps its activation: there it is None that is
    expected, and behind it the activation that is found.
    """
    activations = {
        (place, repr(difference.detail["found"])): difference
        for difference in differences
        if difference.kind == "setting"
        and difference.detail["setting"] == "activation"
        and difference.detail["expected"] is None
        for place in difference.found
    }
    gone: list[Difference] = []
    for difference in differences:
        if difference.kind == "setting" and difference.detail["setting"] == "activation":
            for place in difference.found:
                other = activations.get((place, repr(difference.detail["expected"])))
                if other is not None and difference.detail["found"] == "linear":
                    gone += [difference, other]
    return [difference for difference in differences if difference not in gone]


def _once(differences: list[Difference]) -> list[Difference]:
    """Return the differences with each mistake once.

    What differs in a model that is called several times differs at each call, and what somebody
    does in the same way in many layers is one habit.
    """
    merged: dict[str, Difference] = {}
    for difference in differences:
        key = _habit(difference)
        if key is None:
            ends = (difference.expected, difference.found)
            layers = [[(place.name, place.kind) for place in places] for places in ends]
            key = repr((difference.kind, _without_paths(difference.detail), layers))
        first = merged.get(key)
        if first is not None:
            expected = tuple(dict.fromkeys(first.expected + difference.expected))
            found = tuple(dict.fromkeys(first.found + difference.found))
            difference = replace(first, expected=expected, found=found)
        merged[key] = difference
    return list(merged.values())


def _habit(difference: Difference) -> str | None:
    """Return what is the same in all differences of a habit, in whichever layer they are.

    None for a difference that is about its place.
    """
    if difference.kind not in ("setting", "trainable", "input_shape", "input_cut"):
        return None
    detail = dict(difference.detail)
    if "swapped" in detail:  # the values are those of the layer
        detail = {"setting": detail["setting"], "swapped": True}
    return repr((difference.kind, detail))


def _without_paths(detail: object) -> Any:
    if isinstance(detail, Mapping):
        return {key: _without_paths(item) for key, item in detail.items() if key != "path"}
    return [_without_paths(item) for item in detail] if isinstance(detail, list) else detail


def _sorted(pairing: Pairing, differences: list[Difference]) -> list[Difference]:
    """Return the differences in order: settings last, and the most upstream first.

    That is by place in the target, or by that of the nearest known neighbour.
    """
    expected, found = _numbers(pairing.target.form), _numbers(pairing.found.form)

    def position(difference: Difference) -> tuple[bool, float, int]:
        known: list[float] = [expected[place] for place in difference.expected if place in expected]
        if not known:
            known = [
                _known_before(pairing, found[place]) for place in difference.found if place in found
            ]
        first = min(known, default=len(expected))
        return difference.kind in SETTINGS, first, _ORDER[difference.kind]

    return sorted(differences, key=position)


def _numbers(form: Form) -> dict[Place, int]:
    """Return the first node of each place."""
    numbers: dict[Place, int] = {}
    for number, node in enumerate(form.nodes):
        for place in node.places:
            numbers.setdefault(place, number)
    return numbers


def _known_before(pairing: Pairing, number: int) -> float:
    """Return where in the target an extra node would stand: right after what it is made from."""
    seen, todo, latest = set(), [number], -1
    while todo:
        node = todo.pop()
        if node in pairing.back:
            latest = max(latest, pairing.back[node])
        elif node not in seen:
            seen.add(node)
            todo += [source for _, (source, _) in pairing.found.nodes[node].reads]
    return latest + 0.5
