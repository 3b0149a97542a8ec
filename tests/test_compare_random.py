"""Equal models are equal in every spelling, and one mistake is one difference: random models."""

from __future__ import annotations

import json
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import MISTAKES, plainly, random_plan, spelled

from beyond_sequential.compare import Difference, compare
from beyond_sequential.isomorphism import Coloured, is_isomorphism, isomorphism

seeds = st.integers(0, 2**32)
sizes = st.integers(1, 15)


@settings(max_examples=150, deadline=None)
@given(seeds, sizes, st.booleans())
def test_every_spelling_is_the_same_model(seed, size, alike):
    chance = Random(seed)
    plan = random_plan(chance, size, alike)
    plain, one, other = plainly(plan), spelled(plan, chance), spelled(plan, chance)
    assert compare(plain, one) == []
    assert compare(one, plain) == []
    assert compare(one, other) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_one_mistake_is_one_difference(mistake):
    """Random graphs hold coincidences in which two small differences are as good an account as
    one large; they must stay rare."""
    told = tried = 0
    for seed in range(80):
        chance = Random(seed)
        plan = random_plan(chance, chance.choice([4, 8, 12]))
        wrong = mistake(plan, chance)
        if wrong is None or wrong == plan:
            continue
        differences = compare(plainly(plan), spelled(wrong, chance))
        tried += 1
        told += len(differences) == 1 and differences[0].kind in MISTAKES[mistake]
    assert tried > 10
    assert told >= 0.97 * tried


@settings(max_examples=60, deadline=None)
@given(seeds, sizes)
def test_several_mistakes_are_told_in_places_that_exist(seed, size):
    chance = Random(seed)
    plan = wrong = random_plan(chance, size, alike=chance.random() < 0.3)
    for mistake in chance.sample(sorted(MISTAKES, key=lambda m: m.__name__), 3):
        wrong = mistake(wrong, chance) or wrong
    target, found = plainly(plan), spelled(wrong, chance)
    differences = compare(target, found)
    if wrong == plan:
        assert differences == []
    for difference in differences:
        assert Difference.from_json(json.loads(json.dumps(difference.to_json()))) == difference
        for graph, places in ((target, difference.expected), (found, difference.found)):
            assert all(layer_at(graph, place).name == place.name for place in places)


def layer_at(graph, place):
    """The layer called at a place."""
    body = graph.body
    for number in place.path:
        layer = graph.layers[body.calls[number].layer]
        body = layer.body
    return layer


# --- isomorphism ----------------------------------------------------------------------------


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
