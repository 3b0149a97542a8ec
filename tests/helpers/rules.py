"""What the tests of rewrite rules share, and what a rule is made of."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from beyond_sequential.compare import compare
from beyond_sequential.equivalence import Form, canonical
from beyond_sequential.model.graph import ModelGraph

RULES = "beyond_sequential/equivalence/rules"
TESTS = "tests/beyond_sequential/equivalence/rules"
GUIDE = "docs/new-rule.md"


def same(one: ModelGraph, other: ModelGraph, **options: Any) -> bool:
    """Return whether two graphs are the same model, whichever of them is the target."""
    return compare(one, other, **options) == [] == compare(other, one, **options)


def kinds_in(graph: ModelGraph) -> list[str]:
    """Return the kinds of the nodes of the canonical form, without inputs."""
    form: Form = canonical(graph)
    return [node.kind for node in form.nodes if node.kind != "input"]


def missing_pieces(root: Path) -> list[str]:
    """Return a message for each piece that a rule in this repository, or a copy, lacks."""
    folder = root / RULES
    registered = _registered(folder / "__init__.py")
    guide = (root / GUIDE).read_text("utf-8")
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    messages = [
        f"{RULES}/__init__.py: RULES has `{name}` but {RULES}/{name}.py is missing"
        for name in sorted(registered - set(names))
    ]
    for name in names:
        if name not in _functions(folder / f"{name}.py"):
            messages.append(f"{RULES}/{name}.py: a rule is a function of its module's name: {name}")
        if name not in registered:
            messages.append(
                f"{RULES}/{name}.py: the rule is never applied; import `{name}` in "
                f"{RULES}/__init__.py and put it into RULES"
            )
        test = root / TESTS / f"test_{name}.py"
        if not test.is_file() or not any(f.startswith("test_") for f in _functions(test)):
            messages.append(
                f"{RULES}/{name}.py: the rule has no test; write {TESTS}/test_{name}.py"
            )
        if f"| `{name}` |" not in guide:
            messages.append(f"{GUIDE}: the table lacks the rule; add a row `| `{name}` | ... |`")
    return messages


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def _registered(path: Path) -> set[str]:
    """Return the names in the tuple RULES, each as the argument of a call."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "RULES":
            return {
                argument.id
                for call in ast.walk(node)
                if isinstance(call, ast.Call)
                for argument in call.args
                if isinstance(argument, ast.Name)
            }
    return set()
