"""Jupyter kernels that start warm, by forking, and run in a jail.

A *zygote* imports the heavy libraries once, tests the jail from inside, and from then on only
forks.  Each fork becomes a *monitor*, which builds a *jail*, starts an IPython kernel (or a
service: a function of the caller's) in it, relays its bytes, watches its limits and says how it
ended:

    caller --- zygote (imports; no request changes its policy)
      |           | fork
      +------- monitor (trusted: relay, signals, limits, exit code)
                  | fork
                jail: kernel

    policy = Policy(preload=("numpy",), limits=Limits(memory=2 * GB))
    manager = JailedKernelManager(policy=policy, shared={"OUTBOX": directory})

`jailed_kernels.provisioner.JailedKernelManager` is for nbclient's and nbconvert's
`kernel_manager_class`.  `summary` says in which tier of the jail kernels run; where none holds,
`NoJail` is raised and nothing is run.  README.md has an example and what is not promised.

The package knows Jupyter and Linux and nothing else: what to import, what must hold before a
fork, what a kernel may use and where it may write are data in the `Policy`.  Each of its parts
imports only those before it:

    `policy`, `report`, `linux`, `jail`, `monitor`, `kernel`, `zygote`, `connection`, `client`,
    `provisioner`
"""

from .client import NoJail, call, shared, start, stop, tier
from .connection import Exit
from .policy import FULL, GB, MB, NO_JAIL, SECOND, Limits, Policy, Service, limits
from .report import Report, details, summary

__all__ = [
    "FULL",
    "GB",
    "MB",
    "NO_JAIL",
    "SECOND",
    "Exit",
    "Limits",
    "NoJail",
    "Policy",
    "Report",
    "Service",
    "call",
    "details",
    "limits",
    "shared",
    "start",
    "stop",
    "summary",
    "tier",
]
