"""Where two graphs part: a few true differences.

`compare` brings both graphs into canonical form (`equivalence`) and looks for an isomorphism
(`isomorphism`); if there is one that also keeps inputs, outputs and sharing, the models are the
same.  If not, it pairs the nodes as well as it can: by an isomorphism that disregards sharing,
order or frozen weights, or else by `alignment`.  What the pairing leaves over is then told in as
few differences as explain it all: a node that is missing also explains why the next one reads
something else, and a wire that goes astray why a branch has vanished.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from beyond_sequential.alignment import Side, align, made_alike, side
from beyond_sequential.equivalence import (
    ANY,
    Form,
    Node,
    Place,
    Port,
    Source,
    applies_activation,
    expanded,
    flattened,
    one_sided,
    written,
)
from beyond_sequential.graph import ModelGraph, Tensor
from beyond_sequential.isomorphism import Coloured, isomorphism

__all__ = ["KINDS", "Difference", "Place", "compare"]

KINDS = (
    "input_cut",
    "input_missing",
    "input_extra",
    "input_shape",
    "missing",
    "extra",
    "replaced",
    "setting",
    "wiring",
    "not_shared",
    "shared",
    "trainable",
    "input_order",
    "input_name",
    "output_missing",
    "output_extra",
    "output_order",
    "output_name",
)

MAX_TRIALS = 12
"""How many pairs of nodes are put to the test where wires go astray."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two graphs part.

    `expected` are places in the target, `found` places in the graph compared with it.  What
    `detail` holds depends on the kind:

        setting        setting, expected, found: the setting's name and both values; with
                       swapped=True two settings are exchanged, their names joined by "/"; with
                       moved=True an activation stands behind another layer
        wiring         argument, expected, found: which argument reads which source, as places
                       in JSON form (None where an operand is lacking); output instead of
                       argument where the model's output is taken from elsewhere; swapped=True
                       where two calls read each other's source, moved=True for a layer that
                       stands at another point of the same path; vanished: places of the target
                       that only this wire kept in the model
        replaced       expected, found: the kinds
        missing        join: the place that lost a branch, if that is what is missing
        input_shape    expected, found: {"shape": [...], "dtype": "..."}
        input_missing  declared=False: the input is used, but not among the model's inputs
        input_order, output_order, input_name, output_name
                       expected, found: the names
        not_shared, shared
                       expected, found: how many layers
        trainable      expected, found: bool
    """

    kind: str
    expected: tuple[Place, ...] = ()
    found: tuple[Place, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "expected": [place.to_json() for place in self.expected],
            "found": [place.to_json() for place in self.found],
            "detail": dict(self.detail),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Difference:
        return cls(
            data["kind"],
            tuple(map(Place.from_json, data["expected"])),
            tuple(map(Place.from_json, data["found"])),
            dict(data["detail"]),
        )


def compare(
    target: ModelGraph, found: ModelGraph, *, concat_order: bool = False, names: bool = False
) -> list[Difference]:
    """The differences of two graphs, the most upstream first; [] if they are the same model.

    The order of what is concatenated counts only with `concat_order`, the names of inputs and
    outputs only with `names`.
    """
    ignore = one_sided(target, found)

    def forms(merge: bool = True) -> tuple[Form, Form]:
        options: dict[str, Any] = {"concat_order": concat_order, "merge": merge, "ignore": ignore}
        return written(target, **options), written(found, **options)

    as_written = forms()
    a, b = map(flattened, as_written)
    pairing = _related(a, b) or _related_sums(a, b)
    known = [] if pairing is None else _sorted(pairing, _derive(pairing, names))
    if pairing is not None and len(known) < 2:
        return known
    attempts = [(a, b)]
    if (a, b) != as_written:
        attempts.append(as_written)
    if a.merged or b.merged:
        attempts.append(forms(merge=False))
    return _fewest(attempts, names, known)


def _fewest(
    attempts: list[tuple[Form, Form]], names: bool, known: list[Difference]
) -> list[Difference]:
    """The shortest account of the differences that the several ways of pairing nodes give; the
    one known before, and others in which no node is left over, go first."""
    accounts = [known]
    for number, (a, b) in enumerate(attempts):
        pairing = _related(a, b) if number else None
        if pairing is not None:
            accounts.append(_sorted(pairing, _derive(pairing, names)))
    if all(len(account) != 1 for account in accounts):
        for a, b in attempts:
            accounts += _accounts(a, b, names, last=len(attempts) == 1)
    accounts = [account for account in accounts if account]
    return min(accounts, key=_length, default=[_unexplained(*attempts[0])])


def _accounts(a: Form, b: Form, names: bool, last: bool) -> Iterator[list[Difference]]:
    for down_first in (False, True):
        differences = _improved(_aligned(a, b, down_first), names)
        yield differences
        if last and len(differences) == 1:
            return


def _improved(pairing: _Pairing, names: bool) -> list[Difference]:
    """The account of a pairing, after parting pairs that only make it longer: a layer that has
    changed places is better told as moved than by all the wires that it has changed."""
    best = _derive(pairing, names)
    for _ in range(MAX_TRIALS):
        trials = [_parted(pairing, numbers) for numbers in _suspects(pairing, best)]
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


def _parted(pairing: _Pairing, numbers: set[int]) -> _Pairing:
    match = {mine: its for mine, its in pairing.match.items() if mine not in numbers}
    return replace(pairing, match=match, back={its: mine for mine, its in match.items()})


def _suspects(pairing: _Pairing, differences: list[Difference]) -> list[set[int]]:
    """Nodes whose pairing may be wrong: those that read, and those that should be read, where a
    wire goes astray; each alone, and with what the same call does besides."""
    places = []
    for difference in differences:
        if difference.kind == "wiring":
            places += difference.expected
            if difference.detail["expected"]:
                places.append(Place.from_json(difference.detail["expected"]))
    if len(set(places)) < 2:
        return []
    suspects = []
    for place in list(dict.fromkeys(places))[:MAX_TRIALS]:
        numbers = {n for n in _at(pairing.target, place) if n in pairing.match}
        if not any(pairing.target.nodes[n].kind == "input" for n in numbers):
            suspects += [{n} for n in sorted(numbers)]
            suspects += [numbers] if len(numbers) > 1 else []
    return suspects


def _length(differences: list[Difference]) -> tuple[int, int, int]:
    """How long an account is; of equally long ones, one that moves no layer is shorter."""
    moves = sum(d.kind == "wiring" and "moved" in d.detail for d in differences)
    return len(differences), moves, sum(len(d.expected) + len(d.found) for d in differences)


def _unexplained(a: Form, b: Form) -> Difference:
    """The forms differ, but in a way that no rule here describes."""
    ends = (tuple(form.nodes[p.source[0]].places[0] for p in form.outputs) for form in (a, b))
    return Difference("wiring", *ends, {"argument": None, "expected": None, "found": None})


# --- Inputs and outputs: which is which -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ports:
    """Which inputs (or outputs) correspond.  `pairs` lists (position in the target, position
    found); `named` tells that their names told, `fixed` that the pairs are certain at all."""

    pairs: tuple[tuple[int, int], ...]
    named: bool
    fixed: bool


def _pair_ports(mine: Sequence[Port], its: Sequence[Port], listed: bool) -> _Ports:
    """By name where both use the same names, or else by order; a dict with other keys has no
    order that counts."""
    for left in _namings(mine):
        for right in _namings(its):
            if set(left) == set(right):
                pairs = tuple((left.index(name), n) for n, name in enumerate(right))
                return _Ports(pairs, named=True, fixed=True)
    count = min(len(mine), len(its))
    return _Ports(tuple((n, n) for n in range(count)), named=False, fixed=listed)


def _namings(ports: Sequence[Port]) -> Iterator[list[str]]:
    names = [port.name for port in ports]
    keys = [port.key for port in ports]
    if len(set(keys)) == len(keys) and None not in keys:
        yield keys  # type: ignore[misc]
    if len(set(names)) == len(names) and not any(port.generated for port in ports):
        yield names


def _labels(ports: _Ports, count_mine: int, count_its: int) -> tuple[list[int], list[int]]:
    """A number for each input (or output), the same on both sides for those that correspond."""
    labels = [-1 - n for n in range(count_its)]
    for mine, its in ports.pairs:
        labels[its] = mine
    return list(range(count_mine)), labels


# --- Pairing nodes --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pairing:
    """Two forms, and which node of the target is which node of the other."""

    target: Side
    found: Side
    match: Mapping[int, int]
    back: Mapping[int, int]
    inputs: _Ports
    outputs: _Ports
    cuts: tuple[tuple[int, int], ...] = ()


def _pairing(
    a: Form, b: Form, match: Mapping[int, int], inputs: _Ports, outputs: _Ports
) -> _Pairing:
    names: dict[Hashable, int] = {}
    mine, its = _labels(outputs, len(a.outputs), len(b.outputs))
    back = {other: number for number, other in match.items()}
    return _Pairing(side(a, mine, names), side(b, its, names), match, back, inputs, outputs)


@dataclass(frozen=True, slots=True)
class _View:
    """What an isomorphism has to keep."""

    inputs: bool = True
    outputs: bool = True
    sharing: bool = True
    trainable: bool = True
    tensors: bool = True


_VIEWS = (
    _View(),
    _View(trainable=False),
    _View(inputs=False),
    _View(outputs=False),
    _View(sharing=False, trainable=False),
    _View(tensors=False),
    _View(inputs=False, outputs=False, trainable=False),
    _View(inputs=False, trainable=False, tensors=False),
    _View(False, False, False, False, False),
)


def _related(a: Form, b: Form, views: Sequence[_View] = _VIEWS) -> _Pairing | None:
    """All nodes in pairs, if the forms are the same but for what a view disregards; the view
    that disregards least is taken."""
    inputs = _pair_ports(a.inputs, b.inputs, a.inputs_listed and b.inputs_listed)
    outputs = _pair_ports(a.outputs, b.outputs, a.outputs_listed and b.outputs_listed)
    if len(a.nodes) != len(b.nodes):
        return None
    for view in views:
        match = isomorphism(
            _coloured(a, view, range(len(a.inputs)), range(len(a.outputs))),
            _coloured(
                b,
                view,
                _labels(inputs, len(a.inputs), len(b.inputs))[1],
                _labels(outputs, len(a.outputs), len(b.outputs))[1],
            ),
        )
        if match is not None:
            return _pairing(a, b, dict(enumerate(match)), inputs, outputs)
    return None


def _related_sums(a: Form, b: Form) -> _Pairing | None:
    """The same for forms that differ only in which partial sums they keep."""
    full_a, full_b = expanded(a), expanded(b)
    if full_a is None or full_b is None or (full_a is a and full_b is b):
        return None
    return _related(full_a, full_b, views=_VIEWS[:1])


def _coloured(form: Form, view: _View, inputs: Sequence[int], outputs: Sequence[int]) -> Coloured:
    marks: dict[int, list[Hashable]] = defaultdict(list)
    if view.inputs:
        for label, port in zip(inputs, form.inputs, strict=True):
            marks[port.source[0]].append(("input", label))
    for label, port in zip(outputs, form.outputs, strict=True):
        mark = label if view.outputs else 0
        marks[port.source[0]].append(("output", mark, port.source[1]))
    if view.tensors:
        ends = {port.source[0] for port in form.outputs}
        for number, node in enumerate(form.nodes):
            if node.kind == "input":
                marks[number].append(("tensor", node.tensors))
            elif number in ends or node.weights is not None:
                marks[number].append(("dtype", tuple(t.dtype for t in node.tensors)))
    return Coloured(
        colours=[
            (node.key, *sorted(marks[number], key=repr)) if number in marks else node.key
            for number, node in enumerate(form.nodes)
        ],
        reads=[node.reads for node in form.nodes],
        layers=[node.weights if view.sharing else None for node in form.nodes],
        layer_colours=[
            (
                len(weights.ids),
                (weights.shapes, weights.dtypes) if view.tensors else None,
                weights.trainable if view.trainable else None,
            )
            for weights in form.weights
        ]
        if view.sharing
        else [],
        ties=_ties(form) if view.sharing else (),
    )


def _ties(form: Form) -> tuple[tuple[tuple[int, int], ...], ...]:
    """The variables that several layers hold."""
    holders: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, weights in enumerate(form.weights):
        for position, id_ in enumerate(weights.ids):
            holders[id_].append((number, position))
    return tuple(tuple(held) for held in holders.values() if len(held) > 1)


def _aligned(a: Form, b: Form, down_first: bool) -> _Pairing:
    """Nodes in pairs as far as they can be told."""
    inputs = _pair_inputs(a, b)
    pins = {a.inputs[mine].source[0]: b.inputs[its].source[0] for mine, its in inputs.pairs}
    outputs = _pair_outputs(a, b, pins)
    empty = _pairing(a, b, {}, inputs, outputs)
    match = align(empty.target, empty.found, pins, down_first=down_first)
    _keep_calls_whole(empty.target, empty.found, match)
    back = {other: number for number, other in match.items()}
    return _with_cuts(replace(empty, match=match, back=back))


def _pair_outputs(a: Form, b: Form, pins: Mapping[int, int]) -> _Ports:
    """Outputs made in the same way; of the others those of the same position, as far as none is
    missing, or else of the same kind."""
    listed = a.outputs_listed and b.outputs_listed
    ports = _pair_ports(a.outputs, b.outputs, listed)
    if ports.named:
        return ports
    mine, its = made_alike(a, b, pins)
    pairs = _matching(
        [(mine[p.source[0]], p.source[1]) for p in a.outputs],
        [(its[p.source[0]], p.source[1]) for p in b.outputs],
        [],
    )
    if len(a.outputs) == len(b.outputs):
        pairs = _matching(range(len(a.outputs)), range(len(b.outputs)), pairs)
    names = [[port.name for port in form.outputs] for form in (a, b)]
    kinds = [[form.nodes[port.source[0]].key for port in form.outputs] for form in (a, b)]
    pairs = _matching(*kinds, _matching(*names, pairs))
    return _Ports(tuple(pairs), named=False, fixed=listed)


def _matching(
    mine: Sequence[Hashable], its: Sequence[Hashable], pairs: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The pairs, and those that equal keys add to them."""
    left = [n for n in range(len(mine)) if n not in {a for a, _ in pairs}]
    right = [n for n in range(len(its)) if n not in {b for _, b in pairs}]
    result = list(pairs)
    for a in left:
        b = next((n for n in right if its[n] == mine[a]), None)
        if b is not None:
            right.remove(b)
            result.append((a, b))
    return result


def _keep_calls_whole(target: Side, found: Side, match: dict[int, int]) -> None:
    """Of two like activations in a row of calls the one is as good as the other: pair the one
    whose layer is paired, so that what is missing (or extra) is a layer with its activation."""
    back = {its: mine for mine, its in match.items()}
    for mine, its in sorted(match.items()):
        a, b = target.nodes[mine], found.nodes[its]
        if a.kind != "activation" or a.key != b.key:
            continue
        above, other = a.reads[0][1][0], b.reads[0][1][0]
        if above not in match and other in back:
            twin = _free_twin(target, back[other], a.key, match)
            if twin is not None:
                del match[mine]
                match[twin], back[its] = its, twin
        elif above in match and other not in back:
            twin = _free_twin(found, match[above], b.key, back)
            if twin is not None:
                del back[its]
                match[mine], back[twin] = twin, mine


def _free_twin(here: Side, number: int, key: Hashable, matched: Mapping[int, int]) -> int | None:
    """What stands behind a node, is the same as another and has no counterpart yet."""
    readers = (reader for _, reader, _ in here.readers[number])
    return next((n for n in readers if n not in matched and here.nodes[n].key == key), None)


def _pair_inputs(a: Form, b: Form) -> _Ports:
    """Inputs of the same name; of the others those of the same position, if none is missing."""
    listed = a.inputs_listed and b.inputs_listed
    ports = _pair_ports(a.inputs, b.inputs, listed)
    if ports.named:
        return ports
    names = {port.name: n for n, port in enumerate(a.inputs) if not port.generated}
    pairs = [
        (names[port.name], n)
        for n, port in enumerate(b.inputs)
        if port.name in names and not port.generated
    ]
    mine = [n for n in range(len(a.inputs)) if n not in {m for m, _ in pairs}]
    its = [n for n in range(len(b.inputs)) if n not in {i for _, i in pairs}]
    if len(mine) == len(its) and not any(_is_cut(b.inputs[n]) for n in its):
        pairs += zip(mine, its, strict=True)
    return _Ports(tuple(pairs), named=False, fixed=listed)


def _is_cut(port: Port) -> bool:
    """Whether this input is what Keras makes of an intermediate tensor given as an input."""
    return port.generated and port.name.endswith("CLONE")


# --- Differences from a pairing -------------------------------------------------------------


def _derive(pairing: _Pairing, names: bool) -> list[Difference]:
    differences = [
        *_structure(pairing),
        *_settings(pairing),
        *_sharing(pairing),
        *_trainable(pairing),
        *_input_shapes(pairing),
        *_input_order(pairing),
        *_output_order(pairing),
    ]
    if names:
        differences += _port_names(pairing)
    return differences or list(_tensors(pairing))


def _sorted(pairing: _Pairing, differences: list[Difference]) -> list[Difference]:
    """The most upstream first: by place in the target, or that of the nearest known neighbour."""
    expected, found = {}, {}
    for number, node in enumerate(pairing.target.nodes):
        for place in node.places:
            expected.setdefault(place, number)
    for number, node in enumerate(pairing.found.nodes):
        for place in node.places:
            found.setdefault(place, number)

    def position(difference: Difference) -> tuple[float, int]:
        known = [expected[place] for place in difference.expected if place in expected]
        if not known:
            known = [
                _known_before(pairing, found[place]) for place in difference.found if place in found
            ]
        return min(known, default=len(expected)), KINDS.index(difference.kind)

    return sorted(differences, key=position)


def _known_before(pairing: _Pairing, number: int) -> float:
    """Where in the target an extra node would stand: right after what it is made from."""
    seen, todo, latest = set(), [number], -1
    while todo:
        here = todo.pop()
        if here in pairing.back:
            latest = max(latest, pairing.back[here])
        elif here not in seen:
            seen.add(here)
            todo += [source for _, (source, _) in pairing.found.nodes[here].reads]
    return latest + 0.5


def _places(nodes: Sequence[Node], numbers: Iterable[int]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(place for n in numbers for place in nodes[n].places))


def _place(nodes: Sequence[Node], number: int) -> tuple[Place, ...]:
    """Where a node is; of a sum written as several calls, where it is finished."""
    return nodes[number].places[:1]


# --- Structure: what is missing, extra, in another's place, or wired wrongly ----------------


@dataclass(slots=True)
class _Part:
    """Nodes without counterpart that hang together.  `told` says that a reader shows this part
    to be missing (or extra) in itself; `astray` that a wire simply goes elsewhere."""

    nodes: list[int]
    told: bool = False
    astray: bool = False
    join: int | None = None


@dataclass(frozen=True, slots=True)
class _Gap:
    """A reader whose operands do not correspond.  `reader` is a pair of nodes, or the label of an
    output; `mine` and `its` are the sources, None where there is no such operand."""

    reader: tuple[int, int] | None
    label: int | None
    slot: str
    mine: Source | None
    its: Source | None


@dataclass(slots=True)
class _Leftovers:
    """The parts of both sides, and the part of each node."""

    mine: list[_Part]
    its: list[_Part]
    of_mine: dict[int, int]
    of_its: dict[int, int]
    links: list[tuple[int, int]] = field(default_factory=list)
    wires: list[_Gap] = field(default_factory=list)


def _structure(pairing: _Pairing) -> list[Difference]:
    left = _leftovers(pairing)
    for gap in _gaps(pairing, left):
        _explain(pairing, left, gap)
    _swallow_cut_off(pairing, left)
    _tell_upstream(pairing.target, left.mine, left.of_mine)
    _tell_upstream(pairing.found, left.its, left.of_its)
    differences = [
        *_cut_differences(pairing),
        *_replaced(pairing),
        *_part_differences(pairing, left),
        *_wires(pairing, left),
    ]
    return _joined_moves(pairing, _joined_activations(differences))


def _joined_activations(differences: list[Difference]) -> list[Difference]:
    """The activation of a layer is one setting, however often the layer is called."""
    result: dict[Any, Difference] = {}
    for number, difference in enumerate(differences):
        key: Any = number
        if difference.kind == "setting":
            names = difference.expected[0].name, difference.found[0].name
            key = (*names, tuple(difference.detail.items()))
        known = result.get(key)
        if known is not None:
            expected, found = known.expected + difference.expected, known.found + difference.found
            difference = replace(known, expected=expected, found=found)
        result[key] = difference
    return list(result.values())


def _swallow_cut_off(pairing: _Pairing, left: _Leftovers) -> None:
    """What stands before a cut is gone because of the cut."""
    for mine, _ in pairing.cuts:
        for _, (source, _) in pairing.target.nodes[mine].reads:
            if source in left.of_mine:
                left.mine[left.of_mine[source]].astray = True


def _leftovers(pairing: _Pairing) -> _Leftovers:
    mine = _parts(pairing.target, pairing.match, pairing.found)
    its = _parts(pairing.found, pairing.back, pairing.target)
    return _Leftovers(
        mine,
        its,
        {node: number for number, part in enumerate(mine) for node in part.nodes},
        {node: number for number, part in enumerate(its) for node in part.nodes},
    )


def _parts(here: Side, matched: Mapping[int, int], there: Side) -> list[_Part]:
    """Unmatched nodes, in groups that touch.  An activation right behind a layer that could have
    had it as an argument is a part of its own: that is a setting, not a missing layer."""
    single = {
        number
        for number, node in enumerate(here.nodes)
        if number not in matched and _is_own_activation(here, matched, there, number)
    }
    parts: list[_Part] = []
    seen: set[int] = set()
    for start in range(len(here.nodes)):
        if start in matched or start in seen:
            continue
        nodes, todo = [], [start]
        seen.add(start)
        while todo:
            node = todo.pop()
            nodes.append(node)
            if node in single:
                continue
            for other in _around(here, node):
                if other not in matched and other not in seen and other not in single:
                    seen.add(other)
                    todo.append(other)
        parts.append(_Part(sorted(nodes)))
    return parts


def _around(here: Side, number: int) -> Iterator[int]:
    for _, (source, _) in here.nodes[number].reads:
        yield source
    for _, reader, _ in here.readers[number]:
        yield reader


def _is_own_activation(here: Side, matched: Mapping[int, int], there: Side, number: int) -> bool:
    node = here.nodes[number]
    if node.kind != "activation":
        return False
    source = node.reads[0][1][0]
    return (
        source in matched
        and applies_activation(here.nodes[source].kind)
        and applies_activation(there.nodes[matched[source]].kind)
    )


def _gaps(pairing: _Pairing, left: _Leftovers) -> Iterator[_Gap]:
    for mine, its in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[mine], pairing.found.nodes[its]
        if a.kind == "input" or b.kind == "input":
            continue
        for slot, x, y in _unlike(pairing, left, a.reads, b.reads):
            yield _Gap((mine, its), None, slot, x, y)
    yield from _output_gaps(pairing)


def _output_gaps(pairing: _Pairing) -> Iterator[_Gap]:
    a, b = pairing.target.form.outputs, pairing.found.form.outputs
    to = dict(pairing.outputs.pairs)
    if _displaced(pairing, a, b, pairing.outputs):
        return
    for label, port in enumerate(a):
        its = b[to[label]].source if label in to else None
        if its is None or not _same(pairing, port.source, its):
            yield _Gap(None, label, "", port.source, its)
    taken = set(to.values())
    for number, port in enumerate(b):
        if number not in taken:
            yield _Gap(None, -1 - number, "", None, port.source)


Unlike = tuple[str, Source | None, Source | None]


def _unlike(
    pairing: _Pairing,
    left: _Leftovers,
    mine: Sequence[tuple[str, Source]],
    its: Sequence[tuple[str, Source]],
) -> list[Unlike]:
    """The operands of two nodes that do not correspond."""
    if any(slot == ANY for slot, _ in (*mine, *its)):
        return _unlike_operands(
            pairing, left, [source for _, source in mine], [source for _, source in its]
        )
    a, b = dict(mine), dict(its)
    slots = [slot for slot in {**a, **b} if not _same(pairing, a.get(slot), b.get(slot))]
    return [(slot, a.get(slot), b.get(slot)) for slot in slots]


def _unlike_operands(
    pairing: _Pairing, left: _Leftovers, mine: list[Source], its: list[Source]
) -> list[Unlike]:
    mine, its = _without_common(pairing, mine, its)
    result: list[Unlike] = []
    for bypass in (True, False):
        for x in list(mine):
            for y in its:
                if _explains(pairing, left, x, y, bypass):
                    result.append((ANY, x, y))
                    mine.remove(x)
                    its.remove(y)
                    break
    for number in range(max(len(mine), len(its))):
        x = mine[number] if number < len(mine) else None
        y = its[number] if number < len(its) else None
        result.append((ANY, x, y))
    return result


def _without_common(
    pairing: _Pairing, mine: list[Source], its: list[Source]
) -> tuple[list[Source], list[Source]]:
    rest = list(its)
    kept = []
    for source in mine:
        twin = (pairing.match.get(source[0], -1), source[1])
        if twin in rest:
            rest.remove(twin)
        else:
            kept.append(source)
    return kept, rest


def _explains(pairing: _Pairing, left: _Leftovers, mine: Source, its: Source, bypass: bool) -> bool:
    """Whether a missing or extra part explains that one is read in place of the other."""
    missing, extra = mine[0] in left.of_mine, its[0] in left.of_its
    if bypass:
        return missing != extra and _bypassed(pairing, mine, its)
    return missing and extra


def _same(pairing: _Pairing, mine: Source | None, its: Source | None) -> bool:
    if mine is None or its is None:
        return mine is its
    return pairing.match.get(mine[0]) == its[0] and mine[1] == its[1]


def _bypassed(pairing: _Pairing, mine: Source, its: Source) -> bool:
    """Whether, leaving out nodes without counterpart, both go back to a common node."""
    above_mine = {pairing.match[n] for n in _tops(pairing.target, pairing.match, mine[0])}
    return bool(above_mine & _tops(pairing.found, pairing.back, its[0]))


def _tops(here: Side, matched: Mapping[int, int], number: int) -> set[int]:
    """The nearest matched nodes from which a node is made; itself if it is matched."""
    tops, seen, todo = set(), set(), [number]
    while todo:
        node = todo.pop()
        if node in matched:
            tops.add(node)
        elif node not in seen:
            seen.add(node)
            todo += [source for _, (source, _) in here.nodes[node].reads]
    return tops


def _explain(pairing: _Pairing, left: _Leftovers, gap: _Gap) -> None:
    """Put a gap down to a missing or extra part, or else to the wire itself."""
    missing = left.mine[left.of_mine[gap.mine[0]]] if _in(gap.mine, left.of_mine) else None
    extra = left.its[left.of_its[gap.its[0]]] if _in(gap.its, left.of_its) else None
    if missing and extra:
        left.links.append((left.of_mine[gap.mine[0]], left.of_its[gap.its[0]]))
        missing.told = extra.told = True
    elif missing and gap.its is None:
        missing.told = True
        missing.join = gap.reader[0] if gap.reader else None
    elif extra and gap.mine is None:
        extra.told = True
        extra.join = gap.reader[1] if gap.reader else None
    elif (missing or extra) and _bypassed(pairing, gap.mine, gap.its):
        (missing or extra).told = True
    else:
        for part in (missing, extra):
            if part:
                part.astray = True
        left.wires.append(gap)


def _in(source: Source | None, parts: Mapping[int, int]) -> bool:
    return source is not None and source[0] in parts


def _tell_upstream(here: Side, parts: list[_Part], of: Mapping[int, int]) -> None:
    """A part is told, or astray, if one that reads it is."""
    for number in range(len(here.nodes) - 1, -1, -1):
        if number not in of:
            continue
        part = parts[of[number]]
        for _, (source, _) in here.nodes[number].reads:
            if source in of and of[source] != of[number]:
                above = parts[of[source]]
                above.told |= part.told
                above.astray |= part.astray


# --- Parts as differences -------------------------------------------------------------------


def _part_differences(pairing: _Pairing, left: _Leftovers) -> Iterator[Difference]:
    clusters = _clusters(left)
    for mine, its in clusters:
        if mine and its:
            yield from _exchanged(pairing, left, mine, its)
        elif mine:
            yield _lacking(pairing, left.mine[mine[0]])
        else:
            yield _added(pairing, left.its[its[0]])


def _clusters(left: _Leftovers) -> list[tuple[list[int], list[int]]]:
    """Parts that stand in each other's place together; a part that only a stray wire cut off is
    told with the wire."""
    group: dict[tuple[int, int], int] = {}
    members: dict[int, list[tuple[int, int]]] = {}
    for side_number, parts in enumerate((left.mine, left.its)):
        for number, part in enumerate(parts):
            if part.told or not part.astray:
                key = (side_number, number)
                group[key] = len(members)
                members[group[key]] = [key]
    for mine, its in left.links:
        a, b = group[0, mine], group[1, its]
        if a != b:
            members[a] += members[b]
            for key in members.pop(b):
                group[key] = a
    return [
        (
            sorted(n for s, n in cluster if s == 0),
            sorted(n for s, n in cluster if s == 1),
        )
        for cluster in members.values()
    ]


def _exchanged(
    pairing: _Pairing, left: _Leftovers, mine: list[int], its: list[int]
) -> Iterator[Difference]:
    target, found = pairing.target, pairing.found
    a = [node for number in mine for node in left.mine[number].nodes]
    b = [node for number in its for node in left.its[number].nodes]
    kinds_a = {target.nodes[node].kind for node in a}
    kinds_b = {found.nodes[node].kind for node in b}
    unlike = kinds_a == kinds_b
    if ("activation" in kinds_a) != ("activation" in kinds_b) and 1 in (len(a), len(b)):
        # A lost activation and a new layer have nothing to do with each other
        lone = kinds_a if "activation" in kinds_a else kinds_b
        unlike |= lone == {"activation"}
    if unlike:
        yield from (_lacking(pairing, left.mine[number]) for number in mine)
        yield from (_added(pairing, left.its[number]) for number in its)
        return
    yield Difference(
        "replaced",
        _places(target.nodes, a),
        _places(found.nodes, b),
        {"expected": _kinds(target, a), "found": _kinds(found, b)},
    )


def _kinds(here: Side, numbers: Iterable[int]) -> str:
    places = _places(here.nodes, numbers)
    return ", ".join(place.kind for place in places)


def _lacking(pairing: _Pairing, part: _Part) -> Difference:
    nodes = pairing.target.nodes
    places = _places(nodes, part.nodes)
    inputs = [n for n in part.nodes if nodes[n].kind == "input"]
    if inputs:
        return Difference("input_missing", _first(places, nodes[inputs[0]].places), (), {})
    activation = _activation_part(pairing.target, pairing.match, part)
    if activation is not None:
        its = _place(pairing.found.nodes, activation)
        name = nodes[part.nodes[0]].settings["activation"]
        return _activation_setting(places, its, name, "linear")
    if _lost_outputs(pairing, part):
        return Difference("output_missing", places, (), {})
    detail = {} if part.join is None else {"join": nodes[part.join].places[0].to_json()}
    return Difference("missing", places, (), detail)


def _added(pairing: _Pairing, part: _Part) -> Difference:
    nodes = pairing.found.nodes
    places = _places(nodes, part.nodes)
    inputs = [n for n in part.nodes if nodes[n].kind == "input"]
    if inputs:
        return Difference("input_extra", (), _first(places, nodes[inputs[0]].places), {})
    activation = _activation_part(pairing.found, pairing.back, part)
    if activation is not None:
        mine = _place(pairing.target.nodes, activation)
        name = nodes[part.nodes[0]].settings["activation"]
        return _activation_setting(mine, places, "linear", name)
    exits = [label for n in part.nodes for label, _ in pairing.found.exits[n]]
    if exits and all(label < 0 for label in exits):
        return Difference("output_extra", (), places, {})
    detail = {} if part.join is None else {"join": nodes[part.join].places[0].to_json()}
    return Difference("extra", (), places, detail)


def _first(places: tuple[Place, ...], chief: tuple[Place, ...]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys((*chief, *places)))


def _activation_part(here: Side, matched: Mapping[int, int], part: _Part) -> int | None:
    """For an activation alone behind a layer that takes one: that layer's counterpart."""
    node = here.nodes[part.nodes[0]]
    if len(part.nodes) != 1 or node.kind != "activation":
        return None
    source = node.reads[0][1][0]
    if source in matched and applies_activation(here.nodes[source].kind):
        return matched[source]
    return None


def _activation_setting(
    mine: tuple[Place, ...], its: tuple[Place, ...], expected: str, found: str
) -> Difference:
    detail = {"setting": "activation", "expected": expected, "found": found}
    return Difference("setting", mine, its, detail)


def _lost_outputs(pairing: _Pairing, part: _Part) -> bool:
    """Whether the part gives outputs of the model which are lacking altogether."""
    kept = {label for label, _ in pairing.outputs.pairs}
    exits = [label for n in part.nodes for label, _ in pairing.target.exits[n]]
    return any(label not in kept for label in exits)


def _replaced(pairing: _Pairing) -> Iterator[Difference]:
    """Paired nodes of another kind."""
    for mine, its in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[mine], pairing.found.nodes[its]
        if a.kind != b.kind and b.kind != "input":
            kinds = {"expected": a.places[0].kind, "found": b.places[0].kind}
            yield Difference("replaced", a.places, b.places, kinds)


# --- Wires ----------------------------------------------------------------------------------


def _wires(pairing: _Pairing, left: _Leftovers) -> Iterator[Difference]:
    """One difference for all that read the same wrong source, and for two that are exchanged."""
    lost = [node for part in left.mine if part.astray and not part.told for node in part.nodes]
    groups: dict[Any, list[_Gap]] = {}
    for gap in left.wires:
        groups.setdefault((gap.mine, gap.its), []).append(gap)
    done: set[Any] = set()
    for key, gaps in groups.items():
        if key not in done:
            opposite = _opposite(pairing, groups, key)
            done |= {key, opposite}
            yield _wire(pairing, gaps, groups.get(opposite, []), lost)


def _opposite(pairing: _Pairing, groups: Mapping[Any, Any], key: Any) -> Any:
    """The wires that are exchanged with these, if there are such."""
    mine, its = key
    for other in groups:
        x, y = other
        if other != key and None not in (mine, its, x, y):
            if _same(pairing, x, its) and _same(pairing, mine, y):
                return other
    return None


def _wire(
    pairing: _Pairing, gaps: list[_Gap], exchanged: list[_Gap], lost: list[int]
) -> Difference:
    mine, its = gaps[0].mine, gaps[0].its
    if its is not None and mine is not None and _is_cut_input(pairing, its):
        places = _place(pairing.target.nodes, mine[0]), _place(pairing.found.nodes, its[0])
        return Difference("input_cut", *places, {})
    if gaps[0].reader is None:
        return _output_wire(pairing, gaps[0], lost)
    readers = [gap.reader for gap in (*gaps, *exchanged) if gap.reader]
    expected = (p for a, _ in readers for p in _place(pairing.target.nodes, a))
    found = (p for _, b in readers for p in _place(pairing.found.nodes, b))
    detail = {"argument": gaps[0].slot, **_sources(pairing, mine, its)}
    if exchanged:
        detail["swapped"] = True
    detail |= _vanished(pairing.target, lost, mine)
    return Difference("wiring", tuple(dict.fromkeys(expected)), tuple(dict.fromkeys(found)), detail)


def _output_wire(pairing: _Pairing, gap: _Gap, lost: list[int]) -> Difference:
    if gap.mine is None:
        return Difference("output_extra", (), _place(pairing.found.nodes, gap.its[0]), {})
    mine = _place(pairing.target.nodes, gap.mine[0])
    if gap.its is None:
        return Difference("output_missing", mine, (), {})
    output = pairing.target.form.outputs[gap.label].name
    detail = {"output": output, **_sources(pairing, gap.mine, gap.its)}
    detail |= _vanished(pairing.target, lost, gap.mine)
    return Difference("wiring", mine, _place(pairing.found.nodes, gap.its[0]), detail)


def _is_cut_input(pairing: _Pairing, source: Source) -> bool:
    return any(_is_cut(port) and port.source == source for port in pairing.found.form.inputs)


def _sources(pairing: _Pairing, mine: Source | None, its: Source | None) -> dict[str, Any]:
    return {"expected": _source(pairing.target, mine), "found": _source(pairing.found, its)}


def _vanished(here: Side, lost: list[int], wanted: Source | None) -> dict[str, Any]:
    """The places that a stray wire took with it: what only goes into the source it should read."""
    gone = [] if wanted is None else [n for n in lost if _goes_into(here, n, wanted[0])]
    places = _places(here.nodes, gone)
    return {"vanished": [place.to_json() for place in places]} if places else {}


def _source(here: Side, source: Source | None) -> dict[str, Any] | None:
    return None if source is None else here.nodes[source[0]].places[0].to_json()


def _goes_into(here: Side, number: int, wanted: int) -> bool:
    seen, todo = set(), [number]
    while todo:
        node = todo.pop()
        if node == wanted:
            return True
        if node not in seen and node < wanted:
            seen.add(node)
            todo += [reader for _, reader, _ in here.readers[node]]
    return False


# --- An intermediate tensor taken for an input ----------------------------------------------


def _with_cuts(pairing: _Pairing) -> _Pairing:
    """Pair each input that Keras made of an intermediate tensor with what it replaces."""
    match, back, cuts = dict(pairing.match), dict(pairing.back), []
    for port in pairing.found.form.inputs:
        number = port.source[0]
        if not _is_cut(port) or number in back:
            continue
        node = _replaced_by(pairing, number)
        if node is not None and node not in match:
            match[node], back[number] = number, node
            cuts.append((node, number))
    return replace(pairing, match=match, back=back, cuts=tuple(cuts))


def _replaced_by(pairing: _Pairing, number: int) -> int | None:
    """The node of the target for which the input stands: what its readers should read, or else
    an input that is lacking."""
    for slot, reader, _ in pairing.found.readers[number]:
        if reader not in pairing.back:
            continue
        mine = pairing.target.nodes[pairing.back[reader]]
        for other, (source, _) in mine.reads:
            if other == slot and source not in pairing.match:
                return source
    inputs = (port.source[0] for port in pairing.target.form.inputs)
    return next((n for n in inputs if n not in pairing.match), None)


def _cut_differences(pairing: _Pairing) -> Iterator[Difference]:
    for mine, its in pairing.cuts:
        places = _place(pairing.target.nodes, mine), _place(pairing.found.nodes, its)
        yield Difference("input_cut", *places, {})


# --- Settings -------------------------------------------------------------------------------


def _settings(pairing: _Pairing) -> Iterator[Difference]:
    """What is set otherwise; once for a layer, however often it is called."""
    groups: dict[Any, list[tuple[int, int]]] = {}
    for mine, its in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[mine], pairing.found.nodes[its]
        if a.kind == b.kind and a.kind != "input" and a.key != b.key:
            layers = a.places[0].name, b.places[0].name, a.weights, b.weights
            groups.setdefault((*layers, a.key, b.key), []).append((mine, its))
    for pairs in groups.values():
        a, b = pairing.target.nodes[pairs[0][0]], pairing.found.nodes[pairs[0][1]]
        expected = _places(pairing.target.nodes, (mine for mine, _ in pairs))
        found = _places(pairing.found.nodes, (its for _, its in pairs))
        for detail in _unlike_settings(a, b):
            yield Difference("setting", expected, found, detail)


def _unlike_settings(a: Node, b: Node) -> list[dict[str, Any]]:
    mine, its = dict(_flat(a.settings)), dict(_flat(b.settings))
    names = [name for name in {**mine, **its} if mine.get(name) != its.get(name)]
    details = []
    swapped = _exchanged_settings(mine, its, names)
    if swapped:
        details.append(
            {
                "setting": "/".join(swapped),
                "expected": [mine[name] for name in swapped],
                "found": [its[name] for name in swapped],
                "swapped": True,
            }
        )
    for name in names:
        if name not in swapped and not _same_axis(name, a, b):
            details.append({"setting": name, "expected": mine.get(name), "found": its.get(name)})
    return details


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The settings, those of a wrapped layer as layer.units and so on."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and "config" in value and "class_name" in value:
            yield prefix + name, value["class_name"]
            yield from _flat(value["config"], f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _exchanged_settings(
    mine: Mapping[str, Any], its: Mapping[str, Any], names: Sequence[str]
) -> tuple[str, ...]:
    """Two whole numbers given in each other's place."""
    whole = [n for n in names if _is_whole(mine.get(n)) and _is_whole(its.get(n))]
    for number, one in enumerate(whole):
        for other in whole[number + 1 :]:
            if (mine[one], mine[other]) == (its[other], its[one]):
                return one, other
    return ()


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _same_axis(name: str, a: Node, b: Node) -> bool:
    """Counted from the front the axes may agree, where an earlier difference added a dimension."""
    if name != "axis":
        return False
    ranks = [node.tensors[0].shape for node in (a, b)]
    axes = [node.settings.get("axis") for node in (a, b)]
    if None in ranks or not all(_is_whole(axis) for axis in axes):
        return False
    front = [axis + len(shape) for axis, shape in zip(axes, ranks, strict=True)]
    return len(ranks[0]) != len(ranks[1]) and front[0] == front[1]


# --- Layers that are one, or frozen ---------------------------------------------------------


def _sharing(pairing: _Pairing) -> list[Difference]:
    """Layers of the target that are several in the other graph, and the reverse."""
    pairs = _weight_pairs(pairing)
    one_to, one_from = defaultdict(set), defaultdict(set)
    for mine, its in pairs:
        ids = pairing.target.form.weights[mine].ids, pairing.found.form.weights[its].ids
        for a, b in zip(*ids, strict=False):
            one_to[a].add(b)
            one_from[b].add(a)
    split = {a for a, others in one_to.items() if len(others) > 1}
    joined = {b for b, others in one_from.items() if len(others) > 1}
    return [
        *_sharing_differences(pairing, "not_shared", split),
        *_sharing_differences(pairing, "shared", joined),
    ]


def _weight_pairs(pairing: _Pairing) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Which layers correspond, with the pairs of calls that say so."""
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for mine, its in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[mine], pairing.found.nodes[its]
        if a.weights is not None and b.weights is not None and a.kind == b.kind:
            pairs[a.weights, b.weights].append((mine, its))
    return pairs


def _sharing_differences(pairing: _Pairing, kind: str, ids: set[str]) -> Iterator[Difference]:
    here = pairing.target if kind == "not_shared" else pairing.found
    chosen = {n for n, w in enumerate(here.form.weights) if ids & set(w.ids)}
    pairs = _weight_pairs(pairing)
    column = 0 if kind == "not_shared" else 1
    for group in _adjacent(here, chosen):
        involved = [key for key in pairs if key[column] in group]
        calls = sorted(call for key in involved for call in pairs[key])
        several = max(len({k for k in involved if k[column] == one}) for one in group)
        counts = (1, several) if kind == "not_shared" else (several, 1)
        yield Difference(
            kind,
            _places(pairing.target.nodes, (mine for mine, _ in calls)),
            _places(pairing.found.nodes, (its for _, its in calls)),
            dict(zip(("expected", "found"), counts, strict=True)),
        )


def _adjacent(here: Side, chosen: set[int]) -> list[set[int]]:
    """The chosen layers in groups that follow on each other, with no other layer between."""
    group = {number: {number} for number in chosen}
    above: list[frozenset[int]] = []
    for node in here.nodes:
        before = frozenset().union(*(above[source] for _, (source, _) in node.reads))
        if node.weights in chosen:
            for other in before:
                if group[other] is not group[node.weights]:
                    group[other] |= group[node.weights]
                    for member in group[node.weights]:
                        group[member] = group[other]
            above.append(frozenset([node.weights]))
        else:
            above.append(before if node.weights is None else frozenset())
    return list({id(members): members for members in group.values()}.values())


def _trainable(pairing: _Pairing) -> Iterator[Difference]:
    """Weights that are frozen on one side only: one difference for all of a direction."""
    calls: dict[tuple[bool, bool], list[tuple[int, int]]] = defaultdict(list)
    for (mine, its), pairs in _weight_pairs(pairing).items():
        a, b = pairing.target.form.weights[mine], pairing.found.form.weights[its]
        unlike = [x for x in zip(a.trainable, b.trainable, strict=False) if x[0] != x[1]]
        if unlike:
            calls[unlike[0]] += pairs
    for (expected, found), pairs in calls.items():
        yield Difference(
            "trainable",
            _places(pairing.target.nodes, sorted(mine for mine, _ in pairs)),
            _places(pairing.found.nodes, sorted(its for _, its in pairs)),
            {"expected": expected, "found": found},
        )


# --- Inputs and outputs as differences ------------------------------------------------------


def _input_shapes(pairing: _Pairing) -> Iterator[Difference]:
    cuts = set(pairing.cuts)
    for mine, its in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[mine], pairing.found.nodes[its]
        if a.kind == b.kind == "input" and (mine, its) not in cuts and a.tensors != b.tensors:
            detail = {
                "expected": _tensor(a.tensors[0]),
                "found": _tensor(b.tensors[0]),
            }
            yield Difference("input_shape", a.places, b.places, detail)


def _tensor(tensor: Tensor) -> dict[str, Any]:
    shape = None if tensor.shape is None else list(tensor.shape)
    return {"shape": shape, "dtype": tensor.dtype}


def _input_order(pairing: _Pairing) -> list[Difference]:
    a, b = pairing.target.form, pairing.found.form
    differences = []
    declared = {port.source[0] for port in b.inputs}
    for port in a.inputs:
        its = pairing.match.get(port.source[0])
        if its is not None and its not in declared:
            places = a.nodes[port.source[0]].places, b.nodes[its].places
            differences.append(Difference("input_missing", *places, {"declared": False}))
    if not differences:
        differences += _order("input_order", pairing, a.inputs, b.inputs, pairing.inputs)
    return differences


def _output_order(pairing: _Pairing) -> list[Difference]:
    a, b = pairing.target.form.outputs, pairing.found.form.outputs
    return _order("output_order", pairing, a, b, pairing.outputs)


def _order(
    kind: str, pairing: _Pairing, mine: Sequence[Port], its: Sequence[Port], ports: _Ports
) -> list[Difference]:
    moved = _displaced(pairing, mine, its, ports)
    if not moved:
        return []
    a, b = [mine[n] for n, _ in moved], [its[n] for _, n in moved]
    return [
        Difference(
            kind,
            _places(pairing.target.nodes, (port.source[0] for port in a)),
            _places(pairing.found.nodes, (port.source[0] for port in b)),
            {"expected": [_said(port) for port in a], "found": [_said(port) for port in b]},
        )
    ]


def _said(port: Port) -> str:
    return port.name if port.key is None else port.key


def _displaced(
    pairing: _Pairing, mine: Sequence[Port], its: Sequence[Port], ports: _Ports
) -> list[tuple[int, int]]:
    """Positions whose inputs (or outputs) are each other's counterparts in another order."""
    inputs = mine is pairing.target.form.inputs
    form_mine, form_its = pairing.target.form, pairing.found.form
    listed = (
        form_mine.inputs_listed and form_its.inputs_listed
        if inputs
        else form_mine.outputs_listed and form_its.outputs_listed
    )
    wrong = [(a, b) for a, b in ports.pairs if not _same(pairing, mine[a].source, its[b].source)]
    if wrong and ports.fixed and _permuted(pairing, mine, its, wrong):
        return wrong
    if wrong or not listed:
        return []
    ranked = sorted(a for a, _ in ports.pairs)
    given = [a for a, _ in sorted(ports.pairs, key=lambda pair: pair[1])]
    places = sorted(b for _, b in ports.pairs)
    return [(a, b) for a, b, known in zip(ranked, places, given, strict=True) if a != known]


def _permuted(
    pairing: _Pairing,
    mine: Sequence[Port],
    its: Sequence[Port],
    wrong: Sequence[tuple[int, int]],
) -> bool:
    """Whether these ports are the same tensors in another order."""
    known = all(mine[a].source[0] in pairing.match for a, _ in wrong)
    wanted = sorted((pairing.match.get(mine[a].source[0], -1), mine[a].source[1]) for a, _ in wrong)
    return known and wanted == sorted(its[b].source for _, b in wrong)


def _port_names(pairing: _Pairing) -> Iterator[Difference]:
    """Names that are not the target's; only a name that somebody chose is expected."""
    a, b = pairing.target.form, pairing.found.form
    for kind, mine, its in (
        ("input_name", a.inputs, b.inputs),
        ("output_name", a.outputs, b.outputs),
    ):
        for port in mine:
            others = [other for other in its if _same(pairing, port.source, other.source)]
            if port.generated and port.key is None:
                continue
            if others and _said(port) not in [_said(other) for other in others]:
                yield Difference(
                    kind,
                    _place(a.nodes, port.source[0]),
                    _place(b.nodes, others[0].source[0]),
                    {"expected": _said(port), "found": _said(others[0])},
                )


def _tensors(pairing: _Pairing) -> Iterator[Difference]:
    """Where nothing else differs, but a size or a dtype does."""
    for mine, its in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[mine], pairing.found.nodes[its]
        detail = _unlike_tensors(pairing, a, b)
        if detail:
            yield Difference("setting", a.places, b.places, detail)
            return


def _unlike_tensors(pairing: _Pairing, a: Node, b: Node) -> dict[str, Any] | None:
    dtypes = [[t.dtype for t in node.tensors] for node in (a, b)]
    if dtypes[0] != dtypes[1]:
        return {"setting": "dtype", "expected": dtypes[0][0], "found": dtypes[1][0]}
    if a.weights is None or b.weights is None:
        return None
    mine, its = pairing.target.form.weights[a.weights], pairing.found.form.weights[b.weights]
    shapes = [[list(shape) for shape in weights.shapes] for weights in (mine, its)]
    if shapes[0] != shapes[1]:
        return {"setting": "weights", "expected": shapes[0], "found": shapes[1]}
    if mine.dtypes != its.dtypes:
        return {"setting": "dtype", "expected": list(mine.dtypes), "found": list(its.dtypes)}
    return None


# --- Layers that stand elsewhere ------------------------------------------------------------


def _joined_moves(pairing: _Pairing, differences: list[Difference]) -> list[Difference]:
    """What is missing here and extra there is one layer that has moved."""
    result = list(differences)
    for lost in differences:
        for new in differences:
            moved = _moved(pairing, lost, new)
            if moved and lost is not new and lost in result and new in result:
                result[result.index(lost)] = moved
                result.remove(new)
    return result


def _moved(pairing: _Pairing, lost: Difference, new: Difference) -> Difference | None:
    if (lost.kind, new.kind) == ("missing", "extra"):
        return _moved_layer(pairing, lost, new)
    a = _activation_of(pairing.target, lost, "expected", "found")
    b = _activation_of(pairing.found, new, "found", "expected")
    if "setting" in (lost.kind, new.kind) and a is not None and a == b:
        places = lost.expected + new.expected, lost.found + new.found
        detail = {"setting": "activation", "expected": a, "found": "linear", "moved": True}
        return Difference("setting", *places, detail)
    return None


def _moved_layer(pairing: _Pairing, lost: Difference, new: Difference) -> Difference | None:
    if len(lost.expected) != 1 or len(new.found) != 1:
        return None
    mine, its = _at(pairing.target, lost.expected[0]), _at(pairing.found, new.found[0])
    a, b = [pairing.target.nodes[n] for n in mine], [pairing.found.nodes[n] for n in its]
    if [node.key for node in a] != [node.key for node in b]:
        return None
    if len(a[0].reads) != 1 or len(b[0].reads) != 1:
        return None
    if _same(pairing, a[0].reads[0][1], b[0].reads[0][1]):
        return None
    sources = _sources(pairing, a[0].reads[0][1], b[0].reads[0][1])
    detail = {"argument": a[0].reads[0][0], **sources, "moved": True}
    return Difference("wiring", lost.expected, new.found, detail)


def _activation_of(here: Side, difference: Difference, value: str, other: str) -> str | None:
    """The activation that is all that is lacking, or new, in this difference: what stands under
    `value` in its detail where "linear" stands under `other`."""
    detail = difference.detail
    if difference.kind == "setting" and detail["setting"] == "activation":
        return detail[value] if detail[other] == "linear" and "moved" not in detail else None
    places = difference.expected or difference.found
    if difference.kind not in ("missing", "extra") or len(places) != 1:
        return None
    nodes = [here.nodes[number] for number in _at(here, places[0])]
    alone = len(nodes) == 1 and nodes[0].kind == "activation"
    return nodes[0].settings["activation"] if alone else None


def _at(here: Side, place: Place) -> list[int]:
    return [number for number, node in enumerate(here.nodes) if place in node.places]
