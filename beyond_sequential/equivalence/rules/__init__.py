"""Rewrite rules: each states in one function that two spellings compute the same.

A rule is a module with one public function of the module's name, and is registered once, in
`RULES`.  Within each type the rules are applied in this order.  docs/new-rule.md says how to add
one.

Tests: tests/beyond_sequential/equivalence/rules/
"""

from __future__ import annotations

from ..operation import CallRule, FormRule, Rule, SettingsRule
from .activations import activations
from .axes import axes
from .backward_layers import backward_layers
from .flattening import flattening
from .identity import identity
from .idle_padding import idle_padding
from .inner_activations import inner_activations
from .last_steps import last_steps
from .layer_activations import layer_activations
from .merges import merges
from .neutral_numbers import neutral_numbers
from .pooling_operations import pooling_operations
from .repeated_relus import repeated_relus
from .slices import slices
from .splits import splits
from .states import states
from .sums import sums
from .unused_settings import unused_settings

RULES: tuple[Rule, ...] = (
    SettingsRule(unused_settings),
    SettingsRule(inner_activations),
    SettingsRule(axes),
    SettingsRule(backward_layers),
    CallRule(identity),
    CallRule(activations),
    CallRule(neutral_numbers),
    CallRule(merges),
    CallRule(pooling_operations),
    CallRule(flattening),
    CallRule(states),
    CallRule(splits),
    CallRule(slices),
    CallRule(layer_activations),
    CallRule(idle_padding),
    FormRule(last_steps),
    FormRule(sums),
    FormRule(repeated_relus),
)
"""All rules, in the order in which they are applied."""

CALL_RULES = tuple(rule.rewrite for rule in RULES if isinstance(rule, CallRule))
SETTINGS_RULES = tuple(rule.rewrite for rule in RULES if isinstance(rule, SettingsRule))
FORM_RULES = tuple(rule.rewrite for rule in RULES if isinstance(rule, FormRule))
