"""One canonical form for the different spellings of a graph.

`canonical` turns a ModelGraph into a `Form`: one flat list of nodes, in which

    nested models are replaced by their calls, and their Input layers are gone
    an activation is a node of its own, however it was written; "linear" is no node at all
    sums, products, maxima, minima and joins are one node each, whoever added up how
    settings that change nothing (names, initializers, seeds ...) are left out
    the same layer on the same tensors is one node
    a layer counts as shared only where it has weights

Two models are the same model in another spelling if and only if their forms are isomorphic.
Each node remembers its `Place`s, so that whatever is found out about a form can be said, and
drawn, about the graph that the student wrote.

    form        what a form holds
    spellings   which settings, activations and merges mean the same
    sums        sums of sums
    reading     from a graph to its form
"""

from .form import ANY, Form, Node, Place, Port, Source, Weights, renumbered
from .reading import canonical, written
from .spellings import applies_activation, one_sided
from .sums import expanded, flattened

__all__ = [
    "ANY",
    "Form",
    "Node",
    "Place",
    "Port",
    "Source",
    "Weights",
    "applies_activation",
    "canonical",
    "expanded",
    "flattened",
    "one_sided",
    "renumbered",
    "written",
]
