"""What code in a kernel can't do, in either tier."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.helpers.jailed import Run, attempt

NEIGHBOUR = "the neighbour's notebook"


def test_files_of_others_can_be_neither_read_nor_written(
    run: Run, tmp_path: Path, root: Path
) -> None:
    neighbour = tmp_path / "neighbour"
    neighbour.write_text(NEIGHBOUR)
    paths = [
        *(neighbour, root / "README.md", root / "solutions", Path.home(), "/etc/passwd"),
        *("/proc/1/environ", f"/proc/{os.getpid()}/environ", f"/proc/{os.getpid()}/mem"),
    ]
    ran = run(
        attempt(
            *(
                f"os.listdir({str(p)!r}) if os.path.isdir({str(p)!r}) else open({str(p)!r}).read()"
                for p in paths
            )
        ),
        attempt(
            f"open({str(neighbour)!r}, 'w')",
            f"os.truncate({str(neighbour)!r}, 0)",
            f"os.unlink({str(neighbour)!r})",
            f"os.rename({str(neighbour)!r}, 'here')",
            f"os.link({str(neighbour)!r}, 'here')",
            f"os.mkdir({str(tmp_path / 'new')!r})",
            f"open({sys.prefix + '/new'!r}, 'w')",
            "open('/usr/new', 'w')",
        ),
        f"os.chmod({str(neighbour)!r}, 0)" if os.access(neighbour, os.R_OK) else "",
    )
    for cell in ran.printed[:2]:
        assert set(cell.split()) <= {"PermissionError", "FileNotFoundError", "OSError"}, cell
    assert neighbour.read_text() == NEIGHBOUR
    assert neighbour.stat().st_mode & 0o400
    assert not (tmp_path / "new").exists()


def test_nothing_of_the_graders_environment_is_there(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "sesame")
    ran = run("import os\nprint(os.environ)\nprint(open('/proc/self/environ').read())")
    assert "SECRET" not in ran.printed[0] and "sesame" not in ran.printed[0]


def test_there_is_no_way_out(run: Run) -> None:
    me = os.getpid()
    ran = run(
        attempt(
            "socket.socket(socket.AF_INET)",
            "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
            "socket.socket(40)",
            "socket.socket(socket.AF_UNIX)",
            "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
            "socket.create_connection(('127.0.0.1', 22))",
            f"os.kill({me}, signal.SIGKILL)",
            "os.kill(os.getppid(), signal.SIGKILL) if os.getppid() > 1 else 1 / 0",
            "os.kill(-1, signal.SIGKILL); 1 / 0",  # says that it worked, whatever it did
            f"os.sched_setaffinity({me}, {{0}}); 1 / 0",
        ),
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "calls = [libc.unshare(0x10000000), libc.setns(0, 0), libc.chroot(b'/tmp'),\n"
        "         libc.mount(b'none', b'/tmp', b'tmpfs', 0, 0), libc.syscall(425, 1, 0),\n"
        f"         libc.syscall(101, 16, {me}, 0, 0), libc.syscall(310, {me}, 0, 0, 0, 0, 0)]\n"
        "print(calls)",
    )
    assert "done" not in ran.printed[0], ran.printed[0]
    assert ran.printed[1] == str([-1] * 7)
    assert ran.done is None or ran.done.limit is None
    assert run("print(1)").printed == ["1"], "the zygote lives"
