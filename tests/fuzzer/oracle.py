"""Are two graphs the same model?  Decided by running them, with no comparison of graphs.

They are the same if there is a way to carry the weights of one over to the other, one for one,
so that on random inputs and for random weights all of this agrees: the outputs in inference, the
outputs in training, what training adds to moving statistics, the losses of regularizers, and
which weights are trainable.

Which weight goes to which is known for a recipe and its mutants: each variable knows the layer
that it was made for. But a mutant may be the same model with the roles of two layers exchanged.
So first both are run with the same numbers in all weights of a shape: models that differ then
differ however weights are carried over. Only of those that agree all ways are tried. The same
goes for chance: which dropout draws the numbers of which.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice, permutations, product
from typing import Any

import numpy as np

from beyond_sequential.model.graph import Body, Layer, ModelGraph, Ref, Tensor
from tests.fuzzer.graph_writer import SpelledGraph, flat
from tests.fuzzer.recipe import Recipe
from tests.fuzzer.reference import Result, Unrunnable, run

SAMPLES = 3
OPEN = 8  # what stands for an open size
MAX_WAYS = 1000
TOLERANCE = 1e-7


class Undecided(RuntimeError):
    """There are too many ways to carry weights over."""


def same(a: SpelledGraph, b: SpelledGraph, recipe: Recipe) -> bool:
    """Whether b is the same model as a.  `recipe` says what the exercise asks for: the order of
    what is joined, names of inputs and outputs."""
    orders = _port_orders(a, b, recipe)
    if recipe.named and _output_names(a) != _output_names(b):
        return False
    layers_a, layers_b = _live(a), _live(b)
    if not orders or _signature(layers_a) != _signature(layers_b):
        return False
    plain_a, plain_b = _plain(layers_a), _plain(layers_b)
    try:
        orders = [order for order in orders if _agree(a, b, recipe, plain_a, plain_b, order)]
    except Unrunnable:
        return False
    return bool(orders) and _agree_in_some_way(a, b, recipe, layers_a, layers_b, orders)


def _agree_in_some_way(
    a: SpelledGraph,
    b: SpelledGraph,
    recipe: Recipe,
    layers_a: list[Layer],
    layers_b: list[Layer],
    orders: list[Order],
) -> bool:
    """Whether b agrees with a for some way to carry weights and random draws over."""
    chances = _chances(a, b, _plain(layers_a), _plain(layers_b))
    known = next(chances)
    others = list(islice(chances, MAX_WAYS + 1))
    for number, (weights_a, weights_b) in enumerate(_ways(a, b, layers_a, layers_b)):
        for order in orders:
            if _agree(a, b, recipe, weights_a, weights_b, order, known):
                return True
            if not others or not _agree(a, b, recipe, weights_a, weights_b, order):
                continue
            if any(_agree(a, b, recipe, weights_a, weights_b, order, c) for c in others):
                return True
            if len(others) > MAX_WAYS:
                raise Undecided
        if number == MAX_WAYS:
            raise Undecided
    return False


# --- Weights ----------------------------------------------------------------------------------


def _live(spelled: SpelledGraph) -> list[Layer]:
    """The layers with weights that the outputs depend on."""
    found: dict[str, Layer] = {}
    body = spelled.graph.body
    _reach(spelled.graph, body, list(flat(body.outputs)), found)
    return [layer for layer in found.values() if layer.variables]


def _reach(graph: ModelGraph, body: Body, wanted: list[Ref], found: dict[str, Layer]) -> set[Ref]:
    """The inputs of a body that some of its tensors depend on; the layers on the way are found."""
    ends, seen, reached = set(flat(body.inputs)), set(), set()
    todo = list(wanted)
    while todo:
        ref = todo.pop()
        if ref in seen:
            continue
        seen.add(ref)
        if ref in ends:
            reached.add(ref)
            continue
        call = body.calls[ref.call]
        layer = graph.layers[call.layer]
        given = [arg for arg in flat(call.args) if isinstance(arg, Ref)]
        if layer.body is None:
            found[layer.id] = layer
            todo += given
        else:
            inner = list(flat(layer.body.outputs))[ref.output]
            own = list(flat(layer.body.inputs))
            todo += [given[own.index(r)] for r in _reach(graph, layer.body, [inner], found)]
    return reached


def _shape_of(layer: Layer) -> Any:
    return tuple((v.name, v.shape, v.trainable) for v in layer.variables)


def _signature(layers: list[Layer]) -> list[Any]:
    return sorted(map(_shape_of, layers))


def numbers(topic: str, shape: tuple[int, ...]) -> np.ndarray:
    """Random numbers for a weight."""
    return np.random.default_rng(zlib.crc32(topic.encode())).normal(0, 0.8, shape)


def _plain(layers: list[Layer]) -> dict[str, np.ndarray]:
    """The same numbers in all weights of one name and shape."""
    return {
        v.id: numbers(f"{v.name}{v.shape}{place}", v.shape)
        for layer in layers
        for place, v in enumerate(layer.variables)
    }


def _named(layers: Mapping[str, Layer]) -> dict[str, np.ndarray]:
    return {
        v.id: numbers(f"{name}/{place}", v.shape)
        for name, layer in layers.items()
        for place, v in enumerate(layer.variables)
    }


def _ways(
    a: SpelledGraph, b: SpelledGraph, layers_a: list[Layer], layers_b: list[Layer]
) -> Iterator[tuple[dict[str, np.ndarray], dict[str, np.ndarray]]]:
    """Random weights for both, for each way to carry them over; the known way first."""
    name = {layer.id: a.origins[layer.variables[0].id][0] for layer in layers_a}
    own = {layer.id: b.origins[layer.variables[0].id][0] for layer in layers_b}
    groups: dict[Any, tuple[list[Layer], list[Layer]]] = defaultdict(lambda: ([], []))
    for layer in layers_a:
        groups[_shape_of(layer)][0].append(layer)
    for layer in layers_b:
        groups[_shape_of(layer)][1].append(layer)
    choices = []
    for these, those in groups.values():
        these = sorted(these, key=lambda layer: name[layer.id])
        # What has the same name comes first in every order; the rest fills up.
        rest = {own[layer.id]: layer for layer in those}
        first = [rest.pop(name[layer.id], None) for layer in these]
        spare = list(rest.values())
        start = [layer or spare.pop() for layer in first]
        orders = islice(permutations(start), MAX_WAYS + 1)
        choices.append([list(zip(these, order, strict=True)) for order in orders])
    for chosen in product(*choices):
        pairs = [pair for group in chosen for pair in group]
        named_a = {f"{n}": x for n, (x, _) in enumerate(pairs)}
        named_b = {f"{n}": y for n, (_, y) in enumerate(pairs)}
        yield _named(named_a), _named(named_b)


Topics = Mapping[str, str]


def _chances(
    a: SpelledGraph,
    b: SpelledGraph,
    weights_a: dict[str, np.ndarray],
    weights_b: dict[str, np.ndarray],
) -> Iterator[Topics]:
    """For each call of b that draws numbers the call of a whose numbers it draws, in all ways."""
    groups: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for number, (spelled, weights) in enumerate(((a, weights_a), (b, weights_b))):
        for trail, drawn in run(spelled, weights, inputs_of(spelled), training=True).draws.items():
            groups[drawn][number].append(trail)
    choices = []
    for trails_a, trails_b in groups.values():
        rest = [trail for trail in trails_a if trail not in trails_b]
        known = [trail if trail in trails_a or not rest else rest.pop() for trail in trails_b]
        orders = permutations([*known, *rest], len(trails_b))
        choices.append(
            [list(zip(trails_b, order, strict=True)) for order in islice(orders, MAX_WAYS + 1)]
        )
    for chosen in product(*choices):
        yield dict(pair for group in chosen for pair in group)


# --- Agreement --------------------------------------------------------------------------------


def _agree(
    a: SpelledGraph,
    b: SpelledGraph,
    recipe: Recipe,
    weights_a: dict[str, np.ndarray],
    weights_b: dict[str, np.ndarray],
    order: Order,
    topics: Topics | None = None,
) -> bool:
    """Without `topics` all draw the same numbers."""
    inputs = inputs_of(a)
    other = [inputs[order.index(number)] for number in range(len(order))]
    options: dict[str, Any] = {
        "free_joins": not recipe.concat_order,
        "same_chance": topics is None,
    }
    loose = isinstance(a.graph.outputs, Mapping) != isinstance(b.graph.outputs, Mapping)
    for training in (False, True):
        one = run(a, weights_a, inputs, training=training, **options)
        two = run(b, weights_b, other, training=training, topics=topics, **options)
        found = permutations(two.outputs) if loose else [two.outputs]
        if not any(_equal(one.outputs, list(outputs)) for outputs in found):
            return False
        if training and not _same_training(one, two, weights_a, weights_b):
            return False
    return True


def _same_training(
    one: Result, two: Result, weights_a: dict[str, np.ndarray], weights_b: dict[str, np.ndarray]
) -> bool:
    """Whether the losses agree, and what is added to weights with the same numbers in them."""

    def updates(result: Result, weights: dict[str, np.ndarray]) -> list[np.ndarray]:
        rows = [
            (weights[id_].tobytes(), update)
            for id_, update in result.updates.items()
            if id_ in weights
        ]
        keys = sorted({key for key, _ in rows})
        return [sum((u for k, u in rows if k == key), np.zeros(())) for key in keys]

    losses = [
        sum(loss for id_, loss in result.losses.items() if id_ in weights)
        for result, weights in ((one, weights_a), (two, weights_b))
    ]
    if abs(losses[0] - losses[1]) > TOLERANCE * (1 + abs(losses[0])):
        return False
    return _equal(updates(one, weights_a), updates(two, weights_b))


def _equal(one: list[np.ndarray], two: list[np.ndarray]) -> bool:
    if len(one) != len(two):
        return False
    return all(
        x.shape == y.shape and np.allclose(x, y, rtol=TOLERANCE, atol=TOLERANCE)
        for x, y in zip(one, two, strict=True)
    )


# --- Inputs and outputs -----------------------------------------------------------------------


def _output_names(spelled: SpelledGraph) -> list[str]:
    tree = spelled.graph.outputs
    if isinstance(tree, Mapping):
        return sorted(tree)
    return sorted(spelled.graph.layer_of(ref).name for ref in flat(tree))


Order = tuple[int, ...]
"""For each input of one graph, which of the other's stands for it."""


def _ports(spelled: SpelledGraph) -> list[tuple[str, Tensor]]:
    """Each input: its key, or the name of its layer, and its shape and dtype."""
    graph, tree = spelled.graph, spelled.graph.inputs
    found = list(flat(tree))
    names = [graph.layer_of(ref).name for ref in found]
    names = sorted(tree) if isinstance(tree, Mapping) else names
    return list(zip(names, map(graph.tensor, found), strict=True))


def _port_orders(a: SpelledGraph, b: SpelledGraph, recipe: Recipe) -> list[Order]:
    """How inputs may correspond: lists go by order; a dict against a list goes by the names if the
    exercise fixes them, and in any way if it does not."""
    ports_a, ports_b = _ports(a), _ports(b)
    if len(ports_a) != len(ports_b):
        return []
    dicts = [isinstance(spelled.graph.inputs, Mapping) for spelled in (a, b)]
    fixed = [entry.name for entry in recipe.body.inputs if entry.name] if recipe.names else []
    if dicts == [True, True]:
        fixed = [name for name, _ in ports_a]
    start = tuple(range(len(ports_a)))
    orders = permutations(start) if any(dicts) else [start]
    return [
        order
        for order in orders
        if all(
            ports_a[x][1] == ports_b[y][1]
            and (ports_a[x][0] not in fixed or ports_a[x][0] == ports_b[y][0])
            for x, y in enumerate(order)
        )
    ]


def inputs_of(spelled: SpelledGraph) -> list[np.ndarray]:
    """Random numbers for the inputs, in order."""
    arrays = []
    for number, (_, tensor) in enumerate(_ports(spelled)):
        assert tensor.shape is not None
        shape = (SAMPLES, *(OPEN if n is None else n for n in tensor.shape[1:]))
        chance = np.random.default_rng([number, len(shape)])
        whole = tensor.dtype.startswith("int")
        arrays.append(chance.integers(0, 97, shape) if whole else chance.normal(0, 1, shape))
    return arrays
