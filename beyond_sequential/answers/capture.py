"""From a notebook's variables to an `Answer`.

Whatever a student's object or function does, capture ends in data: a name that is absent, a stub,
an exception or an object of the wrong kind is a case of the answer, not a traceback.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..course.exercise import Ask, AskArrays, AskFunction, AskModel, AskValue, Exercise
from ..model.capture import CaptureError, capture_graph, capture_in_training
from ..model.graph import variables
from ..model.spec import Argument, Spec
from .answer import (
    SCHEMA,
    Answer,
    ArraysCase,
    Case,
    ErrorCase,
    GraphCase,
    RefusedCase,
    StubCase,
    ValueCase,
    helper_version,
)
from .causes import cause
from .compiling import compile_settings, trained_variables
from .source import assigned_none, cell_error, gives_none
from .values import array_tree, plain_value

MAX_TEXT = 300  # characters of an exception's text
MAX_NAME = 200  # characters of a type's name
MAX_LINE = 90  # characters of a line of code


def capture(exercise: Exercise, namespace: Mapping[str, object]) -> Answer:
    """Return what the names of an exercise hold, as data.  Never raises, never prints."""
    numbers = Numbers()
    values = {
        ask.name: cases for ask in exercise.asks if (cases := _named_cases(ask, namespace, numbers))
    }
    return Answer(exercise.id, values, versions())


def versions() -> dict[str, str]:
    """Return the versions that an answer belongs to."""
    import keras

    return {"schema": str(SCHEMA), "helper": helper_version(), "keras": keras.__version__}


def _is_stub(value: object) -> bool:
    return value is None or value is Ellipsis


class Numbers:
    """Numbers for live objects: the same number for the same object.

    It keeps them alive, so that no object gets the identity of one that is gone.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, object]] = {}

    def of(self, thing: object) -> int:
        """Return the number of an object."""
        return self._known.setdefault(id(thing), (len(self._known), thing))[0]


def _named_cases(ask: Ask, namespace: Mapping[str, object], numbers: Numbers) -> tuple[Case, ...]:
    """Return the cases of a name; none where the notebook has no such name, and no cell made it."""
    found = namespace.get(ask.name)
    if isinstance(ask, AskModel) and ask.given:
        case = None if _is_stub(found) else _guarded(lambda: _one_case(ask, found, numbers))
        return (case,) if isinstance(case, GraphCase) else ()
    if not _is_stub(found):
        return _cases(ask, found, numbers)
    error = cell_error(ask.name, namespace)
    if error is not None:
        return (_error_case(error),)
    if ask.name not in namespace:
        return ()
    return (assigned_none(ask.name, namespace) or StubCase(),)


def _cases(ask: Ask, found: object, numbers: Numbers) -> tuple[Case, ...]:
    if isinstance(ask, AskFunction):
        if refused := _guarded(lambda: _no_function(ask, found)):
            return (refused,)
        return tuple(_called(ask, found, case, numbers) for case in ask.cases)
    return (_guarded(lambda: _one_case(ask, found, numbers)),)


def _one_case(ask: AskModel | AskValue | AskArrays, found: object, numbers: Numbers) -> Case:
    if isinstance(ask, AskModel):
        return _model_case(found, ask, numbers)
    if isinstance(ask, AskArrays):
        return ArraysCase(array_tree(found))
    return ValueCase(plain_value(found))


def _no_function(ask: AskFunction, found: object) -> RefusedCase | None:
    """Return why `found` can't be called; None if it can.

    A layer is a function of a tensor, but a model is no function that makes one.
    """
    import keras

    if callable(found) and (ask.tensor or not isinstance(found, keras.Layer)):
        return None
    return _refused("not_a_function", type(found).__name__)


def _refused(code: str, type_name: str) -> RefusedCase:
    return RefusedCase(code, type_name[:MAX_NAME])


def _called(
    ask: AskFunction, function: Any, given: Sequence[Spec | Argument], numbers: Numbers
) -> Case:
    def run() -> Case:
        import keras

        args: list[object] = []
        kwargs: dict[str, object] = {}
        tensors = []
        for item in given:
            if isinstance(item, Spec):
                tensors.append(keras.Input(item.shape, dtype=item.dtype, name=item.name))
                args.append(tensors[-1])
            elif item.keyword:
                kwargs[item.keyword] = item.value
            else:
                args.append(item.value)
        made = function(*args, **kwargs)
        if _is_stub(made):
            return gives_none(function) or StubCase()
        return _model_case(made, ask, numbers, tensors or None)

    return _guarded(run)


def _model_case(
    made: object,
    ask: AskModel | AskFunction,
    numbers: Numbers,
    tensors: Sequence[object] | None = None,
) -> Case:
    import keras

    try:
        graph, arrays = capture_graph(made, inputs=tensors, specs=ask.inputs)
    except CaptureError as error:
        if error.code == "not_a_model" and ask.tensor:
            return _refused("not_a_tensor", str(error))
        raise
    is_tensor = graph.kind == "Tensor"
    if ask.tensor != is_tensor:
        name = "KerasTensor" if is_tensor else type(made).__name__
        return _refused("not_a_tensor" if ask.tensor else "not_a_model", name)
    weights = {}
    if ask.weights:
        for id_ in variables(graph):  # copies: training goes on
            weights[id_] = np.array(keras.ops.convert_to_numpy(arrays[id_]))
    return GraphCase(
        graph,
        numbers.of(made),
        None if is_tensor else compile_settings(made),
        weights,
        {id_: numbers.of(weight) for id_, weight in arrays.items()},
        tuple(map(numbers.of, trained_variables(made))),
        capture_in_training(graph, made, tensors, ask.inputs),
    )


def _guarded(run: Callable[[], Case | None]) -> Any:
    """Return what `run` does, or its exception as data with the student's line in it."""
    try:
        return run()
    except CaptureError as error:
        return _refused(error.code, _text(error))
    except BaseException as error:  # SystemExit and KeyboardInterrupt are a student's too
        return _error_case(error)


def _error_case(error: BaseException) -> ErrorCase:
    name = type(error).__name__[:MAX_NAME]
    if isinstance(error, SyntaxError):  # the line stands in it; there is no traceback
        line = _short(error.text or "")
        return ErrorCase(name, str(error.msg)[:MAX_TEXT], line, error.lineno)
    return ErrorCase(name, _text(error), *_line(error), cause(error))


def _text(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        return ""
    return lines[0][:MAX_TEXT] if lines else ""


def _line(error: BaseException) -> tuple[str, int | None]:
    """Return the last line of the student's own code in the traceback, and its number."""
    ours = str(Path(__file__).parent.parent)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        own = "site-packages" not in frame.filename and not frame.filename.startswith(ours)
        if own and "lib/python" not in frame.filename and frame.line:
            return _short(frame.line), frame.lineno
    return "", None


def _short(line: str) -> str:
    line = line.strip()
    return line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…"
