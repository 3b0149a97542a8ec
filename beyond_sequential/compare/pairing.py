"""Which node, input and output of one form stands for which of the other.

If the forms are isomorphic, but for what a view disregards, all nodes are in pairs; or else those
that `alignment` can tell."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..equivalence import Form, Node, Place, Port, Source, applies_activation, expanded, renumbered
from .alignment import Side, align, made_alike, side
from .isomorphism import Coloured, isomorphism

# --- Inputs and outputs: which is which -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ports:
    """Which inputs (or outputs) correspond.  `pairs` lists (position in the target, position
    found); `named` tells that their names told, `fixed` that the pairs are certain at all."""

    pairs: tuple[tuple[int, int], ...]
    named: bool
    fixed: bool


def _pair_ports(mine: Sequence[Port], its: Sequence[Port], listed: bool) -> Ports:
    """By name where both use the same names, or else by order; a dict with other keys has no
    order that counts."""
    for left in _namings(mine):
        for right in _namings(its):
            if set(left) == set(right):
                pairs = tuple((left.index(name), n) for n, name in enumerate(right))
                return Ports(pairs, named=True, fixed=True)
    count = min(len(mine), len(its))
    return Ports(tuple((n, n) for n in range(count)), named=False, fixed=listed)


def _namings(ports: Sequence[Port]) -> Iterator[list[str]]:
    names = [port.name for port in ports]
    keys = [port.key for port in ports]
    if len(set(keys)) == len(keys) and None not in keys:
        yield keys  # type: ignore[misc]
    if len(set(names)) == len(names) and not any(port.generated for port in ports):
        yield names


def _labels(ports: Ports, count_mine: int, count_its: int) -> tuple[list[int], list[int]]:
    """A number for each input (or output), the same on both sides for those that correspond."""
    labels = [-1 - n for n in range(count_its)]
    for mine, its in ports.pairs:
        labels[its] = mine
    return list(range(count_mine)), labels


# --- Pairing nodes --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two forms, and which node of the target is which node of the other."""

    target: Side
    found: Side
    match: Mapping[int, int]
    back: Mapping[int, int]
    inputs: Ports
    outputs: Ports
    cuts: tuple[tuple[int, int], ...] = ()


def _paired(a: Form, b: Form, match: Mapping[int, int], inputs: Ports, outputs: Ports) -> Pairing:
    names: dict[Hashable, int] = {}
    mine, its = _labels(outputs, len(a.outputs), len(b.outputs))
    back = {other: number for number, other in match.items()}
    return Pairing(side(a, mine, names), side(b, its, names), match, back, inputs, outputs)


@dataclass(frozen=True, slots=True)
class _View:
    """What an isomorphism has to keep."""

    inputs: bool = True
    outputs: bool = True
    sharing: bool = True
    trainable: bool = True
    tensors: bool = True
    names: bool = False


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


def relate(
    a: Form, b: Form, names: bool = False, views: Sequence[_View] = _VIEWS
) -> tuple[Pairing, bool] | None:
    """All nodes in pairs, if the forms are the same but for what a view disregards, and whether
    that is nothing; the view that disregards least is taken.  With `names` inputs and outputs
    that are as good as each other are paired by name."""
    inputs = _pair_ports(a.inputs, b.inputs, a.inputs_listed and b.inputs_listed)
    outputs = _pair_ports(a.outputs, b.outputs, a.outputs_listed and b.outputs_listed)
    if Counter(node.key for node in a.nodes) != Counter(node.key for node in b.nodes):
        return None
    labels = (
        _labels(inputs, len(a.inputs), len(b.inputs)),
        _labels(outputs, len(a.outputs), len(b.outputs)),
    )
    wanted = frozenset(
        said(port) for port in (*a.inputs, *a.outputs) if port.key is not None or not port.generated
    )
    for view in [_View(names=True), *views] if names and wanted else views:
        chosen = replace(
            view, inputs=view.inputs and inputs.fixed, outputs=view.outputs and outputs.fixed
        )
        known = wanted if view.names else frozenset()
        match = isomorphism(
            _coloured(a, chosen, labels[0][0], labels[1][0], known),
            _coloured(b, chosen, labels[0][1], labels[1][1], known),
        )
        if match is not None:
            same_model = replace(view, names=False) == _View()
            return _paired(a, b, dict(enumerate(match)), inputs, outputs), same_model
    return None


def said(port: Port) -> str:
    """What an input or output goes by: its key in a dict, or its layer's name."""
    return port.name if port.key is None else port.key


def relate_sums(a: Form, b: Form, names: bool = False) -> tuple[Pairing, bool] | None:
    """The same for forms that differ only in which partial sums they keep."""
    full_a, full_b = expanded(a), expanded(b)
    if full_a is None or full_b is None or (full_a is a and full_b is b):
        return None
    return relate(full_a, full_b, names, views=_VIEWS[:1])


def _coloured(
    form: Form,
    view: _View,
    inputs: Sequence[int],
    outputs: Sequence[int],
    names: frozenset[str],
) -> Coloured:
    marks: dict[int, list[Hashable]] = defaultdict(list)
    if view.inputs:
        for label, port in zip(inputs, form.inputs, strict=True):
            marks[port.source[0]].append(("input", label))
    for label, port in zip(outputs, form.outputs, strict=True):
        mark = label if view.outputs else 0
        marks[port.source[0]].append(("output", mark, port.source[1]))
    for port in (*form.inputs, *form.outputs):
        if said(port) in names:
            marks[port.source[0]].append(("name", said(port)))
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


def align_forms(a: Form, b: Form, strategy: str) -> Iterator[Pairing]:
    """Nodes in pairs as far as they can be told; once for each way to pair the outputs."""
    inputs = _pair_inputs(a, b)
    pins = {a.inputs[mine].source[0]: b.inputs[its].source[0] for mine, its in inputs.pairs}
    for outputs in _pair_outputs(a, b, pins):
        empty = _paired(a, b, {}, inputs, outputs)
        match = align(empty.target, empty.found, pins, strategy)
        heads = _head_pins(empty, pins)
        yield _completed(empty, match)
        if any(match.get(mine) != its for mine, its in heads.items()):
            yield _completed(empty, align(empty.target, empty.found, heads, strategy))


def _completed(empty: Pairing, match: dict[int, int]) -> Pairing:
    _keep_calls_whole(empty.target, empty.found, match)
    back = {other: number for number, other in match.items()}
    return _with_cuts(replace(empty, match=match, back=back))


def _head_pins(empty: Pairing, pins: Mapping[int, int]) -> dict[int, int]:
    """The pins, and what makes the outputs that correspond: a layer, whatever activation it has,
    on a layer of its kind."""
    chosen = dict(pins)
    for mine, its in empty.outputs.pairs:
        a = last_calls(empty.target, empty.target.form.outputs[mine])
        b = last_calls(empty.found, empty.found.form.outputs[its])
        kinds = empty.target.nodes[a[0]].kind, empty.found.nodes[b[0]].kind
        if kinds[0] != kinds[1] or kinds[0] == "input" or chosen.keys() & a:
            continue
        if not set(chosen.values()) & set(b):
            chosen |= zip(a, b, strict=False)
    return chosen


def last_calls(here: Side, port: Port) -> list[int]:
    """The node that makes an output; where that is a layer's activation, the layer before it."""
    number = port.source[0]
    node = here.nodes[number]
    if node.kind == "activation" and applies_activation(here.nodes[node.reads[0][1][0]].kind):
        return [node.reads[0][1][0], number]
    return [number]


def align_layers(a: Form, b: Form, strategy: str) -> Iterator[Pairing]:
    """As `align_forms`, with the activations of layers put aside, so that layers are recognised
    whatever activations they have; and, if the forms are the same but for these, as `relate`."""
    one, other = _without_activations(a), _without_activations(b)
    if not one.aside and not other.aside:
        return
    related = relate(one.form, other.form)
    pairings = [related[0]] if related else align_forms(one.form, other.form, strategy)
    for pairing in pairings:
        match = {one.kept[mine]: other.kept[its] for mine, its in pairing.match.items()}
        cuts = tuple((one.kept[mine], other.kept[its]) for mine, its in pairing.cuts)
        for mine, its in list(match.items()):
            if mine in one.aside and its in other.aside:
                match[one.aside[mine]] = other.aside[its]
        yield replace(_paired(a, b, match, pairing.inputs, pairing.outputs), cuts=cuts)


@dataclass(frozen=True, slots=True)
class _Bare:
    """A form without the activations of its layers; which of the old nodes are kept, and which
    activation stood behind which of them."""

    form: Form
    kept: list[int]
    aside: dict[int, int]


def _without_activations(form: Form) -> _Bare:
    uses = [0] * len(form.nodes)
    for node in form.nodes:
        for _, (source, _) in node.reads:
            uses[source] += 1
    for port in form.outputs:
        uses[port.source[0]] += 1
    aside = {
        node.reads[0][1][0]: number
        for number, node in enumerate(form.nodes)
        if node.kind == "activation"
        and uses[node.reads[0][1][0]] == 1
        and applies_activation(form.nodes[node.reads[0][1][0]].kind)
    }
    layer_of = {number: layer for layer, number in aside.items()}
    kept = [number for number in range(len(form.nodes)) if number not in layer_of]
    return _Bare(renumbered(form, kept, layer_of), kept, aside)


def shared_layer(here: Side, number: int) -> Any:
    """The layer that a node is a call of, or the activation of, if it is called several times."""
    node = here.nodes[number]
    if node.kind == "activation":
        node = here.nodes[node.reads[0][1][0]]
        if not applies_activation(node.kind):
            return None
    several = node.weights is not None and len(here.calls[node.weights]) > 1
    return ("layer", node.weights) if several else None


def _pair_outputs(a: Form, b: Form, pins: Mapping[int, int]) -> list[Ports]:
    """Outputs by name or by order as far as none is missing, and by what makes them."""
    listed = a.outputs_listed and b.outputs_listed
    ports = _pair_ports(a.outputs, b.outputs, listed)
    if ports.named:
        return [ports]
    pairs = sorted(_pairs_made_alike(a, b, pins))
    made = replace(ports, pairs=tuple(pairs))
    same_number = len(a.outputs) == len(b.outputs)
    return [made, ports] if same_number and pairs != list(ports.pairs) else [made]


def _pairs_made_alike(a: Form, b: Form, pins: Mapping[int, int]) -> list[tuple[int, int]]:
    """Outputs made in the same way; of the others those of the same position, if none is missing,
    or else of the same name or kind."""
    mine, its = made_alike(a, b, pins)
    pairs = _matching(
        [(mine[p.source[0]], p.source[1]) for p in a.outputs],
        [(its[p.source[0]], p.source[1]) for p in b.outputs],
        [],
    )
    if len(a.outputs) == len(b.outputs):
        pairs = _matching(range(len(a.outputs)), range(len(b.outputs)), pairs)
    pairs = _matching([p.name for p in a.outputs], [p.name for p in b.outputs], pairs)
    left = [a.nodes[port.source[0]] for port in a.outputs]
    right = [b.nodes[port.source[0]] for port in b.outputs]
    pairs = _matching([node.key for node in left], [node.key for node in right], pairs)
    return _matching([node.kind for node in left], [node.kind for node in right], pairs)


def _matching(
    mine: Sequence[Hashable], its: Sequence[Hashable], pairs: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The pairs, and those that equal keys add to them."""
    left, right = {a for a, _ in pairs}, {b for _, b in pairs}
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for b, key in enumerate(its):
        if b not in right:
            waiting[key].append(b)
    result = list(pairs)
    for a, key in enumerate(mine):
        if a not in left and waiting[key]:
            result.append((a, waiting[key].popleft()))
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


def _pair_inputs(a: Form, b: Form) -> Ports:
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
    left, right = {m for m, _ in pairs}, {i for _, i in pairs}
    mine = [n for n in range(len(a.inputs)) if n not in left]
    its = [n for n in range(len(b.inputs)) if n not in right]
    if not any(is_cut(b.inputs[n]) for n in its):
        if not listed or len(mine) != len(its):  # a dict has no order that counts
            uses = _uses(a), _uses(b)
            pairs = _matching(uses[0], uses[1], pairs)
            pairs = _matching([t for t, _ in uses[0]], [t for t, _ in uses[1]], pairs)
        if len(mine) == len(its):
            pairs = _matching_in_order(a, b, pairs)
    return Ports(tuple(pairs), named=False, fixed=listed)


def _uses(form: Form) -> list[tuple[Hashable, Hashable]]:
    """Of each input the shape and dtype, and what reads it."""
    readers: dict[int, list[str]] = defaultdict(list)
    for node in form.nodes:
        for slot, (source, _) in node.reads:
            readers[source].append(repr((slot, node.key)))
    nodes = [port.source[0] for port in form.inputs]
    return [(form.nodes[n].tensors, tuple(sorted(readers[n]))) for n in nodes]


def _matching_in_order(a: Form, b: Form, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    known = {m for m, _ in pairs}, {i for _, i in pairs}
    left = (n for n in range(len(a.inputs)) if n not in known[0])
    right = (n for n in range(len(b.inputs)) if n not in known[1])
    return [*pairs, *zip(left, right, strict=False)]


def is_cut(port: Port) -> bool:
    """Whether this input is what Keras makes of an intermediate tensor given as an input."""
    return port.generated and port.name.endswith("CLONE")


def _with_cuts(pairing: Pairing) -> Pairing:
    """Pair each input that Keras made of an intermediate tensor with what it replaces."""
    match, back, cuts = dict(pairing.match), dict(pairing.back), []
    for port in pairing.found.form.inputs:
        number = port.source[0]
        if not is_cut(port) or number in back:
            continue
        node = _replaced_by(pairing, number)
        if node is not None and node not in match:
            match[node], back[number] = number, node
            cuts.append((node, number))
    return replace(pairing, match=match, back=back, cuts=tuple(cuts))


def _replaced_by(pairing: Pairing, number: int) -> int | None:
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


def same(pairing: Pairing, mine: Source | None, its: Source | None) -> bool:
    if mine is None or its is None:
        return mine is its
    return pairing.match.get(mine[0]) == its[0] and mine[1] == its[1]


def displaced(
    pairing: Pairing, mine: Sequence[Port], its: Sequence[Port], ports: Ports
) -> list[tuple[int, int]]:
    """Positions whose inputs (or outputs) are each other's counterparts in another order."""
    inputs = mine is pairing.target.form.inputs
    form_mine, form_its = pairing.target.form, pairing.found.form
    listed = (
        form_mine.inputs_listed and form_its.inputs_listed
        if inputs
        else form_mine.outputs_listed and form_its.outputs_listed
    )
    wrong = [(a, b) for a, b in ports.pairs if not same(pairing, mine[a].source, its[b].source)]
    if wrong and ports.fixed and _permuted(pairing, mine, its, wrong):
        return wrong
    if wrong or not listed:
        return []
    ranked = sorted(a for a, _ in ports.pairs)
    given = [a for a, _ in sorted(ports.pairs, key=lambda pair: pair[1])]
    places = sorted(b for _, b in ports.pairs)
    return [(a, b) for a, b, known in zip(ranked, places, given, strict=True) if a != known]


def _permuted(
    pairing: Pairing,
    mine: Sequence[Port],
    its: Sequence[Port],
    wrong: Sequence[tuple[int, int]],
) -> bool:
    """Whether these ports are the same tensors in another order."""
    known = all(mine[a].source[0] in pairing.match for a, _ in wrong)
    wanted = sorted((pairing.match.get(mine[a].source[0], -1), mine[a].source[1]) for a, _ in wrong)
    return known and wanted == sorted(its[b].source for _, b in wrong)


def places_of(nodes: Sequence[Node], numbers: Iterable[int]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(place for n in numbers for place in nodes[n].places))


def place_of(nodes: Sequence[Node], number: int) -> tuple[Place, ...]:
    """Where a node is; of a sum written as several calls, where it is finished."""
    return nodes[number].places[:1]


def nodes_at(here: Side, place: Place) -> list[int]:
    return [number for number, node in enumerate(here.nodes) if place in node.places]


def sources_of(pairing: Pairing, mine: Source | None, its: Source | None) -> dict[str, Any]:
    return {"expected": source_of(pairing.target, mine), "found": source_of(pairing.found, its)}


def source_of(here: Side, source: Source | None) -> dict[str, Any] | None:
    return None if source is None else here.nodes[source[0]].places[0].to_json()
