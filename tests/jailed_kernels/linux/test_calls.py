"""System calls by their C functions or numbers."""

from __future__ import annotations

import errno
import os
import platform
import subprocess
import sys

import pytest

from jailed_kernels.linux import calls

pytestmark = pytest.mark.skipif(not calls.supported(), reason="there is no jail for this system")
GETPID = {"x86_64": 39, "aarch64": 172}


def test_a_call_by_number_gives_its_result_or_an_error() -> None:
    assert calls.syscall(GETPID[platform.machine()]) == os.getpid()
    with pytest.raises(OSError) as error:
        calls.syscall(GETPID[platform.machine()] + 10_000)
    assert error.value.errno == errno.ENOSYS


def test_capabilities_are_gone_for_good() -> None:
    code = (
        "from jailed_kernels.linux import calls\n"
        "calls.drop_capabilities()\n"
        "print([line.split()[1] for line in open('/proc/self/status') if line[:6] == 'CapEff'])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "['0000000000000000']"


def test_orphans_come_to_the_process_that_adopts_them() -> None:
    code = (
        "import os\n"
        "from jailed_kernels.linux import calls\n"
        "calls.adopt_orphans()\n"
        "if not os.fork():\n"
        "    if not os.fork():\n"
        "        os._exit(7)\n"
        "    os._exit(0)\n"
        "print(sorted(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(2)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[0, 7]"
