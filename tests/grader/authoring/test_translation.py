"""Text notebooks that follow the English ones."""

import re
import shutil
import unicodedata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader import cli
from grader.authoring import build, glossary, repository, targets, text, translation
from grader.errors import GraderError

MINI = Path(__file__).resolve().parent.parent.parent / "fixtures" / "mini"


@pytest.fixture
def mini(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a tiny repository, whose solutions are not run."""
    monkeypatch.setattr(targets, "of_solution", lambda name, notebook: {})
    return shutil.copytree(MINI, tmp_path / "mini")


def english(root: Path) -> Path:
    return root / "solutions/1-mini.en.md"


def chinese(root: Path) -> Path:
    return root / "solutions/1-mini.zh.md"


def edit(path: Path, old: str, new: str) -> None:
    body = path.read_text("utf-8")
    assert old in body
    path.write_text(body.replace(old, new, 1), encoding="utf-8")


def sources(path: Path) -> list[str]:
    return [cell.source for cell in text.read_cells(path)]


def test_a_translation_in_step_stays_as_it_is(mini: Path) -> None:
    before = text.read_cells(chinese(mini))
    assert translation.follow_english(mini, "1-mini", "zh") == ["1-mini.zh.md is in step."]
    assert text.read_cells(chinese(mini)) == before
    assert translation.complaints(mini) == []


def test_a_new_translation_has_the_english_cells_and_asks_for_others(mini: Path) -> None:
    chinese(mini).unlink()
    assert translation.follow_english(mini, "1-mini", "zh") == ["1-mini.zh.md is in step."]
    assert sources(chinese(mini)) == sources(english(mini))
    build.build(mini)
    assert translation.complaints(mini) == [
        f"1-mini.zh.md: cell {number} is still in English" for number in (1, 3, 6, 10, 11)
    ]


def test_a_changed_text_is_stale_until_somebody_accepts(mini: Path) -> None:
    edit(english(mini), "Make one.", "Make a one.")
    (complaint,) = translation.follow_english(mini, "1-mini", "zh")
    assert "cell 3 translates another text" in complaint
    assert "做一个一。" in sources(chinese(mini))
    with pytest.raises(GraderError, match="cell 3 translates another text"):
        build.build(mini)
    assert translation.follow_english(mini, "1-mini", "zh", accept=True) == [
        "1-mini.zh.md is in step."
    ]
    build.build(mini)


def test_lines_may_break_elsewhere(mini: Path) -> None:
    edit(english(mini), "Make one.", "Make\none.")
    assert translation.follow_english(mini, "1-mini", "zh") == ["1-mini.zh.md is in step."]


def test_new_cells_come_in_english_and_code_is_taken_over(mini: Path) -> None:
    edit(english(mini), "Make one.", "Make one.\n\n+++\n\nOr two.")
    edit(english(mini), "three = 3", "three = 4")
    translation.follow_english(mini, "1-mini", "zh")
    found = sources(chinese(mini))
    assert found[2:4] == ["做一个一。", "Or two."]
    assert "three = 4" in found[8]
    assert "# 请不要改动。" in found[5]
    assert translation.complaints(mini) == ["1-mini.zh.md: cell 4 is still in English"]


def test_a_cell_that_went_goes(mini: Path) -> None:
    edit(english(mini), "Make one.\n", "")
    translation.follow_english(mini, "1-mini", "zh")
    assert "做一个一。" not in sources(chinese(mini))
    build.build(mini)


def test_only_sections_that_exist_are_translated(mini: Path) -> None:
    with pytest.raises(GraderError, match=r"no 9-none\.en\.md"):
        translation.follow_english(mini, "9-none", "zh")


def test_the_language_line_is_each_notebooks_own(mini: Path) -> None:
    for path in (english(mini), chinese(mini)):
        edit(path, "import check\n", 'import check, language\n\nlanguage("en")\n')
    build.build(mini)
    for name in ("en", "zh"):
        for folder in ("chapters", "solutions"):
            built = (mini / folder / name / "1-mini/1-mini.ipynb").read_text("utf-8")
            assert re.findall(r'language\(\\"(..)\\"\)', built) == [name]


def test_check_names_what_is_not_translated(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "root", lambda: mini)
    run = CliRunner().invoke
    edit(chinese(mini), "做一个一。", "Make one.")
    (mini / "solutions/glossary.toml").write_text('[cell]\nzh = ["单元格"]\n', encoding="utf-8")
    assert run(cli.commands, ["build"]).exit_code == 0
    result = run(cli.commands, ["build", "--check"])
    assert result.exit_code == 1
    assert "cell 3 is still in English" in str(result.exception)
    assert "cell 1: cell should be 单元格" in str(result.exception)
    assert "in step" in run(cli.commands, ["translate", "1-mini"]).output


def test_a_section_without_translation_is_named(mini: Path) -> None:
    chinese(mini).unlink()
    assert translation.complaints(mini) == [
        "there is no 1-mini.zh.md; `grader translate 1-mini` begins it"
    ]


# ---- the glossary


@pytest.mark.parametrize(
    ("source", "words", "complaints"),
    [
        ("Two layers.", "两个层。", []),
        ("Two layers.", "两个。", ["here: layer should be 层"]),
        ("A player, `layer`.", "两个。", []),
        ("Two.", "两个图层。", ["here: 图层 is to be avoided; layer is 层"]),
        ("Batches.", "成批。", []),
        ("Call me.", "叫我。", []),
    ],
)
def test_terms_are_the_standard_ones(source: str, words: str, complaints: list[str]) -> None:
    terms = [
        glossary.Term("layer", ("层",), ("图层",)),
        glossary.Term("batch", ("批量", "批")),
        glossary.Term("call", ("调用",), strict=False),
    ]
    assert glossary.term_complaints(terms, "here", source, words) == complaints


# ---- the course's own translations


def test_bold_chinese_is_seen_as_bold(root: Path) -> None:
    """Markdown takes ** for asterisks between punctuation inside and a character outside."""
    wrong = []
    for path in sorted((root / "solutions").glob("*.zh.md")):
        prose = "\n".join(cell.source for cell in text.read_cells(path) if cell.kind != "code")
        for match in re.finditer(r"\*\*(.+?)\*\*", prose):
            before, after = prose[match.start() - 1 : match.start()], prose[match.end() :][:1]
            opens = not (is_mark(match[1][0]) and before.isalnum())
            closes = not (is_mark(match[1][-1]) and after.isalnum())
            if not (opens and closes):
                wrong.append(f"{path.name}: {before}{match[0]}{after}")
    assert not wrong, f"put the punctuation outside, or a blank between: {wrong}"


def is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def test_each_chapter_switches_to_its_language(root: Path) -> None:
    for path in sorted((root / "chapters").glob("*/*/*.ipynb")):
        language = path.relative_to(root).parts[1]
        switches = re.findall(r'"language\(\\"(..)\\"\)', path.read_text("utf-8"))
        assert switches == [language], f'{path.name}: the first code cell has `language("en")`'
