"""Training a section's solution again and again, in one process.

    python tests/retraining.py 4-graphs-of-layers trained 300 301 302
    python tests/retraining.py 4-graphs-of-layers all 20171 20171

For each seed one line of JSON: the fraction of its points that every exercise earned, and a digest
of all that was handed over, weights included.  `all` runs every cell of the solved notebook, as
grading does; `trained` only the cells that its trained models need.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import symtable
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from beyond_sequential.answers.answer import Answer
from beyond_sequential.answers.capture import capture
from beyond_sequential.answers.files import save
from beyond_sequential.course import sections
from beyond_sequential.course.exercise import Exercise
from beyond_sequential.judge import judge
from grader.authoring import text
from tests.helpers import chapters

ADDRESS = re.compile(rb'"identity": \d+')
# What changes the object that it is called on.
CHANGING = (".fit(", ".compile(", ".set_weights(", ".trainable")


def exercises(section: str) -> list[Exercise]:
    """Return the exercises that a section's notebook checks, in its order."""
    marks = (
        c.metadata.get("nbgrader", {}) for c in chapters.read("solutions", "en", section).cells
    )
    return [sections.exercise(mark["grade_id"]) for mark in marks if mark.get("grade")]


def program(section: str) -> list[str]:
    """Return the solved notebook's code cells."""
    cells = chapters.read("solutions", "en", section).cells
    return [c.source for c in cells if c.cell_type == "code"]


def checked(code: str) -> str | None:
    """Return the exercise that a cell checks; None for every other cell."""
    test = text.test_of(text.TextCell("code", code))
    return test and test[0]


def needed(codes: Sequence[str], asked: Sequence[Exercise]) -> list[str]:
    """Return the checks, and the cells that what they ask for comes from.

    Rather one too many than one too few.
    """
    ids = {exercise.id for exercise in asked}
    wanted = {ask.name for exercise in asked for ask in exercise.asks}
    kept = []
    for code in reversed(codes):
        if checked(code) is not None:
            if checked(code) in ids:
                kept.append(code)
            continue
        table = symtable.symtable(text.python(code), "cell", "exec")
        stored = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
        changed = {name for name in wanted if any(f"{name}{how}" in code for how in CHANGING)}
        if wanted & (stored | changed):
            wanted = (wanted - stored) | _read(table)
            kept.append(code)
    return kept[::-1]


def _read(table: symtable.SymbolTable) -> set[str]:
    """Return the names of the notebook that a cell reads, those in its functions too."""
    top = table.get_type() == "module"
    own = {
        s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())
    }
    return own.union(*(_read(child) for child in table.get_children()))


def run(codes: Sequence[str], seed: int) -> dict[str, Answer]:
    """Return what a run that knows nothing of earlier ones hands in.

    Each exercise is captured where it is checked, since later cells go on with the same models.
    """
    import keras

    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    names: dict[str, Any] = {}
    answers = {}
    with contextlib.redirect_stdout(None):
        for code in codes:
            if (exercise := checked(code)) is None:
                exec(text.python(code), names)
            else:
                answers[exercise] = capture(sections.exercise(exercise), names)
    return answers


def digest(answers: Sequence[Answer]) -> str:
    """Return what was handed over, in one number.

    Where in memory the objects lay does not count.
    """
    found = hashlib.sha256()
    with tempfile.TemporaryDirectory() as folder:
        for number, answer in enumerate(answers):
            save(answer, path := Path(folder, f"{number}.answer"))
            with zipfile.ZipFile(path) as parts:
                for name in sorted(parts.namelist()):
                    found.update(name.encode() + ADDRESS.sub(b"", parts.read(name)))
    return found.hexdigest()


def results(section: str, which: str, seeds: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield one run a seed; the data on which models are measured is drawn from the seed, too."""
    asked, codes = exercises(section), program(section)
    if which == "trained":
        asked = [exercise for exercise in asked if exercise.is_trained]
        codes = needed(codes, asked)
    for seed in seeds:
        answers = run(codes, seed)
        fractions = {e.id: judge(e, answers[e.id], seed).fraction for e in asked}
        yield {"seed": seed, "fractions": fractions, "digest": digest(list(answers.values()))}


def main(section: str, which: str, *seeds: str) -> None:
    for result in results(section, which, [int(seed) for seed in seeds]):
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
