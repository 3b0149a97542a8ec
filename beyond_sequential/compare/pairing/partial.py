"""Nodes in pairs as far as they can be recognised, where the forms are not the same.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace

from ...equivalence import Form, applies_activation, renumbered
from .alignment import align
from .pairs import Pairing, paired
from .ports import is_cut, pair_inputs, pair_outputs
from .relate import relate
from .wiring import WiredForm, last_calls


def align_forms(a: Form, b: Form, strategy: str) -> Iterator[Pairing]:
    """Nodes in pairs as far as they can be recognised; once for each way to pair the outputs."""
    inputs = pair_inputs(a, b)
    known_pairs = {
        a.inputs[in_target].source[0]: b.inputs[in_found].source[0]
        for in_target, in_found in inputs.pairs
    }
    for outputs in pair_outputs(a, b, known_pairs):
        empty = paired(a, b, {}, inputs, outputs)
        match = align(empty.target, empty.found, known_pairs, strategy)
        heads = _head_pairs(empty, known_pairs)
        yield _completed(empty, match)
        if any(match.get(in_target) != in_found for in_target, in_found in heads.items()):
            yield _completed(empty, align(empty.target, empty.found, heads, strategy))


def _completed(empty: Pairing, match: dict[int, int]) -> Pairing:
    _keep_calls_whole(empty.target, empty.found, match)
    back = {other: number for number, other in match.items()}
    return _with_cuts(replace(empty, match=match, back=back))


def _head_pairs(empty: Pairing, known_pairs: Mapping[int, int]) -> dict[int, int]:
    """The known pairs, and what makes the outputs that correspond: a layer, whatever activation it
    has, on a layer of its kind.
    """
    chosen = dict(known_pairs)
    for in_target, in_found in empty.outputs.pairs:
        a = last_calls(empty.target, empty.target.form.outputs[in_target])
        b = last_calls(empty.found, empty.found.form.outputs[in_found])
        kinds = empty.target.nodes[a[0]].kind, empty.found.nodes[b[0]].kind
        if kinds[0] != kinds[1] or kinds[0] == "input" or chosen.keys() & a:
            continue
        if not set(chosen.values()) & set(b):
            chosen |= zip(a, b, strict=False)
    return chosen


def align_layers(a: Form, b: Form, strategy: str) -> Iterator[Pairing]:
    """As `align_forms`, with the activations of layers put aside, so that layers are recognised
    whatever activations they have; and, if the forms are the same but for these, as `relate`.
    """
    one, other = _without_activations(a), _without_activations(b)
    if not one.aside and not other.aside:
        return
    related = relate(one.form, other.form)
    pairings = [related[0]] if related else align_forms(one.form, other.form, strategy)
    for pairing in pairings:
        match = {
            one.kept[in_target]: other.kept[in_found]
            for in_target, in_found in pairing.match.items()
        }
        cuts = tuple(
            (one.kept[in_target], other.kept[in_found]) for in_target, in_found in pairing.cuts
        )
        for in_target, in_found in list(match.items()):
            if in_target in one.aside and in_found in other.aside:
                match[one.aside[in_target]] = other.aside[in_found]
        yield replace(paired(a, b, match, pairing.inputs, pairing.outputs), cuts=cuts)


@dataclass(frozen=True, slots=True)
class _Bare:
    """A form without the activations of its layers.

    Which of the old nodes are kept, and which activation stood behind which of them.
    """

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


def _keep_calls_whole(target: WiredForm, found: WiredForm, match: dict[int, int]) -> None:
    """Of two like activations in a row of calls the one is as good as the other: pair the one
    whose layer is paired, so that what is missing (or extra) is a layer with its activation.
    """
    back = {in_found: in_target for in_target, in_found in match.items()}
    for in_target, in_found in sorted(match.items()):
        a, b = target.nodes[in_target], found.nodes[in_found]
        if a.kind != "activation" or a.key != b.key:
            continue
        above, other = a.reads[0][1][0], b.reads[0][1][0]
        if above not in match and other in back:
            twin = _free_twin(target, back[other], a.key, match)
            if twin is not None:
                del match[in_target]
                match[twin], back[in_found] = in_found, twin
        elif above in match and other not in back:
            twin = _free_twin(found, match[above], b.key, back)
            if twin is not None:
                del back[in_found]
                match[in_target], back[twin] = twin, in_target


def _free_twin(
    graph: WiredForm, number: int, key: Hashable, matched: Mapping[int, int]
) -> int | None:
    """Return what stands behind a node, is the same as another and has no counterpart yet."""
    readers = (reader for _, reader, _ in graph.readers[number])
    return next((n for n in readers if n not in matched and graph.nodes[n].key == key), None)


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
    an input that is lacking.
    """
    for slot, reader, _ in pairing.found.readers[number]:
        if reader not in pairing.back:
            continue
        in_target = pairing.target.nodes[pairing.back[reader]]
        for other, (source, _) in in_target.reads:
            if other == slot and source not in pairing.match:
                return source
    inputs = (port.source[0] for port in pairing.target.form.inputs)
    return next((n for n in inputs if n not in pairing.match), None)
