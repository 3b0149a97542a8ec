"""The repository's own source, read as text and as syntax trees."""

from __future__ import annotations

import ast
import io
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("jailed_kernels", "beyond_sequential", "grader")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def project() -> dict[str, Any]:
    """Return the table `project` of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return table


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file that git tracks and that is in the working tree."""
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return tuple(path for name in names.split("\0") if name and (path := ROOT / name).is_file())


def sources(folder: str) -> list[Path]:
    """Return the Python files of a folder of the repository, sorted."""
    return sorted((ROOT / folder).rglob("*.py"))


def relative(path: Path) -> str:
    """Return a file's path from the repository's root, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


def at(path: Path, line: int) -> str:
    """Return `path:line`, as editors and terminals read it."""
    return f"{relative(path)}:{line}"


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text("utf-8"))


def module_name(path: Path) -> str:
    """Return the dotted name of a file; a package's is that of its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the full dotted name of everything that a file imports."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def functions(path: Path) -> Iterator[Function]:
    """Yield every function and method of a file, nested ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            yield node


def docstring_nodes(path: Path) -> Iterator[ast.Constant]:
    """Yield the string nodes that are the docstrings of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                if isinstance(first.value.value, str):
                    yield first.value


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of every comment of a file."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of a file's docstrings and comments, line by line."""
    yield from comments(path)
    for node in docstring_nodes(path):
        for offset, line in enumerate(str(node.value).splitlines()):
            yield node.lineno + offset, line


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the value of every string that is not a docstring."""
    documentation = {id(node) for node in docstring_nodes(path)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documentation:
                yield node.lineno, node.value


def definitions(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of every class and top-level function of a file."""
    for node in tree(path).body:
        if isinstance(node, ast.ClassDef | Function):
            yield node.lineno, node.name


def identifiers(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of everything that a file defines or assigns to."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef | Function):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def annotations(path: Path) -> Iterator[ast.expr]:
    """Yield the annotation of every argument, result, variable and field of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, Function) and node.returns is not None:
            yield node.returns
