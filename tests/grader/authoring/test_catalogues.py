"""Messages in other languages: collected, kept, and complained about."""

from pathlib import Path

import pytest

from beyond_sequential import i18n
from beyond_sequential.course import sections
from grader.authoring import catalogues

PO = "beyond_sequential/locale/zh/LC_MESSAGES/beyond_sequential.po"
MO = PO.replace(".po", ".mo")
CODE = """
from .i18n import _

def N_(message): return message

def say(name, words):
    _("Run `{name}` again.").format(name=name)
    _(words["no message"])
    return N_("a layer, "
              "called twice")
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with three messages, one of them a hint."""
    monkeypatch.setattr(
        catalogues, "exercise_texts", lambda: [("one", "one-hint", "Draw the model.")]
    )
    package = tmp_path / "beyond_sequential"
    package.mkdir()
    (package / "i18n.py").write_text("")
    (package / "say.py").write_text(CODE)
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions/glossary.toml").write_text(
        '[layer]\nzh = ["层"]\navoid = ["图层"]\n[model]\nzh = ["模型"]\n', encoding="utf-8"
    )
    catalogues.write_catalogues(tmp_path)
    return tmp_path


def translate(repository: Path, **words: str) -> None:
    """Fill in a translation for each message that begins with a word."""
    lines = (repository / PO).read_text("utf-8").splitlines()
    for number, line in enumerate(lines):
        for word, translation in words.items():
            if line.startswith(f'msgid "{word} '):
                lines[number + 1] = f'msgstr "{translation}"'
    (repository / PO).write_text("\n".join(lines) + "\n", encoding="utf-8")


RIGHT = {"Run": "再运行一次 `{name}`。", "a": "调用两次的层", "Draw": "把模型画出来。"}


def messages(repository: Path) -> dict[str, str]:
    found = catalogues.updated(repository, "zh")
    return {str(message.id): str(message.string) for message in found if message.id}


def test_messages_come_from_marks_and_from_exercises(repository: Path) -> None:
    assert list(messages(repository)) == [
        "Run `{name}` again.",
        "a layer, called twice",
        "Draw the model.",
    ]
    po = (repository / PO).read_text("utf-8")
    assert "#: beyond_sequential/say.py\n" in po
    assert "#. one-hint\n#: beyond_sequential/course/sections/one.py\n" in po


def test_every_message_without_a_translation_is_named(repository: Path) -> None:
    assert catalogues.message_complaints(repository) == [
        f'zh: no translation of "{message}"' for message in messages(repository)
    ]
    translate(repository, **RIGHT)
    assert catalogues.message_complaints(repository) == []


def test_translations_are_kept_and_dead_messages_dropped(repository: Path) -> None:
    translate(repository, **RIGHT)
    assert catalogues.stale_catalogues(repository) == [MO]
    assert catalogues.write_catalogues(repository) == [MO]
    (repository / "beyond_sequential/say.py").write_text('_ = print\n_("Run `{name}` again.")\n')
    assert catalogues.stale_catalogues(repository) == [PO, MO]
    catalogues.write_catalogues(repository)
    assert messages(repository) == {
        "Run `{name}` again.": RIGHT["Run"],
        "Draw the model.": RIGHT["Draw"],
    }


def test_the_same_messages_make_the_same_bytes(repository: Path) -> None:
    translate(repository, **RIGHT)
    catalogues.write_catalogues(repository)
    before = [(repository / path).read_bytes() for path in (PO, MO)]
    moved = "\n\n\n" + (repository / "beyond_sequential/say.py").read_text()
    (repository / "beyond_sequential/say.py").write_text(moved)
    assert catalogues.stale_catalogues(repository) == []
    for path in (PO, MO):
        (repository / path).touch()
    assert catalogues.write_catalogues(repository) == []
    assert [(repository / path).read_bytes() for path in (PO, MO)] == before


def test_a_changed_message_must_be_looked_at(repository: Path) -> None:
    translate(repository, **RIGHT)
    changed = (repository / "beyond_sequential/say.py").read_text().replace("again", "once more")
    (repository / "beyond_sequential/say.py").write_text(changed)
    catalogues.write_catalogues(repository)
    assert messages(repository)["Run `{name}` once more."] == RIGHT["Run"]
    (complaint,) = catalogues.message_complaints(repository)
    assert "translates another message" in complaint and "once more" in complaint
    assert RIGHT["Run"].encode() not in (repository / MO).read_bytes()


@pytest.mark.parametrize(
    ("word", "translation", "complaint"),
    [
        ("Run", "再运行一次。", "placeholders"),
        ("Run", "再运行一次 `{nam}`。", "placeholders"),
        ("a", "调用两次的图层", "图层 is to be avoided"),
        ("Draw", "把它画出来。", "model should be 模型"),
    ],
)
def test_damaged_translations_are_named(
    repository: Path, word: str, translation: str, complaint: str
) -> None:
    translate(repository, **{**RIGHT, word: translation})
    (found,) = catalogues.message_complaints(repository)
    assert complaint in found


def test_the_course_speaks_chinese() -> None:
    catalogue = i18n._catalogue("zh")
    assert catalogue.gettext("Right") == "正确"
    for hint in sections.exercise("introduction-twin").hints:
        assert catalogue.gettext(hint) != hint
