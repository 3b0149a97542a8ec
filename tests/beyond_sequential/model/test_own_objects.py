"""An object is Keras's own by what it is, not by what it is called."""

from __future__ import annotations

import pytest

from beyond_sequential.model.own_objects import has_own_code, is_library, library_class
from tests.helpers.handing_in import keras, layers


def relu(x):
    return x


def renamed(name):
    def other(x):
        return x

    other.__name__ = other.__qualname__ = name
    other.__module__ = "keras.src.activations.activations"
    return other


def test_functions_and_classes_of_keras_are_its_own():
    tensorflow = pytest.importorskip("tensorflow")
    for thing in (
        keras.activations.relu,
        keras.losses.mean_squared_error,
        layers.Dense,
        keras.optimizers.RMSprop,
        tensorflow.nn.relu,
    ):
        assert is_library(thing), thing


def test_another_object_under_the_same_name_is_not():
    borrowed = type("Dense", (), {"__module__": "keras.src.layers.core.dense"})
    for thing in (relu, renamed("relu"), renamed("softmax"), lambda x: x, borrowed):
        assert not is_library(thing), thing
        assert has_own_code(thing)


def test_a_subclass_that_changes_nothing_is_of_the_class_of_its_base():
    class Empty(keras.optimizers.Adam):
        pass

    class Ready(layers.Dense):
        """A Dense of ten units."""

        unit_count = 10

        def __init__(self):
            super().__init__(self.unit_count)

        def double(self):
            return 2 * self.units

    assert library_class(Empty()) is keras.optimizers.Adam
    assert library_class(Ready()) is layers.Dense


def test_a_subclass_that_changes_what_is_computed_is_of_no_class():
    class Twice(layers.Dense):
        def call(self, x):
            return 2 * super().call(x)

    class Mixin:
        def build(self, shape):
            super().build(shape)

    class Mixed(Mixin, layers.Dense):
        pass

    patched = layers.Dense(3)
    patched.call = lambda x: x
    for thing in (Twice(3), Mixed(3), patched):
        assert library_class(thing) is None
