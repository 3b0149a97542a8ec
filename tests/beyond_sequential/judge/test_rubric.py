"""What a mistake costs."""

from __future__ import annotations

import pytest

from beyond_sequential.feedback import html
from tests.helpers.handing_in import against, codes, hand_in, keras, layers, said


def listeners(sharing=True, units=8, wired=True):
    """Two recordings heard by one LSTM (or two), and what is made of both."""
    left, right = (keras.Input((6, 4), name=name) for name in ("left", "right"))
    ears = [layers.LSTM(units) for _ in range(1 if sharing else 2)]
    heard = [ears[0](left), ears[-1](right if wired else left)]
    if not wired:
        heard[1] = layers.add([heard[1], layers.LSTM(8)(right)])
    return keras.Model(
        [left, right], layers.Dense(1, activation="sigmoid")(layers.concatenate(heard))
    )


@pytest.mark.parametrize(
    ("found", "point", "rubric", "fraction"),
    [
        ({"units": 9}, None, {"settings": (1, 0.25)}, 0.75),
        ({"sharing": False}, None, {"sharing": (1, 0.5)}, 0.5),
        ({"sharing": False}, "sharing", {"sharing": (1, 1.0)}, 0.0),
        ({"units": 9}, "sharing", {"settings": (1, 0.25)}, 0.75),
        ({"sharing": False, "units": 9}, None, {"sharing": (1, 0.5), "settings": (1, 0.25)}, 0.25),
    ],
)
def test_the_rubric_says_how_the_points_come_about(found, point, rubric, fraction):
    verdict = against(listeners, lambda: listeners(**found), point=point)
    (mark,) = verdict.marks
    counted = {category: (count, cost) for category, count, cost in mark.rubric if count}
    assert counted == rubric and verdict.fraction == mark.fraction == fraction
    assert f"`build` earns {fraction:.0%}: layers, inputs and outputs ✓, wiring ✓" in said(verdict)
    for category, (_, cost) in rubric.items():
        assert f"{category} −{cost:.0%}" in said(verdict)
        assert f"{category} −{cost:.0%}" in html.verdict_html(verdict, 2)


def test_two_instances_earn_nothing_where_sharing_is_the_point():
    def side_by_side(left, right):
        codes = layers.concatenate([layers.LSTM(32)(left), layers.LSTM(32)(right)])
        return layers.Dense(1, activation="sigmoid")(codes)

    verdict = hand_in("shared-layers-twice", side_by_side=side_by_side)
    assert codes(verdict) == ["not_shared"] and verdict.fraction == 0
