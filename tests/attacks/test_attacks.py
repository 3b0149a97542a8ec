"""Students who try to get points: nothing for what is wrong, everything for what is right."""

from __future__ import annotations

import ast
import contextlib
import importlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import jailed_kernels as kernels
from tests.attacks import running
from tests.attacks.hostile import COUNT, LAYER, OWN, OWN_POINTS, TWIN, Attack
from tests.attacks.integrity import ATTACKS

BY_NAME = {attack.name: attack for attack in ATTACKS}
OURS = ("beyond_sequential", "grader", "jailed_kernels")
# Enough of them for every commit: one of each kind that a person has to think of.
FEW = (
    "check-redefined",
    "capture-replaced",
    "numpy-arrays",
    "relabelled",
    "for-another-exercise",
    "dies-in-capture",
    "message-invalid-outputs",
    "notebook-surrogates",
    "graph-script",
    "notebook-swapped",
)


def names(attack: Attack) -> str:
    return attack.name


def test_no_two_attacks_have_one_name() -> None:
    assert len(BY_NAME) == len(ATTACKS) >= 60


def code_of(attack: Attack) -> Iterator[str]:
    """All code of an attack, without what is no Python."""
    for code in (attack.twin, attack.first, attack.last, *attack.answers.values()):
        with contextlib.suppress(SyntaxError, ValueError):
            ast.parse(code)
            yield code


@pytest.mark.parametrize("attack", ATTACKS, ids=names)
def test_what_an_attack_patches_is_there(attack: Attack) -> None:
    """Or it would do nothing, and nobody would see it."""
    for code in code_of(attack):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.split(".")[0] in OURS:
                        importlib.import_module(alias.name)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS:
                module = importlib.import_module(str(node.module))
                for alias in node.names:
                    if not hasattr(module, alias.name):
                        importlib.import_module(f"{node.module}.{alias.name}")
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "everywhere":
                (name, _fake) = node.args
                assert isinstance(name, ast.Constant)
                assert any(callable(vars(module).get(name.value)) for module in ours())


def ours() -> list[ModuleType]:
    """Our modules that a notebook has imported when it attacks."""
    import beyond_sequential  # noqa: F401

    return [m for key, m in sys.modules.items() if key.split(".")[0] == "beyond_sequential"]


@pytest.mark.attacks
class TestClass:
    """One class, graded by the stock command."""

    @pytest.fixture(scope="class")
    @staticmethod
    def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """The class of those attackers that were selected."""
        chosen = {}
        for item in request.session.items:
            params = getattr(getattr(item, "callspec", None), "params", {})
            attack = params.get("attack") or BY_NAME.get(params.get("name"))
            if getattr(item, "cls", None) is TestClass and attack:
                chosen[attack.name] = attack
        folder = tmp_path_factory.mktemp("class") / "course"
        return running.grade(folder, chosen.values(), {}, "c.SpoolExecute.trust = True")

    @pytest.mark.parametrize("attack", ATTACKS, ids=names)
    def test_an_attack_is_worth_nothing_and_costs_nothing(
        self, graded: Path, attack: Attack
    ) -> None:
        row = running.row(graded, attack.name)
        assert not attack.state or row.state == attack.state, row
        if attack.state == "unreadable":
            return
        running.assert_contained(attack, running.scores(graded, attack.name))

    @pytest.mark.parametrize("student", ["aa-honest", "zz-honest"])
    def test_the_class_goes_on(self, graded: Path, student: str) -> None:
        running.assert_honest(graded, student)

    @pytest.mark.parametrize(
        ("name", "score"),
        [("noise", OWN_POINTS), ("exit-at-once", OWN_POINTS), ("notebook-tags", 0)],
    )
    def test_a_teachers_own_test_works_by_nbgraders_rule(
        self, graded: Path, name: str, score: float
    ) -> None:
        assert running.scores(graded, name)[OWN] == score

    def test_pages_hold_no_script_of_a_students(self, graded: Path) -> None:
        pages = [page.read_text("utf-8") for page in graded.glob("feedback/*/*/*.html")]
        assert len(pages) >= 2
        assert not [page for page in pages if "<script>alert(1)" in page]
        assert not [page for page in pages if "<img src=x" in page]


@pytest.mark.parametrize("name", FEW)
def test_alone(name: str, tmp_path: Path) -> None:
    attack = BY_NAME[name]
    outcome = running.alone(attack, tmp_path)
    running.assert_contained(attack, {n: j.score for n, j in outcome.judgements.items()})
    assert outcome.record().state == attack.state or not attack.state


@pytest.mark.attacks
@pytest.mark.parametrize("name", ["a-deep-hole", "a-locked-folder", "flood", "endless"])
def test_nothing_is_left(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    running.alone(BY_NAME[name], tmp_path)
    assert not [p.name for p in (tmp_path / "temporary").iterdir() if "answers" in p.name]
    assert not [p.name for p in (tmp_path / "temporary").iterdir() if "spool" in p.name]


def test_honest_alone(tmp_path: Path) -> None:
    outcome = running.alone(running.HONEST, tmp_path)
    found = {name: judgement.outcome for name, judgement in outcome.judgements.items()}
    assert found[LAYER] == found[COUNT] == "right" and found[TWIN] == "wrong"


def test_files_that_are_too_large_are_told_to_the_student(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(600 << 20)
    outcome = running.alone(running.HONEST, tmp_path)
    if outcome.kernels == kernels.NO_JAIL:
        pytest.skip("without a jail no files are copied")
    assert outcome.record().state == "partly graded"
    for judgement in outcome.judgements.values():
        assert judgement.score == 0
        assert "the files handed in take more than 512 MB" in judgement.text
