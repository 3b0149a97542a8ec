"""What a zygote is told once, before it forks anything: plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MB, GB = 1 << 20, 1 << 30

# The two tiers of the jail, the stronger one first.
FULL, SECOND = "full", "second"
NO_JAIL = "none"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one kernel may use, all its processes together; bytes and seconds.

    `processes` counts threads too, `file` is the size of its largest file, `disk` that of all its
    files, and `output` what it may send to whoever runs it.
    """

    memory: int = 2 * GB
    cpu: int = 900
    wall: int = 1800
    processes: int = 500
    file: int = 256 * MB
    disk: int = 512 * MB
    output: int = 64 * MB


@dataclass(frozen=True, slots=True)
class Service:
    """A function ("module:name") to run in a fork of the zygote, where no kernel's code comes."""

    function: str
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Policy:
    """How the kernels of one zygote run.  No request can change any of it.

    `preload` names the modules to import before the first fork; where one of them may not be
    (it starts a thread), kernels are cold.  `tiers` are those that will do, the best one first.
    `cold`, if there is a reason for it, imports nothing beforehand.  `without` leaves layers out
    of the jail; the self-test then fails, which is what it is for.
    """

    preload: tuple[str, ...] = ()
    tiers: tuple[str, ...] = (FULL, SECOND)
    limits: Limits = field(default_factory=Limits)
    services: tuple[tuple[str, Service], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    cold: str = ""
    without: tuple[str, ...] = ()


def to_json(policy: Policy) -> str:
    return json.dumps(asdict(policy))


def from_json(text: str) -> Policy:
    """The policy that `to_json` wrote."""
    data: dict[str, Any] = json.loads(text)
    services = tuple(
        (name, Service(service["function"], Limits(**service["limits"])))
        for name, service in data["services"]
    )
    return Policy(
        preload=tuple(data["preload"]),
        tiers=tuple(data["tiers"]),
        limits=Limits(**data["limits"]),
        services=services,
        environment=tuple((name, value) for name, value in data["environment"]),
        cold=data["cold"],
        without=tuple(data["without"]),
    )


def limits(settings: Mapping[str, int]) -> Limits:
    """Limits from a course's settings.  Raises ValueError for a name or value that is none."""
    unknown = sorted(set(settings) - set(Limits.__slots__))
    if unknown:
        raise ValueError(
            f"no such limit: {', '.join(unknown)}; there are {', '.join(Limits.__slots__)}"
        )
    for name, value in settings.items():
        if not isinstance(value, int) or value <= 0:
            raise ValueError(f"the limit {name} must be a whole number above 0, not {value!r}")
    return Limits(**settings)
