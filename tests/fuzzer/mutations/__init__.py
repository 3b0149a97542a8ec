"""What learners get wrong, as changes of a recipe.

base            the registry, sites, and what all mutations need
settings        in the settings of one layer
layers          other layers, too few, too many, branches left out
wiring          wrong tensors read, layers exchanged, shared or not
inputs_outputs  order, names and shapes of inputs and outputs
"""

from tests.fuzzer.mutations import inputs_outputs, layers, settings, wiring
from tests.fuzzer.mutations.base import MUTATIONS, Mutant, mutants, sites, some_sites

__all__ = [
    "MUTATIONS",
    "Mutant",
    "inputs_outputs",
    "layers",
    "mutants",
    "settings",
    "sites",
    "some_sites",
    "wiring",
]
