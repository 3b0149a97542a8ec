"""Make a directory of what students may have.

It holds the chapters, the helper, the environment, and a README in each language.  Only what is
listed in this file is copied, so that no solution, seed or gradebook gets into it by mistake.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from string import Template

from beyond_sequential import backends
from grader.authoring import repository
from grader.errors import GraderError

HELPER = "beyond_sequential"
# Relative to the repository; of the helper also the data files that pyproject.toml names.
FILES = (
    "chapters/*/*/*.ipynb",
    f"{HELPER}/**/*.py",
    "environment.yml",
    "requirements.lock",
    "LICENSE",
)
WRITTEN = ("README.md", "README.zh-CN.md", "pyproject.toml")
EXTRAS = (backends.DEFAULT.extra, "lab")


def make_release(folder: Path) -> list[str]:
    """Make the directory and return the paths in it.  Raises GraderError if it is in use."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GraderError(f"{folder} is not empty; name a new directory")
    root = repository.root()
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    data = settings["tool"]["setuptools"]["package-data"][HELPER]
    names = sorted(
        path.relative_to(root).as_posix()
        for pattern in [*FILES, *(f"{HELPER}/{pattern}" for pattern in data)]
        for path in root.glob(pattern)
    )
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, target)
    values = _values(settings["project"], data)
    for name in WRITTEN:
        template = resources.files("grader") / "templates" / "student" / f"{name}.txt"
        text = Template(template.read_text("utf-8")).substitute(values)
        (folder / name).write_text(text, encoding="utf-8")
    return sorted([*names, *WRITTEN])


def _values(project: repository.Project, data: Sequence[str]) -> dict[str, str]:
    """Return the values of the templates' placeholders; lists as TOML writes them."""
    scripts = [f'{k} = "{v}"' for k, v in project["scripts"].items() if v.startswith(HELPER)]
    extras = project["optional-dependencies"]
    return {
        "name": project["name"],
        "version": project["version"],
        "description": project["description"],
        "python": project["requires-python"],
        "repository": project["urls"]["Repository"],
        "dependencies": _list(project["dependencies"]),
        "scripts": "\n".join(scripts),
        "data": _list(data),
        **{extra: _list(extras[extra]) for extra in EXTRAS},
    }


def _list(texts: Sequence[str]) -> str:
    return json.dumps(list(texts), indent=4)
