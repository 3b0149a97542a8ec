"""Which sections a repository has, and where its files are."""

from pathlib import Path

import pytest

from grader.authoring import repository
from grader.errors import GraderError


def test_sections_are_found_by_their_names(mini: Path) -> None:
    found = [(section.name, section.language) for section in repository.sections(mini)]
    assert found == [("1-mini", "en"), ("1-mini", "zh")]


@pytest.mark.parametrize("name", ["mini.en.md", "1-mini.md", "1-Mini.en.md"])
def test_a_file_with_another_name_is_refused(mini: Path, name: str) -> None:
    (mini / "solutions" / name).touch()
    with pytest.raises(GraderError, match=r"is named like 1-introduction\.en\.md"):
        repository.sections(mini)


def test_a_repository_without_text_notebooks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="no text notebooks"):
        repository.sections(tmp_path)


def test_the_version_is_that_of_the_project(mini: Path) -> None:
    assert repository.read_project(mini)["version"] == "9.8.7"


def test_this_repository_is_the_one_that_it_runs_from(root: Path) -> None:
    assert repository.root() == root
    assert (root / repository.chapter("en", "1-introduction")).is_file()
    assert (root / repository.solution("zh", "1-introduction")).is_file()
    assert (root / repository.target("introduction-twin")).is_file()
