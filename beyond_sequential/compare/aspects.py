"""What differs between nodes, layers, inputs and outputs that correspond.

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from ..equivalence import Node, Port
from ..model.graph import Tensor
from .difference import Difference
from .pairing import (
    Pairing,
    Ports,
    WiredForm,
    displaced,
    is_cut,
    last_calls,
    place_of,
    places_of,
    said,
    shared_layer,
)

# --- Settings -------------------------------------------------------------------------------


def setting_differences(pairing: Pairing) -> list[Difference]:
    """Return what is set otherwise.

    Once for a layer, however often it is called, and however many layers stand where one is
    expected.
    """
    groups: dict[Hashable, list[tuple[int, int]]] = {}
    for in_target, in_found in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[in_target], pairing.found.nodes[in_found]
        if a.kind == b.kind and a.kind != "input" and a.key != b.key:
            layer = shared_layer(pairing.target, in_target)
            if layer is None:
                layer = a.places[0].name, b.places[0].name, b.weights
            groups.setdefault((layer, a.key, b.key), []).append((in_target, in_found))
    differences: dict[Hashable, Difference] = {}
    for pairs in groups.values():
        a, b = pairing.target.nodes[pairs[0][0]], pairing.found.nodes[pairs[0][1]]
        expected = places_of(pairing.target.nodes, (in_target for in_target, _ in pairs))
        found = places_of(pairing.found.nodes, (in_found for _, in_found in pairs))
        for detail in _unlike_settings(a, b):
            key = (expected, found, detail["setting"])
            known = differences.get(key)
            differences[key] = Difference(
                "setting", expected, found, detail if known is None else _together(known, detail)
            )
    return list(differences.values())


def _together(known: Difference, detail: Mapping[str, object]) -> dict[str, object]:
    """The detail for one call that stands for several nodes, as an ops.split does for its slices:
    what each of them has.
    """
    both = dict(detail)
    for end in ("expected", "found"):
        value = known.detail[end]
        both[end] = [*(value if isinstance(value, list) else [value]), detail[end]]
    return both


def _unlike_settings(a: Node, b: Node) -> list[dict[str, object]]:
    in_target, in_found = dict(_flat(a.settings)), dict(_flat(b.settings))
    unlike = [
        name for name in {**in_target, **in_found} if in_target.get(name) != in_found.get(name)
    ]
    if "padding" in unlike and (a.idle_padding or b.idle_padding):
        unlike.remove("padding")  # written "same" on both sides, if it pads nothing on one
    if {"pool_size", "strides"} <= set(unlike) and all(
        settings.get("pool_size") == settings.get("strides") for settings in (in_target, in_found)
    ):
        unlike.remove("strides")  # a pooling's strides are its size, if none are given
    names = [name for name in unlike if not _is_part_of(name, unlike)]
    if a.kind == "activation" and "activation" in names:
        names = ["activation"]  # the others are settings of the one activation
    details = []
    swapped = _exchanged_settings(in_target, in_found, names)
    if swapped:
        details.append(
            {
                "setting": "/".join(swapped),
                "expected": [in_target[name] for name in swapped],
                "found": [in_found[name] for name in swapped],
                "swapped": True,
            }
        )
    for name in names:
        if name not in swapped and not _same_axis(name, a, b):
            details.append(
                {"setting": name, "expected": in_target.get(name), "found": in_found.get(name)}
            )
    return details


def _is_part_of(name: str, unlike: Sequence[str]) -> bool:
    """Whether a setting belongs to a regularizer, a wrapped layer or the like that is another as a
    whole.
    """
    return any(name.startswith(f"{whole}.") for whole in unlike)


def _flat(settings: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the settings, those of a wrapped layer as layer.units and so on."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and isinstance(value.get("config"), Mapping):
            yield prefix + name, value.get("class_name")
            yield from _flat(value["config"], f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _exchanged_settings(
    in_target: Mapping[str, object], in_found: Mapping[str, object], names: Sequence[str]
) -> tuple[str, ...]:
    """Return two whole numbers given in each other's place."""
    whole = [n for n in names if _is_whole(in_target.get(n)) and _is_whole(in_found.get(n))]
    for number, one in enumerate(whole):
        for other in whole[number + 1 :]:
            if (in_target[one], in_target[other]) == (in_found[other], in_found[one]):
                return one, other
    return ()


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _same_axis(name: str, a: Node, b: Node) -> bool:
    """Counted from the front the axes may agree, where an earlier difference added a dimension."""
    if name != "axis":
        return False
    shapes = a.tensors[0].shape, b.tensors[0].shape
    axes: list[Any] = [a.settings.get("axis"), b.settings.get("axis")]
    if shapes[0] is None or shapes[1] is None or not all(map(_is_whole, axes)):
        return False
    ranks = len(shapes[0]), len(shapes[1])
    return ranks[0] != ranks[1] and axes[0] + ranks[0] == axes[1] + ranks[1]


# --- Layers that are one, or frozen ---------------------------------------------------------


def sharing_differences(pairing: Pairing) -> list[Difference]:
    """Layers of the target that are several in the other graph, and the reverse."""
    pairs = _weight_pairs(pairing)
    one_to, one_from = defaultdict(set), defaultdict(set)
    for in_target, in_found in pairs:
        ids = pairing.target.form.weights[in_target].ids, pairing.found.form.weights[in_found].ids
        for a, b in zip(*ids, strict=False):
            one_to[a].add(b)
            one_from[b].add(a)
    split = {a for a, others in one_to.items() if len(others) > 1}
    joined = {b for b, others in one_from.items() if len(others) > 1}
    return [
        *_split_layers(pairing, "not_shared", split),
        *_split_layers(pairing, "shared", joined),
    ]


def _weight_pairs(pairing: Pairing) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Return which layers correspond, with the pairs of calls that say so."""
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for in_target, in_found in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[in_target], pairing.found.nodes[in_found]
        if a.weights is not None and b.weights is not None and a.kind == b.kind:
            pairs[a.weights, b.weights].append((in_target, in_found))
    return pairs


def _split_layers(pairing: Pairing, kind: str, ids: set[str]) -> Iterator[Difference]:
    graph = pairing.target if kind == "not_shared" else pairing.found
    chosen = {n for n, w in enumerate(graph.form.weights) if ids & set(w.ids)}
    pairs = _weight_pairs(pairing)
    column = 0 if kind == "not_shared" else 1
    for group in _adjacent(graph, chosen):
        involved = [key for key in pairs if key[column] in group]
        calls = sorted(call for key in involved for call in pairs[key])
        several = max(len({k for k in involved if k[column] == one}) for one in group)
        counts = (1, several) if kind == "not_shared" else (several, 1)
        yield Difference(
            kind,
            places_of(pairing.target.nodes, (in_target for in_target, _ in calls)),
            places_of(pairing.found.nodes, (in_found for _, in_found in calls)),
            dict(zip(("expected", "found"), counts, strict=True)),
        )


def _adjacent(graph: WiredForm, chosen: set[int]) -> list[set[int]]:
    """Return the chosen layers in groups that follow on each other, with no other layer between."""
    group = {number: {number} for number in chosen}
    above: list[frozenset[int]] = []
    for node in graph.nodes:
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


def trainable_differences(pairing: Pairing) -> Iterator[Difference]:
    """Weights that are frozen on one side only: one difference for all of a direction."""
    calls: dict[tuple[bool, bool], list[tuple[int, int]]] = defaultdict(list)
    for (in_target, in_found), pairs in _weight_pairs(pairing).items():
        a, b = pairing.target.form.weights[in_target], pairing.found.form.weights[in_found]
        unlike = [x for x in zip(a.trainable, b.trainable, strict=False) if x[0] != x[1]]
        if unlike:
            calls[unlike[0]] += pairs
    for (expected, found), pairs in calls.items():
        yield Difference(
            "trainable",
            places_of(pairing.target.nodes, sorted(in_target for in_target, _ in pairs)),
            places_of(pairing.found.nodes, sorted(in_found for _, in_found in pairs)),
            {"expected": expected, "found": found},
        )


# --- Inputs and outputs as differences ------------------------------------------------------


def shape_differences(pairing: Pairing) -> Iterator[Difference]:
    """Return the inputs whose shape or dtype is another one."""
    cuts = set(pairing.cuts)
    for in_target, in_found in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[in_target], pairing.found.nodes[in_found]
        if (
            a.kind == b.kind == "input"
            and (in_target, in_found) not in cuts
            and a.tensors != b.tensors
        ):
            detail = {
                "expected": _tensor(a.tensors[0]),
                "found": _tensor(b.tensors[0]),
            }
            yield Difference("input_shape", a.places, b.places, detail)


def _tensor(tensor: Tensor) -> dict[str, object]:
    shape = None if tensor.shape is None else list(tensor.shape)
    return {"shape": shape, "dtype": tensor.dtype}


def input_order(pairing: Pairing) -> list[Difference]:
    """Return the inputs in another order, or used but not among the model's inputs."""
    a, b = pairing.target.form, pairing.found.form
    differences = []
    declared = {port.source[0] for port in b.inputs}
    for port in a.inputs:
        in_found = pairing.match.get(port.source[0])
        if in_found is not None and in_found not in declared:
            places = a.nodes[port.source[0]].places, b.nodes[in_found].places
            differences.append(Difference("input_missing", *places, {"declared": False}))
    if not differences:
        differences += _order("input_order", pairing, a.inputs, b.inputs, pairing.inputs)
    return differences


def output_order(pairing: Pairing) -> list[Difference]:
    """Return the outputs in another order."""
    a, b = pairing.target.form.outputs, pairing.found.form.outputs
    return _order("output_order", pairing, a, b, pairing.outputs)


def _order(
    kind: str, pairing: Pairing, in_target: Sequence[Port], in_found: Sequence[Port], ports: Ports
) -> list[Difference]:
    moved = displaced(pairing, in_target, in_found, ports)
    if not moved:
        return []
    a, b = [in_target[n] for n, _ in moved], [in_found[n] for _, n in moved]
    detail: dict[str, object] = {
        "expected": [said(port) for port in a],
        "found": [said(port) for port in b],
    }
    if detail["expected"] == detail["found"]:
        detail["swapped"] = True  # the names stand in order; what goes by them does not
    return [
        Difference(
            kind,
            places_of(pairing.target.nodes, (port.source[0] for port in a)),
            places_of(pairing.found.nodes, (port.source[0] for port in b)),
            detail,
        )
    ]


def name_differences(pairing: Pairing) -> Iterator[Difference]:
    """Names that are not the target's, all of the inputs together and all of the outputs.

    Only a name that somebody chose is expected.
    """
    a, b = pairing.target.form, pairing.found.form
    for kind, in_target, in_found, ports in (
        ("input_name", a.inputs, b.inputs, pairing.inputs),
        ("output_name", a.outputs, b.outputs, pairing.outputs),
    ):
        if kind == "output_name" and ports.named and displaced(pairing, in_target, in_found, ports):
            continue  # the names are right, and another difference says what goes by them
        wrong = list(_wrong_names(pairing, in_target, in_found))
        if wrong:
            yield Difference(
                kind,
                tuple(p for port, _ in wrong for p in place_of(a.nodes, port.source[0])),
                tuple(p for _, port in wrong for p in place_of(b.nodes, port.source[0])),
                {
                    "expected": [said(port) for port, _ in wrong],
                    "found": [said(port) for _, port in wrong],
                },
            )


def _wrong_names(
    pairing: Pairing, in_target: Sequence[Port], in_found: Sequence[Port]
) -> Iterator[tuple[Port, Port]]:
    for port in in_target:
        others = [other for other in in_found if _made_by_counterparts(pairing, port, other)]
        if port.generated and port.key is None:
            continue
        if others and is_cut(others[0]):
            continue  # the name follows from the cut
        if others and said(port) not in [said(other) for other in others]:
            yield port, others[0]


def _made_by_counterparts(pairing: Pairing, port: Port, other: Port) -> bool:
    layers = last_calls(pairing.target, port)[0], last_calls(pairing.found, other)[0]
    return pairing.match.get(layers[0]) == layers[1] and port.source[1] == other.source[1]


def tensor_differences(pairing: Pairing) -> Iterator[Difference]:
    """Yield where nothing else differs, but a size or a dtype does."""
    for in_target, in_found in sorted(pairing.match.items()):
        a, b = pairing.target.nodes[in_target], pairing.found.nodes[in_found]
        detail = _unlike_tensors(pairing, a, b)
        if detail:
            yield Difference("setting", a.places, b.places, detail)
            return


def _unlike_tensors(pairing: Pairing, a: Node, b: Node) -> dict[str, object] | None:
    dtypes = [[t.dtype for t in node.tensors] for node in (a, b)]
    if dtypes[0] != dtypes[1]:
        return {"setting": "dtype", "expected": dtypes[0][0], "found": dtypes[1][0]}
    if a.weights is None or b.weights is None:
        return None
    in_target, in_found = (
        pairing.target.form.weights[a.weights],
        pairing.found.form.weights[b.weights],
    )
    shapes = [[list(shape) for shape in weights.shapes] for weights in (in_target, in_found)]
    if shapes[0] != shapes[1]:
        return {"setting": "weights", "expected": shapes[0], "found": shapes[1]}
    if in_target.dtypes != in_found.dtypes:
        return {
            "setting": "dtype",
            "expected": list(in_target.dtypes),
            "found": list(in_found.dtypes),
        }
    return None
