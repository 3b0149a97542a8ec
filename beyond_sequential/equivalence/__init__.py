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
    spellings   what several rules need
    operation   what a rule takes and gives
    rules       which spellings compute the same, one rule a module
    settings    the settings of a layer, by the rules
    reading     from a graph to its form, by the rules
"""

from .form import ANY, Form, Node, Place, Port, Source, Weights, renumbered
from .reading import canonical, flattened, written
from .rules.sums import expanded
from .spellings import applies_activation, one_sided

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
