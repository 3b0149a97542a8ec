"""A report in words."""

from __future__ import annotations

from jailed_kernels import FULL, SECOND, Report, details, summary


def test_a_line_says_tier_and_start() -> None:
    report = Report(FULL, {})
    assert summary(report).startswith("kernels run in the full jail")
    assert summary(report).endswith("; limits watched from outside; warm")
    assert "; limits held by a control group; " in summary(Report(FULL, {}, watched=""))
    assert summary(Report(SECOND, {}, cold="jax starts threads")).endswith(
        "; cold, because jax starts threads"
    )


def test_details_say_which_layer_failed() -> None:
    found = {FULL: {"files": "OSError: no", "network": ""}, SECOND: {"limits": ""}}
    lines = list(details(Report(SECOND, found, watched="no cgroup v2 is mounted")))
    assert lines[1:] == [
        "  full: files: OSError: no",
        "  full: network: holds",
        "  second: limits: holds",
        "  limits are watched from outside, ten times a second: no cgroup v2 is mounted",
        "  kernels have their caller's uid, without its capabilities",
    ]
    held = details(Report(SECOND, {}, own_user=False, watched=""))
    assert list(held)[1:] == [
        "  memory, processes and CPU time are held by a control group (cgroup v2)"
    ]
    assert next(details(Report("", found))) == "no jail holds on this machine"
