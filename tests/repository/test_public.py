"""What a public host reads: workflows, forms, and files for those who take part."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.helpers.source import ROOT, project

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted(
    path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config"
)
# The programs of a workflow that neither this repository nor an extra brings.
SYSTEM = {"grep", "pip", "python"}


def read(path: Path) -> dict:
    # `on` is true in YAML; a workflow's key stays the word.
    return yaml.load(path.read_text("utf-8"), yaml.BaseLoader)


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))


def unknown(command: str) -> bool:
    """Return whether a command calls what does not exist: a target, a program, a file."""
    program, *arguments = command.split()
    if program == "make":
        return not {word for word in arguments if "=" not in word} <= targets()
    if "/" in program:
        return not (ROOT / program).is_file()
    if program == "python" and not (ROOT / arguments[0]).is_file():
        return True
    return program not in SYSTEM | set(project()["scripts"])


def test_a_command_that_does_not_exist_is_noticed() -> None:
    for command in ("make nothing", "nothing", ".ci/nothing", "python tests/nothing.py"):
        assert unknown(command)
    for command in ("make test PYTHON=python3.12", ".ci/run", "beyond-sequential doctor"):
        assert not unknown(command)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_what_exists(path: Path) -> None:
    workflow = read(path)
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    wrong = [
        line
        for step in steps
        for line in step.get("run", "").splitlines()
        if line.strip() and unknown(line)
    ]
    assert not wrong, f"{path.name} calls what is not in the Makefile or the repository: {wrong}"
    assert workflow["permissions"] == {"contents": "read"}, f"{path.name} may only read"
    for name, job in workflow["jobs"].items():
        assert "timeout-minutes" in job, f"{path.name}: {name} has no timeout-minutes"


def test_tests_run_on_every_python_that_the_project_names() -> None:
    named = [text.rpartition(" ")[2] for text in project()["classifiers"] if "Python ::" in text]
    for workflow, job in (("tests", "test"), ("students", "install")):
        data = read(ROOT / f".github/workflows/{workflow}.yml")
        assert data["jobs"][job]["strategy"]["matrix"]["python"] == named


def test_a_release_is_published_only_after_its_wheel_was_tried() -> None:
    jobs = read(ROOT / ".github/workflows/release.yml")["jobs"]
    assert "make wheel" in [step.get("run") for step in jobs["build"]["steps"]]
    assert jobs["publish"]["needs"] == "build"
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert "password" not in str(jobs), "trusted publishing needs no secret"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_forms_are_valid(path: Path) -> None:
    form = read(path)
    assert {"name", "description", "body"} <= set(form)
    fields = [row for row in form["body"] if row["type"] != "markdown"]
    ids = [row["id"] for row in fields]
    assert ids and len(ids) == len(set(ids))
    assert all(row["type"] in ("input", "textarea", "dropdown", "checkboxes") for row in fields)
    assert all(row["attributes"]["label"] for row in fields)
    assert any(row.get("validations", {}).get("required") == "true" for row in fields)


def test_the_documents_name_the_form_and_what_it_asks_for() -> None:
    form = read(ROOT / ".github/ISSUE_TEMPLATE/wrong-verdict.yml")
    (report,) = [row for row in form["body"] if row.get("id") == "report"]
    assert report["validations"]["required"] == "true"
    guide = (ROOT / "docs/wrong-verdict.md").read_text("utf-8")
    messages = (ROOT / "beyond_sequential/notebook/notebook.py").read_text("utf-8")
    name = form["name"].partition(" / ")[0]
    assert f'"{name}"' in guide and f'"{name}"' in messages
    assert "docs/wrong-verdict.md" in form["body"][0]["attributes"]["value"]


def test_the_citation_is_of_this_version() -> None:
    citation, data = read(ROOT / "CITATION.cff"), project()
    assert citation["version"] == data["version"], "CITATION.cff has the version of pyproject.toml"
    assert citation["license"] == data["license"]
    assert citation["repository-code"] == data["urls"]["Repository"]


def test_hooks_call_the_makefile() -> None:
    (repository,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local", "tools come from the lock, not from a second place"
    assert not [hook["entry"] for hook in repository["hooks"] if unknown(hook["entry"])]


@pytest.mark.parametrize("name", ["SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert not [link for link in links if not (ROOT / link).exists()]
