"""A class as the course directory has it."""

import json
from pathlib import Path

import nbformat
from nbformat.v4 import new_notebook

from beyond_sequential.findings.verdict import verdict_to_json
from grader.classes import table
from grader.reports import class_results
from grader.reports.class_results import JudgedAnswer
from grader.running.judgement import Judgement
from grader.running.record import METADATA
from grader.running.spool_execute import JudgedNotebook
from tests.helpers.classes import student, verdict


def test_verdicts_come_back_from_the_autograded_notebook(tmp_path: Path) -> None:
    said = json.dumps(verdict_to_json(verdict("wrong")))
    judgement = Judgement("branches", 1.5, "wrong", "finding", "text", "html", said)
    nb = new_notebook()
    nb.metadata[METADATA] = JudgedNotebook((), (), {"branches": judgement}).record().to_json()
    path = tmp_path / "autograded" / "ada" / "x" / "x.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(nb, path)
    answers = class_results._judged_answers(
        tmp_path, "x", table.StudentRow("ada", 1.5, 4, "", "graded", "")
    )
    assert answers == {"branches": JudgedAnswer("wrong", "finding", verdict("wrong"))}


def test_made_up_names_are_always_the_same() -> None:
    names = [class_results._pseudonym(b"7\n", name) for name in ("ada", "ben", "ada")]
    assert names[0] == names[2] != names[1]
    assert class_results._pseudonym(b"8\n", "ada") != names[0]
    hidden = class_results._anonymous([student("ben", 1.0), student("ada", 2.0)], b"7\n")
    assert {s.name for s in hidden} == set(names)
