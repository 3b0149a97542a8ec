"""Why Keras refused a call, read off the refused call.

The sentences on each cause are tested in tests/misconceptions.
"""

from __future__ import annotations

import pytest

from beyond_sequential.answers import causes
from beyond_sequential.answers.causes import CAUSES, cause
from tests.helpers.handing_in import keras, layers


def of(build):
    """The cause of what `build` raises."""
    with pytest.raises(Exception) as caught:
        build()
    return cause(caught.value)


def x(*shape, name=None):
    return keras.Input(shape, name=name)


def other_input():
    own, other = x(4, name="own"), x(4, name="other")
    return keras.Model(own, layers.Dense(2)(layers.add([own, other])))


def again():
    dense = layers.Dense(2)
    return dense(x(4)), dense(x(5))


def same_name():
    y = layers.Dense(2, name="twice")(x_ := x(4))
    return keras.Model(x_, layers.Dense(2, name="twice")(y))


MADE = {
    "again": again,
    "input_shape": lambda: keras.Input(4),
    "join_ranks": lambda: layers.concatenate([x(4), x(4, 4)]),
    "join_shapes": lambda: layers.concatenate([x(4, 3), x(5, 3)]),
    "keywords": lambda: keras.Model(input=x(4), output=x(4)),
    "no_list": lambda: layers.add(x(4)),
    "rank": lambda: layers.LSTM(2)(x(4)),
    "same_name": same_name,
    "shapes": lambda: layers.add([x(4), x(5)]),
    "slash": lambda: layers.Dense(2, name="a/b"),
    "symbolic": lambda: [1 for _ in x(4)],
    "uncalled": lambda: layers.Dense(2)(layers.Dense(2)),
    "unreachable": other_input,
}


@pytest.mark.parametrize("code", MADE)
def test_a_cause_and_its_details(code):
    found = of(MADE[code])
    assert found is not None and found.code == code
    assert CAUSES[code].fits(found.detail), found.detail


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("rank", {}),
        ("rank", {"layer": "LSTM", "shape": [None, 4], "rank": "2"}),
        ("rank", {"layer": "LSTM", "shape": 4, "rank": 2}),
        ("rank", {"layer": "LSTM", "shape": [None, 4], "rank": 2, "more": 1}),
        ("shapes", {"layer": "Add", "shapes": [[None, 4]]}),
        ("shapes", {"layer": "Add", "shapes": [[4], [5]], "variant": "model"}),
        ("unreachable", {"input": "a", "variant": "model"}),
    ],
)
def test_other_details_do_not_fit(code, detail):
    assert not CAUSES[code].fits(detail)


def test_an_error_of_the_students_own_has_no_cause():
    assert of(lambda: 1 / 0) is None


def test_a_rule_that_fails_hides_no_error(monkeypatch, caplog):
    monkeypatch.setitem(causes._RULES, "Input", lambda names: 1 / 0)
    assert of(MADE["input_shape"]) is None
    assert "no cause could be found" in caplog.text
