"""Two forms with their nodes, inputs and outputs in pairs.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from ...equivalence import Form, Port, Source
from .ports import Ports, port_labels
from .wiring import WiredForm, source_of, wired


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two forms, and which node of the target is which node of the other."""

    target: WiredForm
    found: WiredForm
    match: Mapping[int, int]
    back: Mapping[int, int]
    inputs: Ports
    outputs: Ports
    cuts: tuple[tuple[int, int], ...] = ()


def paired(a: Form, b: Form, match: Mapping[int, int], inputs: Ports, outputs: Ports) -> Pairing:
    """Return the pairing of two forms with these pairs of nodes."""
    names: dict[Hashable, int] = {}
    in_target, in_found = port_labels(outputs, len(a.outputs), len(b.outputs))
    back = {other: number for number, other in match.items()}
    return Pairing(
        wired(a, in_target, names), wired(b, in_found, names), match, back, inputs, outputs
    )


def same(pairing: Pairing, in_target: Source | None, in_found: Source | None) -> bool:
    """Return whether two tensors are the same output of nodes that are a pair."""
    if in_target is None or in_found is None:
        return in_target is in_found
    return pairing.match.get(in_target[0]) == in_found[0] and in_target[1] == in_found[1]


def displaced(
    pairing: Pairing, in_target: Sequence[Port], in_found: Sequence[Port], ports: Ports
) -> list[tuple[int, int]]:
    """Positions whose inputs (or outputs) are each other's counterparts in another order."""
    inputs = in_target is pairing.target.form.inputs
    target_form, found_form = pairing.target.form, pairing.found.form
    listed = (
        target_form.inputs_listed and found_form.inputs_listed
        if inputs
        else target_form.outputs_listed and found_form.outputs_listed
    )
    wrong = [
        (a, b) for a, b in ports.pairs if not same(pairing, in_target[a].source, in_found[b].source)
    ]
    if wrong and ports.fixed and _permuted(pairing, in_target, in_found, wrong):
        return wrong
    if wrong or not listed:
        return []
    ranked = sorted(a for a, _ in ports.pairs)
    given = [a for a, _ in sorted(ports.pairs, key=lambda pair: pair[1])]
    places = sorted(b for _, b in ports.pairs)
    return [(a, b) for a, b, known in zip(ranked, places, given, strict=True) if a != known]


def _permuted(
    pairing: Pairing,
    in_target: Sequence[Port],
    in_found: Sequence[Port],
    wrong: Sequence[tuple[int, int]],
) -> bool:
    """Return whether these ports are the same tensors in another order."""
    known = all(in_target[a].source[0] in pairing.match for a, _ in wrong)
    wanted = sorted(
        (pairing.match.get(in_target[a].source[0], -1), in_target[a].source[1]) for a, _ in wrong
    )
    return known and wanted == sorted(in_found[b].source for _, b in wrong)


def sources_of(
    pairing: Pairing, in_target: Source | None, in_found: Source | None
) -> dict[str, object]:
    """Return the places of two tensors, as a difference holds them."""
    return {
        "expected": source_of(pairing.target, in_target),
        "found": source_of(pairing.found, in_found),
    }
