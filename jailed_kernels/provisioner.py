"""The Jupyter side: a kernel manager whose kernels are always forked by the zygote."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from queue import Empty

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Dict, Instance, Type

from . import client
from .connection import Connection, Exit
from .monitor.messages import KERNEL, StartRequest
from .policy import Policy

NAME = "jailed-fork"
_CHANNELS = ("shell", "iopub", "stdin", "hb", "control")
_START = 120.0  # seconds
_END = 5.0


class NotStarted(RuntimeError):
    """There is no kernel; `done` says how its start ended."""

    def __init__(self, done: Exit) -> None:
        super().__init__(f"the kernel did not start: {done}")
        self.done = done


class JailedProvisioner(LocalProvisioner):
    """Asks the zygote for a kernel where LocalProvisioner would start a program.

    `done` says how the kernel ended.  A manager's own `policy` goes before the one that is
    configured for this class.
    """

    process: Connection | None  # type: ignore[assignment]  # it has what is used of a Popen
    done: Exit | None = None
    policy = Instance(Policy, ()).tag(config=True)

    async def pre_launch(self, **kwargs: object) -> dict[str, object]:
        """Get a monitor and have the client look for the kernel's sockets in its directory."""
        require_ipykernel(self.kernel_spec)
        manager = self.parent
        policy = getattr(manager, "policy", self.policy)
        loop = asyncio.get_running_loop()
        self._next = await loop.run_in_executor(None, client.connect, policy, KERNEL)
        settings = {"transport": "ipc", "ip": f"{self._next.base}/client", "cache_ports": False}
        ports = {f"{channel}_port": number for number, channel in enumerate(_CHANNELS, 1)}
        for name, value in (settings | ports).items():
            setattr(manager, name, value)
        return await super().pre_launch(**kwargs)

    async def launch_kernel(
        self,
        cmd: list[str],  # noqa: ARG002 (Jupyter passes it; the zygote needs no command)
        **kwargs: object,
    ) -> KernelConnectionInfo:
        """Have the kernel started in the jail and wait until it is ready.  Raises NotStarted."""
        info = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in self.connection_info.items()
        }
        cwd = os.path.realpath(str(kwargs.get("cwd") or os.getcwd()))
        request: StartRequest = {
            "connection": info,
            "ports": [int(str(info[f"{channel}_port"])) for channel in _CHANNELS],
            "cwd": cwd,
            "shared": dict(getattr(self.parent, "shared", {})),
        }
        connection, self.done = self._next, None
        connection.start(request)
        await asyncio.get_running_loop().run_in_executor(None, _until_ready, connection)
        self.process, self.pid, self.pgid, self.cwd = connection, connection.pid, None, cwd
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and wait for its end, so that the manager need not poll for it."""
        await super().kill(restart)
        if self.process is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, self.process.wait, _END)

    async def poll(self) -> int | None:
        """Return the exit code, None while the kernel runs, and note how it ended."""
        code = await super().poll()
        if self.process is not None and self.process.done is not None:
            self.done = self.process.done
        return code


class _Client(AsyncKernelClient):
    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers on both channels.

        jupyter_client's own method waits another 0.2 s for messages that do not come.  Raises
        RuntimeError if the kernel dies or does not answer within `timeout` seconds.
        """
        seconds = _START if timeout is None else timeout
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            request = self.kernel_info()
            try:
                while (await self.get_shell_msg(timeout=1))["parent_header"]["msg_id"] != request:
                    pass
                while not _says_idle(await self.get_iopub_msg(timeout=1), request):
                    pass
            except Empty:  # it may not have subscribed in time
                if not await self.is_alive():
                    raise RuntimeError("the kernel died before it answered") from None
            else:
                return
        raise RuntimeError(f"the kernel did not answer within {seconds:g} seconds")


def _says_idle(message: Mapping[str, Mapping[str, object]], request: str) -> bool:
    """Return whether a message says that a request has been dealt with."""
    idle = message["content"].get("execution_state") == "idle"
    return idle and message["parent_header"].get("msg_id") == request


class JailedKernelManager(AsyncKernelManager):
    """A manager of kernels of one policy, for `kernel_manager_class` of nbclient and nbconvert.

    `shared` are directories that a kernel may write to, by the names of the environment variables
    that hold their paths in the jail.
    """

    policy = Instance(Policy, ()).tag(config=True)
    shared = Dict().tag(config=True)
    client_factory = Type(_Client)

    @property
    def kernel_spec(self) -> KernelSpec | None:
        """The kernel's spec with this provisioner, whatever else is configured."""
        spec = super().kernel_spec
        if spec is not None:
            spec.metadata = {**spec.metadata, "kernel_provisioner": {"provisioner_name": NAME}}
        return spec


# What the entry point does, for a source tree whose installation has none.
KernelProvisionerFactory.instance().provisioners[NAME] = EntryPoint(
    NAME, f"{__name__}:{JailedProvisioner.__name__}", KernelProvisionerFactory.GROUP_NAME
)


def require_ipykernel(spec: KernelSpec) -> None:
    """Raise RuntimeError unless this kernel is the ipykernel of this Python's environment."""
    program, *arguments = spec.argv
    folder = os.path.dirname(program)
    same = program in ("python", "python3") or folder == os.path.dirname(sys.executable)
    if not same or not any("ipykernel" in argument for argument in arguments):
        raise RuntimeError(
            f"the kernel {spec.display_name!r} ({' '.join(spec.argv)}) is not this environment's "
            "ipykernel, and only that can be jailed"
        )


def _until_ready(connection: Connection) -> None:
    while connection.pid is None and connection.done is None:
        if not connection.read(_START) and connection.done is None:
            connection.kill()
            connection.wait()
    if connection.done:
        raise NotStarted(connection.done)
