"""What students may have, in a directory of its own.

Chapters, the helper, the environment, and a README in each language; nothing else: what goes in is
listed here, so that a solution, a seed or a gradebook that lies about does not.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from grader.authoring import build
from grader.errors import GraderError

HELPER = "beyond_sequential"
# Relative to the repository; of the helper also what pyproject.toml names as its data.
FILES = (
    "chapters/*/*/*.ipynb",
    f"{HELPER}/**/*.py",
    "environment.yml",
    "requirements.lock",
    "LICENSE",
)
WRITTEN = ("README.md", "README.zh-CN.md", "pyproject.toml")
EXTRAS = ("tensorflow", "lab")


def release(folder: Path) -> list[str]:
    """Make the directory; the paths in it.  Raises GraderError if it is in use."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GraderError(f"{folder} is not empty; name a new directory")
    root = build.root()
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


def _values(project: Mapping[str, Any], data: Sequence[str]) -> dict[str, str]:
    """What the templates ask for; lists as TOML writes them."""
    scripts = [f'{k} = "{v}"' for k, v in project["scripts"].items() if v.startswith(HELPER)]
    plain = {key: str(project[key]) for key in ("name", "version", "description")}
    extras = project["optional-dependencies"]
    return {
        **plain,
        "python": project["requires-python"],
        "repository": project["urls"]["Repository"],
        "dependencies": _list(project["dependencies"]),
        "scripts": "\n".join(scripts),
        "data": _list(data),
        **{extra: _list(extras[extra]) for extra in EXTRAS},
    }


def _list(texts: Sequence[str]) -> str:
    return json.dumps(list(texts), indent=4)
