"""A student's first minutes on a new machine: import, check an exercise, draw, hint, report.

    python tests/platforms/student.py

Needs what a student installs and no more; workflows run it where there is no jail and no make, and
`make wheel` with the wheel.  It works in a directory of its own, so that the installed package is
what is tested.

Tests: tests/platforms/test_student.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

NAME = "wrong-verdict-introduction-twin.zip"


def work() -> None:
    """Solve an exercise wrongly, then rightly.  Raises AssertionError if a verdict is not so."""
    import keras
    from keras import layers

    from beyond_sequential import check, data, draw, hint, report
    from beyond_sequential.notebook import notebook

    def twin(hidden: str | None) -> keras.Model:
        inputs = keras.Input((64,))
        x = layers.Dense(32, activation="relu")(inputs)
        x = layers.Dense(32, activation=hidden)(x)
        return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))

    # Outside a notebook, `check` reads the script's names; they may not be those of a module.
    answers: dict[str, object] = {"build_twin": lambda: twin(None)}
    notebook._namespace = lambda: answers
    assert data("introduction")["x"].shape == (1000, 64)
    assert check("introduction-twin", points=3) == 2.25
    hint("introduction-twin")
    assert "<svg" in draw(twin(None))._repr_html_()
    report("introduction-twin")
    answers["build_twin"] = lambda: twin("relu")
    assert check("introduction-twin", points=3) == 3


def main() -> None:
    """Work in an empty directory, then judge the written report from the command line."""
    sys.path[:] = [path for path in sys.path if path != str(Path(__file__).resolve().parent)]
    start = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            work()
            command = [sys.executable, "-m", "beyond_sequential", "report", NAME]
            subprocess.run(command, check=True)
        finally:
            os.chdir(start)


if __name__ == "__main__":
    main()
