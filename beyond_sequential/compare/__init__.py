"""Where two graphs part: a few true differences.

`compare` brings both graphs into canonical form (`equivalence`) and looks for an isomorphism
(`isomorphism`); if there is one that also keeps inputs, outputs and sharing, the models are the
same.  If not, it pairs the nodes as well as it can: by an isomorphism that disregards sharing,
order or frozen weights, or else by `alignment`.  What the pairing leaves over is then
described in as few differences as explain it all.

Finding the isomorphism is colour refinement with individualisation (McKay 1981; McKay and Piperno
2014), with the parts that touch only through matched calls taken apart, so that equal branches cost
no more than their number.  Pairing what is left is greedy, by what a node is made from and what is
made of it, and by a longest common subsequence (Myers 1986).  Time grows about as the number of
calls does: refinement takes a few sweeps over them, and how many ways of pairing are tried is
bounded by the nodes that they look at (`account.EFFORT`).

    difference   what one difference holds
    places       nested models as a whole
    pairing      which node, input and output stands for which (a subpackage)
    leftovers    what the pairing leaves over, and what of it explains what
    moved        what is missing in one place and extra in another
    structure    what is missing, extra, in another's place or wired wrongly
    aspects      what differs between things that do correspond
    boxes        nested models that both graphs have
    exchanged    sizes that are exchanged, and not wires
    account      the shortest account of all that
"""

from ..equivalence import Place
from .account import compare
from .difference import DIFFERENCE_KINDS, Difference

__all__ = ["DIFFERENCE_KINDS", "Difference", "Place", "compare"]
