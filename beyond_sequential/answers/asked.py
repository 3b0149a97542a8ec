"""Whether an answer holds what its exercise asks for, and nothing else under its names."""

from __future__ import annotations

from collections.abc import Mapping

from ..course.exercise import Ask, AskArrays, AskFunction, AskModel, AskValue, Exercise
from ..model.graph import variables
from .answer import (
    Answer,
    AnswerError,
    ArraysCase,
    Case,
    ErrorCase,
    GraphCase,
    RefusedCase,
    StubCase,
    ValueCase,
)

KINDS: Mapping[type[Ask], type[Case]] = {
    AskArrays: ArraysCase,
    AskFunction: GraphCase,
    AskModel: GraphCase,
    AskValue: ValueCase,
}
"""What capture makes of what is asked for, if it makes no stub, error or refusal."""


def check_asked(answer: Answer, exercise: Exercise) -> None:
    """Raise AnswerError for cases that capture never makes of what the exercise asks for."""
    for ask in exercise.asks:
        cases = answer.cases(ask.name)
        for case in cases:
            _check_case(ask, case)
        wanted = len(ask.cases) if isinstance(ask, AskFunction) else 1
        if len(cases) not in (0, 1, wanted) or (
            len(cases) < wanted and any(isinstance(case, GraphCase) for case in cases)
        ):
            raise AnswerError(f"{ask.name} has {len(cases)} cases, not {wanted}")


def _check_case(ask: Ask, case: Case) -> None:
    if isinstance(case, (StubCase, ErrorCase, RefusedCase)):
        return
    if not isinstance(case, KINDS[type(ask)]):
        raise AnswerError(f"{ask.name} is handed in as {type(case).__name__}")
    if isinstance(ask, (AskModel, AskFunction)) and isinstance(case, GraphCase):
        if ask.weights and case.weights.keys() != variables(case.graph).keys():
            raise AnswerError(f"{ask.name} is handed in without its weights")
