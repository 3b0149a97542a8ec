"""What a zygote found when it tried the jail, as data and in words."""

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
    """The tier that held ("" if none did) and, tier by tier, what is wrong with each layer.

    `cold` says why nothing is imported beforehand, "" where kernels are forked warm.  `own_user`:
    kernels run as the grader's own user, for want of another one.
    """

    tier: str
    found: Mapping[str, Mapping[str, str]]
    cold: str = ""
    own_user: bool = True

    @property
    def warm(self) -> bool:
        return not self.cold


def words(report: Report) -> str:
    """How kernels run, in one line."""
    start = "warm" if report.warm else f"cold, because {report.cold}"
    return f"kernels run {_TIERS[report.tier]}; {start}"


def lines(report: Report) -> Iterator[str]:
    """For `grader doctor`: how kernels run, and every layer of every tier that was tried."""
    if report.tier:
        yield words(report)
    else:
        yield "no jail holds on this machine"
    for tier, found in report.found.items():
        for layer, wrong in found.items():
            yield f"  {tier}: {layer}: {wrong or 'holds'}"
    if report.tier != NO_JAIL and report.own_user:
        yield "  kernels have the grader's own uid, without its capabilities"
