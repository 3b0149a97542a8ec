"""Decide by computing whether two graphs that look different are the same function.

`compare` knows many spellings, and nobody knows all of them.  Where it finds differences, but the
two models hold the same variables one for one, this module computes: it carries random weights
over, runs both models on random inputs, as in inference and as in training, with quiet and with
loud numbers (`probes`), and compares the outputs and what training leaves in batch statistics.

Variables are carried over in the order of the layers.  Where that does not fit, the variable that
stands for another is found by what each one does: all variables of one shape get the same values,
then one at a time gets others, and the outputs that this changes tell them apart.

The effort depends on the graphs alone, never on the speed of the machine, so that a notebook and
the class's grading come to the same result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..compare import Difference
from ..equivalence.spellings import differs_in_training, is_random
from ..model.graph import Call, Layer, ModelGraph, bodies
from ..model.kinds import kind_of
from .carrying import Match, Pair, Undecided, with_recurrent_layers
from .evaluate import EvaluateError
from .probes import FURTHER, LOUD, QUIET, ordered_tensors

# Differences that stay, whatever the models compute: an exercise asks for them on purpose.
_PORTS = ("input_name", "output_name", "input_order", "output_order")
_AS_WRITTEN = ("input_name", "output_name", "setting", "trainable", "input_shape")
_NEUTRAL = ("regularizer", "constraint", "initializer", "dtype")

# Settings that outputs may not show: both models must have the same ones.
_HARDLY_SEEN = ("mask_zero", "epsilon", "momentum")
_KEPT = ("regularizer", "constraint")


def unexplained(
    expected: ModelGraph,
    found: ModelGraph,
    differences: Sequence[Difference],
    concat_order: bool = True,
) -> list[Difference]:
    """Return the differences that remain: those that say how, and not what, a model computes.

    All of them remain unless `expected` and `found` compute the same function.
    """
    fixed = [difference for difference in differences if _is_fixed(difference)]
    as_written = all(difference.kind in _AS_WRITTEN for difference in differences)
    if not differences or (as_written and _kinds(expected) == _kinds(found)):
        return list(differences)  # no other spelling: the same layers with other settings
    same = same_function(expected, found, concat_order=concat_order)
    return fixed if same else list(differences)


def _kinds(graph: ModelGraph) -> Counter[str]:
    """Count the calls of a graph by kind, without Inputs."""
    kinds = (graph.layers[call.layer].kind for body in bodies(graph) for call in body.calls)
    return Counter(kind for kind in kinds if kind != "InputLayer")


def _is_fixed(difference: Difference) -> bool:
    setting = str(difference.detail.get("setting", ""))
    return difference.kind in _PORTS or setting.endswith(_NEUTRAL)


def same_function(expected: ModelGraph, found: ModelGraph, *, concat_order: bool = True) -> bool:
    """Return whether the two graphs compute the same function of inputs and variables.

    Inputs and outputs correspond by their order, or by key where both models have a dict.  Without
    `concat_order` each Concatenate may have its operands in any order.  Returns False too where
    the question can't be decided: layers that the judge does not run, models that are too large,
    another number of variables, random layers of another kind.
    """
    expected, found = with_recurrent_layers(expected), with_recurrent_layers(found)
    if not _is_comparable(expected, found):
        return False
    try:
        pair = Pair(expected, found)
    except Undecided:
        return False
    joins = any(layer.kind == "Concatenate" for layer in expected.layers.values())
    ways = (False, True) if joins and not concat_order else (False,)
    return any(_is_same(pair, free_joins) for free_joins in ways)


def _is_same(pair: Pair, free_joins: bool) -> bool:
    for runner in pair:
        runner.free_joins = free_joins
    trained = (False, True) if _minds_training(*(runner.graph for runner in pair)) else (False,)
    try:
        if not pair.is_alike():
            return False
        matches = [pair.in_order()]
        if not pair.agrees(matches[0], QUIET, training=False):
            matches = pair.by_effect()
        return any(
            all(
                pair.agrees(match, round_, training)
                for round_ in (QUIET, LOUD)
                for training in trained
            )
            and _agrees_further(pair, match)
            for match in matches
        )
    except (Undecided, EvaluateError):
        return False


def _agrees_further(pair: Pair, match: Match) -> bool:
    """Return whether both models agree on other numbers too, as far as the effort allows."""
    try:
        return all(pair.agrees(match, round_, training=False) for round_ in FURTHER)
    except Undecided:
        return True


# --- what can be compared -----------------------------------------------------------------------


def _is_comparable(expected: ModelGraph, found: ModelGraph) -> bool:
    """Return whether inputs, outputs and what computing does not show are the same."""
    graphs = (expected, found)
    ends = [
        [(t.shape, t.dtype) for t in ordered_tensors(g, tree)]
        for g in graphs
        for tree in (g.inputs, g.outputs)
    ]
    return (
        ends[0] == ends[2]
        and ends[1] == ends[3]
        and all(_is_runnable(layer) for g in graphs for layer in g.layers.values())
        and not any(
            _asks_for_training(g, call) for g in graphs for b in bodies(g) for call in b.calls
        )
        and _random_calls(expected) == _random_calls(found)
        and _kept(expected) == _kept(found)
    )


def _is_runnable(layer: Layer) -> bool:
    """Return whether the judge runs a layer, and gets from it all that it does.

    Random numbers inside a layer, as of an LSTM's dropout, are not the same in both models; a
    state that is kept from batch to batch and losses of a layer's output are not compared.
    """
    if layer.body is not None or layer.kind == "InputLayer":
        return True
    if layer.kind == "ops.StopGradient":
        return False  # the outputs are the same, and nothing before it learns
    kind = kind_of(layer.kind)
    inside = is_random(layer.kind, layer.settings) and not kind.random
    return kind.runnable and not inside and not layer.settings.get("activity_regularizer")


def _asks_for_training(graph: ModelGraph, call: Call) -> bool:
    """Return whether a call has a layer behave as in training, whatever the model does."""
    layer = graph.layers[call.layer]
    asked = call.kwargs.get("training") is not None or any(arg is True for arg in call.args)
    return asked and (layer.body is not None or differs_in_training(layer.kind, layer.settings))


def _minds_training(*graphs: ModelGraph) -> bool:
    return any(
        differs_in_training(layer.kind, layer.settings)
        for graph in graphs
        for layer in graph.layers.values()
        if layer.body is None
    )


def _random_calls(graph: ModelGraph) -> Counter[tuple[str, str]]:
    """Count the calls of layers that are random in training, by kind and settings."""
    counts: Counter[tuple[str, str]] = Counter()
    for body in bodies(graph):
        for call in body.calls:
            layer = graph.layers[call.layer]
            if kind_of(layer.kind).random and layer.settings.get("rate") != 0:
                counts[layer.kind, str(layer.settings.get("rate"))] += 1
    return counts


def _kept(graph: ModelGraph) -> Counter[tuple[str, str]]:
    """Count the settings that outputs may not show."""
    return Counter(
        (name, repr(value))
        for layer in graph.layers.values()
        for name, value in layer.settings.items()
        if value and (name in _HARDLY_SEEN or name.endswith(_KEPT))
    )
