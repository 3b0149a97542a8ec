"""The directories of a jailed process: made outside, before there is a jail."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from ..policy import FULL
from .plan import HostDirectories, Places

_BLOCK = 4096


def prepare(host: HostDirectories, tier: str, user: tuple[int, int]) -> Places:
    """Make the directories of a jailed process; return where it will find them."""
    base = Path(host.base)
    (base / "sockets").mkdir(mode=0o700)
    other_user = os.geteuid() == 0 and user[0] != 0
    if other_user:
        base.chmod(0o711)
        os.chown(base / "sockets", *user)
    for path in host.shared.values():
        os.chmod(path, 0o700)  # whatever an earlier process made of its mode
        if other_user:
            os.chown(path, *user)
    if tier == FULL:
        (base / "root").mkdir(mode=0o755)
        shared = {name: f"/kernel/shared/{number}" for number, name in enumerate(host.shared)}
        return Places("/kernel/work", "/tmp", "/kernel/sockets", shared)
    for name in ("work", "tmp"):
        (base / name).mkdir(mode=0o700)
        if other_user:
            os.chown(base / name, *user)
    if host.copied:
        copy_tree(host.copied, str(base / "work"))
        if other_user:
            give_tree(str(base / "work"), user)
    return Places(str(base / "work"), str(base / "tmp"), str(base / "sockets"), host.shared)


def copied_size(source: str) -> int:
    """Return how many bytes `copy_tree` would write, in whole blocks of a file system."""
    total = 0
    for directory, _names, files in os.walk(source):
        paths = [directory, *(os.path.join(directory, name) for name in files)]
        total += sum(-(-os.lstat(path).st_size // _BLOCK) * _BLOCK for path in paths)
    return total


def copy_tree(source: str, target: str) -> None:
    """Copy directories, regular files and symbolic links, these as they are.

    Anything else is left out: to read a named pipe would wait for ever.
    """
    for directory, _names, files in os.walk(source):
        copied = os.path.join(target, os.path.relpath(directory, source))
        os.makedirs(copied, exist_ok=True)
        for name in files:
            path, copy = os.path.join(directory, name), os.path.join(copied, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                os.symlink(os.readlink(path), copy)
            elif stat.S_ISREG(mode):
                shutil.copyfile(path, copy, follow_symlinks=False)


def give_tree(directory: str, user: tuple[int, int]) -> None:
    """Make a user the owner of all that is in a directory."""
    for place, names, files in os.walk(directory):
        for name in (*names, *files):
            os.chown(os.path.join(place, name), *user, follow_symlinks=False)
