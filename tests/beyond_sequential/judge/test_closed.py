"""Closed questions."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.handing_in import codes, hand_in, said


@pytest.mark.parametrize(
    "value", [3466, 3466.0, np.int64(3466), np.float32(3466), np.array([3466])]
)
def test_a_closed_answer_in_any_type(value):
    verdict = hand_in("introduction-count", parameters=value)
    assert verdict.fraction == 1, said(verdict)


@pytest.mark.parametrize("value", [0, -3466, 3467, "3467", True, float("nan")])
def test_another_closed_answer(value):
    verdict = hand_in("introduction-count", parameters=value)
    assert (verdict.outcome, codes(verdict)) == ("wrong", ["closed"])
    assert "biases" in said(verdict) or "bias" in said(verdict)


@pytest.mark.parametrize(
    ("value", "words"), [(64 * 32 + 32 * 32 + 32 * 10, "has a bias"), (330, "last layer alone")]
)
def test_a_foreseen_wrong_answer_is_told_what_it_is(value, words):
    assert words in said(hand_in("introduction-count", parameters=value))


@pytest.mark.parametrize("value", [-np.log(0.1), np.log(10), 2.3, 2.30, 2.303, np.float32(2.3026)])
def test_the_loss_of_a_shrug_rounded_or_not(value):
    assert hand_in("introduction-chance", chance_loss=value).fraction == 1


@pytest.mark.parametrize(
    ("value", "words"), [(-2.3026, "sign"), (0.1, "probability"), (1.0, "base 10"), (5.0, "minus")]
)
def test_another_loss_of_a_shrug(value, words):
    verdict = hand_in("introduction-chance", chance_loss=value)
    assert verdict.fraction == 0 and words in said(verdict)


@pytest.mark.parametrize("value", [1 / 3, 0.33, 0.333, np.float64(1 / 3)])
def test_blind_accuracy(value):
    assert hand_in("several-inputs-blind", blind_accuracy=value).fraction == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("many", "is a text; a number"),
        ("3,466", "with commas"),
        ("3 466", "with commas or blanks"),
        ((3, 466), "several numbers"),
        ([20, 861, 480], "several numbers"),
        ([3466], "must be a number"),
        ({"a": 1}, "must be a number"),
    ],
)
def test_a_number_is_asked_for(value, words):
    verdict = hand_in("introduction-count", parameters=value)
    assert codes(verdict) == ["closed_number"] and words in said(verdict)


@pytest.mark.parametrize("value", [3, 2.5, "7"])
def test_a_text_is_asked_for(value):
    verdict = hand_in("several-inputs-embedding", clue=value)
    wanted = "closed" if isinstance(value, str) else "closed_text"
    assert codes(verdict)[0] == wanted


@pytest.mark.parametrize(("value", "words"), [(8, "one number"), ("many", "a text")])
def test_a_list_is_asked_for(value, words):
    verdict = hand_in("graphs-of-layers-sizes", heights=value)
    assert codes(verdict) == ["closed_list"] and words in said(verdict)


@pytest.mark.parametrize(
    "value", ["c", "C", " c ", "Ｃ", "（c）", "c、", "c。", ["c"], ("Ｃ",), "“c”"]
)
def test_letters_in_any_case(value):
    assert hand_in("introduction-disconnected", reason=value).fraction == 0.5


@pytest.mark.parametrize(
    "value", [2.3, 2.303, 2.3026, 2.302585, 2.302585092994046, "2.30", "2.303"]
)
def test_a_number_may_be_rounded_where_it_is_rounded_rightly(value):
    assert hand_in("introduction-chance", chance_loss=value).outcome == "right"


@pytest.mark.parametrize("value", [2.31, 2.29, 2.304, "2.31"])
def test_a_neighbour_is_not_the_rounded_number(value):
    verdict = hand_in("introduction-chance", chance_loss=value)
    assert (verdict.outcome, codes(verdict)) == ("wrong", ["rounded"])


def test_other_numbers_with_decimals_are_as_strict():
    for value, outcome in ((1 / 3, "right"), (0.333, "right"), ("1/3", "right"), (0.334, "wrong")):
        assert hand_in("several-inputs-blind", blind_accuracy=value).outcome == outcome
    shape = {"pooled_shape": (4096,), "parameters": 20861480, "parameters_of_two": 41722960}
    for value, outcome in (((8, 8, 4096), "right"), ((None, 8, 8, 4096), "partly right")):
        verdict = hand_in("models-as-layers-shapes", merged_shape=value, **shape)
        assert verdict.outcome == outcome
