"""What honest code needs of a kernel."""

from __future__ import annotations

from tests.helpers.jailed import Run


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
