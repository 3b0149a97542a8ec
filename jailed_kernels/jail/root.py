"""The full tier's namespaces and file system."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable

from ..linux import calls
from .directories import copy_tree, give_tree
from .plan import JailPlan, may_make_namespaces

_NAMESPACES = {
    "files": calls.NEWNS,
    "network": calls.NEWNET,
    "ipc": calls.NEWIPC,
    "hostname": calls.NEWUTS,
}
_NOEXEC = 8
_BYTES_A_FILE = 16 << 10  # the tmpfs has one inode for so many of its bytes
_FEWEST_FILES = 2000


def leave_processes(without: Iterable[str]) -> None:
    """Make the next child the first process of a namespace; enter a user namespace if need be."""
    flags = 0 if "processes" in without else calls.NEWPID
    if os.geteuid() == 0 and may_make_namespaces():
        calls.unshare(flags)
    else:
        calls.enter_user_namespace(flags)


def enter_namespaces(plan: JailPlan) -> None:
    """Enter the other namespaces and the new file system; to be called in that first process."""
    calls.unshare(sum(flag for layer, flag in _NAMESPACES.items() if layer not in plan.without))
    if "hostname" not in plan.without:
        socket.sethostname("kernel")
    if "files" not in plan.without:
        _build_root(plan)


def _build_root(plan: JailPlan) -> None:
    host, places = plan.host, plan.places
    root = f"{host.base}/root"
    calls.mount(None, "/", flags=calls.REC | calls.PRIVATE)
    _mount_tmpfs(root, plan)
    for path in plan.readable:
        if os.path.islink(path):
            os.makedirs(os.path.dirname(root + path), exist_ok=True)
            os.symlink(os.readlink(path), root + path)
        else:
            calls.bind(path, root + path, read_only=True)
    for device in plan.devices:
        with open(f"{root}/dev/{device}", "w"):
            pass
        calls.mount(f"/dev/{device}", f"{root}/dev/{device}", flags=calls.BIND)
    os.symlink("/proc/self/fd", f"{root}/dev/fd")
    calls.bind(f"{host.base}/sockets", root + places.sockets, read_only=False)
    for name, path in host.shared.items():
        calls.bind(path, root + places.shared[name], read_only=not host.writable)
    os.makedirs(f"{root}/proc")
    calls.mount("proc", f"{root}/proc", "proc", calls.NOSUID | calls.NODEV | _NOEXEC)
    if host.copied:
        copy_tree(host.copied, root + places.work)
        if os.geteuid() == 0:
            give_tree(root + places.work, plan.user)
    calls.pivot_root(root)
    calls.mount(None, "/", flags=calls.BIND | calls.REMOUNT | calls.RDONLY | calls.NOSUID)


def close_sockets(plan: JailPlan) -> None:
    """Make the directory of the sockets read-only; for the process that entered the namespaces."""
    if "files" not in plan.without:
        flags = calls.BIND | calls.REMOUNT | calls.RDONLY | calls.NOSUID
        calls.remount(plan.places.sockets, flags)


def _mount_tmpfs(root: str, plan: JailPlan) -> None:
    """Mount one tmpfs for all that can be written: it limits bytes and files together."""
    disk = plan.limits.disk
    sizes = f"size={disk},nr_inodes={max(_FEWEST_FILES, disk // _BYTES_A_FILE)},mode=0755"
    calls.mount("tmpfs", root, "tmpfs", calls.NOSUID | calls.NODEV, sizes)
    for place in (plan.places.work, plan.places.temporary, "/dev/shm"):
        path = root + place
        os.makedirs(path)
        os.chmod(path, 0o700)
        if os.geteuid() == 0:
            os.chown(path, *plan.user)
        calls.mount(path, path, flags=calls.BIND)
