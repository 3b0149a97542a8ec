"""The two seccomp filters of a jail, as BPF programs.

The first is an allow list (`syscalls`) with rules for some arguments.  The second is added when a
kernel has bound its sockets: from then on there are no new sockets and no connections.
"""

from __future__ import annotations

import errno
import os
import platform
import struct
from collections.abc import Iterable, Iterator

from . import calls, landlock, syscalls

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _GREATER, _AT_LEAST, _ANY_BIT = 0x15, 0x25, 0x35, 0x45
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_X32 = 0x40000000

_NAMESPACES = (
    calls.NEWNS
    | calls.NEWCGROUP
    | calls.NEWUTS
    | calls.NEWIPC
    | calls.NEWUSER
    | calls.NEWPID
    | calls.NEWNET
)
_SHARED_FILES, _THREAD = 0x400, 0x10000  # CLONE_FILES, CLONE_THREAD
_UNIX, _STREAM, _SEQPACKET = 1, 1, 5
_TIOCSTI, _TIOCLINUX, _FIOSETOWN, _SIOCSPGRP = 0x5412, 0x541C, 0x8901, 0x8902
_F_SETOWN, _F_SETOWN_EX, _F_SETPIPE_SZ = 8, 15, 1031
# SO_SNDBUF, SO_RCVBUF and the same for those who may ignore the machine's limits.
_BUFFER_SIZES = (7, 8, 32, 33)
_SHARED_ANONYMOUS = 0x21  # MAP_SHARED and MAP_ANONYMOUS

# Scheduling of other processes and waiting for all disks of the machine.  These calls return
# success and do nothing: libzmq aborts on an error.
_PRETENDED = (
    "sched_setaffinity sched_setparam sched_setscheduler sched_setattr setpriority ioprio_set "
    "sync syncfs"
).split()
# Landlock does not check these.  Without a mount namespace they would reach all that the user
# owns.  They return success and do nothing: shutil.copy and zipfile would fail on an error.
_ATTRIBUTES = (
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat "
    "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr"
).split()

Block = list[bytes]


def _do(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)


def _answer(code: int | None) -> bytes:
    """End: make the call (None), or return this errno (0: success) without making it."""
    return _do(_RETURN, _ALLOW if code is None else _ERROR | code)


def _load(argument: int) -> bytes:
    return _do(_LOAD, 16 + 8 * argument)  # the low half, which is all of an int


def _unless(argument: int, allowed: Iterable[int], code: int, mask: int | None = None) -> Block:
    """Refuse with `code` unless the argument is one of `allowed`; falls through otherwise."""
    values = list(allowed)
    masked = [_do(_AND, mask)] if mask is not None else []
    tests = [_do(_EQUAL, value, len(values) - i) for i, value in enumerate(values)]
    return [_load(argument), *masked, *tests, _answer(code)]


def _if(argument: int, refused: Iterable[int], code: int, mask: int | None = None) -> Block:
    """Refuse with `code` if the argument is one of `refused`; falls through otherwise."""
    values = list(refused)
    masked = [_do(_AND, mask)] if mask is not None else []
    tests = [
        _do(_EQUAL, value, len(values) - 1 - i, 0 if i + 1 < len(values) else 1)
        for i, value in enumerate(values)
    ]
    return [_load(argument), *masked, *tests, _answer(code)]


def _if_bits(argument: int, bits: int, code: int) -> Block:
    return [_load(argument), _do(_ANY_BIT, bits, 0, 1), _answer(code)]


def _no_truncating_reader(argument: int) -> Block:
    """Refuse to open for reading and truncate, which early versions of Landlock do not check."""
    mask = os.O_TRUNC | os.O_ACCMODE
    return _if(argument, [os.O_TRUNC | os.O_RDONLY], errno.EPERM, mask)


def base(own_files: bool, sees_others: bool, held: bool, pid: int) -> bytes:
    """Return the first filter.

    `own_files`: a mount namespace hides the machine's files.  `sees_others`: neither a process
    namespace nor Landlock keeps signals in, so that only `pid` may be signalled.  `held`: a control
    group counts all memory, also where no figure of a process shows it.
    """
    rules: dict[str, list[Block]] = {
        # libzmq aborts when getifaddrs gets EACCES, and lives with EOPNOTSUPP.
        "socket": [
            _unless(0, [_UNIX], errno.EOPNOTSUPP),
            _unless(1, [_STREAM], errno.EOPNOTSUPP, 0xF),
        ],
        # A datagram socket needs no connect to reach others.
        "socketpair": [_unless(1, [_STREAM, _SEQPACKET], errno.EOPNOTSUPP, 0xF)],
        "clone": [
            _if_bits(0, _NAMESPACES, errno.EPERM),
            # A thread with descriptors of its own: /proc shows those of the process.
            _if(0, [_THREAD], errno.EPERM, _THREAD | _SHARED_FILES),
        ],
        "prlimit64": [_unless(0, [0], errno.EPERM)],
        "ioctl": [_if(1, [_TIOCSTI, _TIOCLINUX], errno.EPERM)],
        "open": [_no_truncating_reader(1)],
        "openat": [_no_truncating_reader(2)],
    }
    pretended = list(_PRETENDED)
    if not own_files:
        pretended += _ATTRIBUTES
        if landlock.version() < 3:
            rules["truncate"] = [[_answer(errno.EPERM)]]
    if sees_others:
        alone = [_unless(0, [pid, 0], errno.EPERM)]
        rules |= {"kill": alone, "tgkill": alone, "tkill": [[_answer(errno.EPERM)]]}
        rules["fcntl"] = [_if(1, [_F_SETOWN, _F_SETOWN_EX], errno.EPERM)]
        owners = [_TIOCSTI, _TIOCLINUX, _FIOSETOWN, _SIOCSPGRP]
        rules["ioctl"] = [_if(1, owners, errno.EPERM)]
    if not held:
        _refuse_what_hides(rules)
    rules |= {name: [[_answer(0)]] for name in pretended}
    return _program(rules, errno.ENOSYS)


def _refuse_what_hides(rules: dict[str, list[Block]]) -> None:
    """Add rules against memory and files that no figure of a process shows.

    These are large buffers of sockets and pipes, descriptors on their way through a socket, and
    shared memory, which stays as long as one of its pages is mapped.
    """
    rules["setsockopt"] = [_if(2, _BUFFER_SIZES, 0)]
    rules["fcntl"] = [*rules.get("fcntl", []), _if(1, [_F_SETPIPE_SZ], errno.EPERM)]
    rules["mmap"] = [_if(3, [_SHARED_ANONYMOUS], errno.ENOMEM, _SHARED_ANONYMOUS)]
    for name in ("sendmsg", "sendmmsg"):
        rules[name] = [[_answer(errno.EOPNOTSUPP)]]


def late() -> bytes:
    """Return the second filter: no new sockets, and no connections by those that there are."""
    refused: list[Block] = [[_answer(errno.EACCES)]]
    return _program({"connect": refused, "socket": [[_answer(errno.EOPNOTSUPP)]]}, None)


def _program(rules: dict[str, list[Block]], otherwise: int | None) -> bytes:
    """Return the instructions of a filter.

    A call with rules is made if its rules let it pass.  The other calls of the table are made; all
    the rest fail with the errno `otherwise`, or (None) are made too.
    """
    machine = platform.machine()
    numbers = syscalls.numbers(machine)
    code = [
        _do(_LOAD, _ARCHITECTURE),
        _do(_EQUAL, _ARCHITECTURES[machine], 1),
        _do(_RETURN, _KILL),
        _do(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        code += [_do(_AT_LEAST, _X32, 0, 1), _do(_RETURN, _KILL)]
    for name, blocks in rules.items():
        if name in numbers:
            block = [*(step for block in blocks for step in block), _answer(None)]
            code += [_do(_EQUAL, numbers[name], 0, len(block)), *block]
    if otherwise is not None:
        for low, high in _ranges(sorted(numbers.values())):
            code += [_do(_AT_LEAST, low, 0, 2), _do(_GREATER, high, 1), _answer(None)]
    return b"".join([*code, _answer(otherwise)])


def _ranges(values: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each run of whole numbers that follow each other."""
    start = last = values[0]
    for value in values[1:]:
        if value > last + 1:
            yield start, last
            start = value
        last = value
    yield start, last
