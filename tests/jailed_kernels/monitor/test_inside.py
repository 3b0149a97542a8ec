"""What the jailed process starts with."""

from __future__ import annotations

import ast
import os

import pytest

from tests.helpers.jailed import Run


def test_the_environment_is_the_policys_and_the_jails(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIVATE", "value")
    found = ast.literal_eval(run("import os\nprint(dict(os.environ))").printed[0])
    assert "PRIVATE" not in found
    assert found["USER"] == found["LOGNAME"] == "user"
    assert found["MPLBACKEND"] == "agg"
    assert found["HOME"] == found["TMPDIR"]
    assert os.path.isabs(found["OUTBOX"])


def test_no_descriptor_of_the_zygotes_is_open(run: Run) -> None:
    ran = run(
        "import os\n"
        "links = [os.readlink(f'/proc/self/fd/{fd}') for fd in range(1024)\n"
        "         if os.path.lexists(f'/proc/self/fd/{fd}')]\n"
        "print([link for link in links if link.startswith('/') and link != '/dev/null'\n"
        "       and '/proc/' not in link])"
    )
    assert ran.printed == ["[]"]
