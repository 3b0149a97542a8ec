"""The two filters, loaded in a process of their own."""

from __future__ import annotations

import errno
import json
import subprocess
import sys

import pytest

from jailed_kernels.linux import calls

CODE = """
import errno, json, os, socket
from jailed_kernels.linux import calls, seccomp
def attempt(action):
    try:
        action()
    except OSError as error:
        return error.errno
    return 0
actions = {
    "unix": lambda: socket.socket(socket.AF_UNIX).close(),
    "inet": lambda: socket.socket(socket.AF_INET),
    "datagrams": lambda: socket.socketpair(type=socket.SOCK_DGRAM),
    "pair": lambda: [end.close() for end in socket.socketpair()],
    "unshare": lambda: calls.unshare(calls.NEWUSER),
    "child": lambda: os.waitpid(os.fork() or os._exit(0), 0),
    "chmod": lambda: os.chmod("/no/such/file", 0),
}
left, right = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
actions["connect"] = lambda: right.connect("/no/such/socket")
calls.no_new_privileges()
calls.load_filter(seccomp.base(own_files=False, sees_others=False, held=False, pid=os.getpid()))
first = {name: attempt(action) for name, action in actions.items()}
calls.load_filter(seccomp.late(), all_threads=True)
print(json.dumps([first, {name: attempt(action) for name, action in actions.items()}]))
"""


def test_a_filter_refuses_with_errors_that_libraries_live_with() -> None:
    if not calls.supported():
        pytest.skip("there is no jail for this system")
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    first, late = json.loads(ran.stdout)
    same = {
        "inet": errno.EOPNOTSUPP,
        "datagrams": errno.EOPNOTSUPP,
        "pair": 0,
        "unshare": errno.ENOSYS,
        "child": 0,
        "chmod": 0,  # nothing is done
    }
    assert first == {**same, "unix": 0, "connect": errno.ENOENT}
    assert late == {**same, "unix": errno.EOPNOTSUPP, "connect": errno.EACCES}
