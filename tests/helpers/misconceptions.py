"""Each row of the list of misconceptions that can be handed in gets the finding that names it.

A row is tried on the course's own exercises, and again on a model that no section contains: the
findings come from general rules about differences, not from a case for each known mistake.

    COURSE, row, handed = on_the_course(RIGHT)

    @row("M05", "introduction-twin", "build_twin", "setting", "activation")
    def no_activation(): ...

    @pytest.mark.parametrize(("give", "code", "words"), COURSE)
    def test_on_the_course(give, code, words):
        one_cause(give(), code, words)

What is said is read in English, and has to be there in Chinese, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from beyond_sequential.findings.verdict import Verdict
from beyond_sequential.i18n import language
from tests.helpers.handing_in import against, codes, hand_in, keras, layers, own_words


def on_the_course(right: Mapping[str, Callable[[], Mapping[str, Any]]]) -> tuple:
    """Return a list of cases and two decorators that add to it.

    `right` gives all names of an exercise as they should be; a case changes some of them. `row(id,
    exercise, name, code, *words)` hands in the function itself as `name`, `handed(id, exercise,
    code, *words)` the names in the dict that the function returns.
    """
    cases: list[Any] = []

    def add(id_: str, exercise: str, made: Any, changed: Callable[[], Any], code: str, words: Any):
        def give() -> Verdict:
            whole = right.get(exercise, dict)()
            return hand_in(exercise, **{**whole, **changed()})

        cases.append(pytest.param(give, code, words, id=f"{id_}-{made.__name__}"))
        return made

    def row(id_: str, exercise: str, name: str, code: str, *words: str) -> Callable[[Any], Any]:
        return lambda made: add(id_, exercise, made, lambda: {name: made}, code, words)

    def handed(id_: str, exercise: str, code: str, *words: str) -> Callable[[Any], Any]:
        return lambda made: add(id_, exercise, made, made, code, words)

    return cases, row, handed


def on_own_models() -> tuple:
    """A list of cases and the decorator that adds to it: `made` where `solution` is right."""
    cases: list[Any] = []

    def row(id_: str, solution: Any, code: str, *words: str, on: Any = (), **options: Any):
        def add(made: Any) -> Any:
            def give() -> Verdict:
                return against(solution, made, *on, **options)

            cases.append(pytest.param(give, code, words, id=f"{id_}-{made.__name__}"))
            return made

        return add

    return cases, row


def one_cause(verdict: Verdict, code: str, words: Any) -> None:
    """Assert that there is one finding of the kind `code`, and that it says all of `words`.

    Several kinds are written with blanks between. In Chinese the finding has words, too.
    """
    assert verdict.outcome in ("wrong", "partly right") and verdict.fraction < 1
    if code == "wiring" and codes(verdict) == ["error_unread"]:  # Keras up to 3.13 raises at once
        assert not _accepts_unread_inputs()
        return says(verdict, ["reads the Input"])
    assert codes(verdict) == code.split(), [own_words(f) for f in verdict.findings]
    return says(verdict, words)


def _accepts_unread_inputs() -> bool:
    left, right = keras.Input((2,)), keras.Input((2,))
    try:
        keras.Model([left, right], layers.Dense(1)(left))
    except ValueError:
        return False
    return True


def says(verdict: Verdict, words: Any) -> None:
    """Assert that the first finding says all of `words`, patterns in English; Chinese exists."""
    text = own_words(verdict.findings[0])
    for word in words:
        assert re.search(word, text, re.IGNORECASE), f"{word!r} is not said: {text}"
    language("zh")
    try:
        chinese = [own_words(finding) for finding in verdict.findings]
    finally:
        language("en")
    assert chinese[0] != text
    for said in chinese:
        prose = re.sub(r"`[^`]*`", "", said)  # code and names are the same in both
        assert re.search("[\u4e00-\u9fff]", prose), said
        assert not re.search(r"\b(the|is|are|must|to|and|of)\b", prose), said
        assert not re.search("[）。，；：、] ", said), said
