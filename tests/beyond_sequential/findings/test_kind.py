"""The record of a kind of finding: its variants, its words, the fields of a detail."""

from __future__ import annotations

import pytest

from beyond_sequential.findings.kind import (
    Context,
    FindingKind,
    PlaceJson,
    Shape,
    Variant,
    equals,
    given_variant,
    has,
    lacks,
)

KIND = FindingKind(
    "lost",
    "{name} is lost.",
    "Look for it.",
    fields={"name": str, "count": int},
    optional={"shapes": list[Shape], "place": PlaceJson | None},
    variants=(
        given_variant("late", "Look sooner."),
        Variant("many", has("shapes"), sentence="Many are lost.", on_found="lost, too"),
    ),
    on_expected="missing",
    on_found="found",
)


@pytest.mark.parametrize(
    ("detail", "name", "words"),
    [
        ({}, "", ("{name} is lost.", "Look for it.")),
        ({"variant": "late"}, "late", ("{name} is lost.", "Look sooner.")),
        ({"shapes": []}, "many", ("Many are lost.", "")),
        ({"variant": "late", "shapes": []}, "late", ("{name} is lost.", "Look sooner.")),
    ],
)
def test_the_first_variant_that_holds_is_taken(
    detail: dict[str, object], name: str, words: tuple[str, str]
) -> None:
    assert KIND.variant(Context(detail)) == name
    assert KIND.words(name) == words


def test_the_words_in_a_drawing_are_of_a_variant_that_has_some() -> None:
    assert KIND.drawn({}, expected=False) == "found"
    assert KIND.drawn({"shapes": []}, expected=False) == "lost, too"
    assert KIND.drawn({"shapes": []}, expected=True) == "missing"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({}, None),
        ({"shapes": [[None, 3], []], "place": None}, None),
        ({"place": {"path": [0]}}, None),
        ({"count": True}, "'count' is True"),
        ({"count": "3"}, "'count' is '3'"),
        ({"name": None}, "'name' is None"),
        ({"shapes": [3]}, "'shapes' is"),
        ({"shapes": [["a"]]}, "'shapes' is"),
        ({"place": "a"}, "'place' is"),
        ({"colour": "red"}, "'colour' is unknown"),
    ],
)
def test_a_detail_has_the_declared_fields(more: dict[str, object], problem: str | None) -> None:
    problems = KIND.problems({"name": "a", "count": 3, **more})
    assert len(problems) == (problem is not None)
    assert problem is None or problem in problems[0]


def test_a_missing_field_is_named() -> None:
    assert KIND.problems({"name": "a"}) == ["lost: the field 'count' is missing"]


def test_conditions_look_at_the_detail() -> None:
    context = Context({"a": 1, "none": None})
    assert has("a")(context) and not has("none")(context) and not has("b")(context)
    assert lacks("none")(context) and not lacks("a")(context) and not lacks("b")(context)
    assert equals("a", 1)(context) and not equals("a", 2)(context)
