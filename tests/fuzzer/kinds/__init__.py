"""What the fuzzer knows of each kind of layer: settings, shapes, weights and numbers.

base           types, initializers, activations
windows        Dense, Embedding, convolutions, pools
recurrent      recurrent layers and wrappers
normalization  normalization, dropout, noise
reshaping      layers that move, repeat or pad numbers
merging        merges
table          all kinds by name
"""

from tests.fuzzer.kinds.base import (
    KINDS,
    CannotBuild,
    Kind,
    Mode,
    Settings,
    Shape,
    Weight,
    full_config,
    l2,
)
from tests.fuzzer.kinds.recurrent import bidirectional, wrapped
from tests.fuzzer.kinds.table import (
    ASSOCIATIVE,
    COMMUTATIVE,
    MERGES,
    WITH_ACTIVATION,
    losses,
)

__all__ = [
    "ASSOCIATIVE",
    "COMMUTATIVE",
    "KINDS",
    "MERGES",
    "WITH_ACTIVATION",
    "CannotBuild",
    "Kind",
    "Mode",
    "Settings",
    "Shape",
    "Weight",
    "bidirectional",
    "full_config",
    "l2",
    "losses",
    "wrapped",
]
