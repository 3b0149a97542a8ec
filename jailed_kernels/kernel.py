"""What runs in a jail: an IPython kernel, or a service."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from .jail.plan import Places
from .monitor.inside import STATUS, Inside
from .monitor.messages import StartRequest

if TYPE_CHECKING:  # the zygote imports it at its own time
    from IPython.core.interactiveshell import InteractiveShell

# Modules that a kernel imports when it starts, or with its first traceback; none starts a thread.
PRELOAD = (
    "ipykernel.kernelapp ipykernel.debugger debugpy.server.api IPython.core.completerlib "
    "IPython.core.debugger IPython.core.oinspect IPython.extensions.storemagic sqlite3 tornado.gen "
    "tornado.locks tornado.queues tornado.platform.asyncio matplotlib_inline.backend_inline "
    "stack_data pygments.formatters.terminal256 pygments.lexers.python pygments.styles.default "
    "encodings.ascii encodings.latin_1 encodings.cp437 secrets"
).split()


def kernel(request: StartRequest, places: Places, seal: Callable[[], None]) -> NoReturn:
    """Be the kernel that the request asks for, until it ends."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _reseed()
    os.environ.update(IPYTHONDIR=f"{places.temporary}/.ipython")
    os.environ.update(JUPYTER_RUNTIME_DIR=places.temporary, MPLCONFIGDIR=places.temporary)
    connection = f"{places.sockets}/connection.json"
    with open(connection, "w") as file:
        json.dump({**request["connection"], "transport": "ipc", "ip": f"{places.sockets}/k"}, file)
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher"]
    app = IPKernelApp.instance(parent_handle=1)  # 1: it need not poll whether its parent lives
    app.initialize(["-f", connection, "--HistoryManager.hist_file=:memory:"])
    assert app.shell is not None
    app.shell.system = partial(_system, app.shell)
    if "" not in sys.path:  # helper modules are beside the notebook
        sys.path.append("")
    seal()
    send_output(b"ready")
    os.close(STATUS)
    app.start()
    # The interpreter's own shutdown takes seconds with large libraries.
    os._exit(0)


def service(function: str) -> Inside:
    """Return what runs a service: `function` ("module:name"), called as `policy.Service` says."""

    def serve(request: StartRequest, places: Places, seal: Callable[[], None]) -> NoReturn:
        seal()
        _reseed()
        module, _, name = function.partition(":")
        call = getattr(importlib.import_module(module), name)
        call(request["data"], dict(places.shared), send_output)
        os._exit(0)

    return serve


def _system(shell: InteractiveShell, command: str) -> None:
    """Run `!command` without a terminal: in the jail there is none, and IPython wants one."""
    with subprocess.Popen(
        shell.var_expand(command, depth=2),
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            print(line, end="")
    shell.user_ns["_exit_code"] = process.returncode


def send_output(data: bytes) -> None:
    """Send bytes to the monitor, which passes them on to the client."""
    while data:
        data = data[os.write(STATUS, data) :]


def _reseed() -> None:
    """Give numpy's global generator a state of its own; Python renews its own at every fork."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
