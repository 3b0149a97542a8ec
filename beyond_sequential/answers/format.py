"""An `Answer` as JSON, in both directions.

    {"exercise": "...", "versions": {...}, "values": {name: {"state": ..., "cases": [case, ...]}}}

A case is one of {"graph", "identity", "compile", "weights", "held", "trained", "in_training"},
{"value"}, {"arrays"}, {"stub"}, {"error"} and {"refused"}.  Whatever is read is checked: types,
sizes, nesting, graphs, digests, and that the arrays are those of the graph.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

from ..model.graph import GraphError, ModelGraph, from_json, to_json, variables
from ..model.types import Json
from .answer import (
    REFUSALS,
    SCHEMA,
    Answer,
    AnswerError,
    ArrayFacts,
    ArraysCase,
    ArrayTree,
    Case,
    Cause,
    CompileSettings,
    ErrorCase,
    GraphCase,
    Named,
    RefusedCase,
    Spelling,
    StubCase,
    ValueCase,
)
from .causes import CAUSES
from .compiling import CHANGING

MAX_NESTING = 100  # lists and dicts in each other
MAX_TEXT = 2000  # characters
MAX_CASES = 100  # of a name
MAX_RANK = 100  # dimensions of an array
_DIGEST = re.compile(r"[0-9a-f]{16}")

Arrays = Mapping[str, np.ndarray]


def array_name(name: str, case: int, variable: str) -> str:
    """Return the name under which a file holds the array of a variable."""
    return f"{name}.{case}.{variable}"


# --- to JSON ------------------------------------------------------------------------------------


def answer_to_json(answer: Answer) -> dict[str, Json]:
    """Return plain data, ready for `json.dumps`; the arrays of weights are not in it."""
    return {
        "exercise": answer.exercise,
        "values": {name: _value_to_json(name, cases) for name, cases in answer.values.items()},
        "versions": dict(answer.versions),
    }


def _value_to_json(name: str, cases: tuple[Case, ...]) -> dict[str, Json]:
    stub = all(isinstance(case, StubCase) for case in cases)
    rows = [_case_to_json(name, number, case) for number, case in enumerate(cases)]
    return {"state": "stub" if stub else "captured", "cases": rows}


def _case_to_json(name: str, number: int, case: Case) -> dict[str, Json]:
    match case:
        case GraphCase():
            weights = {id_: array_name(name, number, id_) for id_ in case.weights}
            return {
                "graph": to_json(case.graph),
                "identity": case.identity,
                "compile": None if case.compiled is None else _compiled_to_json(case.compiled),
                "weights": weights,
                "held": dict(case.held),
                "trained": list(case.trained),
                "in_training": None if case.in_training is None else to_json(case.in_training),
            }
        case ValueCase():
            return {"value": case.value}
        case ArraysCase():
            return {"arrays": _arrays_to_json(case.tree)}
        case StubCase():
            return {"stub": True}
        case ErrorCase():
            cause = {"code": case.cause.code, **case.cause.detail} if case.cause else None
            row = {"type": case.type, "text": case.text, "line": case.line}
            return {"error": {**row, "number": case.number, "cause": cause}}
        case RefusedCase():
            return {"refused": {"code": case.code, "type": case.type}}


def _compiled_to_json(compiled: CompileSettings) -> dict[str, Json]:
    return {
        "optimizer": {"kind": compiled.optimizer, "settings": dict(compiled.optimizer_settings)},
        "steps": compiled.steps,
        "loss": _spelling_to_json(compiled.loss),
        "loss_weights": _spelling_to_json(compiled.loss_weights),
        "metrics": _spelling_to_json(compiled.metrics),
    }


def _spelling_to_json(value: Spelling) -> Json:
    if isinstance(value, Named):
        return {"kind": value.kind, **value.settings}
    if isinstance(value, dict):
        return {key: _spelling_to_json(item) for key, item in value.items()}
    return [_spelling_to_json(item) for item in value] if isinstance(value, list) else value


def _arrays_to_json(tree: ArrayTree) -> Json:
    if isinstance(tree, dict):
        return {"dict": {key: _arrays_to_json(item) for key, item in tree.items()}}
    if isinstance(tree, list):
        return {"list": [_arrays_to_json(item) for item in tree]}
    return {
        "shape": list(tree.shape),
        "dtype": tree.dtype,
        "digest": tree.digest,
        "zero": tree.zero,
    }


# --- from JSON ----------------------------------------------------------------------------------


def answer_from_json(data: Json, arrays: Arrays) -> Answer:
    """Read what `answer_to_json` returned, with the arrays of all weights by their names.

    Raises AnswerError for anything else, whoever wrote it.
    """
    _check_nesting(data)
    top = _dict(data, "the answer")
    found = {_text(k, "a version"): _text(v, "a version") for k, v in _items(top, "versions")}
    if found.get("schema") != str(SCHEMA):
        raise AnswerError(f"answer schema {found.get('schema')!r}, not {SCHEMA}")
    values = {
        name: cases
        for name, value in _items(top, "values")
        if (cases := _cases_from_json(name, value, arrays))
    }
    return Answer(_text(top.get("exercise"), "the exercise"), values, found)


def _check_nesting(data: Json) -> None:
    """Refuse what is nested deeper than Python functions can follow."""
    level = [data]
    for _depth in range(MAX_NESTING):
        level = [
            item
            for nest in level
            if isinstance(nest, (list, dict))
            for item in (nest.values() if isinstance(nest, dict) else nest)
        ]
        if not level:
            return
    raise AnswerError(f"nested more than {MAX_NESTING} deep")


def _cases_from_json(name: str, data: Json, arrays: Arrays) -> tuple[Case, ...]:
    value = _dict(data, "a value")
    if value.get("state") == "missing":
        return ()
    rows = _list(value.get("cases"), "the cases", MAX_CASES)
    cases = tuple(_case_from_json(row, arrays) for row in rows)
    stub = all(isinstance(case, StubCase) for case in cases)
    if not cases or value.get("state") != ("stub" if stub else "captured"):
        raise AnswerError(f"{name!r} is in no state that there is")
    return cases


def _case_from_json(data: Json, arrays: Arrays) -> Case:
    case = _dict(data, "a case")
    for key, read in _READERS.items():
        if key in case:
            return read(case, arrays)
    raise AnswerError("a case of no kind")


def _graph_case(case: Mapping[str, Json], arrays: Arrays) -> GraphCase:
    graph, in_training = _graph(case["graph"]), case.get("in_training")
    compiled = case.get("compile")
    return GraphCase(
        graph,
        _int(case.get("identity"), "an identity"),
        None if compiled is None else compiled_from_json(_dict(compiled, "compile settings")),
        _weights(graph, _dict(case.get("weights", {}), "the weights"), arrays),
        {
            id_: _int(number, "an identity")
            for id_, number in _dict(case.get("held", {}), "identities").items()
        },
        tuple(_int(n, "an identity") for n in _list(case.get("trained", []), "what is trained")),
        None if in_training is None else _graph(in_training),
    )


def _graph(data: Json) -> ModelGraph:
    try:
        return from_json(data)
    except GraphError as error:
        raise AnswerError(str(error)) from error


def _weights(graph: ModelGraph, names: Mapping[str, Json], arrays: Arrays) -> Arrays:
    """Return the array of each variable; none at all if none are handed in."""
    found = {}
    for id_, variable in variables(graph).items() if names else ():
        array = arrays.get(str(names.get(id_)))
        if array is None or array.shape != variable.shape:
            raise AnswerError(f"the weight {variable.name} of shape {variable.shape} is missing")
        found[id_] = array
    return found


def compiled_from_json(data: Mapping[str, Json]) -> CompileSettings:
    """Read the settings of a case.  Raises AnswerError for what they can't be."""
    optimizer = _dict(data.get("optimizer"), "an optimizer")
    settings = {k: _setting(v) for k, v in _items(optimizer, "settings")}
    return CompileSettings(
        _text(optimizer.get("kind"), "an optimizer"),
        {key: value for key, value in settings.items() if value is not None},
        _int(data.get("steps"), "a number of steps"),
        *(_spelling(data.get(key)) for key in ("loss", "loss_weights", "metrics")),
    )


def _spelling(data: Json) -> Spelling:
    if isinstance(data, list):
        return [_spelling(item) for item in data]
    if isinstance(data, dict):
        if not {"kind"} <= data.keys() <= {"kind", *CHANGING}:
            return {key: _spelling(item) for key, item in data.items()}
        settings = {key: _setting(item) for key, item in data.items() if key != "kind"}
        return Named(_text(data["kind"], "a loss or metric"), settings)
    return _setting(data)


def _setting(data: Json) -> bool | int | float | str | None:
    if data is None or isinstance(data, (bool, int, float)):
        return data
    return _text(data, "a setting")


def _arrays_from_json(data: Json) -> ArrayTree:
    tree = _dict(data, "arrays")
    if "dict" in tree:
        return {key: _arrays_from_json(item) for key, item in _items(tree, "dict")}
    if "list" in tree:
        return [_arrays_from_json(item) for item in _list(tree["list"], "arrays")]
    digest, zero = _text(tree.get("digest"), "a digest"), tree.get("zero")
    if not _DIGEST.fullmatch(digest) or not isinstance(zero, bool):
        raise AnswerError("an array of no digest")
    shape = tuple(_int(size, "a size") for size in _list(tree.get("shape"), "a shape", MAX_RANK))
    return ArrayFacts(shape, _text(tree.get("dtype"), "a dtype"), digest, zero)


def _error_case(case: Mapping[str, Json], _arrays: Arrays) -> ErrorCase:
    error = _dict(case["error"], "an error")
    number, cause = error.get("number"), error.get("cause")
    return ErrorCase(
        _text(error.get("type"), "an error"),
        _text(error.get("text"), "an error"),
        _text(error.get("line", ""), "an error"),
        None if number is None else _int(number, "a line"),
        _cause(_dict(cause, "a cause")) if cause else None,
    )


def _cause(data: Mapping[str, Json]) -> Cause:
    code = _text(data.get("code"), "a cause")
    if code not in CAUSES:
        raise AnswerError(f"an unknown cause {code!r}")
    detail = {key: item for key, item in data.items() if key != "code"}
    if not CAUSES[code].fits(detail):
        raise AnswerError(f"the cause {code!r} with other details than it has")
    return Cause(code, detail)


def _refused_case(case: Mapping[str, Json], _arrays: Arrays) -> RefusedCase:
    refused = _dict(case["refused"], "a refusal")
    code = _text(refused.get("code"), "a refusal")
    if code not in REFUSALS:
        raise AnswerError(f"an unknown refusal {code!r}")
    return RefusedCase(code, _text(refused.get("type"), "a type"))


_READERS: Mapping[str, Callable[[Mapping[str, Json], Arrays], Case]] = {
    "graph": _graph_case,
    "value": lambda case, _arrays: ValueCase(case["value"]),
    "arrays": lambda case, _arrays: ArraysCase(_arrays_from_json(case["arrays"])),
    "stub": lambda _case, _arrays: StubCase(),
    "error": _error_case,
    "refused": _refused_case,
}


# --- pieces of JSON -----------------------------------------------------------------------------


def _dict(data: Json, what: str) -> dict[str, Json]:
    if not isinstance(data, dict):
        raise AnswerError(f"{what} should be a dict, not {type(data).__name__}")
    return data


def _items(data: Mapping[str, Json], key: str) -> list[tuple[str, Json]]:
    return list(_dict(data.get(key), key).items())


def _list(data: Json, what: str, most: int = 10_000) -> list[Json]:
    if not isinstance(data, list) or len(data) > most:
        raise AnswerError(f"{what} should be a list of at most {most}")
    return data


def _text(data: Json, what: str) -> str:
    if not isinstance(data, str) or len(data) > MAX_TEXT:
        raise AnswerError(f"{what} should be a text of at most {MAX_TEXT} characters")
    return data


def _int(data: Json, what: str) -> int:
    if not isinstance(data, int) or isinstance(data, bool):
        raise AnswerError(f"{what} should be a whole number")
    return data
