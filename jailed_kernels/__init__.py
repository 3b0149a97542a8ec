"""Jupyter kernels that start warm and run in a jail, by forking.

A *zygote* imports the heavy libraries once, proves the jail by a self-test from inside, and from
then on only forks.  Each fork becomes a *monitor*, which builds a *jail*, starts an IPython
kernel (or a service: a function of the grader's) in it, relays its bytes, watches its limits and
says how it ended:

    grader --- zygote (imports; no request changes its policy)
      |           |fork
      +------- monitor (trusted: relay, signals, limits, exit status)
                  |fork
                jail: kernel

This room knows Jupyter and Linux, and nothing of courses: what to preload, how much a kernel may
use, which directories it may write to, all is told.

    policy = Policy(preload=("keras",), limits=Limits(memory=2 * GB))
    km = JailedKernelManager(policy=policy, shared={"OUTBOX": directory})

`JailedKernelManager` stands wherever nbclient or nbconvert take a `kernel_manager_class`; in
`OUTBOX` the kernel finds where it may leave files.  `report` says which tier of the jail it was.
Where none holds, `NoJail` is raised: there is no way to run a kernel here without one.
`with shared(policy):` lets one zygote serve all processes that are started in it.

The rooms: `policy` (plain data), `report`; `linux`, `syscalls`, `seccomp` (the primitives);
`jail` (the layers), `probe` (the self-test); `processes`, `relay`, `monitor`; `kernel`, `zygote`;
`client`, `provisioner` (the grader's side).
"""

from .client import Done, NoJail, call, shared, stop, tier, zygote
from .policy import FULL, GB, MB, NO_JAIL, SECOND, Limits, Policy, Service, limits
from .report import Report, lines, words

__all__ = [
    "FULL",
    "GB",
    "MB",
    "NO_JAIL",
    "SECOND",
    "Done",
    "Limits",
    "NoJail",
    "Policy",
    "Report",
    "Service",
    "call",
    "limits",
    "lines",
    "shared",
    "stop",
    "tier",
    "words",
    "zygote",
]
