"""A class that is interrupted, spread over machines, or kept in another database: nothing is lost.

Minutes long: `make test-all` runs it.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from grader.classes import job, table
from grader.course import course
from tests.helpers import killed_runs, mini_course
from tests.helpers.mini_course import NAME, copied

pytestmark = pytest.mark.matrix
CLASS = 12
KILLS = 10
SECONDS = 8.0  # a run takes that long


@pytest.fixture(scope="module")
def handed_in(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class without kernels whose notebooks take a quarter of a second."""
    folder = copied(released, tmp_path_factory.mktemp("class") / "course")
    killed_runs.hand_in(folder, CLASS)
    return folder


@pytest.fixture(scope="module")
def undisturbed(handed_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copied(handed_in, tmp_path_factory.mktemp("undisturbed") / "course")
    subprocess.run(mini_course.command(folder, "--workers", "1"), check=True, capture_output=True)
    return folder


def test_killed_at_any_moment_it_goes_on(
    handed_in: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """One class, killed over and over: the coordinator, a worker, all, or with Ctrl-C."""
    folder = copied(handed_in, tmp_path / "course")
    chance = random.Random(KILLS)
    killed = [killed_runs.run_and_kill(folder, chance, SECONDS) for _run in range(KILLS)]
    assert len(list(filter(None, killed))) > KILLS / 2
    last = subprocess.run(mini_course.command(folder), capture_output=True, text=True, check=False)
    assert last.returncode == 0, last.stdout + last.stderr
    assert killed_runs.state(folder) == killed_runs.state(undisturbed)


def test_impatient_ctrl_c_leaves_one_line(handed_in: Path, tmp_path: Path) -> None:
    """A terminal sends it to every process of the run."""
    folder = copied(handed_in, tmp_path / "course")
    command = mini_course.command(folder, "--workers", "2")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        while not list(job.store(folder, NAME).glob("done/*")):
            assert run.poll() is None
            time.sleep(0.05)
        for _time in range(3):
            os.killpg(run.pid, signal.SIGINT)
            time.sleep(0.3)
        out, output = run.communicate(timeout=120)
    assert (run.returncode, out) == (130, "")
    assert output == "grader: interrupted; what is done is kept, run it again to go on\n"


def test_a_full_disk_is_said_and_nothing_is_half_done(handed_in: Path, tmp_path: Path) -> None:
    """Files may be no larger than a notebook: each write fails as on a full disk."""
    folder = copied(handed_in, tmp_path / "course")
    command = " ".join(mini_course.command(folder, "--workers", "1"))
    done = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; ulimit -f 1; exec {command}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert not (folder / "autograded").exists()
    assert (
        subprocess.run(mini_course.command(folder), check=False, capture_output=True).returncode
        == 0
    )
    assert {row.state for row in table.read_rows(folder, NAME)} == {"graded"}


# ---- machines


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def namespaces(count: int) -> Iterator[tuple[str, list[list[str]]]]:
    """Network namespaces on a bridge: the address of this machine there, and for each of them the
    words that run a command in it."""
    ip, name = shutil.which("ip"), f"gr{os.getpid() % 100_000}"
    if not ip or os.getuid():
        pytest.skip("namespaces take the command ip, and root")

    def run(words: str) -> None:
        subprocess.run([ip, *words.split()], check=True, capture_output=True)

    hosts = [f"{name}h{number}" for number in range(count)]
    with ExitStack() as stack:
        try:
            run(f"link add {name} type bridge")
            stack.callback(run, f"link del {name}")
            run(f"addr add 10.231.7.1/24 dev {name}")
            run(f"link set {name} up")
            for number, host in enumerate(hosts):
                run(f"netns add {host}")
                stack.callback(run, f"netns del {host}")
                run(f"link add {host} type veth peer name eth0 netns {host}")
                run(f"link set {host} master {name} up")
                run(f"-n {host} addr add 10.231.7.{10 + number}/24 dev eth0")
                run(f"-n {host} link set eth0 up")
                run(f"-n {host} link set lo up")
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network namespaces folder: {error.stderr.decode().strip()}")
        yield "10.231.7.1", [[ip, "netns", "exec", host] for host in hosts]


@contextmanager
def loopback(count: int) -> Iterator[tuple[str, list[list[str]]]]:
    """The same without any walls."""
    yield "127.0.0.1", [[] for _host in range(count)]


@pytest.fixture(params=[loopback, namespaces])
def cluster(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """A scheduler and two workers, started by hand on hosts of their own: address and workers."""
    dask = [sys.executable, "-m", "dask"]
    with request.param(2) as (folder, hosts):
        port = free_port()
        address = f"tcp://{folder}:{port}"
        options = ["--host", folder, "--port", str(port), "--no-dashboard"]
        started = [subprocess.Popen([*dask, "scheduler", *options], cwd=tmp_path)]
        for number, host in enumerate(hosts):
            room = ["--local-directory", str(tmp_path / f"host{number}"), "--no-nanny"]
            command = [*host, *dask, "worker", address, "--nthreads", "1", *room]
            started.append(subprocess.Popen(command, cwd=tmp_path))
        yield address, started[1:]
        for process in started:
            process.kill()
            process.wait()


def test_two_workers_started_by_hand_and_one_dies(
    cluster: tuple[str, list[subprocess.Popen]],
    handed_in: Path,
    undisturbed: Path,
    tmp_path: Path,
) -> None:
    address, workers = cluster
    folder = copied(handed_in, tmp_path / "course")
    command = mini_course.command(folder, "--scheduler", address)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        until = time.monotonic() + 120
        while len(list((job.store(folder, NAME)).glob("done/*"))) < 2:
            assert time.monotonic() < until and run.poll() is None
            time.sleep(0.05)
        workers[0].kill()
        output, _nothing = run.communicate(timeout=240)
    assert run.returncode == 0, output
    assert killed_runs.state(folder) == killed_runs.state(undisturbed)


# ---- PostgreSQL


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    """The address of a database of the test's own, in Debian's PostgreSQL."""
    found = shutil.which("pg_ctl") or max(
        map(str, Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")), default=None
    )
    if not found:
        pytest.skip("no PostgreSQL on this machine: install Debian's package postgresql")
    # PostgreSQL refuses to run as root.
    tmp_path.chmod(0o755)
    data = Path(tempfile.gettempdir(), f"postgres-{os.getpid()}")
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []

    def pg(*arguments: str) -> None:
        done = subprocess.run(
            [*as_user, found, *arguments], capture_output=True, text=True, cwd="/", check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    port = free_port()
    pg("initdb", "-D", str(data), "-o", "--auth=trust --username=grader --encoding=UTF8")
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1"
    pg("start", "-w", "-D", str(data), "-o", options, "-l", str(data / "log"))
    yield f"postgresql+pg8000://grader@127.0.0.1:{port}/postgres"
    pg("stop", "-m", "immediate", "-D", str(data))
    shutil.rmtree(data, ignore_errors=True)


def test_a_gradebook_in_postgresql(
    postgres: str, handed_in: Path, undisturbed: Path, tmp_path: Path
) -> None:
    folder = copied(handed_in, tmp_path / "course")
    (folder / "gradebook.db").unlink()
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {postgres!r}\n")
        config.write("c.CourseDirectory.course_id = 'course'\n")
    list(course.nbgrader(folder, "generate_assignment", NAME, "--force"))
    for _again in range(2):
        done = subprocess.run(
            mini_course.command(folder), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert not (folder / "gradebook.db").exists()
    assert f"(0 of the submissions now, {CLASS} had not changed)" in done.stdout
    assert killed_runs.state(folder) == killed_runs.state(undisturbed)
