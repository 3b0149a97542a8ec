"""Inside the jail: how a fork of the zygote becomes an IPython kernel, or runs a service."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

from .jail import Places

WORD = 3  # the file descriptor on which a jailed process speaks to its monitor

# Modules that a kernel imports when it starts, or with its first traceback; none starts a thread.
WARM = (
    "ipykernel.kernelapp ipykernel.debugger debugpy.server.api IPython.core.completerlib "
    "IPython.core.debugger IPython.core.oinspect IPython.extensions.storemagic sqlite3 tornado.gen "
    "tornado.locks tornado.queues tornado.platform.asyncio matplotlib_inline.backend_inline "
    "stack_data pygments.formatters.terminal256 pygments.lexers.python pygments.styles.default "
    "encodings.ascii encodings.latin_1 encodings.cp437 secrets"
).split()


def become(request: Mapping[str, Any], places: Places, seal: Callable[[], None]) -> NoReturn:
    """Be the kernel that the request asks for, until it ends."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _new_randomness()
    os.environ.update(IPYTHONDIR=f"{places.temporary}/.ipython")
    os.environ.update(JUPYTER_RUNTIME_DIR=places.temporary, MPLCONFIGDIR=places.temporary)
    connection = f"{places.sockets}/connection.json"
    with open(connection, "w") as file:
        json.dump({**request["connection"], "transport": "ipc", "ip": f"{places.sockets}/k"}, file)
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = ["ipykernel_launcher"]
    app = IPKernelApp.instance(parent_handle=1)  # 1: it need not look whether its parent lives
    app.initialize(["-f", connection, "--HistoryManager.hist_file=:memory:"])
    shell: Any = app.shell
    shell.system = partial(_system, shell)
    if "" not in sys.path:  # helper modules lie beside the notebook
        sys.path.append("")
    seal()
    say(b"ready")
    os.close(WORD)
    app.start()
    # The interpreter's own way out takes seconds with TensorFlow.
    os._exit(0)


def service(function: str) -> Callable[[Mapping[str, Any], Places, Callable[[], None]], NoReturn]:
    """A process that calls `function` ("module:name") with the request's data and its directories,
    and a function to say something (bytes) to who asked."""

    def serve(request: Mapping[str, Any], places: Places, seal: Callable[[], None]) -> NoReturn:
        seal()
        _new_randomness()
        module, _, name = function.partition(":")
        call = getattr(importlib.import_module(module), name)
        call(request["data"], dict(places.shared), say)
        os._exit(0)

    return serve


def _system(shell: Any, command: str) -> None:
    """`!command`, without the terminal of its own that IPython would give it: there is none."""
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


def say(data: bytes) -> None:
    """Tell the monitor, which tells the client."""
    while data:
        data = data[os.write(WORD, data) :]


def _new_randomness() -> None:
    """Forks share numpy's global state; Python's own is renewed at every fork."""
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
