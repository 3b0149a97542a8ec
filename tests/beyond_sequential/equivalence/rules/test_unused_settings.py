"""Settings that change nothing about what a layer computes."""

import pytest

from tests.helpers.graphs import chain
from tests.helpers.rules import same


@pytest.mark.parametrize(
    "unused",
    [
        {"kernel_initializer": {"class_name": "HeNormal", "config": {"seed": 1}}},
        {"seed": 3},
        {"activity_regularizer": None},
        {"quantization_config": {}},
    ],
)
def test_a_setting_that_changes_nothing_is_left_out(unused: dict) -> None:
    both = {"units": 3, "use_bias": True}
    assert same(chain(("Dense", {**both, "seed": 0})), chain(("Dense", {**both, **unused})))


def test_what_is_switched_off_is_left_out_and_what_is_on_stays() -> None:
    plain, off, on = (
        chain(("BatchNormalization", {"axis": -1, **more}))
        for more in ({}, {"renorm": False}, {"renorm": True})
    )
    assert same(plain, off)
    assert not same(off, on)


def test_settings_of_a_wrapped_layer_are_treated_alike() -> None:
    def wrapped(**settings: object) -> tuple[str, dict]:
        config = {"units": 3, **settings}
        return "TimeDistributed", {"layer": {"class_name": "Dense", "config": config}}

    assert same(chain(wrapped(name="a")), chain(wrapped(name="b", kernel_initializer="zeros")))
    assert not same(chain(wrapped(use_bias=True)), chain(wrapped(use_bias=False)))
