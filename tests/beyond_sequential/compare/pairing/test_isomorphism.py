"""Graphs of calls that share layers: is an isomorphism found wherever there is one?"""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beyond_sequential.compare.pairing import isomorphism as module
from beyond_sequential.compare.pairing.isomorphism import Coloured, is_isomorphism, isomorphism

seeds = st.integers(0, 2**32)


def random_graph(chance, size):
    reads = []
    for call in range(size):
        count = chance.choice([0, 1, 1, 2]) if call else 0
        same_slot = chance.random() < 0.6
        reads.append(
            [("*" if same_slot else str(n), (chance.randrange(call), 0)) for n in range(count)]
        )
    chosen = [chance.choice([None, 0, 1, 2]) for _ in range(size)]
    numbers = {layer: n for n, layer in enumerate(sorted({*chosen} - {None}))}
    layers = [numbers.get(layer) for layer in chosen]
    ties = [((0, 0), (1, chance.choice([0, 1])))] if len(numbers) > 1 else []
    colours = ["b" if chance.random() < 0.1 else "a" for _ in range(size)]
    return Coloured(colours, reads, layers, ["layer"] * len(numbers), ties)


def shuffled(chance, graph):
    """The same graph with calls and layers numbered in another way."""
    todo, order = set(range(len(graph.colours))), []
    while todo:
        free = [n for n in sorted(todo) if all(s not in todo for _, (s, _) in graph.reads[n])]
        order.append(chance.choice(free))
        todo.remove(order[-1])
    place = {old: new for new, old in enumerate(order)}
    layer = list(range(len(graph.layer_colours)))
    chance.shuffle(layer)
    return Coloured(
        [graph.colours[old] for old in order],
        [[(slot, (place[s], out)) for slot, (s, out) in graph.reads[old]] for old in order],
        [None if graph.layers[old] is None else layer[graph.layers[old]] for old in order],
        graph.layer_colours,
        [tuple((layer[number], position) for number, position in tie) for tie in graph.ties],
    )


def changed(chance, graph):
    reads, layers = [list(read) for read in graph.reads], list(graph.layers)
    call = chance.randrange(len(reads))
    if reads[call] and chance.random() < 0.5:
        reads[call][0] = (reads[call][0][0], (chance.randrange(call), 0))
    else:
        other = chance.randrange(len(layers))
        layers[call], layers[other] = layers[other], layers[call]
    return Coloured(graph.colours, reads, layers, graph.layer_colours, graph.ties)


@settings(max_examples=200, deadline=None)
@given(seeds, st.integers(2, 5))
def test_isomorphism_finds_what_trying_all_finds(seed, size):
    chance = Random(seed)
    graph = random_graph(chance, size)
    assert isomorphism(graph, shuffled(chance, graph)) is not None
    other = shuffled(chance, changed(chance, graph))
    exists = any(is_isomorphism(graph, other, p) for p in permutations(range(size)))
    assert (isomorphism(graph, other) is not None) == exists


def branches(count, layers):
    """Branches of two calls that a last call takes together; they share so many pairs of layers."""
    reads = [read for n in range(count) for read in ([], [("0", (2 * n, 0))])]
    called = [2 * (n % layers) + place for n in range(count) for place in (0, 1)]
    ends = [("*", (2 * n + 1, 0)) for n in range(count)]
    colours = ["a"] * len(reads) + ["end"]
    return Coloured(colours, [*reads, ends], [*called, None], ["layer"] * (2 * layers))


@pytest.mark.parametrize("layers", [1, 10, 300])
def test_equal_branches_cost_no_more_than_their_number(layers, monkeypatch):
    """Be they of the same layers or not."""
    monkeypatch.setattr(module, "MAX_WORK", 20 * 4 * 300)
    graph = branches(300, layers)
    assert isomorphism(graph, shuffled(Random(layers), graph)) is not None
