"""Who may import whom: the order of each package's parts, and what works without Keras."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.source import (
    PACKAGES,
    ROOT,
    at,
    imports,
    module_name,
    relative,
    sources,
    strings,
    tree,
)

# The parts of each package (its sub-packages and its top-level modules), lowest first: each
# imports only itself and those before it.
ORDER = {
    "jailed_kernels": (
        "policy",
        "report",
        "linux",
        "jail",
        "monitor",
        "kernel",
        "zygote",
        "connection",
        "client",
        "provisioner",
        "__init__",
    ),
    "beyond_sequential": (
        "backends",
        "i18n",
        "model",
        "course",
        "answers",
        "equivalence",
        "compare",
        "findings",
        "judge",
        "draw",
        "feedback",
        "wrong_verdict",
        "notebook",
        "doctor",
        "__init__",
        "__main__",
    ),
    "grader": (
        "__init__",
        "errors",
        "printable",
        "authoring",
        "course",
        "submissions",
        "running",
        "classes",
        "reports",
        "plugins",
        "doctor",
        "demo",
        "cli",
        "__main__",
    ),
}
# Which of our packages each may import.
BELOW: dict[str, tuple[str, ...]] = {
    "jailed_kernels": (),
    "beyond_sequential": (),
    "grader": ("jailed_kernels", "beyond_sequential"),
}
# These work on plain data, where there is no Keras.
PURE = (
    "beyond_sequential.model.graph",
    "beyond_sequential.equivalence",
    "beyond_sequential.compare",
    "beyond_sequential.draw",
)
NUMERIC = ("keras", "tensorflow", "numpy", "jax", "torch")


def part_of(path: Path) -> str:
    """Return the sub-package or top-level module of a package that a file belongs to."""
    return path.relative_to(ROOT).with_suffix("").parts[1]


def parts_imported(path: Path, package: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the part of every import from a file's own package."""
    parts = {*ORDER[package], *(part_of(file) for file in sources(package))}
    for line, name in imports(path):
        first, *rest = name.split(".")
        if first == package:
            yield line, rest[0] if rest and rest[0] in parts else "__init__"


@pytest.mark.parametrize("package", ORDER)
def test_every_part_has_a_place_in_the_order(package: str) -> None:
    found = {part_of(path) for path in sources(package)}
    assert found <= set(ORDER[package]), (
        f"{package} has the new parts {sorted(found - set(ORDER[package]))}: put each into ORDER "
        "in this file, after all that it imports, and into the table of CONTRIBUTING.md"
    )
    gone = sorted(set(ORDER[package]) - found)
    assert not gone, f"{package} no longer has {gone}: remove them from ORDER in this file"


@pytest.mark.parametrize("package", ORDER)
def test_parts_import_only_parts_before_them(package: str) -> None:
    order = {part: number for number, part in enumerate(ORDER[package])}
    wrong = [
        f"{at(path, line)}: {part_of(path)} imports {part}"
        for path in sources(package)
        for line, part in parts_imported(path, package)
        if order.get(part, 0) > order.get(part_of(path), 0)
    ]
    assert not wrong, (
        "a part imports only those before it in ORDER; pass in what it needs, or move what both "
        "use down:\n" + "\n".join(wrong)
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_packages_below_it(package: str) -> None:
    others = {*PACKAGES, "tests", "samples", "benchmarks"} - {package, *BELOW[package]}
    wrong = [
        f"{at(path, line)}: {name}"
        for path in sources(package)
        for line, name in imports(path)
        if name.split(".")[0] in others
    ]
    assert not wrong, (
        f"{package} may import {list(BELOW[package])} of ours and nothing else; move what is "
        "shared down, or pass it in as data:\n" + "\n".join(wrong)
    )


def listed(folder: Path) -> list[str]:
    """Return the modules of a package in the order in which its docstring lists them.

    The list is the one paragraph that names every module; without such a paragraph it is empty.
    """
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "__main__"}
    text = ast.get_docstring(tree(folder / "__init__.py")) or ""
    for paragraph in re.split(r"\n\s*\n", text):
        found = re.findall(r"`(\w+)`|^\s*(?:- )?(\w+) {2,}", paragraph, re.MULTILINE)
        names = [first or second for first, second in found]
        order = list(dict.fromkeys(name for name in names if name in modules))
        if set(order) == modules:
            return order
    return []


def packages() -> list[Path]:
    """Return the folders of all packages and sub-packages."""
    return [
        path.parent for name in PACKAGES for path in sources(name) if path.name == "__init__.py"
    ]


@pytest.mark.parametrize("folder", packages(), ids=relative)
def test_modules_import_only_modules_that_the_docstring_lists_before_them(folder: Path) -> None:
    order = {name: number for number, name in enumerate(listed(folder))}
    if folder.name == "jailed_kernels":
        assert order, (
            "the docstring of jailed_kernels/__init__.py has one paragraph that lists all its "
            "modules, `each` in backticks, lowest first"
        )
    wrong = []
    for path in folder.glob("*.py"):
        for line, name in imports(path):
            module = name.removeprefix(module_name(folder / "__init__.py") + ".").split(".")[0]
            if name.startswith(module_name(folder / "__init__.py") + "."):
                if order.get(module, -1) > order.get(path.stem, len(order)):
                    wrong.append(f"{at(path, line)}: {path.stem} imports {module}")
    assert not wrong, (
        f"{relative(folder)}/__init__.py lists its modules lowest first; list them in another "
        "order, or move what both use down:\n" + "\n".join(wrong)
    )


def is_pure(path: Path) -> bool:
    module = module_name(path)
    return any(module == name or module.startswith(f"{name}.") for name in PURE)


def test_pure_modules_do_not_import_keras() -> None:
    wrong = [
        f"{at(path, line)}: {name}"
        for path in sources("beyond_sequential")
        for line, name in imports(path)
        if is_pure(path) and name.split(".")[0] in NUMERIC
    ]
    assert not wrong, (
        f"{PURE} work on plain data; what needs Keras goes to `model.capture`:\n" + "\n".join(wrong)
    )


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_load_without_keras(module: str) -> None:
    names = NUMERIC[:2]
    code = f"import sys, {module}\nprint([name for name in {names} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.strip()) == (0, "[]"), (
        f"importing {module} loads {run.stdout.strip()}: move the import into the function that "
        f"needs it\n{run.stderr}"
    )


def test_the_product_does_not_read_the_tests() -> None:
    wrong = [
        f"{at(path, line)}: {text!r}"
        for package in PACKAGES
        for path in sources(package)
        for line, text in strings(path)
        if re.match(r"tests(/|$)", text)
    ]
    assert not wrong, (
        "an installed package has no tests/; what the product needs goes to samples/ or into the "
        "package:\n" + "\n".join(wrong)
    )
