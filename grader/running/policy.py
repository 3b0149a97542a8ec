"""How this course's notebooks run: limits, jail and environment, as data for `jailed_kernels`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import jailed_kernels as kernels
from beyond_sequential import backends
from beyond_sequential.course import sections
from beyond_sequential.i18n import _
from jailed_kernels import GB, MB, Limits, Policy, Report, Service

JUDGE = "judge"  # the name of the zygote's service
# What the judge may use for all of a notebook's answers; for each it has limits of its own.
JUDGE_LIMITS = Limits(memory=6 * GB, cpu=1200, wall=1800, processes=500, disk=256 * MB)
# Trust in the environment, where nbgrader's configuration is not at hand.
TRUST = "BEYOND_SEQUENTIAL_TRUST"
_PRELOAD = (
    "beyond_sequential.notebook.notebook",
    "keras",
    "matplotlib.pyplot",
    "beyond_sequential.judge.evaluate",
    "beyond_sequential.model.capture",
)
_ENVIRONMENT = {
    "USER": "student",
    "LOGNAME": "student",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


def course_policy(
    limits: Mapping[str, int] | None = None,
    tiers: tuple[str, ...] = (kernels.FULL, kernels.SECOND),
    cold: bool = False,
) -> Policy:
    """Return what a zygote for this course is started with.

    `limits` are fields of `jailed_kernels.Limits`; `cold` kernels start with nothing imported.
    Raises ValueError for a limit that does not exist.
    """
    backend = backends.chosen()
    return Policy(
        preload=(
            *_PRELOAD,
            *backend.preload,
            *(f"{sections.__name__}.{name}" for name in sections.names()),
        ),
        unset=backend.unset,
        tiers=tiers,
        limits=kernels.limits(limits or {}),
        services=((JUDGE, Service("grader.running.judge_process:answer_request", JUDGE_LIMITS)),),
        environment=tuple({**_ENVIRONMENT, **backend.grading_environment()}.items()),
        cold="the course's configuration says so" if cold else backend.no_fork,
    )


def start(wanted: Policy, trust: bool) -> Report:
    """Start the zygote and return how kernels run on this machine.

    Raises RuntimeError, with the way out, if no jail holds and nobody said that the notebooks are
    to be trusted.
    """
    try:
        return kernels.tier(wanted, trust or os.environ.get(TRUST) == "1")
    except kernels.NoJail as error:
        raise RuntimeError(
            f"{error}\nStudents' code is not run without a jail.  Grade on Linux 5.13 or newer "
            "(a virtual machine or a container will do), or, if you would run these notebooks on "
            "this machine yourself, set c.SpoolExecute.trust = True in nbgrader_config.py, or "
            f"{TRUST}=1 in the environment."
        ) from error


def jail_lines(wanted: Policy | None = None) -> Iterator[str]:
    """Yield, for `grader doctor`, how kernels run on this machine, layer by layer."""
    try:
        yield from kernels.details(kernels.start(wanted or course_policy()).report)
    except kernels.NoJail as error:
        yield from str(error).splitlines()


def excess(limit: str, limits: Limits) -> str | None:
    """Return in words what a kernel did to meet a limit; None if the kernel did not cause it."""
    words = {
        "memory": _("used more than {size} of memory"),
        "cpu": _("used more than {seconds} s of processor time"),
        "wall": _("took longer than {seconds} s"),
        "processes": _("started more than {count} processes and threads"),
        "disk": _("wrote more than {size} of files"),
        "output": _("printed more than {size}"),
    }
    if limit not in words:
        return None
    value = getattr(limits, limit)
    return words[limit].format(size=size_in_words(value), seconds=value, count=value)


def size_in_words(count: int) -> str:
    """Return a number of bytes in words, such as "1.5 GB"."""
    return f"{count / GB:g} GB" if count >= GB else f"{count / MB:g} MB"
