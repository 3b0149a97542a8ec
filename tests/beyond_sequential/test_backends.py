"""The backends of Keras: which one is in use, and that `check` imports no second one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from beyond_sequential import backends

CHECK = """
import sys, keras
from keras import layers
from beyond_sequential import check
def build_twin():
    x = inputs = keras.Input((64,))
    for units, activation in ((32, "relu"), (32, "relu"), (10, "softmax")):
        x = layers.Dense(units, activation=activation)(x)
    return keras.Model(inputs, x)
print(keras.backend.backend())
earned = check("introduction-twin", points=3)
print(earned, "tensorflow" in sys.modules)
"""


def settings(folder: Path, content: str) -> dict[str, str]:
    """An environment whose keras.json has this content."""
    (folder / "keras.json").write_text(content, "utf-8")
    return {"KERAS_HOME": str(folder)}


def test_tensorflow_is_the_default(tmp_path: Path) -> None:
    assert backends.chosen({"KERAS_HOME": str(tmp_path)}).name == "tensorflow"


def test_the_variable_decides_before_the_file(tmp_path: Path) -> None:
    environment = settings(tmp_path, json.dumps({"backend": "jax"}))
    assert backends.chosen(environment).name == "jax"
    assert backends.chosen({**environment, "KERAS_BACKEND": "tensorflow"}).name == "tensorflow"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"backend": 3}', "\xff{"])
def test_a_file_without_a_backend_is_passed_over(content: str, tmp_path: Path) -> None:
    assert backends.chosen(settings(tmp_path, content)) is backends.DEFAULT


def test_an_unsupported_backend_is_named_with_those_that_are_supported() -> None:
    with pytest.raises(backends.UnknownBackend, match=r"'torch'.*tensorflow, jax"):
        backends.chosen({"KERAS_BACKEND": "torch"})


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    backends.prepare()
    assert (os.environ["TF_CPP_MIN_LOG_LEVEL"], os.environ["TF_ENABLE_ONEDNN_OPTS"]) == ("0", "0")


def run(backend: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, *_verdict, last = done.stdout.splitlines()
    return [first, last]


@pytest.mark.skipif(find_spec("jax") is None, reason="JAX is not installed; `make test-all` has it")
def test_a_check_on_jax_does_not_import_tensorflow() -> None:
    assert run("jax") == ["jax", "3 False"]
