"""Chapters on Colab and Binder: the first cell, and the badges.

Both come from pyproject.toml, the one place that names the repository's address: the first cell
installs the tag of the version that is built, the badges open the chapters of the branch main.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

BRANCH = "main"
# Colab has these, and loads them before the first cell runs: replaced, they need a restart.
BROUGHT = ("keras", "numpy", "matplotlib")
LOOKS = {
    "Colab": "https://colab.research.google.com/assets/colab-badge.svg",
    "Binder": "https://mybinder.org/badge_logo.svg",
}
WORDS = {"en": "Open in {place}", "zh": "在 {place} 中打开"}
_INSTALL = """\
# On Colab this installs the course's helper. Where it is installed, nothing happens.
# 在 Colab 上，这里会安装本课程的辅助包；已经装好的地方，什么也不会发生。
from importlib.util import find_spec

if find_spec("beyond_sequential") is None:
    %pip install --quiet --no-deps \\
        {requirements}
"""
# The addresses in a README that name the repository, whatever it is called there.
_NAMED = re.compile(
    r"(?P<before>git clone https://|git\+https://|colab\.research\.google\.com/|mybinder\.org/v2/)"
    r"(?P<host>github\.com|github|gh)/[\w.-]+/[\w-]+"
)


def install(project: Mapping[str, Any]) -> str:
    """The first cell of every notebook, of a pyproject.toml's [project].

    It installs the helper and the small wheels that Colab lacks, and looks at no dependency: so
    nothing that is there is replaced.
    """
    helper = f"{project['name']} @ git+{project['urls']['Repository']}@v{project['version']}"
    lacking = [text for text in project["dependencies"] if not text.startswith(BROUGHT)]
    lines = " \\\n        ".join(f'"{text}"' for text in [helper, *lacking])
    return _INSTALL.format(requirements=lines).strip()


def badges(project: Mapping[str, Any], path: str, language: str) -> str:
    """The two badges, in Markdown, that open the file at `path` of the repository."""
    pages = {
        "Colab": f"https://colab.research.google.com/github/{_name(project)}/blob/{BRANCH}/{path}",
        "Binder": f"https://mybinder.org/v2/gh/{_name(project)}/{BRANCH}"
        f"?labpath={quote(path, safe='')}",
    }
    words = WORDS[language]
    return "\n".join(
        f"[![{words.format(place=place)}]({LOOKS[place]})]({page})" for place, page in pages.items()
    )


def under_title(source: str, line: str) -> str:
    """A cell that begins with a title, with a paragraph below that."""
    title, _newline, rest = source.partition("\n")
    return "\n\n".join(part for part in (title, line, rest.strip("\n")) if part)


def readdressed(readme: str, project: Mapping[str, Any]) -> str:
    """A README whose badges and install commands name the project's address."""
    return _NAMED.sub(rf"\g<before>\g<host>/{_name(project)}", readme)


def _name(project: Mapping[str, Any]) -> str:
    """Owner and name of the repository, as Colab and Binder call it."""
    return str(project["urls"]["Repository"]).removeprefix("https://github.com/")
