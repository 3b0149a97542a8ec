"""What a student sends when a verdict is wrong, and what a maintainer reads of it."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from beyond_sequential import wrong_verdict
from beyond_sequential.answers.answer import Answer, AnswerError, ErrorCase, ValueCase
from beyond_sequential.answers.capture import capture, versions
from beyond_sequential.course.sections import exercise
from beyond_sequential.i18n import language
from beyond_sequential.judge import judge
from beyond_sequential.notebook import notebook
from beyond_sequential.wrong_verdict import (
    MEMBER,
    comparison,
    read_wrong_verdict,
    text_without_paths,
    write_wrong_verdict,
)

# In pieces: no file of the repository names a directory of a machine.
HOME = "/ho" + "me/ada lovelace"
WINDOWS = "C:\\Use" + "rs\\ada\\course"


def build_twin(hidden: str | None = "relu") -> keras.Model:
    inputs = keras.Input((64,))
    x = layers.Dense(32, activation="relu")(inputs)
    x = layers.Dense(32, activation=hidden)(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def answer_of(id_: str, **namespace: object) -> Answer:
    return capture(exercise(id_), namespace)


def written(answer: Answer, folder: Path) -> Path:
    return write_wrong_verdict(answer, judge(exercise(answer.exercise), answer), folder)


def changed(path: Path, **verdict: object) -> Path:
    """Return a copy of a file whose verdict says something else."""
    copy = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for info in old.infolist():
            body = old.read(info)
            if info.filename == MEMBER:
                data = json.loads(body)
                body = json.dumps({**data, "verdict": {**data["verdict"], **verdict}}).encode()
            new.writestr(info.filename, body)
    return copy


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(notebook, "_checked", {})


ANSWERS = {
    "a difference": lambda: answer_of("introduction-twin", build_twin=lambda: build_twin(None)),
    "an error": lambda: answer_of("introduction-twin", build_twin=lambda: open("/no/such/file")),
    "a stub": lambda: answer_of("introduction-twin", build_twin=None),
    "nothing": lambda: answer_of("introduction-twin"),
    "a number": lambda: answer_of("introduction-count", parameters=7),
    "weights": lambda: answer_of(
        "introduction-weights", twin=build_twin(), sequential_model=build_twin()
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_file_is_judged_as_it_was(name: str, tmp_path: Path) -> None:
    answer = ANSWERS[name]()
    path = written(answer, tmp_path)
    assert path.name == f"wrong-verdict-{answer.exercise}.zip"
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    words, same = comparison(read_wrong_verdict(path))
    assert same and "reproduced: the verdict is the same" in words, words
    for part in (answer.exercise, f"keras {keras.__version__}", f"python {sys.version.split()[0]}"):
        assert part in words


def test_weights_are_in_the_file(tmp_path: Path) -> None:
    answer = ANSWERS["weights"]()
    found = read_wrong_verdict(written(answer, tmp_path)).answer
    (before,), (after,) = answer.cases("twin"), found.cases("twin")
    assert before.weights and set(before.weights) == set(after.weights)
    for id_, array in before.weights.items():
        np.testing.assert_array_equal(array, after.weights[id_])


@pytest.mark.parametrize(
    "verdict", [{"outcome": "right"}, {"fraction": 1.0}, {"findings": []}, {"marks": []}]
)
def test_another_verdict_is_not_reproduced(verdict: dict[str, object], tmp_path: Path) -> None:
    path = changed(written(ANSWERS["a difference"](), tmp_path), **verdict)
    words, same = comparison(read_wrong_verdict(path))
    assert not same and f"not reproduced: other {next(iter(verdict))}" in words


def test_an_answer_of_another_version_is_judged_without_that_note(tmp_path: Path) -> None:
    answer = ANSWERS["a difference"]()
    path = written(answer, tmp_path)
    older = replace(answer, versions={**answer.versions, "helper": "0.0.1"})
    write_wrong_verdict(older, judge(exercise(answer.exercise), answer), tmp_path)
    assert comparison(read_wrong_verdict(path))[1]


# --- no paths -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"No such file: '{HOME}/course/x.csv'", "No such file: '…/x.csv'"),
        (f'No such file: "{HOME}/x.csv"', 'No such file: "…/x.csv"'),
        ("in /mnt/ada/course/x.csv, line 3", "in …/x.csv, line 3"),
        (f"No such file: '{WINDOWS}\\x.csv'", "No such file: '…/x.csv'"),
        (f"at {WINDOWS}\\x.csv", "at …/x.csv"),
        (f"No such file: {(WINDOWS + chr(92) + 'x.csv')!r}", "No such file: '…/x.csv'"),
        ("open('~/ada/x.csv')", "open('…/x.csv')"),
        ("/mnt/ada/", "…/"),
        (f"{HOME}/my course/x.csv", "…/x.csv"),
        ("/ x / 2", "/ x / 2"),
        ("a and/or b, 1/2, x / y / z", "a and/or b, 1/2, x / y / z"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("`dense/kernel` reads `a/b/c`", "`dense/kernel` reads `a/b/c`"),
        ("split[', '] / 2", "split[', '] / 2"),
        ("", ""),
    ],
)
def test_a_text_without_paths(text: str, expected: str) -> None:
    assert text_without_paths(text) == expected
    assert text_without_paths(expected) == expected


def test_directories_of_this_machine_are_taken_out_without_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, work = tmp_path / "ada lovelace", tmp_path / "ada lovelace" / "my course"
    work.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(work)
    for text in (f"lost {work}/x.csv at 3", f"lost {home}/x.csv at 3", f"lost {home} at 3"):
        assert "ada" not in text_without_paths(text) and "my course" not in text_without_paths(text)


def test_no_path_and_no_name_is_in_a_file(tmp_path: Path) -> None:
    path = f"{HOME}/course/x.csv"
    error = ErrorCase("FileNotFoundError", f"No such file: '{path}'", f'open("{path}")', 2)
    twin = Answer("introduction-twin", {"build_twin": (error,)}, versions())
    count = Answer(
        "introduction-count", {"parameters": (ValueCase([path, {path: 1}]),)}, versions()
    )
    for answer in (twin, count):
        file = written(answer, tmp_path)
        with zipfile.ZipFile(file) as members:
            text = "".join(
                members.read(name).decode("unicode_escape") for name in members.namelist()
            )
        assert "x.csv" in text
        for private in ("lovelace", "course/", str(Path.home()), str(tmp_path)):
            assert private not in text, private
        assert comparison(read_wrong_verdict(file))[1]


# --- files of somebody else -----------------------------------------------------------------------


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    path = written(ANSWERS["a number"](), tmp_path)
    with zipfile.ZipFile(path) as file:
        answer = file.read("answer.json")
    bodies = {
        "no verdict": {"answer.json": answer},
        "no JSON": {"answer.json": answer, MEMBER: b"{"},
        "a list": {"answer.json": answer, MEMBER: b"[]"},
        "another schema": {"answer.json": answer, MEMBER: b'{"schema": 2}'},
        "no versions": {"answer.json": answer, MEMBER: b'{"schema": 1, "verdict": {}}'},
        "too deep": {"answer.json": answer, MEMBER: b"[" * 100_000},
        "no answer": {MEMBER: b"{}"},
        "no exercise": {"answer.json": answer.replace(b"introduction-count", b"nothing")},
    }
    for name, members in bodies.items():
        other = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(other, "w") as file:
            for member, body in members.items():
                file.writestr(member, body)
        with pytest.raises(AnswerError):
            read_wrong_verdict(other)
    (tmp_path / "text.zip").write_text("no zip")
    for missing in ("text.zip", "missing.zip"):
        with pytest.raises(AnswerError):
            read_wrong_verdict(tmp_path / missing)


def test_a_large_verdict_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(ANSWERS["a number"](), tmp_path)
    monkeypatch.setattr(wrong_verdict, "MAX_PLAIN", 100)
    with pytest.raises(AnswerError, match=MEMBER):
        read_wrong_verdict(path)


def test_a_verdict_of_any_shape_is_not_reproduced_and_prints_no_controls(tmp_path: Path) -> None:
    path = written(ANSWERS["a difference"](), tmp_path)
    for findings in (3, None, [3], [{"code": "\x1b[2J"}], [{}]):
        other = changed(path, findings=findings, outcome="\x1b]0;title\x07")
        words, same = comparison(read_wrong_verdict(other))
        assert not same and "\x1b" not in words and "\x07" not in words


# --- the command line and the notebook ------------------------------------------------------------


def test_the_command_says_whether_it_is_reproduced(tmp_path: Path) -> None:
    path = written(ANSWERS["a difference"](), tmp_path)
    other = changed(path, outcome="right")
    expected = {path: 0, other: 1, tmp_path / "missing.zip": 2}
    for file, status in expected.items():
        command = [sys.executable, "-m", "beyond_sequential", "report", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        assert ("reproduced" in done.stdout) == (status < 2)
        assert "Traceback" not in done.stderr


def check(monkeypatch: pytest.MonkeyPatch, id_: str, **namespace: object) -> None:
    monkeypatch.setattr(notebook, "_namespace", lambda: namespace)
    notebook.check(id_, points=3)


def test_report_writes_what_was_checked_last(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check(monkeypatch, "introduction-count", parameters=1)
    check(monkeypatch, "introduction-count", parameters=2)
    check(monkeypatch, "introduction-twin", build_twin=None)
    capsys.readouterr()
    notebook.report("introduction-count")
    name = "wrong-verdict-introduction-count.zip"
    assert name in capsys.readouterr().out
    (case,) = read_wrong_verdict(tmp_path / name).answer.cases("parameters")
    assert case == ValueCase(2)


def test_report_before_a_check_says_so_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.report("introduction-count")
    assert "check first" in capsys.readouterr().out
    language("zh")
    try:
        notebook.report("introduction-count")
    finally:
        language("en")
    assert "check" in (said := capsys.readouterr().out) and "先" in said
    assert not list(tmp_path.iterdir())


def test_while_a_class_is_graded_report_does_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setenv(notebook.SPOOL, str(spool))
    check(monkeypatch, "introduction-count", parameters=1)
    notebook.report("introduction-count")
    assert [path.name for path in tmp_path.iterdir()] == ["spool"]
    assert capsys.readouterr().out == ""
