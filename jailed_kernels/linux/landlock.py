"""Landlock: a list of the paths that a process and its children may still use."""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Iterable

from .calls import syscall

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # numbers of the system calls
_CREATE_VERSION = 1  # a flag: return the version, make nothing
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_BLOCK, _TRUNCATE, _IOCTL = 1 << 6, 1 << 11, 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights on files each version knows
_NETWORK = 3  # bind and connect over TCP
_SCOPED = 3  # signals and abstract sockets that reach out


def version() -> int:
    """Return the version of Landlock that this Linux has; 0 for none."""
    try:
        return syscall(_CREATE, None, 0, _CREATE_VERSION)
    except OSError:
        return 0


def rules(readable: Iterable[str], writable: Iterable[str]) -> int:
    """Return a file descriptor of rules that allow these paths and no others.

    Call it before privileges are dropped: a path that can't be opened gets no rule.  Writable files
    can't be executed.  Raises OSError where there is no Landlock.
    """
    present = version()
    if not present:
        raise OSError(errno.ENOSYS, "this Linux has no Landlock")
    handled = (1 << _RIGHTS.get(present, 16)) - 1
    network = _NETWORK if present >= 4 else 0
    scoped = _SCOPED if present >= 6 else 0
    size = 8 if present < 4 else 16 if present < 6 else 24
    handle = syscall(_CREATE, struct.pack("QQQ", handled, network, scoped)[:size], size, 0)
    read = _EXECUTE | _READ_FILE | _READ_DIR
    write = handled & ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK)
    for paths, access in ((readable, read), (writable, write)):
        for path in paths:
            _add_rule(handle, path, access & handled)
    return handle


def _add_rule(rules: int, path: str, access: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            access &= _ON_FILES
        syscall(_ADD, rules, 1, struct.pack("=Qi", access, handle), 0)
    except OSError as error:
        raise OSError(error.errno, f"Landlock rule for {path}: {error.strerror}") from error
    finally:
        os.close(handle)


def enforce(rules: int) -> None:
    """Apply the rules to this process, for good, and close them."""
    syscall(_RESTRICT, rules, 0)
    os.close(rules)
