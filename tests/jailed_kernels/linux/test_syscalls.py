"""The table of system calls."""

from __future__ import annotations

import pytest

from jailed_kernels.linux import syscalls

OUT = (
    "ptrace process_vm_readv pidfd_open kcmp keyctl shmget msgget mq_open mount unshare setns "
    "chroot io_uring_setup bpf perf_event_open userfaultfd memfd_create clone3 openat2"
).split()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_each_number_is_one_call(machine: str) -> None:
    numbers = syscalls.numbers(machine)
    assert len(set(numbers.values())) == len(numbers)
    assert not set(OUT) & set(numbers)


def test_both_machines_have_the_calls_that_both_know() -> None:
    intel, arm = syscalls.numbers("x86_64"), syscalls.numbers("aarch64")
    assert set(arm) <= set(intel)
    assert {"read": 0, "write": 1, "execve": 59}.items() <= intel.items()
    assert {"read": 63, "write": 64, "execve": 221}.items() <= arm.items()
