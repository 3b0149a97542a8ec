"""Answers as files: a zip of `answer.json` and one `.npy` file for each weight.

`save` and `load` are the two directions; `format` has those of the JSON.  A file may be forged:
`load` checks all of it, so that what it returns is as well-formed as what `capture` makes.
"""

from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..course.exercise import AskFunction, AskModel, Exercise
from .answer import Answer, AnswerError, GraphCase
from .asked import check_asked
from .format import answer_from_json, answer_to_json, array_name

MAX_BYTES = 256 << 20  # of an answer with arrays; an Xception is 83 MB
MAX_PLAIN = 16 << 20  # of an answer without, and of the JSON in any; an Xception's is 0.2 MB
MAX_HEADER = 1000  # bytes, of an array's header
_JSON = "answer.json"
_ARRAY = ".npy"


def most_bytes(exercise: Exercise) -> int:
    """Return how large an answer may be: arrays only where the exercise asks for them."""
    models = [ask for ask in exercise.asks if isinstance(ask, (AskModel, AskFunction))]
    return MAX_BYTES if any(ask.weights for ask in models) else MAX_PLAIN


def save(answer: Answer, path: Path) -> None:
    """Write an answer, all or nothing: the file appears under its name when it is complete."""
    temporary = path.with_name(path.name + ".part")
    with zipfile.ZipFile(temporary, "w") as file:
        file.writestr(_JSON, json.dumps(answer_to_json(answer), sort_keys=True))
        for name, array in arrays_of(answer):
            with file.open(name + _ARRAY, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    os.replace(temporary, path)


def arrays_of(answer: Answer) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the array of each weight, with the name that a file has it under."""
    for name, cases in answer.values.items():
        for number, case in enumerate(cases):
            if isinstance(case, GraphCase):
                for id_, array in case.weights.items():
                    yield array_name(name, number, id_), array


def load(path: Path, exercise: Exercise | None = None) -> Answer:
    """Read an answer that somebody may have forged, to this exercise or to any.

    Raises AnswerError for what is not a plain file, too large before or after unpacking, not a zip
    of JSON and arrays of numbers, of another schema, or anything else than what `save` writes.
    """
    most = MAX_BYTES if exercise is None else most_bytes(exercise)
    try:
        if path.is_symlink() or not path.is_file():
            raise AnswerError("not a plain file")
        _check_size(path.stat().st_size, most)
        with zipfile.ZipFile(path) as file:
            _check_size(sum(info.file_size for info in file.infolist()), most)
            _check_size(file.getinfo(_JSON).file_size, MAX_PLAIN)
            data = json.loads(file.read(_JSON))
            arrays = {
                info.filename.removesuffix(_ARRAY): _read_array(file, info)
                for info in file.infolist()
                if info.filename.endswith(_ARRAY)
            }
        answer = answer_from_json(data, arrays)
        if exercise is not None and exercise.id == answer.exercise:
            check_asked(answer, exercise)
        return answer
    except AnswerError:
        raise
    except Exception as error:
        lines = str(error).strip().splitlines()
        text = f"{type(error).__name__}: {lines[0] if lines else ''}"
        raise AnswerError(text[:300]) from error


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise AnswerError(f"larger than {most >> 20} MiB")


def _read_array(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    """Read only numbers, and no more of them than there are bytes: a header may claim anything."""
    with file.open(info) as member:
        if np.lib.format.read_magic(member) != (1, 0):
            raise AnswerError("an array of an unknown format")
        shape, _order, dtype = np.lib.format.read_array_header_1_0(
            member, max_header_size=MAX_HEADER
        )
        if dtype.kind not in "biuf":
            raise AnswerError("an array of something else than numbers")
        if math.prod(shape) * dtype.itemsize > info.file_size:
            raise AnswerError("an array is cut off")
    with file.open(info) as member:
        return np.lib.format.read_array(member, allow_pickle=False, max_header_size=MAX_HEADER)
