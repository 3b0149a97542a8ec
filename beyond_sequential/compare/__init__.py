"""Where two graphs part: a few true differences.

`compare` brings both graphs into canonical form (`equivalence`) and looks for an isomorphism
(`isomorphism`); if there is one that also keeps inputs, outputs and sharing, the models are the
same.  If not, it pairs the nodes as well as it can: by an isomorphism that disregards sharing,
order or frozen weights, or else by `alignment`.  What the pairing leaves over is then told in as
few differences as explain it all.

    difference   what one difference holds
    pairing      which node, input and output stands for which
    leftovers    what the pairing leaves over, and what of it explains what
    structure    what is missing, extra, in another's place or wired wrongly
    aspects      what differs between things that do correspond
    account      the shortest account of all that
    places       nested models as a whole
"""

from ..equivalence import Place
from .account import compare
from .difference import KINDS, Difference

__all__ = ["KINDS", "Difference", "Place", "compare"]
