"""All of it as an ordinary user, with namespaces and without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Runs a command where this user may not make user namespaces, as on many machines.
FORBIDDEN = (
    "import contextlib, os, sys\n"
    "from jailed_kernels.linux import calls\n"
    "with contextlib.suppress(PermissionError):\n"  # it may not anyway
    "    calls.enter_user_namespace(0)\n"
    "    open('/proc/sys/user/max_user_namespaces', 'w').write('0')\n"
    "    calls.drop_capabilities()\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@pytest.mark.matrix
@pytest.mark.parametrize("namespaces", [True, False], ids=["namespaces", "no namespaces"])
def test_all_of_it_as_an_ordinary_user(root: Path, namespaces: bool) -> None:
    """The tests of this folder once more; in the second tier alone where there are no others."""
    if os.geteuid() != 0:
        return  # all of the above was just that
    python = shutil.which("python3", path="/usr/bin")
    same = python and subprocess.run(
        [python, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True
    ).stdout.strip() == str(sys.version_info[:2])
    if not same or not shutil.which("setpriv") or not may_mount():
        pytest.skip("root, without setpriv, mounts or a Python of this version that others may run")
    as_user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if namespaces and subprocess.run([*as_user, "unshare", "--user", "true"]).returncode:
        pytest.skip("no user namespaces for ordinary users, as in a chroot")
    home = Path("/tmp") / f"kernels-as-user-{os.getpid()}"
    site = home / "env" / "lib" / f"python3.{sys.version_info[1]}" / "site-packages"
    try:
        subprocess.run([python, "-m", "venv", "--without-pip", home / "env"], check=True)
        places = [p for p in sys.path if p.endswith("site-packages")] + [str(root)]
        # Root's own folder may be closed to others, so they see these places elsewhere.
        seen = [f"{home}/{n}/{Path(place).name}" for n, place in enumerate(places)]
        mounts = [f"mount --bind '{a}' '{b}'" for a, b in zip(places, seen, strict=True)]
        (site / "paths.pth").write_text("\n".join(seen))
        for folder in ("home", *seen):
            (home / folder).mkdir(parents=True)
        subprocess.run(["chmod", "-R", "a+rwX", home], check=True)
        own_python = f"{home}/env/bin/python"
        before = [] if namespaces else [own_python, "-c", FORBIDDEN]
        chosen = [] if namespaces else ["-k", "second or not full"]
        done = subprocess.run(
            [
                *("unshare", "--mount", "sh", "-ec"),
                "\n".join([*mounts, f"cd '{seen[-1]}'", 'exec "$@"']),
                "sh",
                *as_user,
                *(*before, own_python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"),
                *(f"--basetemp={home}/tmp", "-m", "not matrix and not attacks", *chosen),
                "--ignore=tests/jailed_kernels/linux/test_cgroups.py",
                "tests/jailed_kernels",
            ],
            env={**os.environ, "HOME": f"{home}/home"},
            capture_output=True,
            text=True,
        )
    finally:
        shutil.rmtree(home)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " skipped" not in done.stdout.splitlines()[-1]


def may_mount() -> bool:
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
