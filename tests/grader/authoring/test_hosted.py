"""Where a chapter opens without an installation: the first cell and the badges, as built."""

from __future__ import annotations

import importlib.util
import re
import shutil
import tomllib
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from grader.authoring import build, hosted, targets, text

ROOT = Path(__file__).resolve().parent.parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NOTEBOOKS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("chapters", "solutions")
    for path in sorted((ROOT / folder).glob("*/*/*.ipynb"))
]
CHAPTERS = [name for name in NOTEBOOKS if name.startswith("chapters")]
READMES = {"README.md": "en", "README.zh-CN.md": "zh"}
COLAB = re.compile(r"https://colab\.research\.google\.com/github/(?P<at>[^)]+)/blob/main/([^)]+)")
BINDER = re.compile(r"https://mybinder\.org/v2/gh/(?P<at>[^)]+)/main\?labpath=([^)]+)")


def first_cell(name: str) -> str:
    cell = nbformat.read(ROOT / name, as_version=4).cells[0]
    assert cell.cell_type == "code"
    return cell.source


def opened(page: str) -> dict[str, list[str]]:
    """The files that a page's badges open; the badges must name the project's repository."""
    found = {}
    for place, pattern in (("Colab", COLAB), ("Binder", BINDER)):
        links = pattern.findall(page)
        address = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
        assert {at for at, _path in links} <= {address}
        found[place] = [unquote(path) for _at, path in links]
    return found


class Shell:
    """Stands in for IPython: remembers magics and runs none."""

    def __init__(self) -> None:
        self.magics: list[tuple[str, str]] = []

    def run_line_magic(self, name: str, line: str) -> None:
        self.magics.append((name, line))


def run(source: str) -> list[tuple[str, str]]:
    shell = Shell()
    exec(text.python(source), {"get_ipython": lambda: shell})
    return shell.magics


# ---- the first cell


def test_the_first_cell_is_the_same_in_every_notebook_of_both_languages() -> None:
    assert len(NOTEBOOKS) >= 24
    assert len({first_cell(name) for name in NOTEBOOKS}) == 1


def test_where_the_helper_is_installed_the_first_cell_does_nothing() -> None:
    assert run(first_cell(CHAPTERS[0])) == []


def test_elsewhere_it_installs_the_version_of_the_notebook_and_replaces_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    notebook = nbformat.read(ROOT / CHAPTERS[0], as_version=4)
    version = notebook.metadata["beyond_sequential"]["version"]
    ((magic, line),) = run(notebook.cells[0].source)
    assert magic == "pip"
    assert f'"beyond-sequential @ git+{PROJECT["urls"]["Repository"]}@v{version}"' in line
    assert "--no-deps" in line
    assert not re.search(r'"(keras|numpy|matplotlib|tensorflow)', line)
    asked = {re.split(r"[<>=!@ ]", part)[0] for part in re.findall(r'"([^"]+)"', line)}
    known = {re.split(r"[<>=!]", wanted)[0] for wanted in PROJECT["dependencies"]}
    assert asked | set(hosted.INSTALLED_ON_COLAB) == known | {"beyond-sequential"}


def test_a_fork_changes_the_address_in_one_place(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(targets, "of_solution", lambda name, notebook: {})
    mini = shutil.copytree(ROOT / "tests" / "fixtures" / "mini", tmp_path / "mini")
    for name in READMES:
        shutil.copyfile(ROOT / name, mini / name)
    settings = mini / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8").replace("somebody/mini", "a-fork/renamed"))
    build.build(mini)
    old = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    for path in [*mini.glob("chapters/*/*/*.ipynb"), *mini.glob("README*.md")]:
        content = path.read_text("utf-8")
        assert "a-fork/renamed/blob/main" in content, path.name
        assert "gh/a-fork/renamed/main" in content, path.name
        assert re.search(r"git(\+| clone )https://github.com/a-fork/renamed", content), path.name
        assert old not in content and "somebody/" not in content, path.name


# ---- badges


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_each_chapter_s_badges_open_that_chapter_in_its_language(name: str) -> None:
    title = nbformat.read(ROOT / name, as_version=4).cells[1]
    assert title.cell_type == "markdown" and title.source.startswith("# ")
    chapter = name.replace("solutions", "chapters", 1)
    assert (ROOT / chapter).is_file()
    assert opened(title.source) == {"Colab": [chapter], "Binder": [chapter]}
    assert ("打开" in title.source) == ("/zh/" in name)


@pytest.mark.parametrize(("name", "language"), READMES.items())
def test_a_readme_s_badges_open_the_book_s_chapters_in_its_language(
    name: str, language: str
) -> None:
    wanted = [chapter for chapter in CHAPTERS if chapter.startswith(f"chapters/{language}/")][:6]
    page = (ROOT / name).read_text("utf-8")
    assert opened(page) == {"Colab": wanted, "Binder": wanted}
    for place in ("Colab", "Binder"):
        assert page.count(hosted.WORDS[language].format(place=place)) == len(wanted)


@pytest.mark.parametrize("name", READMES)
def test_a_readme_s_links_lead_to_files_that_exist(name: str) -> None:
    page = (ROOT / name).read_text("utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
