"""The self-test finds out which layer is missing, and an attack shows what each is for."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import jailed_kernels as kernels
from jailed_kernels import FULL, SECOND, NoJail, Policy
from jailed_kernels.jail.plan import LAYERS
from tests.helpers.jailed import started


@pytest.mark.parametrize(
    ("tier", "layer"), [(tier, layer) for tier in (FULL, SECOND) for layer in LAYERS[tier]]
)
def test_a_missing_layer_is_found_by_the_self_test(tier: str, layer: str) -> None:
    whole = Policy(tiers=(tier,), cold="nothing is needed")
    report = kernels.start(started(whole)).report
    kernels.stop(whole)
    lacking = replace(whole, without=(layer,))
    if layer == "user" and report.own_user:  # there is no other uid to take
        assert kernels.start(lacking).report == report
        kernels.stop(lacking)
        return
    with pytest.raises(NoJail) as error:
        kernels.start(lacking)
    wrong = [line for line in str(error.value).splitlines()[1:] if not line.endswith("holds")]
    assert any(f"{tier}: {layer}:" in line or f"{tier}: start:" in line for line in wrong)


@pytest.mark.parametrize("tier", [FULL, SECOND])
def test_an_attack_comes_off_where_its_layer_is_left_out(tier: str, root: Path) -> None:
    whole = Policy(tiers=(tier,), cold="nothing is needed")
    own_user = kernels.start(started(whole)).report.own_user
    kernels.stop(whole)
    done = subprocess.run(
        [sys.executable, root / "tests" / "attacks" / "layers.py", tier], stdout=subprocess.PIPE
    )
    found = json.loads(done.stdout)
    assert set(LAYERS[tier]) - set(found) == ({"user"} if own_user else set())
    assert {in_whole for in_whole, _without in found.values()} == {"contained"}, found
    assert "contained" not in {without for _in_whole, without in found.values()}, found
    # Without these the jail can't be built; of all others an attack must have shown the use.
    unbuilt = {layer for layer, (_, without) in found.items() if without == "no start"}
    assert unbuilt <= {"processes", "files", "user", "capabilities"}, found
