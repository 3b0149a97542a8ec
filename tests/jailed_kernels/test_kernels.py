"""Kernels that start warm and run in a jail: from outside, by what code in them can do.

Every test runs in both tiers of the jail.  Where a machine has not got one, that test says so.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

import jailed_kernels as kernels
from jailed_kernels import (
    FULL,
    MB,
    SECOND,
    Limits,
    NoJail,
    Policy,
    Service,
    client,
    jail,
    processes,
)
from jailed_kernels.client import Done
from jailed_kernels.policy import to_json
from jailed_kernels.provisioner import JailedKernelManager, JailedProvisioner, require_ipykernel

TIGHT = Limits(
    memory=500 * MB,
    cpu=2,
    wall=60,
    processes=80,
    file=20 * MB,
    disk=40 * MB,
    output=2 * MB,
)
# A service that only a test would want.
SERVICE = """
import os
def echo(data, shared, say):
    text = open(shared["INBOX"] + "/letter").read()
    say(f"{data} {text} {os.environ.get('SECRET')}".encode())
def write(data, shared, say):
    open(shared["INBOX"] + "/letter", "w")
def spin(data, shared, say):
    while True:
        pass
"""
NEIGHBOUR = "the neighbour's notebook"


@dataclass(frozen=True)
class Ran:
    """What a notebook's cells printed or raised, and how its kernel ended."""

    printed: list[str]
    done: Done | None
    outbox: Path


Run = Callable[..., Ran]


def started(policy: Policy) -> Policy:
    """The policy, with its zygote running; a skip that says why where there can be none."""
    try:
        kernels.zygote(policy)
    except NoJail as error:
        pytest.skip(f"this machine has not got the tier {policy.tiers[0]}: {error}")
    return policy


@pytest.fixture(scope="module", params=[FULL, SECOND])
def policy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    modules = tmp_path_factory.mktemp("modules")
    modules.chmod(0o755)
    (modules / "served").mkdir(mode=0o755)
    (modules / "served" / "__init__.py").write_text(SERVICE)
    wanted = Policy(
        preload=("served", "numpy"),
        tiers=(request.param,),
        limits=TIGHT,
        services=tuple(
            (name, Service(f"served:{name}", replace(TIGHT, cpu=2)))
            for name in ("echo", "write", "spin")
        ),
        environment=(("PYTHONPATH", str(modules)), ("MPLBACKEND", "agg")),
    )
    yield started(wanted)
    kernels.stop(wanted)


@pytest.fixture
def run(policy: Policy, tmp_path: Path) -> Run:
    """Runs cells in a kernel that may write to an outbox, next to a neighbour's directory."""
    work, outbox = tmp_path / "work", tmp_path / "outbox"
    work.mkdir()
    outbox.mkdir()
    (work / "helper.py").write_text("ANSWER = 42\n")
    (tmp_path / "neighbour").write_text(NEIGHBOUR)

    def in_kernel(*cells: str, timeout: int = 30) -> Ran:
        nb = new_notebook(cells=[new_code_cell(source) for source in cells])
        client = NotebookClient(
            nb, allow_errors=True, timeout=timeout, resources={"metadata": {"path": str(work)}}
        )
        client.km = JailedKernelManager(policy=policy, shared={"OUTBOX": str(outbox)})
        client.owns_km = True
        with client.setup_kernel():
            provisioner = client.km.provisioner
            assert isinstance(provisioner, JailedProvisioner)
            try:
                for index, cell in enumerate(nb.cells):
                    client.execute_cell(cell, index)
            except (DeadKernelError, CellTimeoutError):
                pass
            if provisioner.process is None:
                done = provisioner.done
            else:
                provisioner.process.wait(0.5)
                done = provisioner.process.done
        return Ran([printed(cell) for cell in nb.cells], done, outbox)

    return in_kernel


def printed(cell: dict) -> str:
    words = [
        output.get("text") or output.get("evalue") or output.get("data", {}).get("text/plain", "")
        for output in cell["outputs"]
    ]
    return "".join(words).strip()


def attempt(*statements: str) -> str:
    """A cell that prints, for each statement, what it raised, or "done"."""
    lines = ["import ctypes, os, signal, socket, subprocess, sys"]
    for statement in statements:
        lines += [
            "try:",
            f"    {statement}",
            "except BaseException as error:",
            "    print(type(error).__name__)",
            "else:",
            "    print('done')",
        ]
    return "\n".join(lines)


# ---- what honest code needs


def test_honest_code_runs(run: Run) -> None:
    ran = run(
        "import helper, os\nopen('new.txt', 'w').write('x')\nprint(helper.ANSWER)",
        "!echo out; echo err >&2\nprint(_exit_code)",
        "names = !ls *.txt\nprint(names)",
        "import subprocess, sys\n"
        "print(subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True).stdout)",
        "import threading, tempfile, numpy, shutil\n"
        "file = tempfile.NamedTemporaryFile()\n"
        "shutil.copy('helper.py', 'copy.py')\n"
        "thread = threading.Thread(target=print, args=('thread',)); thread.start(); thread.join()",
        "open(os.environ['OUTBOX'] + '/letter', 'w').write('answer'); print(os.getcwd())",
        "import asyncio\nawait asyncio.sleep(0)\nprint(sum(numpy.ones(3)))",
    )
    assert ran.printed[:5] == [
        "42",
        "out\nerr\n0",
        "['new.txt']",
        "b'42\\n'",
        "thread",
    ]
    assert ran.printed[6] == "3.0"
    assert (ran.outbox / "letter").read_text() == "answer"
    assert not (ran.outbox.parent / "work" / "new.txt").exists(), "it works on a copy"


def test_forks_have_their_own_randomness(run: Run) -> None:
    cell = "import numpy, random\nprint(numpy.random.rand(), random.random())"
    assert run(cell).printed != run(cell).printed


def test_an_interrupt_reaches_the_cell_and_the_kernel_lives(run: Run) -> None:
    ran = run("x = 1\nwhile True:\n    pass", "print('still here', x)", timeout=1)
    assert ran.printed[1:] in (["still here 1"], [""])  # nbclient may stop at the time-out
    assert ran.done is None or ran.done.limit is None


# ---- what nothing may


def test_files_of_others_can_be_neither_read_nor_written(
    run: Run, tmp_path: Path, root: Path
) -> None:
    neighbour = tmp_path / "neighbour"
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


def test_a_process_does_not_outlive_its_kernel(run: Run, policy: Policy) -> None:
    daemon = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(1000)\n"
        "    os._exit(0)\n"
    )
    run(daemon)
    assert wait_for(lambda: not processes.descendants(kernels.zygote(policy).process.pid))


# ---- limits

GREEDY = {
    # Not so much that the address space has an end before a busy machine's monitor looks.
    "memory": "data = [bytearray(10_000_000) for _ in range(60)]\nimport time; time.sleep(5)",
    "cpu": "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True:\n    pass",
    "processes": (
        "import threading, time\n"
        "for _ in range(100):\n    threading.Thread(target=time.sleep, args=(9,)).start()\n"
        "time.sleep(9)"
    ),
    "output": "for _ in range(100):\n    print('x' * 100_000)\nimport time; time.sleep(9)",
}


@pytest.mark.parametrize("limit", GREEDY)
def test_a_limit_ends_the_kernel_and_is_named(run: Run, limit: str) -> None:
    ran = run("print('before')", GREEDY[limit], "print('after')")
    assert ran.printed[0] == "before" and ran.printed[2] == ""
    assert ran.done is not None and ran.done.limit == limit, ran.done


def test_memory_of_several_processes_counts_together(run: Run) -> None:
    ran = run(
        "import os, time\n"
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        data = bytearray(os.urandom(1000) * 150_000); time.sleep(9); os._exit(0)\n"
        "time.sleep(9)"
    )
    assert ran.done is not None and ran.done.limit == "memory"


def test_a_process_may_call_itself_what_it_likes(run: Run) -> None:
    named = r"__import__('ctypes').CDLL(None).prctl(15, b'\xff) \xfe 1 2', 0, 0, 0)"
    ran = run(f"import time; named = {named}; time.sleep(0.5)", "print(named)")
    assert ran.printed == ["", "0"]


def test_a_monitor_that_fails_says_so_and_leaves_nothing(policy: Policy, tmp_path: Path) -> None:
    connection = client.connect(policy, "spin")
    connection.send({"data": None, "shared": {"INBOX": str(tmp_path)}})
    connection.send({"nonsense": True})
    connection.wait(20)
    assert connection.done is not None
    assert "the monitor failed" in connection.done.log and "KeyError" in connection.done.log
    assert wait_for(lambda: not processes.descendants(kernels.zygote(policy).process.pid))


def test_the_disk_can_not_be_filled(run: Run) -> None:
    fill = (
        "import os, time\n"
        "for number in range(12):\n"
        "    open(os.environ['PLACE'] + f'/{number}', 'wb').write(bytes(10_000_000))\n"
        "time.sleep(3)"
    )
    ran = run(fill.replace("PLACE", "HOME"))
    assert "No space left" in ran.printed[0] or (ran.done and ran.done.limit == "disk")
    ran = run(fill.replace("PLACE", "OUTBOX"))
    assert ran.done is not None and ran.done.limit == "disk"


def test_one_file_has_a_limit(run: Run) -> None:
    ran = run("open('big', 'wb').write(bytes(25_000_000))")
    assert "File too large" in ran.printed[0]


def test_a_kernel_that_dies_says_how(run: Run) -> None:
    ran = run("import os\nos.kill(os.getpid(), 11)")
    assert ran.done is not None and (ran.done.code, ran.done.limit) == (139, None)


# ---- services


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


def test_a_service_has_limits_of_its_own(policy: Policy, tmp_path: Path) -> None:
    said, done = kernels.call(policy, "spin", None, {"INBOX": str(tmp_path)}, 30)
    assert (said, done.limit) == (b"", "cpu")


# ---- the zygote


@pytest.mark.parametrize(
    ("tier", "layer"), [(tier, layer) for tier in (FULL, SECOND) for layer in jail.LAYERS[tier]]
)
def test_a_missing_layer_is_found_by_the_self_test(tier: str, layer: str) -> None:
    whole = Policy(tiers=(tier,), cold="nothing is needed")
    report = kernels.zygote(started(whole)).report
    kernels.stop(whole)
    lacking = replace(whole, without=(layer,))
    if layer == "user" and report.own_user:  # there is no other uid to take
        assert kernels.zygote(lacking).report == report
        kernels.stop(lacking)
        return
    with pytest.raises(NoJail) as error:
        kernels.zygote(lacking)
    wrong = [line for line in str(error.value).splitlines()[1:] if not line.endswith("holds")]
    assert any(f"{tier}: {layer}:" in line or f"{tier}: start:" in line for line in wrong)


@pytest.mark.parametrize("tier", [FULL, SECOND])
def test_an_attack_comes_off_where_its_layer_is_left_out(tier: str, root: Path) -> None:
    whole = Policy(tiers=(tier,), cold="nothing is needed")
    own_user = kernels.zygote(started(whole)).report.own_user
    kernels.stop(whole)
    done = subprocess.run(
        [sys.executable, root / "tests" / "attacks" / "layers.py", tier], stdout=subprocess.PIPE
    )
    found = json.loads(done.stdout)
    assert set(jail.LAYERS[tier]) - set(found) == ({"user"} if own_user else set())
    assert {in_whole for in_whole, _without in found.values()} == {"contained"}, found
    assert "contained" not in {without for _in_whole, without in found.values()}, found
    # Without these the jail can't be built; of all others an attack must have shown the use.
    unbuilt = {layer for layer, (_, without) in found.items() if without == "no start"}
    assert unbuilt <= {"processes", "files", "user", "capabilities"}, found


def test_a_library_that_starts_a_thread_makes_kernels_cold_not_wrong(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "threaded.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    )
    wanted = Policy(preload=("threaded",), environment=(("PYTHONPATH", str(tmp_path)),))
    report = kernels.zygote(started(wanted)).report
    kernels.stop(wanted)
    assert not report.warm
    assert "threaded starts threads when it is imported" in kernels.words(report)


def test_an_idle_zygote_that_has_ended_is_replaced(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("again")
    kernels.zygote(policy).process.kill()
    said, _ = kernels.call(policy, "echo", "", {"INBOX": str(tmp_path)}, 20)
    assert said == b" again None"


def test_all_ends_with_a_grader_that_is_killed(policy: Policy, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "import jailed_kernels as kernels\n"
        "from jailed_kernels import policy\n"
        "wanted = policy.from_json(sys.argv[1])\n"
        "print(kernels.zygote(wanted).process.pid, flush=True)\n"
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
kernels.zygote(wanted)
for line in sys.stdin:
    said, done = kernels.call(wanted, line.strip(), "", {"INBOX": sys.argv[2]}, 60)
    zygote = kernels.zygote(wanted).process
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
        folder = Path(os.environ["GRADER_KERNELS_ZYGOTES"])
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
    assert "without a jail" in kernels.words(report)


@pytest.mark.parametrize("argv", [["ir", "-f", "x"], ["/other/python", "-m", "ipykernel_launcher"]])
def test_other_kernels_are_refused(argv: list[str]) -> None:
    from jupyter_client.kernelspec import KernelSpec

    with pytest.raises(RuntimeError, match="only that can be jailed"):
        require_ipykernel(KernelSpec(argv=argv, display_name="Other"))


def test_limits_come_from_settings_or_are_refused() -> None:
    assert kernels.limits({"memory": 5}) == Limits(memory=5)
    for wrong in ({"memori": 5}, {"cpu": 0}, {"cpu": "much"}):
        with pytest.raises(ValueError):
            kernels.limits(wrong)


def test_a_course_on_the_path_is_not_readable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("/course")
    assert not any(path.startswith("/course") for path in jail.readable_paths([]))


# ---- who grades


# Runs a command where this user may not make user namespaces, as on many machines.
FORBIDDEN = (
    "import contextlib, os, sys\n"
    "from jailed_kernels import linux\n"
    "with contextlib.suppress(PermissionError):\n"  # it may not anyway
    "    linux.enter_user_namespace(0)\n"
    "    open('/proc/sys/user/max_user_namespaces', 'w').write('0')\n"
    "    linux.drop_capabilities()\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@pytest.mark.matrix
@pytest.mark.parametrize("namespaces", [True, False], ids=["namespaces", "no namespaces"])
def test_all_of_it_as_an_ordinary_user(root: Path, namespaces: bool) -> None:
    """This file once more, by a user who is not root; in the second tier alone, if need be."""
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
                *(f"--basetemp={home}/tmp", "-m", "not matrix", *chosen),
                "tests/jailed_kernels/test_kernels.py",
            ],
            env={**os.environ, "HOME": f"{home}/home"},
            capture_output=True,
            text=True,
        )
    finally:
        shutil.rmtree(home)
    assert done.returncode == 0, done.stdout[-3000:]
    assert " skipped" not in done.stdout.splitlines()[-1]


# ---- in the long run


@pytest.mark.matrix
def test_three_hundred_kernels_leave_nothing_behind(run: Run, policy: Policy) -> None:
    run("1")
    before = left_behind(policy)
    memory = processes.anonymous(kernels.zygote(policy).process.pid)
    for number in range(300):
        cell = "import os\nos.fork() or os.pause()" if number % 10 == 9 else "open('x', 'w')"
        run(cell if number % 7 else "import os\nos.abort()")
    assert wait_for(lambda: no_more(left_behind(policy), before)), (before, left_behind(policy))
    grown = processes.anonymous(kernels.zygote(policy).process.pid) - memory
    assert grown < 1 * MB, grown


def no_more(now: dict[str, int], before: dict[str, int]) -> bool:
    return all(now[what] <= count for what, count in before.items())


def may_mount() -> bool:
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0


def left_behind(policy: Policy) -> dict[str, int]:
    """What kernels could leave: processes, mounts, files, open files of the zygote."""
    zygote = kernels.zygote(policy).process.pid
    return {
        "processes": len(processes.descendants(zygote)),
        "mounts": Path("/proc/self/mountinfo").read_text().count("/kernel-"),
        "files": len(list(Path("/tmp").glob("kernel-*"))),
        "open": len(os.listdir(f"/proc/{os.getpid()}/fd")),
    }


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False
