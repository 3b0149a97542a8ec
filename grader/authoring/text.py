"""Read a section's text notebook and decide the role of each cell.

A text notebook (jupytext's MyST Markdown) holds the solved section.  The role of a cell follows
from its text: a call `check("id", points=N)` makes it the test of exercise `id`, a region
`### BEGIN SOLUTION` the answer to the next test below.  Every other cell is given.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import jupytext
from IPython.core.inputtransformer2 import TransformerManager

from grader.errors import GraderError

BEGIN_SOLUTION = "### BEGIN SOLUTION"
Role = Literal["given", "answer", "test"]


@dataclass(frozen=True, slots=True)
class TextCell:
    """One cell of a text notebook, as written in the file."""

    kind: str
    source: str
    metadata: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SectionCell:
    """One cell of a built notebook.

    `id` is its cell id and, unless the role is "given", its grade_id.
    """

    id: str
    role: Role
    kind: str
    source: str
    tags: tuple[str, ...] = ()
    points: float = 0.0


def read_cells(path: Path) -> list[TextCell]:
    """Return the cells of a text notebook without empty ones, which separators leave behind."""
    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="md:myst")
    cells = (TextCell(c.cell_type, c.source, dict(c.metadata)) for c in notebook.cells)
    return [cell for cell in cells if cell.source.strip()]


def digest(cell: TextCell) -> str:
    """Return the hash from which the id of a given cell is made."""
    return hashlib.sha256(f"{cell.kind}\n{cell.source}".encode()).hexdigest()[:12]


def source_hash(cell: TextCell) -> str:
    """Return the hash that a translation of the cell names; line breaks do not change it."""
    return hashlib.sha256(" ".join(cell.source.split()).encode()).hexdigest()[:12]


def cells(texts: Sequence[TextCell]) -> list[SectionCell]:
    """Return the cells with their roles, and with ids that depend on the text alone.

    Raises GraderError for what the author can repair.
    """
    tests = [test_of(text) for text in texts]
    _refuse_doubles([test[0] for test in tests if test])
    seen: Counter[str] = Counter()
    found = []
    for position, text in enumerate(texts):
        test, tags = tests[position], _tags(text)
        if test:
            found.append(SectionCell(test[0], "test", text.kind, text.source, tags, test[1]))
            continue
        is_answer = text.kind == "code" and BEGIN_SOLUTION in text.source
        stem = _next_test(tests, position, text) + "-answer" if is_answer else digest(text)
        seen[stem] += 1
        cell_id = stem if seen[stem] == 1 else f"{stem}-{seen[stem]}"
        if is_answer:
            found.append(
                SectionCell(cell_id, "answer", text.kind, text.source, (*tags, "raises-exception"))
            )
        else:
            found.append(SectionCell(cell_id, "given", text.kind, text.source, tags))
    return found


def _tags(text: TextCell) -> tuple[str, ...]:
    tags = text.metadata.get("tags", ())
    return tuple(map(str, tags)) if isinstance(tags, (list, tuple)) else ()


def python(source: str) -> str:
    """Return a cell's source as plain Python, with IPython's magics turned into calls."""
    return str(TransformerManager().transform_cell(source))


def same_code(first: str, second: str) -> bool:
    """Return whether two cells differ in comments and layout at most."""
    return ast.dump(ast.parse(python(first))) == ast.dump(ast.parse(python(second)))


def test_of(text: TextCell) -> tuple[str, float] | None:
    """Return exercise and points of a test cell, None for every other cell.

    Raises GraderError if the code or its `check` is not valid.
    """
    if text.kind != "code":
        return None
    try:
        tree = ast.parse(python(text.source))
    except SyntaxError as error:
        raise GraderError(f"a code cell is not valid Python ({error}):\n{text.source}") from error
    checks = [node for node in ast.walk(tree) if _is_check(node)]
    if not checks:
        return None
    if len(checks) > 1:
        raise GraderError(f"a cell holds one check at the most, this one more:\n{text.source}")
    if BEGIN_SOLUTION in text.source:
        raise GraderError(f"a check and a solution need a cell each:\n{text.source}")
    return _arguments(checks[0], text.source)


def _is_check(node: ast.AST) -> bool:
    """Return whether it checks an exercise; `check()` without arguments sums up the notebook."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and bool(node.args or node.keywords)
    )


def _arguments(call: ast.AST, source: str) -> tuple[str, float]:
    assert isinstance(call, ast.Call)
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    exercise = call.args[0] if call.args else None
    points = named.get("points")
    if not (isinstance(exercise, ast.Constant) and isinstance(points, ast.Constant)):
        raise GraderError(f'a check is written check("exercise-id", points=2), not:\n{source}')
    if not (isinstance(exercise.value, str) and re.fullmatch(r"[a-z0-9-]{1,50}", exercise.value)):
        raise GraderError(f"an exercise id has small letters, digits and '-', not:\n{source}")
    worth = points.value
    if not isinstance(worth, (int, float)) or isinstance(worth, bool) or worth <= 0:
        raise GraderError(f"the points of a check are a number above 0:\n{source}")
    return exercise.value, float(worth)


def _refuse_doubles(exercises: Sequence[str]) -> None:
    doubles = [name for name, count in Counter(exercises).items() if count > 1]
    if doubles:
        raise GraderError(f"an exercise is checked in one cell only: {', '.join(doubles)}")


def _next_test(tests: Sequence[tuple[str, float] | None], position: int, text: TextCell) -> str:
    for test in tests[position:]:
        if test:
            return test[0]
    raise GraderError(f"no check follows this solution cell:\n{text.source}")
