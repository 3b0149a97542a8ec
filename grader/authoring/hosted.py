"""Chapters on Colab and Binder: the first cell, and the badges.

Both come from pyproject.toml, the one place that names the repository's address: the first cell
installs the tag of the version that is built, the badges open the chapters of the branch main.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from grader.authoring.repository import Project

BRANCH = "main"
# Colab has loaded these before the first cell runs: replacing them would need a restart.
INSTALLED_ON_COLAB = ("keras", "numpy", "matplotlib")
BADGES = {
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


def install(project: Project) -> str:
    """Return the code of every notebook's first cell.

    It installs the helper and the small wheels that Colab lacks, without their dependencies, so
    that no installed package is replaced.
    """
    helper = f"{project['name']} @ git+{project['urls']['Repository']}@v{project['version']}"
    lacking = [text for text in project["dependencies"] if not text.startswith(INSTALLED_ON_COLAB)]
    lines = " \\\n        ".join(f'"{text}"' for text in [helper, *lacking])
    return _INSTALL.format(requirements=lines).strip()


def badges(project: Project, path: str, language: str) -> str:
    """Return the two badges, in Markdown, that open the file at `path` of the repository."""
    pages = {
        "Colab": f"https://colab.research.google.com/github/{_name(project)}/blob/{BRANCH}/{path}",
        "Binder": f"https://mybinder.org/v2/gh/{_name(project)}/{BRANCH}"
        f"?labpath={quote(path, safe='')}",
    }
    words = WORDS[language]
    return "\n".join(
        f"[![{words.format(place=place)}]({BADGES[place]})]({page})"
        for place, page in pages.items()
    )


def under_title(source: str, line: str) -> str:
    """Return a Markdown cell's source with a paragraph inserted below its title."""
    title, _newline, rest = source.partition("\n")
    return "\n\n".join(part for part in (title, line, rest.strip("\n")) if part)


def readdressed(readme: str, project: Project) -> str:
    """Return a README with the project's address in its badges and install commands."""
    return _NAMED.sub(rf"\g<before>\g<host>/{_name(project)}", readme)


def _name(project: Project) -> str:
    """Return owner and name of the repository, as Colab and Binder write them."""
    return str(project["urls"]["Repository"]).removeprefix("https://github.com/")
