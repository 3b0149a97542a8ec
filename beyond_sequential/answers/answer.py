"""From a notebook's variables to an `Answer`: what a student made, as plain data.

Whatever a student's object or function does, capture ends in data: a name that is missing, a
stub, an exception or an object of the wrong kind is a state of the answer, not a traceback.
"""

from __future__ import annotations

import hashlib
import json
import math
import numbers
import os
import traceback
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ..course.exercise import AskArrays, AskFunction, AskModel, AskValue, Exercise
from ..model.capture import CaptureError, capture_graph
from ..model.graph import ModelGraph, from_json, to_json
from ..model.spec import Spec
from .causes import cause

SCHEMA = 1
MAX_BYTES = 256 << 20  # of an answer with arrays; an Xception is 83 MB
MAX_PLAIN = 16 << 20  # of an answer without, and of the JSON in any; an Xception's is 0.2 MB

MAX_ITEMS = 100  # of a list, a dict or an array that answers a closed question
MAX_NESTED = 1000  # of those, in all lists of a nest together


class AnswerError(ValueError):
    """A file is not an answer that can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was handed in for one exercise.

    `values` maps each name asked for to {"state": ..., "cases": [...]}; state is "missing" (no
    such name), "stub" (the exercise's None or ...), or "captured".  A case is one of
    {"graph", "compile", "weights"}, {"value"}, {"arrays"}, {"stub"}, {"error"}, {"refused"}.
    """

    exercise: str
    values: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def cases(self, name: str) -> list[dict[str, Any]]:
        return list(self.values.get(name, {}).get("cases", ()))

    def graph(self, name: str, case: int = 0) -> ModelGraph | None:
        """The graph in one case of `name`; None if there is none.  Raises GraphError if forged."""
        cases = self.cases(name)
        if case >= len(cases) or "graph" not in cases[case]:
            return None
        return from_json(cases[case]["graph"])


@cache
def helper_version() -> str:
    """The version of this package: targets, answers and verdicts belong to one."""
    return metadata.version("beyond-sequential")


def _versions() -> dict[str, str]:
    import keras

    return {"schema": str(SCHEMA), "helper": helper_version(), "keras": keras.__version__}


def capture(exercise: Exercise, namespace: Mapping[str, Any]) -> Answer:
    """Look the exercise's names up and turn what they hold to data.  Never raises, never prints."""
    values: dict[str, Any] = {}
    arrays: dict[str, np.ndarray] = {}
    for ask in exercise.asks:
        if ask.name not in namespace:
            values[ask.name] = {"state": "missing"}
            continue
        found = namespace[ask.name]
        if _is_stub(found):
            values[ask.name] = {"state": "stub"}
            continue
        cases = _cases(ask, found, arrays)
        state = "stub" if all("stub" in case for case in cases) else "captured"
        values[ask.name] = {"state": state, "cases": cases}
    return Answer(exercise.id, values, arrays, _versions())


def _is_stub(value: Any) -> bool:
    return value is None or value is Ellipsis


def _cases(ask: Any, found: Any, arrays: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    if isinstance(ask, AskFunction):
        refused = _guarded(lambda: _no_function(ask, found))
        if refused:
            return [refused]
        return [
            _called(ask, found, specs, number, arrays) for number, specs in enumerate(ask.cases)
        ]
    if isinstance(ask, AskModel):
        return [_guarded(lambda: _model_case(found, ask, f"{ask.name}.0", arrays))]
    if isinstance(ask, AskArrays):
        return [_guarded(lambda: {"arrays": _array_tree(found)})]
    assert isinstance(ask, AskValue)
    return [_guarded(lambda: {"value": _value(found)})]


def _no_function(ask: AskFunction, found: Any) -> dict[str, Any]:
    """Why `found` can't be called here; empty if it can.

    A layer is a function of a tensor, but a model is no function that makes one.
    """
    import keras

    if callable(found) and (ask.tensor or not isinstance(found, keras.Layer)):
        return {}
    return {"refused": {"code": "not_a_function", "type": type(found).__name__}}


def _called(
    ask: AskFunction,
    function: Any,
    specs: tuple[Spec, ...],
    number: int,
    arrays: dict[str, np.ndarray],
) -> dict[str, Any]:
    def run() -> dict[str, Any]:
        import keras

        tensors = [keras.Input(spec.shape, dtype=spec.dtype, name=spec.name) for spec in specs]
        made = function(*tensors)
        if _is_stub(made):
            return {"stub": True}
        return _model_case(made, ask, f"{ask.name}.{number}", arrays, tensors or None)

    return _guarded(run)


def _model_case(
    made: Any,
    ask: AskModel | AskFunction,
    key: str,
    arrays: dict[str, np.ndarray],
    tensors: Any = None,
) -> dict[str, Any]:
    import keras

    graph, weights = capture_graph(made, inputs=tensors, specs=ask.inputs)
    if ask.tensor != (graph.kind == "Tensor"):
        code = "not_a_tensor" if ask.tensor else "not_a_model"
        return {
            "refused": {
                "code": code,
                "type": "KerasTensor" if graph.kind == "Tensor" else type(made).__name__,
            }
        }
    # The same number for two names: both hold one and the same object.
    case: dict[str, Any] = {"graph": to_json(graph), "identity": id(made)}
    if graph.kind != "Tensor":
        case["compile"] = compile_settings(made)
    if ask.weights:
        names = {}
        for id_, weight in weights.items():
            names[id_] = f"{key}.{id_}"
            arrays[names[id_]] = np.array(keras.ops.convert_to_numpy(weight))
        case["weights"] = names
    return case


def _guarded(run: Any) -> dict[str, Any]:
    """What `run` gives, or its exception as data with the student's line in it."""
    try:
        return run()
    except BaseException as error:  # SystemExit and KeyboardInterrupt are a student's too
        if isinstance(error, CaptureError):
            return {"refused": {"code": error.code, "type": _text(error)}}
        return {
            "error": {
                "type": type(error).__name__,
                "text": _text(error),
                **_line(error),
                "cause": cause(error),
            }
        }


def _text(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        return ""
    return lines[0][:300] if lines else ""


def _line(error: BaseException) -> dict[str, Any]:
    """The last line of the student's own code in the traceback, with its number in the cell."""
    here = str(Path(__file__).parent.parent)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        own = "site-packages" not in frame.filename and not frame.filename.startswith(here)
        if own and "lib/python" not in frame.filename and frame.line:
            return {"line": _short(frame.line), "number": frame.lineno}
    return {}


def _short(line: str, most: int = 90) -> str:
    line = line.strip()
    return line if len(line) <= most else line[: most - 1] + "…"


def _value(value: Any, depth: int = 0) -> Any:
    """A closed answer: numbers, texts, booleans and short nests of them."""
    if depth == 0 and next(islice(_nested(value), MAX_NESTED, None), None):
        raise CaptureError("not_a_value", type(value).__name__)
    if hasattr(value, "shape") and hasattr(value, "dtype") and np.size(value) <= MAX_ITEMS:
        array = np.asarray(value)
        value = array.item() if array.size == 1 else array.tolist()
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return value[:1000]
    if isinstance(value, (list, tuple)) and len(value) <= MAX_ITEMS and depth < 4:
        return [_value(item, depth + 1) for item in value]
    if isinstance(value, Mapping) and len(value) <= MAX_ITEMS and depth < 4:
        return {str(key): _value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, numbers.Real):
        return float(value)
    raise CaptureError("not_a_value", type(value).__name__)


def _nested(value: Any) -> Iterator[bool]:
    """A sign for each item of a nest: lists that hold a list many times have no end."""
    yield True
    items = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, (list, tuple, Mapping)):
        for item in items:
            yield from _nested(item)


def _array_tree(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {"dict": {str(key): _array_tree(item) for key, item in value.items()}}
    if isinstance(value, (list, tuple)) and any(hasattr(item, "shape") for item in value):
        return {"list": [_array_tree(item) for item in value]}
    array = np.asarray(value)
    if array.dtype == object:
        raise TypeError(f"{type(value).__name__} is not an array of numbers")
    return {
        "shape": list(array.shape),
        "dtype": str(array.dtype),
        "digest": array_digest(array),
        "zero": not array.any(),
    }


def array_digest(array: np.ndarray) -> str:
    """One text for the same numbers in the same shape, whatever their dtype."""
    numbers = np.ascontiguousarray(np.asarray(array, dtype="float64") + 0.0)
    return hashlib.sha256(repr(numbers.shape).encode() + numbers.tobytes()).hexdigest()[:16]


# --- how a model was compiled -------------------------------------------------------------------


def compile_settings(model: Any) -> dict[str, Any] | None:
    """Optimizer, loss, loss weights and metrics as plain data; None if it was not compiled."""
    import keras

    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or not getattr(model, "compiled", False):
        return None
    config = getattr(model, "_compile_config", None)
    arguments = dict(getattr(config, "config", {}) or {})
    return {
        "optimizer": {
            "kind": type(optimizer).__name__.lower(),
            "settings": _optimizer_settings(optimizer),
        },
        "steps": int(keras.ops.convert_to_numpy(optimizer.iterations)),
        "loss": _named(getattr(model, "loss", None)),
        "loss_weights": _named(arguments.get("loss_weights")),
        "metrics": _named(arguments.get("metrics")),
    }


def _optimizer_settings(optimizer: Any) -> dict[str, Any]:
    config = optimizer.get_config()
    return {
        key: value
        for key, value in config.items()
        if key != "name" and isinstance(value, (int, float, bool, str))
    }


def _named(value: Any) -> Any:
    """Losses and metrics by name, however they were given; their settings where there are any."""
    if isinstance(value, str):
        return value.lower() if value.isupper() or value.islower() else _snake(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _named(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_named(item) for item in value]
    if hasattr(value, "get_config"):
        config = {
            key: item
            for key, item in value.get_config().items()
            if key == "from_logits" or key == "label_smoothing"
        }
        return {"kind": _snake(type(value).__name__), **config}
    return getattr(value, "__name__", type(value).__name__)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


# --- the spool: answers as files ----------------------------------------------------------------


def save(answer: Answer, path: Path) -> None:
    """Write an answer, all or nothing: the file appears under its name when it is complete."""
    temporary = path.with_name(path.name + ".part")
    with zipfile.ZipFile(temporary, "w") as file:
        data = {
            "exercise": answer.exercise,
            "values": answer.values,
            "versions": dict(answer.versions),
        }
        file.writestr("answer.json", json.dumps(data, sort_keys=True))
        for name, array in answer.arrays.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    os.replace(temporary, path)


def most_bytes(exercise: Exercise) -> int:
    """How large an answer may be: arrays only where the exercise asks for them."""
    asks_arrays = any(getattr(ask, "weights", False) for ask in exercise.asks)
    return MAX_BYTES if asks_arrays else MAX_PLAIN


def load(path: Path, most: int = MAX_BYTES) -> Answer:
    """Read an answer that somebody may have forged.

    Raises AnswerError for what is not a plain file of at most `most` bytes, before and after
    unpacking, not a zip of JSON and arrays of numbers, or of another schema.
    """
    try:
        if path.is_symlink() or not path.is_file():
            raise AnswerError("not a plain file")
        _check_size(path.stat().st_size, most)
        with zipfile.ZipFile(path) as file:
            _check_size(sum(info.file_size for info in file.infolist()), most)
            _check_size(file.getinfo("answer.json").file_size, MAX_PLAIN)
            data = json.loads(file.read("answer.json"))
            arrays = {
                info.filename.removesuffix(".npy"): _read_array(file, info)
                for info in file.infolist()
                if info.filename.endswith(".npy")
            }
        if data["versions"].get("schema") != str(SCHEMA):
            raise AnswerError(f"answer schema {data['versions'].get('schema')!r}, not {SCHEMA}")
        if not isinstance(data["values"], dict) or not isinstance(data["exercise"], str):
            raise AnswerError("not an answer")
        return Answer(data["exercise"], data["values"], arrays, data["versions"])
    except AnswerError:
        raise
    except Exception as error:
        raise AnswerError(f"{type(error).__name__}: {_text(error)}") from error


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise AnswerError(f"larger than {most >> 20} MiB")


def _read_array(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    """Only numbers, and no more of them than there are bytes: a header may claim anything."""
    with file.open(info) as member:
        if np.lib.format.read_magic(member) != (1, 0):
            raise AnswerError("an array of an unknown format")
        shape, _order, dtype = np.lib.format.read_array_header_1_0(member, max_header_size=1000)
        if dtype.kind not in "biuf":
            raise AnswerError("an array of something else than numbers")
        if math.prod(shape) * dtype.itemsize > info.file_size:
            raise AnswerError("an array is cut off")
    with file.open(info) as member:
        return np.lib.format.read_array(member, allow_pickle=False, max_header_size=1000)
