"""What no judge can judge is said by name."""

from __future__ import annotations

import pytest

from beyond_sequential.course import sections
from beyond_sequential.course.exercise import AskModel
from tests.helpers.handing_in import codes, hand_in, said
from tests.helpers.models import TWIN, dense_model


@pytest.mark.parametrize("names", [{}, {"build_twin": None}, {"build_twin": lambda: None}])
def test_not_attempted_names_what_is_missing(names):
    verdict = hand_in("introduction-twin", **names)
    assert verdict.outcome == "not attempted" and verdict.fraction == 0
    assert "`build_twin`" in said(verdict) and "Not attempted" in said(verdict)


@pytest.mark.parametrize("id_", sorted(sections.exercises()))
def test_an_empty_notebook_has_attempted_nothing(id_):
    verdict = hand_in(id_)
    assert verdict.outcome == "not attempted" and verdict.fraction == 0
    for ask in sections.exercise(id_).asks:
        if isinstance(ask, AskModel) and ask.given:
            continue  # the notebook's own
        assert f"`{ask.name}`" in said(verdict)


def test_given_names_alone_are_no_attempt():
    """`sequential_model` is given in the notebook; only `twin` is the student's."""
    given_ = dense_model(*TWIN)
    verdict = hand_in("introduction-weights", sequential_model=given_, twin=None)
    assert verdict.outcome == "not attempted" and verdict.fraction == 0


def test_an_error_is_wrong_and_names_the_line():
    def build_twin():
        raise ValueError("my own mistake")

    verdict = hand_in("introduction-twin", build_twin=build_twin)
    assert verdict.outcome == "wrong" and codes(verdict) == ["error"]
    assert 'raise ValueError("my own mistake")' in said(verdict)
