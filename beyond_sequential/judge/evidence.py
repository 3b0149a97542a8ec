"""What the judges of an exercise's parts are given, and what is computed once for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ..answers.answer import Answer, Case, GraphCase
from ..course import sections
from ..model.graph import ModelGraph
from . import evaluate
from .targets import Target

PUBLIC_SEED = 20_07  # the holdout that students measure themselves on

_C = TypeVar("_C", bound=Case)
Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Evidence:
    """An answer to `exercise` (its id), the target, and the seed that draws the holdouts."""

    exercise: str
    answer: Answer
    target: Target
    seed: int = PUBLIC_SEED
    _holdouts: dict[str, Arrays] = field(default_factory=dict)
    _predictions: dict[tuple[str, str, tuple[str, ...]], list[np.ndarray]] = field(
        default_factory=dict
    )

    def holdout(self, section: str) -> Arrays:
        """Return the section's holdout for the seed: arrays of shape (samples, ...) by name."""
        if section not in self._holdouts:
            self._holdouts[section] = dict(sections.section(section).holdout(self.seed))
        return self._holdouts[section]

    def inputs(self, section: str) -> dict[str, np.ndarray]:
        """Return the arrays of the holdout that a model reads, in the section's order."""
        arrays = self.holdout(section)
        return {key: array for key, array in arrays.items() if not key.startswith("y")}

    def case(self, name: str, kind: type[_C]) -> _C:
        """Return the only case of a name, which the exercise asks for as this kind.

        Raises TypeError for a part that is about something else than what its name asks for.
        """
        case = self.answer.cases(name)[0]
        if not isinstance(case, kind):
            raise TypeError(f"{name} is handed in as {type(case).__name__}, not {kind.__name__}")
        return case

    def graph(self, name: str) -> ModelGraph:
        """Return the graph of the model handed in as `name`."""
        return self.case(name, GraphCase).graph

    def predictions(
        self, name: str, section: str, exchanged: tuple[str, ...] = ()
    ) -> list[np.ndarray]:
        """Return what the model `name` predicts for the section's holdout, one array an output.

        The model is run once, however often this is asked; `exchanged` names two inputs, each of
        which gets the other's array.  Raises EvaluateError if the model can't be run.
        """
        key = (name, section, exchanged)
        if key not in self._predictions:
            inputs = self.inputs(section)
            if exchanged:
                first, second = exchanged
                inputs[first], inputs[second] = inputs[second], inputs[first]
            case = self.case(name, GraphCase)
            self._predictions[key] = evaluate.predict(case.graph, case.weights, inputs)
        return self._predictions[key]
