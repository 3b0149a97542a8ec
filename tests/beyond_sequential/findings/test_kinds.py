"""Each kind of finding is complete: an example that the judge gives, words, a drawing, fields.

docs/new-finding.md says what a new kind needs; a message here says which piece is missing.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from string import Formatter

import pytest

from beyond_sequential import i18n
from beyond_sequential.answers.answer import REFUSALS
from beyond_sequential.answers.causes import CAUSES
from beyond_sequential.compare import DIFFERENCE_KINDS
from beyond_sequential.draw import draw_difference
from beyond_sequential.feedback.sentences import sentence
from beyond_sequential.findings.finding import Finding
from beyond_sequential.findings.kind import CATEGORIES, FindingKind
from beyond_sequential.findings.kinds import FAMILIES, FINDING_KINDS
from beyond_sequential.findings.verdict import Verdict
from tests.beyond_sequential.findings.examples import EXAMPLES
from tests.helpers.source import sources, tree

CODES = list(FINDING_KINDS)
OF_DIFFERENCES = [kind for kind in FINDING_KINDS.values() if kind.category]
# What `finding_of` adds for a sentence about places.
PLACE_FIELDS = {"wanted", "got", "expected", "found", "vanished", "join"}


@pytest.fixture
def chinese() -> Iterator[None]:
    i18n.language("zh")
    yield
    i18n.language("en")


@cache
def example(code: str) -> tuple[Verdict, Finding]:
    """The example's verdict, and the finding of this kind in it."""
    assert code in EXAMPLES, (
        f"the kind {code!r} has no example: add one to tests/beyond_sequential/findings/examples.py"
    )
    verdict = EXAMPLES[code]()
    findings = [finding for finding in verdict.findings if finding.code == code]
    assert findings, (
        f"the example of the kind {code!r} gives {[f.code for f in verdict.findings]}: hand in "
        "something for which the judge returns a finding of this kind"
    )
    return verdict, findings[0]


def texts(kind: FindingKind) -> Iterator[str]:
    """All that is written of a kind, untranslated."""
    for part in (kind, *kind.variants):
        yield from filter(None, (part.sentence, part.idea, part.on_expected, part.on_found))


def test_each_kind_is_listed_once() -> None:
    counted = Counter(kind.code for family in FAMILIES for kind in family.KINDS)
    assert [code for code, n in counted.items() if n > 1] == []


@pytest.mark.parametrize("code", CODES)
def test_the_judge_gives_each_kind(code: str) -> None:
    _verdict, finding = example(code)
    kind = FINDING_KINDS[code]
    assert bool(finding.difference) == bool(kind.category), (
        f"the kind {code!r}: exactly the kinds of differences between graphs have a category"
    )


def test_no_example_is_left_of_a_kind_that_is_gone() -> None:
    assert set(EXAMPLES) <= set(FINDING_KINDS), "examples.py has examples of no kind"


def test_each_code_that_the_package_uses_is_known() -> None:
    used = {
        node.args[0].value
        for path in sources("beyond_sequential")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("Finding", "wrong")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(used) > 20
    unknown = sorted(used - set(FINDING_KINDS))
    assert not unknown, f"there is no record of the codes {unknown} in findings/kinds"


@pytest.mark.parametrize("code", CODES)
def test_each_kind_says_something_in_english(code: str) -> None:
    words = sentence(example(code)[1])
    assert words and "{" not in words and "?" not in words.partition("\n")[0], words


@pytest.mark.parametrize("code", CODES)
def test_each_kind_says_something_in_chinese(code: str, chinese: None) -> None:
    finding = example(code)[1]
    words = re.sub(r"`[^`]*`", "", sentence(finding))
    words = words.replace(str(finding.detail.get("text")), "")
    assert re.search("[\u4e00-\u9fff]", words), f"the kind {code!r} has no Chinese: {words}"
    said = [text for text in texts(FINDING_KINDS[code]) if _has_words(text)]
    missing = [text for text in said if i18n._(text) == text]
    assert not missing, (
        f"the kind {code!r}: no translation of {missing}; run `grader build` and fill in "
        "beyond_sequential/locale/zh/LC_MESSAGES/beyond_sequential.po"
    )


def _has_words(text: str) -> bool:
    """Whether there is anything to translate beside fields and names in code."""
    return bool(re.search("[a-z]{2}", re.sub(r"`[^`]*`|\{\w+[^}]*\}|trainable", "", text)))


@pytest.mark.parametrize("code", CODES)
def test_what_a_kind_says_needs_only_its_fields(code: str) -> None:
    kind = FINDING_KINDS[code]
    known = {*kind.fields, *kind.optional, *(PLACE_FIELDS if kind.category else ())}
    used = {name for text in texts(kind) for _text, name, *_rest in Formatter().parse(text) if name}
    assert used <= known, f"the kind {code!r}: declare the fields {used - known}"


@pytest.mark.parametrize("code", CODES)
def test_the_detail_has_the_fields_that_the_kind_declares(code: str) -> None:
    assert FINDING_KINDS[code].problems(example(code)[1].detail) == []


# --- answers --------------------------------------------------------------------------------------


def test_each_refusal_and_each_cause_of_an_error_is_a_kind() -> None:
    codes = {*REFUSALS, *(f"error_{cause}" for cause in CAUSES)}
    assert codes <= set(FINDING_KINDS), (
        f"put records of {sorted(codes - set(FINDING_KINDS))} into findings/kinds: answers.answer "
        "(REFUSALS) and answers.causes (CAUSES) know these codes"
    )
    errors = {code for code in FINDING_KINDS if code.startswith("error_")}
    assert errors <= codes, f"no cause in answers.causes has the codes {sorted(errors - codes)}"


@pytest.mark.parametrize("cause", CAUSES)
def test_a_kind_of_error_has_the_details_of_its_cause(cause: str) -> None:
    kind, details = FINDING_KINDS[f"error_{cause}"], CAUSES[cause]
    assert kind.fields.keys() - FINDING_KINDS["error"].fields == details.details.keys()
    assert {variant.name for variant in kind.variants} == set(details.variants)


# --- differences between graphs -------------------------------------------------------------------


def test_each_kind_of_difference_is_a_kind_of_finding() -> None:
    of_findings = {kind.code for kind in OF_DIFFERENCES}
    assert of_findings == set(DIFFERENCE_KINDS), (
        "a kind of difference has a row in beyond_sequential/compare/difference.py (its order and "
        "gravity) and a record with a category in beyond_sequential/findings/kinds; only one of "
        f"them have: {sorted(of_findings ^ set(DIFFERENCE_KINDS))}"
    )


@pytest.mark.parametrize("kind", OF_DIFFERENCES, ids=lambda kind: kind.code)
def test_each_difference_counts_in_a_category_of_the_rubric(kind: FindingKind) -> None:
    assert kind.category in CATEGORIES, f"the kind {kind.code!r} has an unknown category"
    verdict, _finding = example(kind.code)
    (rubric,) = [mark.rubric for mark in verdict.marks if mark.rubric]
    assert any(name == kind.category and count for name, count, _cost in rubric)


@pytest.mark.parametrize("kind", OF_DIFFERENCES, ids=lambda kind: kind.code)
def test_each_difference_is_drawn_with_its_words(kind: FindingKind) -> None:
    verdict, finding = example(kind.code)
    assert finding.difference is not None and finding.picture is not None
    picture = verdict.pictures[finding.picture]
    drawing = draw_difference(picture.expected, picture.found, [finding.difference])
    for places, words in (
        (finding.difference.expected, kind.drawn(finding.detail, expected=True)),
        (finding.difference.found, kind.drawn(finding.detail, expected=False)),
    ):
        if places:
            assert words, f"the kind {kind.code!r} has no words beside a place in a drawing"
            plain = max(re.split(r"\{\w+\}", words), key=len).strip()
            assert plain in drawing.text, f"{words!r} is not in the drawing:\n{drawing.text}"


def test_a_drawing_of_an_unknown_kind_still_says_where() -> None:
    from beyond_sequential.compare import Difference

    verdict, finding = example("setting")
    assert finding.difference is not None
    picture = verdict.pictures[0]
    later = Difference("of_next_year", finding.difference.expected, finding.difference.found)
    assert "parts here" in draw_difference(picture.expected, picture.found, [later]).text
