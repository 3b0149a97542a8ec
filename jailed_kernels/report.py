"""What a zygote found when it tested the jail, as data and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .policy import FULL, NO_JAIL, SECOND

LONGEST = 1 << 20  # bytes, of a policy or a report on a zygote's socket
_TIERS = {
    FULL: "in the full jail (namespaces, Landlock, seccomp, limits)",
    SECOND: "in the second tier of the jail (Landlock, seccomp, limits; no namespaces)",
    NO_JAIL: "without a jail, because they are trusted",
}


@dataclass(frozen=True, slots=True)
class Report:
    """How the kernels of a zygote run.

    `tier`: the tier of the jail that passed its self-test, "" if none did. `found`: for each tier
    that was tried, what is wrong with each of its layers ("": it holds). `cold`: why nothing is
    imported beforehand; "" where kernels are forked warm. `own_user`: kernels have the uid of their
    caller, because there is no other one to take. `watched`: why memory, processes and CPU time are
    watched from outside; "" where a control group holds them.
    """

    tier: str
    found: Mapping[str, Mapping[str, str]]
    cold: str = ""
    own_user: bool = True
    watched: str = "there is no control group"

    @property
    def warm(self) -> bool:
        """Whether kernels start with the preloaded modules imported."""
        return not self.cold


def summary(report: Report) -> str:
    """Return in one line how kernels run."""
    start = "warm" if report.warm else f"cold, because {report.cold}"
    if report.tier == NO_JAIL:
        return f"kernels run {_TIERS[NO_JAIL]}; {start}"
    limits = "watched from outside" if report.watched else "held by a control group"
    return f"kernels run {_TIERS[report.tier]}; limits {limits}; {start}"


def details(report: Report) -> Iterator[str]:
    """Yield lines: how kernels run, and every layer of every tier that was tried."""
    if report.tier:
        yield summary(report)
    else:
        yield "no jail holds on this machine"
    for tier, found in report.found.items():
        for layer, wrong in found.items():
            yield f"  {tier}: {layer}: {wrong or 'holds'}"
    if report.tier == NO_JAIL:
        return
    if report.watched:
        yield f"  limits are watched from outside, ten times a second: {report.watched}"
    else:
        yield "  memory, processes and CPU time are held by a control group (cgroup v2)"
    if report.own_user:
        yield "  kernels have their caller's uid, without its capabilities"
