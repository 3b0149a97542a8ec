"""One zygote for each policy: started when it is needed, replaced, shared, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import jailed_kernels as kernels
from jailed_kernels import NoJail, Policy
from jailed_kernels.monitor import processes
from jailed_kernels.policy import to_json
from tests.helpers.jailed import wait_for


def test_a_service_reads_what_it_is_given_and_writes_nothing(
    policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "sesame")
    (tmp_path / "letter").write_text("world")
    shared = {"INBOX": str(tmp_path)}
    said, done = kernels.call(policy, "echo", "hello", shared, 20)
    assert (said, done.code, done.limit) == (b"hello world None", 0, None)
    said, done = kernels.call(policy, "write", None, shared, 20)
    assert done.code and "Error" in done.log
    assert (tmp_path / "letter").read_text() == "world"


def test_an_idle_zygote_that_has_ended_is_replaced(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("again")
    process = kernels.start(policy).process
    assert process is not None
    process.kill()
    said, _ = kernels.call(policy, "echo", "", {"INBOX": str(tmp_path)}, 20)
    assert said == b" again None"


def test_all_ends_with_a_grader_that_is_killed(policy: Policy, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "import jailed_kernels as kernels\n"
        "from jailed_kernels import policy\n"
        "wanted = policy.from_json(sys.argv[1])\n"
        "print(kernels.start(wanted).process.pid, flush=True)\n"
        "kernels.call(wanted, 'spin', None, {'INBOX': sys.argv[2]}, 60)\n"
    )
    arguments = [sys.executable, "-c", code, to_json(policy), str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        zygote = int(grader.stdout.readline())
        assert wait_for(lambda: len(processes.descendants(zygote)) > 1)
        below = processes.descendants(zygote)
        grader.kill()
    assert wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in (zygote, *below)))


SHARER = """
import sys
import jailed_kernels as kernels
from jailed_kernels import policy
wanted = policy.from_json(sys.argv[1])
kernels.start(wanted)
for line in sys.stdin:
    said, done = kernels.call(wanted, line.strip(), "", {"INBOX": sys.argv[2]}, 60)
    zygote = kernels.start(wanted).process
    print(said.decode(), zygote and "its own", flush=True)
"""


def test_processes_that_are_started_share_one_zygote(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("read")
    wanted = replace(policy, environment=(*policy.environment, ("ONE", "more")))
    command = [sys.executable, "-c", SHARER, to_json(wanted), str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}

    def ask(sharer: subprocess.Popen[str], service: str) -> str:
        assert sharer.stdin and sharer.stdout
        sharer.stdin.write(f"{service}\n")
        return sharer.stdout.readline().strip()

    before = set(processes.descendants(os.getpid()))
    with kernels.shared(wanted):
        folder = Path(os.environ["JAILED_KERNELS_ZYGOTES"])
        (zygote,) = set(processes.descendants(os.getpid())) - before
        with (
            subprocess.Popen(command, **pipes) as one,
            subprocess.Popen(command, **pipes) as two,
            subprocess.Popen(command, **pipes) as spinning,
        ):
            assert ask(one, "echo") == ask(two, "echo") == "read None None"
            assert spinning.stdin
            spinning.stdin.write("spin\n")
            assert wait_for(lambda: len(processes.descendants(zygote)) > 1)
            spinning.kill()  # what it had started ends with it, and the others go on
            assert wait_for(lambda: not processes.descendants(zygote))
            assert ask(one, "echo") == "read None None"
            os.kill(zygote, signal.SIGKILL)
            assert ask(two, "echo") == "read None its own"
            for sharer in (one, two):
                assert sharer.stdin
                sharer.stdin.close()
    assert not folder.exists()


def test_without_a_jail_only_trust_helps() -> None:
    hopeless = Policy(tiers=(), cold="nothing is needed")
    with pytest.raises(NoJail, match="no jail holds"):
        kernels.tier(hopeless, trust=False)
    report = kernels.tier(hopeless, trust=True)
    assert report.tier == kernels.NO_JAIL
    assert "without a jail" in kernels.summary(report)
