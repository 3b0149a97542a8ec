"""Namespaces, mounts, capabilities and seccomp, by their C functions or system call numbers."""

from __future__ import annotations

import ctypes
import errno
import os
import platform

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET, NEWTIME = 0x10000000, 0x20000000, 0x40000000, 0x80
RDONLY, NOSUID, NODEV, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18

_SET_PDEATHSIG, _SET_DUMPABLE, _CAPBSET_DROP = 1, 4, 24
_SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS, _CAP_AMBIENT = 36, 38, 47
_COLLAPSE, _HUGE = 25, 2 << 20
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
# What statvfs says of a mount (numbers: other systems' Python lacks the names), and the flag that
# a remount inside a user namespace must keep for it.
_KEPT = ((2, NOSUID), (4, NODEV), (8, 8), (1024, 1024), (2048, 2048), (4096, 1 << 21))

# Other systems import this module too, to learn that they are not supported.
_libc: ctypes.CDLL
if platform.system() == "Linux":
    _libc = ctypes.CDLL(None, use_errno=True)


def supported() -> bool:
    """Return whether there can be a jail on this machine: Linux on x86_64 or aarch64."""
    return platform.system() == "Linux" and platform.machine() in _SECCOMP


def _checked(result: int, what: str) -> int:
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _prctl(option: int, *arguments: int) -> int:
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(option, *values), f"prctl({option})")


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call by its number and return its result.  Raises OSError."""
    values = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *values), f"system call {number}")


# --- processes ----------------------------------------------------------------------------------


def unshare(flags: int) -> None:
    """Leave the namespaces that the flags (NEWNS, NEWPID, ...) name, for new ones."""
    _checked(_libc.unshare(flags), f"unshare({flags:#x})")


def enter_user_namespace(flags: int) -> None:
    """Enter a user namespace in which this user keeps its uid and may make other namespaces."""
    uid, gid = os.geteuid(), os.getegid()
    set_dumpable(True)  # otherwise the process may not write its own uid_map
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
    """Set whether processes of the same user may read the memory of this one."""
    _prctl(_SET_DUMPABLE, int(value))


def use_huge_pages() -> None:
    """Move this process's memory to huge pages, so that a fork has fewer page tables to copy.

    This is for speed only: where Linux can't (before 6.1), nothing happens.
    """
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
    """Have Linux send this process a signal when its parent dies."""
    _prctl(_SET_PDEATHSIG, signal)


def access_files_as(uid: int, gid: int) -> None:
    """Have this process access files, and read /proc, with another uid and gid."""
    _libc.setfsgid(gid)
    _libc.setfsuid(uid)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent has died."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def no_new_privileges() -> None:
    """Give up, for good, what set-user-ID programs would give."""
    _prctl(_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up every capability, for good."""
    for capability in range(64):
        try:
            _prctl(_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno == errno.EINVAL:
                break
            if error.errno != errno.EPERM:  # who may not drop any has none
                raise
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    none = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, none), "capset")


# --- files --------------------------------------------------------------------------------------


def mount(
    source: str | None, target: str, kind: str | None = None, flags: int = 0, data: str = ""
) -> None:
    """Mount `source` on `target`, with `flags` such as BIND | RDONLY."""
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    result = _libc.mount(*encoded, ctypes.c_ulong(flags), os.fsencode(data) if data else None)
    _checked(result, f"mount {source} on {target}")


def bind(source: str, target: str, read_only: bool) -> None:
    """Show `source` at `target` too; `target` is made if it is missing."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "a"):
            pass
    mount(source, target, flags=BIND | REC)
    remount(target, BIND | REMOUNT | NOSUID | (RDONLY if read_only else 0))


def remount(target: str, flags: int) -> None:
    """Change the flags of a mount, and keep those that a user namespace may not take away."""
    present = os.statvfs(target).f_flag
    kept = sum(flag for seen, flag in _KEPT if present & seen)
    mount(None, target, flags=flags | kept)


def pivot_root(directory: str) -> None:
    """Make `directory`, which must be a mount, the root, and unmount the old root."""
    os.chdir(directory)
    syscall(_PIVOT_ROOT[platform.machine()], b".", b".")
    _checked(_libc.umount2(b".", 2), "umount the old root")
    os.chdir("/")


# --- seccomp ------------------------------------------------------------------------------------


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def load_filter(program: bytes, all_threads: bool = False) -> None:
    """Add a seccomp filter: BPF instructions of 8 bytes each.

    `all_threads` adds it to every thread of this process.
    """
    argument = _Program(len(program) // 8, program)
    number = _SECCOMP[platform.machine()]
    result = _libc.syscall(number, 1, int(all_threads), ctypes.byref(argument))
    if result > 0:
        raise OSError(errno.EAGAIN, f"thread {result} could not be given the seccomp filter")
    _checked(result, "seccomp")
