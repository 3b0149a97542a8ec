"""What a zygote is given once, before it forks anything: plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

MB, GB = 1 << 20, 1 << 30

# The two tiers of the jail, the stronger one first.
FULL, SECOND = "full", "second"
NO_JAIL = "none"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one kernel may use, all its processes together.

    `memory`, `file` (its largest file), `disk` (all its files) and `output` (what it sends to its
    client) are bytes; `cpu` and `wall` are seconds; `processes` counts threads too.
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
    """A function ("module:name") that runs jailed in a fork of the zygote, in place of a kernel.

    It is called with the request's data (JSON), the shared directories by name, and a function that
    sends bytes to the caller.
    """

    function: str
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Policy:
    """How the kernels of one zygote run.  No request changes any of it.

    `preload`: modules to import before the first fork. `unset`: attributes, as "module:name", that
    must be None after these imports if the module is there: the state of a library that does not
    survive a fork once it exists. `environment`: variables of the zygote and of every kernel, as
    pairs. `tiers`: the tiers of the jail that will do, the best one first. `services`: by name,
    what else the zygote runs. `cold`: a reason to import nothing beforehand; "" for warm kernels.
    Where the zygote must not be forked after its imports (they start a thread, or an attribute of
    `unset` is set), kernels start cold too, and the report says why. `without`: layers that are
    left out of the jail.  The self-test then fails: it is there to test the self-test.
    """

    preload: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    tiers: tuple[str, ...] = (FULL, SECOND)
    limits: Limits = field(default_factory=Limits)
    services: tuple[tuple[str, Service], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    cold: str = ""
    without: tuple[str, ...] = ()


def to_json(policy: Policy) -> str:
    """Return the policy as JSON."""
    return json.dumps(asdict(policy))


def from_json(text: str) -> Policy:
    """Return the policy that `to_json` wrote."""
    data = json.loads(text)
    services = tuple(
        (name, Service(service["function"], Limits(**service["limits"])))
        for name, service in data["services"]
    )
    return Policy(
        preload=tuple(data["preload"]),
        unset=tuple(data["unset"]),
        tiers=tuple(data["tiers"]),
        limits=Limits(**data["limits"]),
        services=services,
        environment=tuple((name, value) for name, value in data["environment"]),
        cold=data["cold"],
        without=tuple(data["without"]),
    )


def limits(settings: Mapping[str, int]) -> Limits:
    """Return limits with these fields set.  Raises ValueError for a wrong name or value."""
    unknown = sorted(set(settings) - set(Limits.__slots__))
    if unknown:
        raise ValueError(
            f"no such limit: {', '.join(unknown)}; there are {', '.join(Limits.__slots__)}"
        )
    for name, value in settings.items():
        if not isinstance(value, int) or value <= 0:
            raise ValueError(f"the limit {name} must be a whole number above 0, not {value!r}")
    return Limits(**settings)
