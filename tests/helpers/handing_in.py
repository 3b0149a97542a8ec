"""Handing in an exercise the way a student's kernel and the judge do, without a notebook.

    verdict = hand_in("introduction-twin", build_twin=build_twin)
    said(verdict)  # what the student reads

`asking` makes an exercise of a test's own, on a model that no section contains.
"""

from __future__ import annotations

import importlib
from typing import Any

from beyond_sequential.answers.answer import Answer
from beyond_sequential.answers.capture import capture
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import AskFunction, Exercise, SameGraph
from beyond_sequential.feedback.sentences import sentence
from beyond_sequential.feedback.text import verdict_text
from beyond_sequential.findings.finding import Finding
from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.judge import judge
from beyond_sequential.judge.targets import target_of
from beyond_sequential.model.spec import Spec


class _Later:
    """A module that is imported at its first use: collecting tests does not wait for Keras."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


keras, layers, ops = _Later("keras"), _Later("keras.layers"), _Later("keras.ops")


def answer(exercise: Exercise | str, **names: Any) -> Answer:
    """Return what is captured where a notebook holds these names."""
    return capture(_exercise(exercise), names)


def hand_in(exercise: Exercise | str, target: Any = None, **names: Any) -> Verdict:
    """Return the verdict on a notebook that holds these names."""
    return judge(_exercise(exercise), answer(exercise, **names), target=target)


def said(verdict: Verdict) -> str:
    """Return what the student reads."""
    return verdict_text(verdict, 1)


def codes(verdict: Verdict) -> list[str]:
    return [finding.code for finding in verdict.findings]


def own_words(finding: Finding) -> str:
    """Return a finding's sentence without Keras's words, which differ from version to version."""
    return sentence(finding).replace(str(finding.detail.get("text")), "")


def asking(*cases: tuple[Spec, ...], **options: Any) -> Exercise:
    """Return an exercise of no section.

    It asks for a function `build` that returns a model or, called on Inputs, a tensor.
    """
    ask = AskFunction("build", cases=cases or ((),), tensor=bool(cases))
    return Exercise("own-model", asks=(ask,), parts=(SameGraph("build", **options),))


def against(solution: Any, found: Any, *cases: tuple[Spec, ...], **options: Any) -> Verdict:
    """Return the verdict on the function `found` where the function `solution` is the solution."""
    exercise = asking(*cases, **options)
    target = target_of(exercise, answer(exercise, build=solution))
    return hand_in(exercise, target, build=found)


def _exercise(exercise: Exercise | str) -> Exercise:
    return sections.exercise(exercise) if isinstance(exercise, str) else exercise
