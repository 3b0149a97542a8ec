"""The Jupyter side: a kernel manager whose kernels come from the zygote, and nowhere else."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from importlib.metadata import EntryPoint
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Dict, Instance, Type

from . import client
from .client import Connection, Done
from .policy import Policy

NAME = "jailed-fork"
_START = 120.0
_END = 5.0


class NotStarted(RuntimeError):
    """There is no kernel; `done` says how its start ended."""

    def __init__(self, done: Done) -> None:
        super().__init__(f"the kernel did not start: {done}")
        self.done = done


class JailedProvisioner(LocalProvisioner):
    """Asks the zygote for a kernel where LocalProvisioner would start a program."""

    process: Connection | None  # type: ignore[assignment]  # as good as a Popen
    done: Done | None = None  # how the kernel ended

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Get a monitor, whose directory has the sockets that the client will look for."""
        require_ipykernel(self.kernel_spec)
        manager: Any = self.parent
        policy = getattr(manager, "policy", Policy())
        loop = asyncio.get_running_loop()
        self._next = await loop.run_in_executor(None, client.connect, policy, "kernel")
        manager.transport, manager.ip = "ipc", f"{self._next.base}/client"
        manager.cache_ports = False
        ports = enumerate(("shell", "iopub", "stdin", "hb", "control"), 1)
        for number, channel in ports:
            setattr(manager, f"{channel}_port", number)
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Have the kernel started in the jail, and wait until it is."""
        info = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in self.connection_info.items()
        }
        cwd = os.path.realpath(kwargs.get("cwd") or os.getcwd())
        shared = dict(getattr(self.parent, "shared", {}))
        request = {"connection": info, "ports": range_of_ports(info), "cwd": cwd, "shared": shared}
        connection, self.done = self._next, None
        connection.send(request)
        await asyncio.get_running_loop().run_in_executor(None, _until_ready, connection)
        self.process, self.pid, self.pgid, self.cwd = connection, connection.pid, None, cwd
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel, and wait: the manager would look ten times a second whether it has."""
        await super().kill(restart)
        if self.process is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, self.process.wait, _END)

    async def poll(self) -> int | None:
        code = await super().poll()
        if self.process is not None and self.process.done is not None:
            self.done = self.process.done
        return code


class _Client(AsyncKernelClient):
    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers on both channels; jupyter_client's own way takes a fifth
        of a second more, to hear that there is nothing more to hear.

        Raises RuntimeError if the kernel dies, or does not answer within `timeout` seconds.
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


def _says_idle(message: dict[str, Any], request: str) -> bool:
    """Whether a message says that a request has been dealt with."""
    done = message["content"].get("execution_state") == "idle"
    return done and message["parent_header"].get("msg_id") == request


class JailedKernelManager(AsyncKernelManager):
    """A manager of kernels of one policy; `shared` are the directories that a kernel may write
    to, by the name of the environment variable that tells it where each is."""

    policy = Instance(Policy)
    shared = Dict()
    client_factory = Type(_Client)

    @property
    def kernel_spec(self) -> KernelSpec | None:
        """The kernel's own, but that it is run by our provisioner whatever else is configured."""
        spec = super().kernel_spec
        if spec is not None:
            spec.metadata = {**spec.metadata, "kernel_provisioner": {"provisioner_name": NAME}}
        return spec


# As the entry point does, for a checkout that was installed before there was one.
KernelProvisionerFactory.instance().provisioners[NAME] = EntryPoint(
    NAME, f"{__name__}:{JailedProvisioner.__name__}", KernelProvisionerFactory.GROUP_NAME
)


def require_ipykernel(spec: KernelSpec) -> None:
    """Raise RuntimeError unless this kernel is the ipykernel of this Python's environment."""
    program, *arguments = spec.argv
    here = program in ("python", "python3") or os.path.dirname(program) == os.path.dirname(
        sys.executable
    )
    if not here or not any("ipykernel" in argument for argument in arguments):
        raise RuntimeError(
            f"the kernel {spec.display_name!r} ({' '.join(spec.argv)}) is not this environment's "
            "ipykernel, and only that can be jailed"
        )


def range_of_ports(info: dict[str, Any]) -> list[int]:
    return [info[f"{channel}_port"] for channel in ("shell", "iopub", "stdin", "hb", "control")]


def _until_ready(connection: Connection) -> None:
    while connection.pid is None and connection.done is None:
        if not connection.read(_START) and connection.done is None:
            connection.kill()
            connection.wait()
    if connection.done:
        raise NotStarted(connection.done)
