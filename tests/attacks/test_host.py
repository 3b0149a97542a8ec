"""Students who attack the machine that grades them: it stays as it was, and the class goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader.running.policy
import jailed_kernels as kernels
from tests.attacks import host, running, witness
from tests.attacks.hostile import Attack

pytestmark = pytest.mark.attacks

BY_NAME = {attack.name: attack for attack in host.ATTACKS}


class TestHost:
    @pytest.fixture(scope="class", params=[kernels.FULL, kernels.SECOND])
    @staticmethod
    def seen(
        request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[tuple[Path, witness.Host, dict[str, tuple[int, str]]]]:
        """The class of those attackers that were selected; the host; how it was before."""
        try:
            kernels.start(grader.running.policy.course_policy(tiers=(request.param,)))
        except kernels.NoJail as error:
            pytest.skip(f"this machine has not got the tier {request.param}: {error}")
        chosen = {}
        for item in request.session.items:
            attack = getattr(getattr(item, "callspec", None), "params", {}).get("attack")
            if getattr(item, "cls", None) is TestHost and attack:
                chosen[attack.name] = attack
        folder = tmp_path_factory.mktemp("host")
        with pytest.MonkeyPatch.context() as patch, witness.host(folder) as found:
            patch.setenv("BS_SECRET", found.secret)
            patch.setenv("HOME", str(folder / "home"))
            before = found.state()
            course = folder / "course"
            places = {**found.places, "course": str(course)}
            tier = f"c.SpoolExecute.tiers = ['{request.param}']"
            running.grade(course, chosen.values(), places, tier)
            time.sleep(2)
            yield course, found, before

    @pytest.mark.parametrize("attack", host.ATTACKS, ids=lambda attack: attack.name)
    def test_an_attack_on_the_host_is_contained(
        self,
        seen: tuple[Path, witness.Host, dict[str, tuple[int, str]]],
        attack: Attack,
    ) -> None:
        course, found, _before = seen
        running.assert_contained(attack, running.scores(course, attack.name))
        text = running.autograded(course, attack.name).read_text("utf-8")
        printed = "".join(running.printed(course, attack.name))
        assert found.secret not in text and found.secret not in printed
        assert (course / "course_seed").read_text().strip() not in text
        for word in ("STOLEN", "SENT", "DONE", "OPEN"):
            assert not [line for line in printed.splitlines() if line.startswith(word)]
        assert not [heard for heard in found.heard if attack.name.encode() in heard]
        assert not (found.canary / attack.name).exists()

    def test_the_host_is_untouched(
        self, seen: tuple[Path, witness.Host, dict[str, tuple[int, str]]]
    ) -> None:
        course, found, before = seen
        assert found.state() == before
        assert found.heard == []
        assert witness.processes() == []
        assert [path for path in witness.LEFT if path.exists()] == []
        home = course.parent / "home"
        left = [path for path in home.rglob("*") if path.is_file()] if home.exists() else []
        assert [path for path in left if path.name in ("keras.json", "00.py")] == []

    @pytest.mark.parametrize("student", ["aa-honest", "zz-honest"])
    def test_the_class_goes_on(
        self, seen: tuple[Path, witness.Host, dict[str, tuple[int, str]]], student: str
    ) -> None:
        running.assert_honest(seen[0], student)
