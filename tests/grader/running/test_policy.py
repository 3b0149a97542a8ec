"""How this course's notebooks are run: limits in words, and no way around the jail but trust."""

import pytest

import jailed_kernels as kernels
from beyond_sequential.i18n import language
from grader.running import policy
from jailed_kernels import Limits
from jailed_kernels.linux import calls


def test_what_was_exceeded_is_said_in_the_readers_language() -> None:
    limits = Limits(memory=3 << 29, cpu=7, output=5 << 20)
    assert policy.excess("memory", limits) == "used more than 1.5 GB of memory"
    assert policy.excess("cpu", limits) == "used more than 7 s of processor time"
    language("zh")
    try:
        assert policy.excess("output", limits) == "输出的内容超过 5 MB"
    finally:
        language("en")
    assert policy.excess("client", limits) is None


def test_every_limit_that_a_kernel_is_ended_for_has_words() -> None:
    for name in set(Limits.__slots__) - {"file"}:
        assert policy.excess(name, Limits())


def test_without_a_jail_nothing_runs_but_what_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    hopeless = policy.course_policy(tiers=(), cold=True)
    monkeypatch.delenv(policy.TRUST, raising=False)
    with pytest.raises(RuntimeError, match=r"c\.SpoolExecute\.trust = True"):
        policy.start(hopeless, trust=False)
    assert policy.start(hopeless, trust=True).tier == kernels.NO_JAIL
    monkeypatch.setenv(policy.TRUST, "1")
    assert policy.start(hopeless, trust=False).tier == kernels.NO_JAIL


def test_another_system_than_linux_is_told_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "supported", lambda: False)
    monkeypatch.delenv(policy.TRUST, raising=False)
    wanted = policy.course_policy({"cpu": 123})
    with pytest.raises(RuntimeError, match=r"(?s)it takes Linux .* c\.SpoolExecute\.trust = True"):
        policy.start(wanted, trust=False)
    report = policy.start(wanted, trust=True)
    said = kernels.summary(report)
    assert said.startswith("kernels run without a jail, because they are trusted")


def test_a_setting_that_is_no_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="no such limit: ram"):
        policy.course_policy({"ram": 1})
