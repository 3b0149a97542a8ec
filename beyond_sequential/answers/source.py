"""Why a name holds nothing: read off the code that a student wrote.

A function that never returns, a call that gives nothing back, a cell that Python could not read or
that ended in an error look like an untouched stub to whoever looks at the name alone.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import sys
import textwrap
import traceback
from collections.abc import Iterator, Mapping

from .answer import RefusedCase

MAX_CALL = 60  # characters of a call that is quoted


def gives_none(function: object) -> RefusedCase | None:
    """Return why a function gave nothing back; None for a stub that nobody has filled in."""
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    if code is None:
        return None
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    except (
        OSError,
        TypeError,
        SyntaxError,
        ValueError,
    ):  # no source, or a lambda cut out of a line
        return None
    whole = tree.body[0] if tree.body else None
    if not isinstance(whole, ast.FunctionDef) or whole.name != code.co_name:
        return None  # a lambda: its source is that of the line around it
    body = whole.body
    if all(map(_is_nothing, body)):
        return None
    returned = [node.value for node in _own_nodes(body) if isinstance(node, ast.Return)]
    values = [value for value in returned if value is not None and not _is_none(value)]
    return RefusedCase("gives_none", _quoted(values[-1]) if values else "")


def assigned_none(name: str, namespace: Mapping[str, object]) -> RefusedCase | None:
    """Return which call gave the None that a name holds; None if no call did."""
    value = _last_value(name, _cell_of(name, namespace))
    return RefusedCase("is_none", _quoted(value)) if isinstance(value, ast.Call) else None


def cell_error(name: str, namespace: Mapping[str, object]) -> BaseException | None:
    """Return the error in which the cell that makes a name ended; None if there was none.

    A cell that Python can't read has a SyntaxError.
    """
    source = _cell_of(name, namespace)
    if not source:
        return None
    try:
        compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError) as error:
        return error
    last = getattr(sys, "last_value", None)
    return last if isinstance(last, BaseException) and _cell_that_raised(last) == source else None


def _cell_of(name: str, namespace: Mapping[str, object]) -> str:
    """Return the code of the last cell that was run and makes a name, "" if there is none."""
    cells = namespace.get("In")
    for cell in reversed(cells if isinstance(cells, list) else []):
        if isinstance(cell, str) and _makes(name, cell):
            return cell.strip()
    return ""


def _makes(name: str, cell: str) -> bool:
    word = re.escape(name)
    return (
        re.search(rf"^\s*(def\s+{word}\b|{word}\b[^=\n()]*=(?!=))", cell, re.MULTILINE) is not None
    )


def _cell_that_raised(error: BaseException) -> str:
    """Return the code of the cell that an exception came out of."""
    for frame, _line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__":
            return "".join(linecache.getlines(frame.f_code.co_filename)).strip()
    return ""


def _last_value(name: str, source: str) -> ast.expr | None:
    """Return what is assigned to a name last, outside functions."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    value = None
    for node in _own_nodes(tree.body):
        if isinstance(node, ast.Assign):
            if any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                value = node.value
    return value


def _own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the statements of a body in order, but not those of functions and classes in it."""
    for node in body:
        yield node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, (ast.stmt, ast.excepthandler)):
                yield from _own_nodes([inner])  # type: ignore[list-item]


def _is_nothing(node: ast.stmt) -> bool:
    """Whether a statement of a function does nothing: a docstring, pass, `...`, return None."""
    if isinstance(node, ast.Return):
        return node.value is None or _is_none(node.value)
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and (value.value is None or value.value is Ellipsis)


def _quoted(value: ast.expr) -> str:
    """Return an expression as a sentence quotes it: of a call the name and `(...)`."""
    if isinstance(value, ast.Call):
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
        return f"{name}(...)"[:MAX_CALL]
    return ast.unparse(value)[:MAX_CALL]
