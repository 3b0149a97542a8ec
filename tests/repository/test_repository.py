"""The repository's own rules.  Each message says how to repair what it found."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent

# The rooms of beyond_sequential: each imports only those before it.
ROOMS = (
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
    "notebook",
    "doctor",
    "__init__",
    "__main__",
)
OURS = ("beyond_sequential", "grader", "tests", "benchmarks", "conftest")
# These work where there is no Keras.
PURE = ("model.graph", "equivalence", "compare", "draw")
# Imported without being declared.
UNDECLARED = {
    # Every student's kernel has it; declared, it would have pip install more on Colab.
    ("beyond_sequential", "ipython"),
    # The backend that Keras brings up is one of two distributions of the same name.
    ("beyond_sequential", "tensorflow-cpu"),
    # The command line comes with the extra `lab`; no kernel needs it.
    ("beyond_sequential", "typer"),
}


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@cache
def tracked() -> tuple[Path, ...]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return tuple(path for name in names.split("\0") if name and (path := ROOT / name).is_file())


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of every module that a file imports, wherever in it."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "beyond_sequential").with_suffix("").parts[0]


def is_pure(path: Path) -> bool:
    module = ".".join(path.relative_to(ROOT / "beyond_sequential").with_suffix("").parts)
    return any(module == room or module.startswith(f"{room}.") for room in PURE)


def rooms_imported(path: Path) -> Iterator[tuple[int, str]]:
    for line, name in imports(path):
        first, *rest = name.split(".")
        if first == "beyond_sequential":
            rooms = {*ROOMS, *(room_of(file) for file in sources("beyond_sequential"))}
            yield line, rest[0] if rest and rest[0] in rooms else "__init__"


def at(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


# ---- who may import whom


def test_every_room_is_known() -> None:
    unknown = sorted({room_of(path) for path in sources("beyond_sequential")} - set(ROOMS))
    assert not unknown, (
        f"beyond_sequential has the new rooms {unknown}: put each into ROOMS in this file, after "
        "all that it imports, and into the table of CONTRIBUTING.md"
    )


def test_rooms_import_only_rooms_before_them() -> None:
    wrong = [
        f"{at(path, line)}: {room_of(path)} imports {room}"
        for path in sources("beyond_sequential")
        for line, room in rooms_imported(path)
        if {room, room_of(path)} <= set(ROOMS) and ROOMS.index(room) > ROOMS.index(room_of(path))
    ]
    assert not wrong, "each room knows only those before it; hand in what it needs:\n" + "\n".join(
        wrong
    )


def test_the_helper_does_not_import_the_grader() -> None:
    wrong = [
        at(path, line)
        for path in sources("beyond_sequential")
        for line, name in imports(path)
        if name.split(".")[0] == "grader"
    ]
    assert not wrong, f"students do not have the grader; move what is shared down: {wrong}"


def test_pure_rooms_do_not_import_keras() -> None:
    wrong = [
        at(path, line)
        for path in sources("beyond_sequential")
        for line, name in imports(path)
        if is_pure(path) and name.split(".")[0] in ("keras", "tensorflow")
    ]
    assert not wrong, f"{PURE} work on plain data; what needs Keras goes to `capture`: {wrong}"


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_load_without_keras(room: str) -> None:
    code = (
        f"import sys, beyond_sequential.{room}\n"
        "print([name for name in ('keras', 'tensorflow') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.strip()) == (0, "[]"), (
        f"importing beyond_sequential.{room} loads {run.stdout.strip()}: move the import into the "
        f"function that needs it\n{run.stderr}"
    )


# ---- dependencies


def declared(*extras: str) -> set[str]:
    """Distributions that the base install and some extras name."""
    data = project()
    wanted = list(data["dependencies"])
    for extra in extras:
        wanted += data["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(text).name) for text in wanted}


@pytest.mark.parametrize(
    ("folder", "extras"),
    [
        ("beyond_sequential", ()),
        ("grader", ("grader",)),
        ("tests", ("tensorflow", "lab", "grader", "dev")),
    ],
)
def test_imports_are_declared(folder: str, extras: tuple[str, ...]) -> None:
    known = declared(*extras) | {"beyond-sequential"}
    distributions = packages_distributions()
    wrong = []
    for path in sources(folder):
        for line, name in imports(path):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in OURS:
                continue
            here = ROOT / "tests" / top
            if folder == "tests" and (here.is_dir() or here.with_suffix(".py").is_file()):
                continue
            names = {canonicalize_name(found) for found in distributions.get(top, [top])}
            if names & known or names & {what for where, what in UNDECLARED if where == folder}:
                continue
            wrong.append(f"{at(path, line)}: {top}")
    assert not wrong, (
        f"not declared in pyproject.toml (dependencies, extras {list(extras)}); declare it and "
        "run `make lock`:\n" + "\n".join(wrong)
    )


def test_the_base_install_replaces_nothing() -> None:
    bounded = [
        text
        for text in project()["dependencies"]
        if any(
            part.operator in ("<", "<=", "==", "~=", "===") for part in Requirement(text).specifier
        )
    ]
    assert not bounded, f"an upper bound could make pip replace Colab's packages: {bounded}"
    assert not {"tensorflow", "tensorflow-cpu"} & declared(), "TensorFlow comes with an extra"


def locked() -> list[Requirement]:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_the_lock_is_names_and_exact_versions() -> None:
    for entry in locked():
        assert entry.url is None, f"{entry}: the lock names no addresses; run `make lock`"
        assert re.fullmatch(r"==[^,*]+", str(entry.specifier)), f"{entry}: run `make lock`"


def test_the_lock_has_what_the_project_asks_for() -> None:
    data = project()
    versions: dict[str, list[str]] = {}
    for entry in locked():
        found = str(entry.specifier).removeprefix("==")
        versions.setdefault(canonicalize_name(entry.name), []).append(found)
    for text in chain(data["dependencies"], *data["optional-dependencies"].values()):
        wanted = Requirement(text)
        name = canonicalize_name(wanted.name)
        if name == "beyond-sequential":
            continue
        assert name in versions, f"{text} is not in requirements.lock: run `make lock`"
        for version in versions[name]:
            assert version in wanted.specifier, (
                f"requirements.lock has {name} {version}, pyproject.toml asks for {text}: "
                "run `make lock`"
            )


def test_conda_and_binder_take_their_versions_from_the_lock() -> None:
    text = (ROOT / "environment.yml").read_text("utf-8")
    assert re.search(r"^ +- -c requirements\.lock$", text, re.M), (
        "environment.yml: the pip part begins with `-c requirements.lock`"
    )
    assert re.search(r"^ +- \.\[tensorflow,lab\]$", text, re.M), (
        "environment.yml: what pip installs is `.[tensorflow,lab]`, nothing by name"
    )
    python = re.search(r"^  - python=(\S+)$", text, re.M)
    assert (
        python
        and python[1] + ".0" in Requirement(f"python{project()['requires-python']}").specifier
    ), "environment.yml: python is one of those that pyproject.toml names"
    assert "==" not in text, "environment.yml: versions have one home, requirements.lock"


# ---- what stands in files


def test_the_changelog_has_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## \[(\d[^\]]*)\]", text, re.M)
    version = project()["version"]
    assert newest and newest[1] == version, (
        f"pyproject.toml says {version}, CHANGELOG.md's newest is {newest and newest[1]}: "
        "they change together"
    )


def test_the_address_has_one_home() -> None:
    address = project()["urls"]["Repository"].removeprefix("https://")
    code = [*sources("beyond_sequential"), *sources("grader")]
    wrong = [str(path.relative_to(ROOT)) for path in code if address in path.read_text("utf-8")]
    assert not wrong, (
        "the repository's address is read from the installed metadata (importlib.metadata, "
        f"Project-URL), not written out: {wrong}"
    )


# Spelled so that this file passes.
PLACES = re.compile(
    r"(?<![\w.~-])/(?:wor[k]|roo[t]|hom[e]|op[t]|User[s])/\w"  # a directory of some machine
    r"|[A-Z]:\\+User[s]\\"
    r"|pypi\.or[g]|pythonhosted\.or[g]|npmjs\.or[g]|deb\.debian\.or[g]|conda\.anaconda\.or[g]"
)


def test_no_machine_and_no_registry_is_named() -> None:
    wrong = []
    for path in tracked():
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if found := PLACES.search(line):
                wrong.append(f"{at(path, number)}: {found[0]}")
    assert not wrong, (
        "paths are relative to the repository, and which registry serves is each machine's own "
        "setting:\n" + "\n".join(wrong[:20])
    )


def test_nothing_that_is_built_or_private_is_tracked() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in (".db", ".pyc") or "demo" == path.relative_to(ROOT).parts[0]
    ]
    assert not wrong, f"git rm --cached these; .gitignore keeps them out: {wrong}"
