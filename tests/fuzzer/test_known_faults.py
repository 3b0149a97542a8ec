"""Right answers, wrong answers and captures that the judge must decide, against KNOWN_FAULTS.

A case in the list is expected to fail.  When it starts to pass, its test fails and says that the
case is to be removed from the list.
"""

from __future__ import annotations

import pytest

from tests.fuzzer.captures import captures
from tests.fuzzer.known_faults import KNOWN_FAULTS
from tests.fuzzer.respell_more import MORE_SPELLINGS, used_and_rejected
from tests.fuzzer.right_answers import right_answers
from tests.fuzzer.wrong_answers import wrong_answers
from tests.helpers.handing_in import said

RIGHT, WRONG, CAPTURED = right_answers(), wrong_answers(), captures()
IDS = [
    *(f"right/{case.id}" for case in RIGHT),
    *(f"wrong/{case.id}" for case in WRONG),
    *(f"captured/{case.id}" for case in CAPTURED),
    *(f"spelling/{name}" for name in MORE_SPELLINGS),
]


def params(group, cases):
    """The cases of a group; those that are known to fail are marked."""
    found = []
    removed = "a known fault: when it passes, remove it from KNOWN_FAULTS"
    for id_, case in cases:
        name = f"{group}/{id_}"
        fails = pytest.mark.xfail(strict=True, reason=removed, raises=AssertionError)
        found.append(pytest.param(case, id=id_, marks=[fails] if name in KNOWN_FAULTS else []))
    return found


def test_every_known_fault_is_a_case():
    assert set(IDS) >= KNOWN_FAULTS, sorted(KNOWN_FAULTS - set(IDS))
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("case", params("right", ((case.id, case) for case in RIGHT)))
def test_a_right_answer_is_right(case):
    verdict = case.verdict()
    assert verdict.outcome == "right" and not verdict.findings, said(verdict)


@pytest.mark.parametrize("case", params("wrong", ((case.id, case) for case in WRONG)))
def test_a_wrong_answer_is_not_right(case):
    assert case.verdict().outcome in ("wrong", "partly right")


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in WRONG])
def test_without_the_mistake_the_answer_is_right(case):
    case.check_solution()


@pytest.mark.parametrize("case", params("captured", ((case.id, case) for case in CAPTURED)))
def test_the_first_finding_names_what_was_handed_in(case):
    verdict = case.verdict()
    assert case.is_named(verdict), said(verdict)


@pytest.mark.parametrize("name", params("spelling", ((name, name) for name in MORE_SPELLINGS)))
def test_random_models_are_right_in_this_spelling(name):
    used, rejected = used_and_rejected(name, range(120))
    assert used >= 3, "the spelling is hardly used"
    assert rejected == []
