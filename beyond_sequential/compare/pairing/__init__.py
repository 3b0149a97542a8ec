"""Which node, input and output of one form stands for which of another.

If the forms are isomorphic, but for what a view disregards, all nodes are in pairs; or else those
that can be recognised.

    wiring       a form with its edges in both directions
    search       the pairs found so far, and how they spread
    signatures   what a node is recognised by
    similarity   pairs of nodes that are similar
    subsequence  pairs of nodes in the order of calls
    alignment    the order in which nodes are recognised
    isomorphism  whether two graphs of calls are one graph
    ports        inputs and outputs in pairs
    pairs        the result
    relate       all nodes in pairs, by an isomorphism
    partial      nodes in pairs as far as they can be recognised

Tests: tests/beyond_sequential/compare/test_compare.py
"""

from .alignment import STRATEGIES
from .pairs import Pairing, displaced, same, sources_of
from .partial import align_forms, align_layers
from .ports import Ports, is_cut, said
from .relate import relate, relate_sums
from .wiring import WiredForm, last_calls, nodes_at, place_of, places_of, shared_layer

__all__ = [
    "STRATEGIES",
    "Pairing",
    "Ports",
    "WiredForm",
    "align_forms",
    "align_layers",
    "displaced",
    "is_cut",
    "last_calls",
    "nodes_at",
    "place_of",
    "places_of",
    "relate",
    "relate_sums",
    "said",
    "same",
    "shared_layer",
    "sources_of",
]
