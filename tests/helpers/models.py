"""Small models that several tests hand in."""

from __future__ import annotations

from typing import Any

from tests.helpers.handing_in import keras, layers


def dense_model(*steps: tuple[int, str | None], inputs: int = 64) -> Any:
    """Return a chain of Dense layers, each of so many units and with this activation."""
    x = y = keras.Input((inputs,))
    for units, activation in steps:
        y = layers.Dense(units, activation=activation)(y)
    # Keras 3.13 makes no model whose output is its Input.
    return keras.Model(x, y if steps else layers.Identity()(x))


TWIN = ((32, "relu"), (32, "relu"), (10, "softmax"))
"""The steps of the first section's model."""
