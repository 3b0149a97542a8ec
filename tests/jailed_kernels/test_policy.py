"""A policy is plain data, and its limits are checked."""

from __future__ import annotations

import pytest

import jailed_kernels as kernels
from jailed_kernels import Limits, Policy, Service
from jailed_kernels.policy import from_json, to_json


def test_limits_come_from_settings_or_are_refused() -> None:
    assert kernels.limits({"memory": 5}) == Limits(memory=5)
    for wrong in ({"memori": 5}, {"cpu": 0}, {"cpu": "much"}):
        with pytest.raises(ValueError):
            kernels.limits(wrong)


def test_a_policy_comes_back_from_json() -> None:
    policy = Policy(
        preload=("numpy",),
        unset=("numpy:state",),
        tiers=("full",),
        limits=Limits(memory=5),
        services=(("echo", Service("module:function", Limits(cpu=3))),),
        environment=(("NAME", "value"),),
        cold="it is slow",
        without=("landlock",),
    )
    assert from_json(to_json(policy)) == policy
    assert from_json(to_json(Policy())) == Policy()
