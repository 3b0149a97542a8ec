"""Linux's own calls, by ctypes: namespaces, mounts, capabilities, Landlock, seccomp.

Everything works in a process with one thread, right after fork, and raises OSError.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import stat
import struct
from collections.abc import Iterable
from typing import Any

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET, NEWTIME = 0x10000000, 0x20000000, 0x40000000, 0x80
RDONLY, NOSUID, NODEV, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18

_SET_PDEATHSIG, _SET_DUMPABLE, _CAPBSET_DROP = 1, 4, 24
_SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS, _CAP_AMBIENT = 36, 38, 47
_COLLAPSE, _HUGE = 25, 2 << 20
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
# What statvfs says of a mount (numbers: other systems' Python lacks the names), and the flag that
# a remount inside a user namespace must keep for it.
_KEPT = ((2, NOSUID), (4, NODEV), (8, 8), (1024, 1024), (2048, 2048), (4096, 1 << 21))

# This module is imported everywhere, to find that it is of no use.
_libc: Any = ctypes.CDLL(None, use_errno=True) if platform.system() == "Linux" else None


def supported() -> bool:
    return platform.system() == "Linux" and platform.machine() in _SECCOMP


def _checked(result: int, what: str) -> int:
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _prctl(option: int, *arguments: int) -> int:
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(option, *values), f"prctl({option})")


def raw(number: int, *arguments: int | bytes | None) -> int:
    """A system call by its number; its result, or OSError."""
    values = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *values), f"system call {number}")


# --- processes ----------------------------------------------------------------------------------


def unshare(flags: int) -> None:
    _checked(_libc.unshare(flags), f"unshare({flags:#x})")


def enter_user_namespace(flags: int) -> None:
    """A user namespace in which this user is itself, and has the power to make others."""
    uid, gid = os.geteuid(), os.getegid()
    set_dumpable(True)  # or its own uid_map is not its to write
    unshare(NEWUSER | flags)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    set_dumpable(False)


def set_dumpable(value: bool) -> None:
    """Whether processes of the same user may read this one's memory."""
    _prctl(_SET_DUMPABLE, int(value))


def use_huge_pages() -> None:
    """Move this process's memory to huge pages: what takes a fork most of its time is to copy the
    tables of small ones.  For speed alone: where Linux can't (before 6.1), nothing happens."""
    with open("/proc/self/maps") as file:
        areas = [line.split() for line in file]
    for addresses, access, *_rest, name in ([*area, ""][:6] for area in areas):
        if access != "rw-p" or name not in ("", "[heap]"):
            continue
        start, end = (int(address, 16) for address in addresses.split("-"))
        start, end = -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE
        if start < end:
            _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _COLLAPSE)


def die_with_parent(signal: int) -> None:
    _prctl(_SET_PDEATHSIG, signal)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent has died."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def no_new_privileges() -> None:
    _prctl(_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Every capability, for good."""
    for capability in range(64):
        try:
            _prctl(_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno == errno.EINVAL:
                break
            if error.errno != errno.EPERM:  # without the power to drop, there is none to lose
                raise
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    none = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, none), "capset")


# --- files --------------------------------------------------------------------------------------


def mount(
    source: str | None, target: str, kind: str | None = None, flags: int = 0, data: str = ""
) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    result = _libc.mount(*encoded, ctypes.c_ulong(flags), os.fsencode(data) if data else None)
    _checked(result, f"mount {source} on {target}")


def bind(source: str, target: str, read_only: bool) -> None:
    """Show `source` at `target` too, which is made if need be."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "a"):
            pass
    mount(source, target, flags=BIND | REC)
    present = os.statvfs(target).f_flag
    kept = sum(flag for seen, flag in _KEPT if present & seen)
    mount(None, target, flags=BIND | REMOUNT | NOSUID | kept | (RDONLY if read_only else 0))


def pivot_root(directory: str) -> None:
    """Make `directory`, a mount, the root, and forget the old one."""
    os.chdir(directory)
    raw(_PIVOT_ROOT[platform.machine()], b".", b".")
    _checked(_libc.umount2(b".", 2), "umount the old root")
    os.chdir("/")


# --- Landlock -----------------------------------------------------------------------------------

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _REMOVE_DIR, _REMOVE_FILE = 1, 2, 4, 8, 16, 32
_MAKE_CHAR, _MAKE_BLOCK, _TRUNCATE, _IOCTL = 1 << 6, 1 << 11, 1 << 14, 1 << 15
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL


def landlock_version() -> int:
    """The version of Landlock that this kernel speaks; 0 for none."""
    return max(0, _libc.syscall(_LANDLOCK_CREATE, None, 0, 1))


def landlock_rules(readable: Iterable[str], writable: Iterable[str]) -> int:
    """Rules that leave these paths and no others, as a file descriptor.

    To be called before privileges are dropped: a path that can't be opened is a path that no rule
    would name.  Writable files can't be executed.
    """
    version = landlock_version()
    if not version:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    handled = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    network = 3 if version >= 4 else 0
    scoped = 3 if version >= 6 else 0  # no signals out, no abstract sockets out
    size = 8 if version < 4 else 16 if version < 6 else 24
    attributes = struct.pack("QQQ", handled, network, scoped)[:size]
    rules = _checked(_libc.syscall(_LANDLOCK_CREATE, attributes, size, 0), "Landlock")
    read = _EXECUTE | _READ_FILE | _READ_DIR
    write = handled & ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK)
    for paths, access in ((readable, read), (writable, write)):
        for path in paths:
            _add_rule(rules, path, access & handled)
    return rules


def _add_rule(rules: int, path: str, access: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            access &= _ON_FILES
        rule = struct.pack("=Qi", access, handle)
        _checked(_libc.syscall(_LANDLOCK_ADD, rules, 1, rule, 0), f"Landlock rule for {path}")
    finally:
        os.close(handle)


def landlock_enforce(rules: int) -> None:
    _checked(_libc.syscall(_LANDLOCK_RESTRICT, rules, 0), "Landlock")
    os.close(rules)


# --- seccomp ------------------------------------------------------------------------------------


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def load_filter(program: bytes, all_threads: bool = False) -> None:
    """Add a seccomp filter (BPF instructions of 8 bytes each)."""
    argument = _Program(len(program) // 8, program)
    number = _SECCOMP[platform.machine()]
    result = _libc.syscall(number, 1, int(all_threads), ctypes.byref(argument))
    if result > 0:
        raise OSError(errno.EAGAIN, f"thread {result} could not be given the seccomp filter")
    _checked(result, "seccomp")
