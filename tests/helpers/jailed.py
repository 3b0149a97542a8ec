"""Kernels in a jail, as tests run them: by what code in them can do, seen from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

import jailed_kernels as kernels
from jailed_kernels import MB, Exit, Limits, NoJail, Policy
from jailed_kernels.monitor import processes
from jailed_kernels.provisioner import JailedKernelManager, JailedProvisioner

TIGHT = Limits(
    memory=500 * MB,
    cpu=2,
    wall=60,
    processes=80,
    file=20 * MB,
    disk=40 * MB,
    output=2 * MB,
)
# Functions that run as services.
SERVICE = """
import os
def echo(data, shared, say):
    text = open(shared["INBOX"] + "/letter").read()
    say(f"{data} {text} {os.environ.get('SECRET')}".encode())
def write(data, shared, say):
    open(shared["INBOX"] + "/letter", "w")
def spin(data, shared, say):
    while True:
        pass
"""


@dataclass(frozen=True)
class Ran:
    """What a notebook's cells printed or raised, how its kernel ended, and its outbox."""

    printed: list[str]
    done: Exit | None
    outbox: Path


Run = Callable[..., Ran]


def started(policy: Policy) -> Policy:
    """Return the policy, with its zygote running; a skip that says why where there can be none."""
    try:
        kernels.start(policy)
    except NoJail as error:
        pytest.skip(f"this machine has not got the tier {policy.tiers[0]}: {error}")
    return policy


def zygote_of(policy: Policy) -> int:
    """Return the pid of a policy's zygote."""
    process = kernels.start(policy).process
    assert process is not None
    return process.pid


def run_cells(
    policy: Policy, work: Path, outbox: Path, *cells: str, timeout: int = 30, grace: float = 0.5
) -> Ran:
    """Run cells in one kernel.

    A cell may take `timeout` seconds; the kernel has `grace` seconds more to end of its own.
    """
    nb = new_notebook(cells=[new_code_cell(source) for source in cells])
    client = NotebookClient(
        nb, allow_errors=True, timeout=timeout, resources={"metadata": {"path": str(work)}}
    )
    client.km = JailedKernelManager(policy=policy, shared={"OUTBOX": str(outbox)})
    client.owns_km = True
    with client.setup_kernel():
        provisioner = client.km.provisioner
        assert isinstance(provisioner, JailedProvisioner)
        try:
            for index, cell in enumerate(nb.cells):
                client.execute_cell(cell, index)
        except (DeadKernelError, CellTimeoutError):
            pass
        if provisioner.process is None:
            done = provisioner.done
        else:
            provisioner.process.wait(grace)
            done = provisioner.process.done
    return Ran([printed(cell) for cell in nb.cells], done, outbox)


def printed(cell: NotebookNode) -> str:
    words = [
        output.get("text") or output.get("evalue") or output.get("data", {}).get("text/plain", "")
        for output in cell["outputs"]
    ]
    return "".join(words).strip()


def attempt(*statements: str) -> str:
    """Return a cell that prints, for each statement, what it raised, or "done"."""
    lines = ["import ctypes, os, signal, socket, subprocess, sys"]
    for statement in statements:
        lines += [
            "try:",
            f"    {statement}",
            "except BaseException as error:",
            "    print(type(error).__name__)",
            "else:",
            "    print('done')",
        ]
    return "\n".join(lines)


def nothing_runs(policy: Policy) -> bool:
    """Return whether everything that the zygote started has ended, after a while."""
    return wait_for(lambda: not processes.descendants(zygote_of(policy)))


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False
