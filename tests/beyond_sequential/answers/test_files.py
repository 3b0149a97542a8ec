"""Whatever a file holds becomes an answer or an error."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile

import numpy as np
import pytest

from beyond_sequential.answers.answer import AnswerError, ValueCase
from beyond_sequential.answers.files import MAX_BYTES, MAX_PLAIN, load, most_bytes, save
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import AskModel, AskValue, Exercise
from beyond_sequential.model.graph import parameter_count
from tests.helpers.handing_in import answer, keras, layers

VALUE = Exercise("own-value", (AskValue("it"),), ())
MODEL = Exercise("own-model", (AskModel("it"),), ())
WEIGHTS = Exercise("own-weights", (AskModel("it", weights=True),), ())


def model():
    x = keras.Input((4,))
    return keras.Model(x, layers.Dense(2)(x))


def test_only_answers_with_weights_may_be_large():
    assert (most_bytes(WEIGHTS), most_bytes(MODEL), most_bytes(VALUE)) == (
        MAX_BYTES,
        MAX_PLAIN,
        MAX_PLAIN,
    )
    assert most_bytes(sections.exercise("introduction-training")) == MAX_BYTES


def test_an_answer_survives_its_file(tmp_path):
    net = model()
    made = answer(WEIGHTS, it=net)
    save(made, tmp_path / "a.answer")
    again = load(tmp_path / "a.answer")
    assert again.exercise == "own-weights" and again.versions == made.versions
    assert parameter_count(again.graph("it")) == 10
    assert again.graph("it") == made.graph("it")
    found = again.cases("it")[0].weights.values()
    assert all((a == b).all() for a, b in zip(found, net.get_weights(), strict=True))
    assert os.listdir(tmp_path) == ["a.answer"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0, "\ud800", 10**400, "\0"])
def test_odd_values_survive_their_file(tmp_path, value):
    save(answer(VALUE, it=value), tmp_path / "a.answer")
    assert repr(load(tmp_path / "a.answer").cases("it")) == repr((ValueCase(value),))


def test_a_settings_object_of_the_students_survives_its_file(tmp_path):
    def odd(x):
        return x

    x = keras.Input((4,))
    net = keras.Model(x, layers.Dense(2, activation=odd, name="größe")(x))
    save(answer(MODEL, it=net), tmp_path / "a.answer")
    assert load(tmp_path / "a.answer").graph("it").calls


def good(tmp_path):
    path = tmp_path / "good.answer"
    save(answer(WEIGHTS, it=model()), path)
    return path


def rewritten(tmp_path, change):
    """The good file with its parts changed: {name: bytes} in, the same out."""
    path = good(tmp_path)
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


def with_json(**changes):
    def change(parts):
        parts["answer.json"] = json.dumps({**json.loads(parts["answer.json"]), **changes})

    return change


def without_json(*keys):
    def change(parts):
        data = json.loads(parts["answer.json"])
        parts["answer.json"] = json.dumps({k: v for k, v in data.items() if k not in keys})

    return change


class Touch:
    """Unpickling it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


HEADER = b"\x93NUMPY\x01\x00"


def huge_header(parts):
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }"
    head = head.ljust(117) + b"\n"
    parts["it.0.weight0.npy"] = HEADER + len(head).to_bytes(2, "little") + head


FORGED = {
    "no answer.json": lambda parts: parts.pop("answer.json"),
    "answer.json is no JSON": lambda parts: parts.update({"answer.json": b"{"}),
    "answer.json is a list": lambda parts: parts.update({"answer.json": b"[]"}),
    "answer.json is bottomless": lambda p: p.update({"answer.json": b"[" * 10**6 + b"]" * 10**6}),
    "answer.json is not UTF-8": lambda parts: parts.update({"answer.json": b'{"a": "\xff"}'}),
    "another schema": with_json(versions={"schema": "999"}),
    "no versions": without_json("versions"),
    "versions are a list": with_json(versions=["1"]),
    "values are a list": with_json(values=[1]),
    "no values": without_json("values"),
    "no exercise": without_json("exercise"),
    "the exercise is a number": with_json(exercise=3),
    "an array is truncated": lambda p: p.update({"it.0.weight0.npy": p["it.0.weight0.npy"][:-1]}),
    "an array is no array": lambda parts: parts.update({"it.0.weight0.npy": b"hello"}),
    "an array larger than memory": huge_header,
    "a header without an end": lambda p: p.update({"it.0.weight0.npy": HEADER + b"\xff\xff"}),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED.keys())
def test_a_forged_file_is_an_answer_error(tmp_path, change):
    with pytest.raises(AnswerError):
        load(rewritten(tmp_path, change))


def test_a_pickle_in_an_array_is_not_opened(tmp_path):
    trap = np.array([Touch(tmp_path / "owned")], dtype=object)
    path = rewritten(tmp_path, lambda p: p.update({"it.0.weight0.npy": npy(trap)}))
    with pytest.raises(AnswerError):
        load(path)
    assert not (tmp_path / "owned").exists()


def test_a_pickle_as_a_file_is_not_opened(tmp_path):
    path = tmp_path / "a.answer"
    path.write_bytes(pickle.dumps(Touch(tmp_path / "owned")))
    with pytest.raises(AnswerError):
        load(path)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(tmp_path, share):
    path = good(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(AnswerError):
        load(path)


def test_a_flipped_bit(tmp_path):
    path = good(tmp_path)
    content = bytearray(path.read_bytes())
    content[content.index(b"float32") + 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(AnswerError):
        load(path)


def test_a_symlink(tmp_path):
    link = tmp_path / "link.answer"
    link.symlink_to(good(tmp_path))
    with pytest.raises(AnswerError, match="plain file"):
        load(link)


def test_a_folder_a_pipe_and_nothing(tmp_path):
    os.mkfifo(tmp_path / "pipe.answer")
    for path in (tmp_path, tmp_path / "pipe.answer", tmp_path / "nothing.answer"):
        with pytest.raises(AnswerError, match="plain file"):
            load(path)


def test_a_bomb(tmp_path):
    """400 MB of zeros in 400 KB."""
    path = tmp_path / "a.answer"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open("zeros.npy", "w", force_zip64=True) as member:
            for _ in range(400):
                member.write(bytes(1 << 20))
    with pytest.raises(AnswerError, match="MiB"):
        load(path)


def test_a_path_out_of_the_zip_goes_nowhere(tmp_path):
    before = set(os.listdir(tmp_path.parent))
    load(rewritten(tmp_path, lambda p: p.update({"../outside.npy": npy(np.zeros(3))})))
    assert set(os.listdir(tmp_path.parent)) == before


def test_a_forged_graph_in_a_good_file(tmp_path):
    values = {"it": {"state": "captured", "cases": [{"graph": {"schema": 1}}]}}
    with pytest.raises(AnswerError, match="model graph"):
        load(rewritten(tmp_path, with_json(values=values)))


def test_a_save_that_fails_leaves_no_answer(tmp_path, monkeypatch):
    """The judge must never meet half a file."""
    path = good(tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr(np.lib.format, "write_array", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save(answer(WEIGHTS, it=model()), path)
    assert path.read_bytes() == before
    with pytest.raises(ZeroDivisionError):
        save(answer(WEIGHTS, it=model()), tmp_path / "new.answer")
    assert not (tmp_path / "new.answer").exists()
