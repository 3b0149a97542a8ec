"""Keras's activation functions: other names for the same function, and default settings.

Tests: tests/beyond_sequential/model/test_kinds.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Function:
    """An activation function.

    name      as in keras.activations, or the name of an operation that computes one same_as   the
    function that it is another name for, with the settings `implied`; "" if none defaults  the
    settings that it has if none are given
    """

    name: str
    same_as: str = ""
    implied: Mapping[str, float] = field(default_factory=dict)
    defaults: Mapping[str, float | None] = field(default_factory=dict)


FUNCTIONS = (
    Function("linear"),
    Function("relu", defaults={"negative_slope": 0.0, "max_value": None, "threshold": 0.0}),
    Function("leaky_relu", same_as="relu", implied={"negative_slope": 0.2}),
    Function("relu6", same_as="relu", implied={"max_value": 6.0}),
    Function("elu", defaults={"alpha": 1.0}),
    Function("celu", defaults={"alpha": 1.0}),
    Function("selu"),
    Function("gelu", defaults={"approximate": False}),
    Function("glu", defaults={"axis": -1}),
    Function("silu"),
    Function("swish", same_as="silu"),
    Function("hard_silu"),
    Function("hard_swish", same_as="hard_silu"),
    Function("mish"),
    Function("sigmoid"),
    Function("hard_sigmoid"),
    Function("log_sigmoid"),
    Function("sparse_sigmoid"),
    Function("tanh"),
    Function("hard_tanh"),
    Function("tanh_shrink"),
    Function("soft_shrink", defaults={"threshold": 0.5}),
    Function("hard_shrink", defaults={"threshold": 0.5}),
    Function("softmax", defaults={"axis": -1}),
    Function("log_softmax", defaults={"axis": -1}),
    Function("sparsemax"),
    Function("softplus"),
    Function("sparse_plus"),
    Function("squareplus", defaults={"b": 4}),
    Function("softsign"),
    Function("threshold"),
    Function("exponential"),
    Function("exp", same_as="exponential"),
)

ACTIVATIONS: Mapping[str, Function] = {function.name: function for function in FUNCTIONS}

NO_FUNCTIONS = {
    "get": "looks an activation up",
    "serialize": "writes an activation down",
    "deserialize": "reads what serialize wrote",
}
"""Names in keras.activations that are no activation functions, each with the reason."""
